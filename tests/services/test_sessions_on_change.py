"""Whose rights become fewer is signed out at once, everywhere; nobody else is; on both databases."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from parentportal.access import Visitor
from parentportal.db import Database
from parentportal.models.people import StaffRole
from parentportal.models.sign_in import Account, SignInSession
from parentportal.outside.clock import FrozenClock
from parentportal.rules.authority import Evidence, Relation, Status
from parentportal.rules.roles import Role
from parentportal.services import authority, staff
from parentportal.services import people as adults
from parentportal.services.authority import EndReason
from tests.consents import School
from tests.deliveries import DAAN, NOOR, bring, bring_everybody, guardians
from tests.people import People, Settler
from tests.services.test_imports_families import adult_with_key, confirm
from tests.sessions import open_session


@pytest.fixture
def petra(database: Database, clock: FrozenClock, people: People) -> Visitor:
    """Petra, while everybody else is signed in too."""
    return School(database, clock, people).visitor("petra")


def signed_in(database: Database, adult_id: UUID) -> bool:
    with database.read() as session:
        query = select(func.count()).select_from(SignInSession).join(Account, Account.id == SignInSession.account_id)
        return bool(session.scalar(query.where(Account.adult_id == adult_id)))


def end(database: Database, clock: FrozenClock, relation: UUID, petra: Visitor, *, days: int = 0) -> None:
    gone = clock.now().date() + timedelta(days=days)
    database.write(
        lambda s: authority.end(
            s, relation, seen=Status.CONFIRMED, last_day_gone=gone, reason=EndReason.RULING, by=petra
        )
    )


def test_the_end_of_authority_signs_daan_out_and_not_noor(
    database: Database, clock: FrozenClock, people: People, petra: Visitor
) -> None:
    assert signed_in(database, people.daan)
    end(database, clock, people.daan_of_sem, petra)
    assert not signed_in(database, people.daan)
    assert signed_in(database, people.noor)


def test_an_end_to_come_signs_nobody_out_until_its_day(
    database: Database, clock: FrozenClock, people: People, petra: Visitor
) -> None:
    end(database, clock, people.daan_of_sem, petra, days=2)
    database.write(authority.lapse)
    assert signed_in(database, people.daan)
    clock.advance(timedelta(days=2))
    database.write(authority.lapse)
    assert not signed_in(database, people.daan)
    assert signed_in(database, people.noor)


def test_another_kind_of_relation_that_opens_nothing_signs_daan_out(
    database: Database, people: People, petra: Visitor
) -> None:
    def settle(relation: UUID, kind: Relation) -> None:
        database.write(
            lambda s: authority.confirm(
                s, relation, seen=Status.CONFIRMED, kind=kind, evidence=Evidence.RULING, by=petra
            )
        )

    settle(people.noor_of_sem, Relation.JOINT_SEPARATED)
    settle(people.daan_of_sem, Relation.WITHOUT)
    assert not signed_in(database, people.daan)
    assert signed_in(database, people.noor)


def test_a_no_in_a_file_signs_out_whom_it_is_about(database: Database, clock: FrozenClock, people: People) -> None:
    mother = {**NOOR, "Leerlingnummer": "K1", "Wettelijk vertegenwoordiger": "Ja"}
    father = {**DAAN, "Leerlingnummer": "K1", "Wettelijk vertegenwoordiger": "Ja"}
    bring_everybody(database, people)
    bring(database, people, guardians(mother, father), name="ouders.csv")
    daan, noor = adult_with_key(database, "V2"), adult_with_key(database, "V1")
    for adult_id in (daan, noor):
        confirm(database, adult_id, people.sem)
        open_session(database, clock, adult_id, Role.GUARDIAN, people.regenboog)
    bring(database, people, guardians(mother, {**father, "Wettelijk vertegenwoordiger": "Nee"}), name="ouders.csv")
    assert not signed_in(database, daan)
    assert signed_in(database, noor)


def test_who_loses_a_role_is_signed_out_and_the_colleague_is_not(
    database: Database, clock: FrozenClock, people: People
) -> None:
    hanna = School(database, clock, people).visitor("hanna")
    with database.read() as session:
        role_id = session.scalars(select(StaffRole.id).where(StaffRole.adult_id == people.ilse)).one()
    database.write(lambda session: staff.end_role(session, role_id, by=hanna))
    assert not signed_in(database, people.ilse)
    assert signed_in(database, people.bas)


def test_two_rows_that_become_one_person_sign_in_anew(database: Database, people: People, petra: Visitor) -> None:
    twin = database.write(
        lambda s: Settler(s, people.waterlijn).staff("Ravi", "Sharma", Role.TEACHER, people.regenboog)
    )
    database.write(lambda session: adults.merge(session, people.ravi, twin, by=petra))
    assert not signed_in(database, people.ravi)
    assert signed_in(database, people.noor)
