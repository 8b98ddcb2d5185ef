"""Whoever watches over roles hears of each new one by mail: who, which, from whom; nobody else does."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.base import new_id
from parentportal.models.outbox import OutboxMail
from parentportal.models.people import StaffRole
from parentportal.models.sign_in import Account
from parentportal.outside.clock import FrozenClock
from parentportal.rules.roles import Role
from parentportal.services import people as adults
from parentportal.services import staff
from tests.consents import School
from tests.people import People, Settler

HANNA, HUGO = "hanna@waterlijn.example", "hugo@waterlijn.example"


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    """Everybody has an account with an address, Mirjam of the other school too."""
    return School(database, clock, people)


def give(school: School, whom: UUID, role: Role, by: str) -> None:
    giver = school.visitor(by)
    school.database.write(lambda session: staff.give_role(session, whom, role=role, by=giver) and None)


def told(school: School) -> list[tuple[str, dict[str, str]]]:
    with school.database.read() as session:
        rows = session.scalars(select(OutboxMail).where(OutboxMail.template == "role_given"))
        return sorted(((row.to_address, dict(row.context)) for row in rows), key=lambda one: (one[0], one[1]["role"]))


def test_the_director_hears_what_the_administration_gave(school: School, people: People) -> None:
    give(school, people.bas, Role.SUPPORT, "petra")
    said = {
        "school": "De Regenboog",
        "who": "Bas Molenaar",
        "role": "support",
        "by": "Petra Schouten",
        "to": "director",
    }
    assert told(school) == [(HANNA, said)]


def test_of_a_new_director_every_director_of_the_school_and_the_officer_hear(school: School, people: People) -> None:
    give(school, people.bas, Role.DIRECTOR, "hanna")
    assert [(address, said["to"]) for address, said in told(school)] == [(HANNA, "director"), (HUGO, "officer")]
    give(school, people.ilse, Role.SUPPORT, "petra")
    assert [address for address, said in told(school) if said["role"] == "support"] == [
        "bas@waterlijn.example",
        HANNA,
    ]


def test_a_role_that_was_there_already_is_no_news(school: School, people: People) -> None:
    give(school, people.ilse, Role.TEACHER, "petra")
    assert told(school) == []


def test_whoever_is_added_by_the_operator_is_told_of_as_well(school: School, people: People) -> None:
    for role, school_id in ((Role.DIRECTOR, people.kompas), (Role.COORDINATOR, None)):
        school.database.write(
            lambda s, role=role, school_id=school_id: staff.add(  # type: ignore[misc]
                s, people.waterlijn, school_id, role=role, name="Tom Berg", email="tom@school.example", by=OPERATOR
            )
        )
    found = [(address, said["role"], said["by"]) for address, said in told(school)]
    assert found == [
        (HUGO, "coordinator", ""),
        (HUGO, "director", ""),
        ("mirjam@waterlijn.example", "director", ""),
    ]


def test_who_has_no_address_or_a_closed_account_or_is_of_another_board_hears_nothing(
    school: School, people: People
) -> None:
    def change(session: Session) -> None:
        closed = session.scalars(select(Account).where(Account.adult_id == people.hugo)).one()
        closed.blocked_at, closed.blocked_by_id = school.clock.now(), people.hanna
        account = session.scalars(select(Account).where(Account.adult_id == people.hanna)).one()
        account.email_confirmed_at = None
        Settler(session, people.zilverduin).staff("Olaf", "Visser", Role.OFFICER, None)

    hanna = school.visitor("hanna")
    school.database.write(change)
    school.database.write(lambda s: staff.give_role(s, people.bas, role=Role.DIRECTOR, by=hanna) and None)
    assert told(school) == []


def test_a_role_that_an_account_gets_because_two_rows_are_one_person_is_told_of(school: School, people: People) -> None:
    def colleague_without_account(session: Session) -> UUID:
        return Settler(session, people.waterlijn).staff("Ravi", "Sharma", Role.SUPPORT, people.regenboog)

    petra = school.visitor("petra")

    def join_both_ways(session: Session) -> None:
        for account, keeps in ((people.ravi, True), (people.daan, False)):
            other = colleague_without_account(session)
            adults.merge(session, *((account, other) if keeps else (other, account)), by=petra)

    school.database.write(join_both_ways)
    found = [(address, said["role"], said["by"]) for address, said in told(school)]
    assert found == [(HANNA, "support", "Petra Schouten")] * 2


def test_joining_two_rows_that_give_an_account_no_other_role_is_no_news(school: School, people: People) -> None:
    petra = school.visitor("petra")

    def twin(session: Session) -> UUID:
        here = Settler(session, people.waterlijn)
        ended = here.staff("Bas", "Molenaar", Role.SUPPORT, people.regenboog)
        row = session.scalars(select(StaffRole).where(StaffRole.adult_id == ended)).one()
        row.ended_at, row.ended_by_id = here.now, people.hanna
        add_role = {"role": Role.TEACHER, "school_id": people.regenboog, "granted_at": here.now}
        session.add(StaffRole(id=new_id(), board_id=people.waterlijn, adult_id=ended, **add_role))
        return ended

    gone = school.database.write(twin)
    school.database.write(lambda session: adults.merge(session, people.bas, gone, by=petra))
    assert told(school) == []
