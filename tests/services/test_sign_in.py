"""Signing in, as the services do it: every factor once, guessing slowed down, sessions that end when they must."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parentportal.db import Busy, Database
from parentportal.models.audit import AuditEvent
from parentportal.models.base import new_id
from parentportal.models.outbox import OutboxMail
from parentportal.models.people import StaffRole
from parentportal.models.second_factors import RecoveryCode
from parentportal.models.sign_in import Account, SignInSession
from parentportal.outside import one_time_codes, passwords
from parentportal.outside.clock import FrozenClock
from parentportal.reads.visitors import find_visitor
from parentportal.rules.errors import NotFound, TooManyAttempts
from parentportal.rules.roles import Role
from parentportal.services import second_factors, sign_in
from parentportal.services.sign_in import Entered, Refused
from tests.people import People
from tests.sessions import PASSWORD, make_account, open_session

T = TypeVar("T")
HOME = "192.0.2.10/32"
ELSEWHERE = "198.51.100.7/32"
NOOR = "noor@post.example"


@pytest.fixture
def noors_app(database: Database, clock: FrozenClock, people: People) -> str:
    """The key in Noor's codes app."""
    return make_account(database, clock, people.noor)


def half_way(database: Database, name: str = NOOR) -> str:
    token = sign_in.with_password(database, name, PASSWORD, network=HOME)
    assert token is not None
    return token


def use_code(database: Database, token: str, code: str, network: str = HOME) -> Entered | Refused:
    return database.write(lambda session: sign_in.with_code(session, token, code, network=network))


def all_at_once(jobs: list[Callable[[], T]]) -> list[T]:
    with ThreadPoolExecutor(len(jobs)) as pool:
        return [done.result() for done in [pool.submit(job) for job in jobs]]


def add_recovery_code(database: Database, people: People, clock: FrozenClock, code: str) -> None:
    def work(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.adult_id == people.noor)).one()
        digest = second_factors.recovery_digest(session, account.id, code)
        session.add(
            RecoveryCode(
                id=new_id(),
                board_id=account.board_id,
                account_id=account.id,
                code_digest=digest,
                made_at=clock.now(),
            )
        )

    database.write(work)


# Two factors, each once


def test_noor_signs_in_with_password_and_code(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    token = half_way(database)
    with database.read() as session:
        assert find_visitor(session, token) is None, "half a sign-in opens nothing"
    entered = use_code(database, token, one_time_codes.current_code(noors_app, clock.now()))
    assert isinstance(entered, Entered)
    assert entered.token != token
    with database.read() as session:
        visitor = find_visitor(session, entered.token)
        assert visitor is not None
        assert (visitor.adult_id, visitor.role, visitor.school_id) == (people.noor, Role.GUARDIAN, people.regenboog)
    assert use_code(database, token, one_time_codes.current_code(noors_app, clock.now())) is Refused.START_AGAIN


def test_a_code_used_by_sixteen_at_once_lets_one_in(database: Database, clock: FrozenClock, noors_app: str) -> None:
    code = one_time_codes.current_code(noors_app, clock.now())
    tokens = [half_way(database) for _ in range(16)]

    def attempt(token: str) -> str:
        try:
            outcome = use_code(database, token, code)
        except (TooManyAttempts, Busy):
            return "no turn"
        return "in" if isinstance(outcome, Entered) else "refused"

    outcomes = all_at_once([lambda token=token: attempt(token) for token in tokens])  # type: ignore[misc]  # a bound default
    assert outcomes.count("in") == 1


def test_the_time_step_alone_keeps_a_code_from_counting_twice(
    database: Database, clock: FrozenClock, noors_app: str
) -> None:
    code = one_time_codes.current_code(noors_app, clock.now())
    assert isinstance(use_code(database, half_way(database), code), Entered)
    for _ in range(3):
        assert use_code(database, half_way(database), code) is Refused.WRONG


def test_the_code_before_the_last_one_is_refused(database: Database, clock: FrozenClock, noors_app: str) -> None:
    before = one_time_codes.current_code(noors_app, clock.now() - timedelta(seconds=30))
    now = one_time_codes.current_code(noors_app, clock.now())
    assert isinstance(use_code(database, half_way(database), now), Entered)
    assert use_code(database, half_way(database), before) is Refused.WRONG


def test_a_clock_set_back_does_not_make_a_used_code_good_again(
    database: Database, clock: FrozenClock, noors_app: str
) -> None:
    code = one_time_codes.current_code(noors_app, clock.now())
    assert isinstance(use_code(database, half_way(database), code), Entered)
    clock.advance(timedelta(seconds=-30))
    assert use_code(database, half_way(database), code) is Refused.WRONG


@pytest.mark.parametrize("off", [-90, -61, 61, 90])
def test_a_code_of_another_moment_is_told_as_a_clock_that_is_off(
    database: Database, clock: FrozenClock, noors_app: str, off: int
) -> None:
    code = one_time_codes.current_code(noors_app, clock.now() + timedelta(seconds=off))
    assert use_code(database, half_way(database), code) is Refused.CLOCK_OFF


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "１２３４５６", "abcdef", "0" * 10_000, "-00001", "12\x003456"]
)
def test_what_is_no_code_opens_nothing(database: Database, noors_app: str, code: str) -> None:
    assert use_code(database, half_way(database), code) is Refused.WRONG


def test_after_five_wrong_codes_the_password_is_asked_again(
    database: Database, clock: FrozenClock, noors_app: str
) -> None:
    token = half_way(database)
    outcomes = []
    for _ in range(5):
        outcomes.append(use_code(database, token, "000000"))
        clock.advance(timedelta(seconds=1))
    assert outcomes == [Refused.WRONG] * 4 + [Refused.START_AGAIN]
    clock.advance(timedelta(minutes=1))
    assert use_code(database, token, one_time_codes.current_code(noors_app, clock.now())) is Refused.START_AGAIN


def test_the_password_waits_ten_minutes_for_its_code(database: Database, clock: FrozenClock, noors_app: str) -> None:
    token = half_way(database)
    clock.advance(timedelta(minutes=10))
    assert use_code(database, token, one_time_codes.current_code(noors_app, clock.now())) is Refused.START_AGAIN


def test_a_saved_code_lets_one_of_sixteen_in_and_is_announced(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    add_recovery_code(database, people, clock, "ABCDEFGHJKLMNP")
    tokens = [half_way(database) for _ in range(16)]

    def attempt(token: str) -> bool:
        try:
            outcome = database.write(
                lambda session: sign_in.with_recovery_code(session, token, "abcd-efgh jklm-np", network=HOME)
            )
        except (TooManyAttempts, Busy):
            return False
        return isinstance(outcome, Entered)

    outcomes = all_at_once([lambda token=token: attempt(token) for token in tokens])  # type: ignore[misc]  # a bound default
    assert outcomes.count(True) == 1
    with database.read() as session:
        mails = session.scalars(select(OutboxMail)).all()
        assert [(mail.to_address, mail.context["what"]) for mail in mails] == [(NOOR, "recovery_code_used")]


def test_a_saved_code_of_somebody_else_opens_nothing(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    make_account(database, clock, people.ravi)
    add_recovery_code(database, people, clock, "ABCDEFGHJKLMNP")
    token = half_way(database, "ravi@post.example")
    outcome = database.write(lambda session: sign_in.with_recovery_code(session, token, "ABCDEFGHJKLMNP", network=HOME))
    assert outcome is Refused.WRONG


# Passwords


@pytest.mark.parametrize("name", [NOOR, "NOOR@post.example ", " Noor@Post.Example"])
def test_capitals_and_blanks_around_a_name_do_not_matter(database: Database, noors_app: str, name: str) -> None:
    assert sign_in.with_password(database, name, PASSWORD, network=HOME)


@pytest.mark.parametrize("password", ["", PASSWORD + " ", PASSWORD.upper(), "x" * 10_000_000])
def test_another_password_opens_nothing(database: Database, noors_app: str, password: str) -> None:
    assert sign_in.with_password(database, NOOR, password, network=HOME) is None


def test_an_unknown_name_costs_a_hash_too(database: Database, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []

    def verify_nobody(password: str) -> bool:
        hashed.append(password)
        return False

    monkeypatch.setattr(passwords, "verify_nobody", verify_nobody)
    assert sign_in.with_password(database, "niemand@post.example", "wat dan ook", network=HOME) is None
    assert hashed == ["wat dan ook"]


def test_old_parameters_are_renewed_at_the_next_sign_in(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)

    def weaken(session: Session) -> None:
        session.scalars(select(Account)).one().password_hash = old

    database.write(weaken)
    half_way(database)
    with database.read() as session:
        now = session.scalars(select(Account.password_hash)).one()
    assert now != old
    assert passwords.verify(now, PASSWORD)


def test_a_blocked_account_gets_the_answer_of_an_unknown_name(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    token = half_way(database)
    full = open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)

    def block(session: Session) -> None:
        account = session.scalars(select(Account)).one()
        account.blocked_at, account.blocked_by_id = clock.now(), people.hugo

    database.write(block)
    assert sign_in.with_password(database, NOOR, PASSWORD, network=HOME) is None
    assert use_code(database, token, one_time_codes.current_code(noors_app, clock.now())) is Refused.START_AGAIN
    with database.read() as session:
        assert find_visitor(session, full) is None


# Sessions


@pytest.mark.parametrize(("name", "role", "minutes"), [("noor", Role.GUARDIAN, 30), ("ilse", Role.TEACHER, 15)])
def test_a_session_ends_after_idle_time_to_the_second(
    database: Database, clock: FrozenClock, people: People, name: str, role: Role, minutes: int
) -> None:
    token = open_session(database, clock, getattr(people, name), role, people.regenboog)
    clock.advance(timedelta(minutes=minutes) - timedelta(seconds=1))
    with database.read() as session:
        assert find_visitor(session, token) is not None
    clock.advance(timedelta(seconds=1))
    with database.read() as session:
        assert find_visitor(session, token) is None


def test_a_session_ends_after_twelve_hours_however_busy(database: Database, clock: FrozenClock, people: People) -> None:
    token = open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)
    for _ in range(12 * 4 - 1):
        clock.advance(timedelta(minutes=15))
        with database.read() as session:
            visitor = find_visitor(session, token)
        assert visitor is not None
        database.write(lambda session, found=visitor: sign_in.note_seen(session, found.session_id))  # type: ignore[misc]  # a bound default
    clock.advance(timedelta(minutes=14, seconds=59))
    with database.read() as session:
        assert find_visitor(session, token) is not None
    clock.advance(timedelta(seconds=1))
    with database.read() as session:
        assert find_visitor(session, token) is None


def test_a_late_sign_of_life_does_not_revive_an_ended_session(
    database: Database, clock: FrozenClock, people: People
) -> None:
    token = open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)
    with database.read() as session:
        visitor = find_visitor(session, token)
    assert visitor is not None
    database.write(lambda session: sign_in.end(session, token))
    database.write(lambda session: sign_in.note_seen(session, visitor.session_id))
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(SignInSession)) == 0


def test_a_role_that_ended_closes_the_open_session(database: Database, clock: FrozenClock, people: People) -> None:
    token = open_session(database, clock, people.ilse, Role.TEACHER, people.regenboog)

    def end_role(session: Session) -> None:
        row = session.scalars(select(StaffRole).where(StaffRole.adult_id == people.ilse)).one()
        row.ended_at, row.ended_by_id = clock.now(), people.hanna

    database.write(end_role)
    with database.read() as session:
        assert find_visitor(session, token) is None


def test_all_sessions_of_an_account_can_be_ended_at_once(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    tokens = [open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog) for _ in range(3)]
    waiting = half_way(database)
    with database.read() as session:
        account_id = session.scalars(select(Account.id).where(Account.adult_id == people.noor)).one()
    database.write(lambda session: sign_in.end_all(session, account_id))
    with database.read() as session:
        assert [find_visitor(session, token) for token in tokens] == [None] * 3
    assert use_code(database, waiting, one_time_codes.current_code(noors_app, clock.now())) is Refused.START_AGAIN


def test_expired_rows_are_thrown_away(database: Database, clock: FrozenClock, people: People) -> None:
    open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)
    clock.advance(timedelta(hours=12))
    open_session(database, clock, people.ravi, Role.GUARDIAN, people.regenboog)
    assert database.write(sign_in.remove_expired) == 1


def test_nothing_usable_is_in_the_database(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    token = half_way(database)
    entered = use_code(database, token, one_time_codes.current_code(noors_app, clock.now()))
    assert isinstance(entered, Entered)
    with database.read() as session:
        rows = [*session.scalars(select(SignInSession)), *session.scalars(select(Account))]
        stored = " ".join(repr(value) for row in rows for value in vars(row).values())
    for secret in (entered.token, token, noors_app, PASSWORD):
        assert secret not in stored


# Several roles


def test_a_teacher_who_is_a_parent_chooses_a_role_and_changes_it_openly(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    def hire(session: Session) -> None:
        session.add(
            StaffRole(
                id=new_id(),
                board_id=people.waterlijn,
                adult_id=people.noor,
                school_id=people.kompas,
                role=Role.TEACHER,
                granted_at=clock.now(),
            )
        )

    database.write(hire)
    entered = use_code(database, half_way(database), one_time_codes.current_code(noors_app, clock.now()))
    assert isinstance(entered, Entered)
    assert entered.role is None
    with database.read() as session:
        assert find_visitor(session, entered.token) is None, "without a role nothing is open"
    with pytest.raises(NotFound):
        database.write(lambda session: sign_in.take_role(session, entered.token, Role.DIRECTOR, people.kompas))
    with pytest.raises(NotFound):
        database.write(lambda session: sign_in.take_role(session, entered.token, Role.TEACHER, people.regenboog))
    teacher = database.write(lambda session: sign_in.take_role(session, entered.token, Role.TEACHER, people.kompas))
    parent = database.write(lambda session: sign_in.take_role(session, teacher.token, Role.GUARDIAN, people.regenboog))
    with database.read() as session:
        assert find_visitor(session, teacher.token) is None, "the earlier token is dead"
        visitor = find_visitor(session, parent.token)
        assert visitor is not None
        assert visitor.role is Role.GUARDIAN
        acts = session.scalars(select(AuditEvent.event)).all()
    assert acts.count("role:changed") == 2
