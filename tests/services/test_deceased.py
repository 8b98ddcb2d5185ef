"""Whoever died signs in no more: every way in answers as to an unknown name, and what was open ends at once."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.authority import Authority
from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Account, SignInSession
from parentportal.outside import clock as clock_of
from parentportal.outside import one_time_codes
from parentportal.outside.clock import FrozenClock
from parentportal.reads import password_resets as reset_reads
from parentportal.reads.accounts import find_open_account
from parentportal.reads.visitors import find_visitor
from parentportal.rules.authority import Evidence, Relation, Status
from parentportal.rules.errors import NotFound
from parentportal.rules.roles import Role
from parentportal.rules.second_factors import Purpose
from parentportal.services import (
    activation,
    authority,
    invitations,
    outbox,
    passkeys,
    password_resets,
    sign_in,
)
from parentportal.services import people as adults
from parentportal.services.authority import EndReason
from parentportal.services.second_factors import Refused
from parentportal.services.sign_in import Browser
from tests.administration import add_adult, list_relation
from tests.consents import School
from tests.deliveries import DAAN, NOOR, bring, bring_everybody, guardians
from tests.people import ROLES_OF, People
from tests.resetting import HERE, mailed, proved, wish
from tests.services.test_imports_families import adult_with_key, confirm
from tests.sessions import PASSWORD, make_account, open_session
from tests.ways_in import SITE, give_codes, give_passkey

HOME = "192.0.2.10/32"
NAME = "noor@post.example"
SEM = date(2017, 3, 27)


@pytest.fixture
def key(database: Database, clock: FrozenClock, people: People) -> str:
    """The key in Noor's codes app."""
    return make_account(database, clock, people.noor)


def die(database: Database, adult_id: UUID) -> None:
    def work(session: Session) -> None:
        session.get_one(Adult, adult_id).deceased = True

    database.write(work)


def row_that_died(database: Database, people: People, first_name: str, surname: str) -> UUID:
    """Another row of somebody, listed with Asha, that says that this person died."""

    def work(session: Session) -> UUID:
        row = add_adult(session, people, first_name, surname)
        session.get_one(Adult, row).deceased = True
        list_relation(session, people.asha, row)
        return row

    return database.write(work)


def password(database: Database) -> str | None:
    return sign_in.with_password(database, NAME, PASSWORD, network=HOME)


def sessions_of(database: Database, adult_id: UUID) -> int:
    with database.read() as session:
        query = select(func.count()).select_from(SignInSession).join(Account, Account.id == SignInSession.account_id)
        return session.scalar(query.where(Account.adult_id == adult_id)) or 0


def is_dead(database: Database, adult_id: UUID) -> bool:
    with database.read() as session:
        return session.get_one(Adult, adult_id).deceased


def test_a_right_password_opens_nothing_any_more(database: Database, people: People, key: str) -> None:
    assert password(database) is not None
    die(database, people.noor)
    assert password(database) is None


def test_neither_a_code_nor_a_saved_code_ends_a_sign_in_that_had_begun(
    database: Database, clock: FrozenClock, people: People, key: str
) -> None:
    saved, token = give_codes(database, clock, people.noor, 1)[0], password(database)
    assert token is not None
    die(database, people.noor)
    code = one_time_codes.current_code(key, clock.now())
    assert database.write(lambda s: sign_in.with_code(s, token, code, network=HOME)) is Refused.START_AGAIN
    assert database.write(lambda s: sign_in.with_recovery_code(s, token, saved, network=HOME)) is Refused.START_AGAIN


def test_a_passkey_opens_nothing_any_more(database: Database, clock: FrozenClock, people: People) -> None:
    phone, _id = give_passkey(database, clock, people.noor)
    die(database, people.noor)
    asked = database.write(lambda s: passkeys.ask_to_prove(s, holder=HERE, purpose=Purpose.SIGN_IN, site=SITE))
    answer = phone.prove(asked)
    entered = database.write(lambda s: sign_in.with_passkey(s, answer, holder=HERE, site=SITE, browser=Browser(HOME)))
    assert entered is Refused.WRONG


def test_no_link_is_mailed_and_one_that_was_opens_nothing(
    database: Database, clock: FrozenClock, people: People, key: str
) -> None:
    token = proved(database, clock, key)
    before = len(mailed(database))
    die(database, people.noor)
    with database.read() as session:
        assert reset_reads.find_open(session, token, HERE) is None
    wish(database)
    database.write(password_resets.work_off)
    assert len(mailed(database)) == before


def test_a_letter_that_was_handed_out_opens_nothing(database: Database, people: People) -> None:
    made = database.write(lambda session: invitations.invite_school(session, people.regenboog, by=OPERATOR))
    code = next(letter.code for letter in made if letter.adult.startswith("Noor"))
    die(database, people.noor)
    assert database.write(lambda session: activation.claim(session, code, SEM, network=HOME)) is None


def test_an_open_session_ends_at_once(database: Database, clock: FrozenClock, people: People) -> None:
    token = open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)
    die(database, people.noor)
    with database.read() as session:
        assert find_visitor(session, token) is None
    with pytest.raises(NotFound):
        database.write(lambda session: sign_in.take_role(session, token, Role.GUARDIAN, people.regenboog))


# Where a death is recorded


def test_a_list_that_says_so_ends_the_sessions_and_one_that_says_no_takes_nothing_back(
    database: Database, clock: FrozenClock, people: People
) -> None:
    mother, father = ({**one, "Leerlingnummer": "K1", "Overleden": "nee"} for one in (NOOR, DAAN))
    bring_everybody(database, people)
    bring(database, people, guardians(mother, father), name="ouders.csv")
    daan, noor = adult_with_key(database, "V2"), adult_with_key(database, "V1")
    for adult_id in (daan, noor):
        confirm(database, adult_id, people.sem)
        open_session(database, clock, adult_id, Role.GUARDIAN, people.regenboog)
    bring(database, people, guardians(mother, {**father, "Overleden": "ja"}), name="ouders.csv")
    assert (is_dead(database, daan), is_dead(database, noor)) == (True, False)
    assert (sessions_of(database, daan), sessions_of(database, noor)) == (0, 1)
    bring(database, people, guardians(mother, {**father, "Overleden": "nee"}), name="ouders.csv")
    assert is_dead(database, daan)


def test_joining_with_a_row_that_says_so_closes_the_account(
    database: Database, clock: FrozenClock, people: People
) -> None:
    petra = School(database, clock, people).visitor("petra")

    twin = row_that_died(database, people, "Ravi", "Sharma")
    database.write(lambda session: adults.merge(session, people.ravi, twin, by=petra))
    assert is_dead(database, people.ravi)
    assert sessions_of(database, people.ravi) == 0


@pytest.mark.parametrize("days", [0, 3])
def test_ending_authority_because_of_it_closes_the_account(
    database: Database, clock: FrozenClock, people: People, days: int
) -> None:
    petra = School(database, clock, people).visitor("petra")
    day = clock.now().date() + timedelta(days=days)
    database.write(
        lambda s: authority.end(
            s, people.daan_of_sem, seen=Status.CONFIRMED, last_day_gone=day, reason=EndReason.DECEASED, by=petra
        )
    )
    assert is_dead(database, people.daan)
    assert (sessions_of(database, people.daan), sessions_of(database, people.noor)) == (0, 1)


def as_parent(database: Database, people: People, adult_id: UUID) -> UUID:
    """Somebody who works here, with confirmed authority over Asha."""

    def work(session: Session) -> UUID:
        relation = list_relation(session, people.asha, adult_id)
        row = session.get_one(Authority, relation)
        row.kind, row.status, row.evidence = Relation.JOINT, Status.CONFIRMED, Evidence.REGISTER
        row.confirmed_at = clock_of.now(session)
        return relation

    return database.write(work)


@pytest.mark.parametrize("name", ["hanna", "ilse"])
def test_who_works_here_stays_until_the_role_ends_whoever_says_so(
    database: Database, clock: FrozenClock, people: People, name: str
) -> None:
    school = School(database, clock, people)
    adult_id, role, today = getattr(people, name), ROLES_OF[name][0], clock.now().date()
    relation = as_parent(database, people, adult_id)
    database.write(
        lambda s: authority.end(
            s,
            relation,
            seen=Status.CONFIRMED,
            last_day_gone=today,
            reason=EndReason.DECEASED,
            by=school.visitor("petra"),
        )
    )
    assert is_dead(database, adult_id)
    token = open_session(database, clock, adult_id, role, people.regenboog)
    with database.read() as session:
        assert find_visitor(session, token) is not None
    ended = update(StaffRole).where(StaffRole.adult_id == adult_id)
    database.write(lambda s: s.execute(ended.values(ended_at=clock.now(), ended_by_id=people.petra)) and None)
    with database.read() as session:
        account = session.scalars(select(Account.id).where(Account.adult_id == adult_id)).one()
        assert find_open_account(session, account) is None


def test_joining_with_a_row_that_says_so_shuts_out_no_colleague(
    database: Database, clock: FrozenClock, people: People
) -> None:
    petra = School(database, clock, people).visitor("petra")

    row = row_that_died(database, people, "Hanna", "Bos")
    database.write(lambda s: adults.merge(s, people.hanna, row, by=petra))
    token = open_session(database, clock, people.hanna, Role.DIRECTOR, people.regenboog)
    with database.read() as session:
        assert find_visitor(session, token) is not None


@pytest.mark.parametrize("has_address", [True, False])
def test_no_news_is_mailed_or_printed_for_whoever_died(
    database: Database, clock: FrozenClock, people: People, key: str, has_address: bool
) -> None:
    def work(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.adult_id == people.noor)).one()
        if not has_address:
            account.email = account.email_confirmed_at = None

    def tell(session: Session) -> bool:
        return outbox.tell(session, people.noor, board_id=people.waterlijn, school_name="De Regenboog")

    database.write(work)
    assert database.write(tell)
    die(database, people.noor)
    assert not database.write(tell)
