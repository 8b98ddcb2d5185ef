"""Another mail address: proved on the new one, announced and undone on the old one, and no way around a hold."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.db import Database
from parentportal.models.address_changes import AddressChange
from parentportal.models.base import new_id
from parentportal.models.outbox import OutboxMail
from parentportal.models.paper_notices import PaperNotice
from parentportal.models.sign_in import Account, SignInSession
from parentportal.outside.clock import FrozenClock
from parentportal.reads import address_changes as reads
from parentportal.reads import password_resets as reset_reads
from parentportal.reads.visitors import find_visitor
from parentportal.rules.errors import Invalid, NotFound, NotNow, TooManyAttempts
from parentportal.rules.roles import Role
from parentportal.services import address_changes, outbox, password_resets
from parentportal.services.address_changes import Changed
from tests.people import People
from tests.resetting import HERE, ask, change, count_of, events, mailed, wish
from tests.sessions import make_account, open_session

OLD, FRESH, LATER = "noor@post.example", "noor@nieuw.example", "noor@later.example"
HOME = "192.0.2.10/32"


@pytest.fixture
def noor(database: Database, clock: FrozenClock, people: People) -> str:
    """The token of Noor's own session."""
    return open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)


def visitor(database: Database, token: str) -> Visitor:
    with database.read() as session:
        found = find_visitor(session, token)
    assert found is not None
    return found


def begin(database: Database, token: str, address: str = FRESH) -> str:
    """Ask for another address; answers the code in the mail."""
    by = visitor(database, token)
    database.write(lambda s: address_changes.ask(s, address, network=HOME, by=by))
    return newest(database, "confirm_email")["code"]


def type_in(database: Database, token: str, code: str) -> Changed | None:
    by = visitor(database, token)
    return database.write(lambda s: address_changes.confirm(s, code, network=HOME, by=by))


def move(database: Database, token: str, address: str = FRESH) -> str:
    """Go to another address; answers the token of the session afterwards."""
    changed = type_in(database, token, begin(database, token, address))
    assert changed is not None
    return changed.token


def newest(database: Database, template: str) -> dict[str, str]:
    with database.read() as session:
        mails = session.scalars(
            select(OutboxMail).where(OutboxMail.template == template).order_by(OutboxMail.created_at, OutboxMail.id)
        ).all()
        return {**outbox.values_of(session, mails[-1]), "to": mails[-1].to_address}


def undo(database: Database, token: str) -> None:
    database.write(lambda session: address_changes.undo(session, token))


def names_of(database: Database, adult_id: UUID) -> tuple[str | None, str]:
    with database.read() as session:
        account = session.scalars(select(Account).where(Account.adult_id == adult_id)).one()
        return account.email, account.sign_in_name


def test_the_new_address_counts_when_its_code_came_back_and_not_before(
    database: Database, people: People, noor: str
) -> None:
    code = begin(database, noor, "  NOOR@Nieuw.example ")
    assert newest(database, "confirm_email")["to"] == FRESH
    assert names_of(database, people.noor) == (OLD, OLD)
    assert type_in(database, noor, "000000" if code != "000000" else "111111") is None
    assert names_of(database, people.noor) == (OLD, OLD)
    assert type_in(database, noor, f"{code[:3]} {code[3:]}") is not None
    assert names_of(database, people.noor) == (FRESH, FRESH)
    told = newest(database, "address_changed")
    assert (told["to"], len(told["token"])) == (OLD, 43)
    assert events(database, "address:changed") == 1


def test_other_sessions_end_and_the_own_one_goes_on_under_another_token(
    database: Database, clock: FrozenClock, people: People, noor: str
) -> None:
    other = open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)
    fresh = move(database, noor)
    with database.read() as session:
        assert find_visitor(session, other) is None
        assert find_visitor(session, noor) is None
    assert visitor(database, fresh).adult_id == people.noor


def test_the_code_once_more_changes_nothing(database: Database, noor: str) -> None:
    code = begin(database, noor)
    first = type_in(database, noor, code)
    assert first is not None
    assert type_in(database, first.token, code) is not None
    assert [template for template, _to, _token in mailed(database)].count("address_changed") == 1
    assert events(database, "address:changed") == 1


def test_a_code_of_an_earlier_address_or_of_a_quarter_of_an_hour_ago_is_worth_nothing(
    database: Database, clock: FrozenClock, people: People, noor: str
) -> None:
    first = begin(database, noor, LATER)
    clock.advance(timedelta(seconds=1))
    second = begin(database, noor)
    if first != second:
        assert type_in(database, noor, first) is None
    clock.advance(address_changes.CODE_STANDS)
    assert type_in(database, noor, second) is None
    assert names_of(database, people.noor) == (OLD, OLD)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "１２３４５６", "9" * 50, "abcdef"])
def test_what_is_no_code_is_refused(database: Database, noor: str, code: str) -> None:
    begin(database, noor)
    assert type_in(database, noor, code) is None


def test_guessing_the_code_is_slowed_down(database: Database, noor: str) -> None:
    code = begin(database, noor)
    for guess in range(5):
        assert type_in(database, noor, f"{(int(code) + guess + 1) % 1_000_000:06}") is None
    with pytest.raises(TooManyAttempts):
        type_in(database, noor, code)


def test_mailing_codes_is_slowed_down(database: Database, noor: str) -> None:
    for number in range(5):
        begin(database, noor, f"noor{number}@nieuw.example")
    with pytest.raises(TooManyAttempts):
        begin(database, noor)


@pytest.mark.parametrize("typed", ["", "noor", "noor@", "a@b@c.example", "noor@nieuw.example\r\nBcc: x@y.example", OLD])
def test_what_is_no_other_address_is_refused_at_the_field(database: Database, noor: str, typed: str) -> None:
    by = visitor(database, noor)
    with pytest.raises(Invalid) as refused:
        database.write(lambda s: address_changes.ask(s, typed, network=HOME, by=by))
    assert set(refused.value.problems) == {"email"}
    assert mailed(database) == []


def test_stopping_forgets_the_address_that_waits(database: Database, people: People, noor: str) -> None:
    code = begin(database, noor)
    by = visitor(database, noor)
    for _ in range(2):
        database.write(lambda s: address_changes.stop(s, by=by))
    assert count_of(database, AddressChange) == 0
    assert type_in(database, noor, code) is None


def test_after_help_at_the_counter_no_address_changes_for_a_day(
    database: Database, clock: FrozenClock, people: People, noor: str
) -> None:
    code = begin(database, noor)

    def be_cautious(session: Session, account: Account) -> None:
        account.cautious_until = clock.now() + timedelta(minutes=5)

    change(database, people.noor, be_cautious)
    with pytest.raises(NotNow):
        begin(database, noor)
    with pytest.raises(NotNow):
        type_in(database, noor, code)
    clock.advance(timedelta(minutes=5))
    assert type_in(database, noor, code) is not None


# Names


def test_whoever_takes_an_address_that_somebody_signs_in_with_gets_a_name(
    database: Database, clock: FrozenClock, people: People, noor: str
) -> None:
    make_account(database, clock, people.daan)
    daans, _name = names_of(database, people.daan)
    assert daans is not None
    move(database, noor, daans)
    email, name = names_of(database, people.noor)
    assert email == daans
    assert name not in (OLD, daans)
    assert names_of(database, people.daan) == (daans, daans)


def test_a_made_name_stays(database: Database, people: People, noor: str) -> None:
    change(database, people.noor, with_made_name)
    move(database, noor)
    assert names_of(database, people.noor) == (FRESH, "kdre4827")


def with_made_name(_session: Session, account: Account) -> None:
    account.sign_in_name = "kdre4827"


def test_whoever_has_no_address_adds_one_and_hears_it_on_paper(database: Database, people: People, noor: str) -> None:
    def without(session: Session, account: Account) -> None:
        account.sign_in_name, account.email, account.email_confirmed_at = "kdre4827", None, None

    change(database, people.noor, without)
    move(database, noor)
    assert names_of(database, people.noor) == (FRESH, "kdre4827")
    assert [template for template, _to, _token in mailed(database)] == ["confirm_email"]
    with database.read() as session:
        assert session.scalars(select(PaperNotice.what)).all() == ["email_changed"]


# Passwords and addresses


def test_a_link_to_a_new_password_dies_and_none_goes_to_the_new_address_for_two_days(
    database: Database, clock: FrozenClock, noor: str
) -> None:
    token = ask(database)
    move(database, noor)
    with database.read() as session:
        assert reset_reads.find_open(session, token, HERE) is None
    before = len(mailed(database))
    wish(database, FRESH)
    wish(database, OLD)
    database.write(password_resets.work_off)
    assert len(mailed(database)) == before
    clock.advance(password_resets.HOLD)
    assert ask(database, FRESH)
    assert mailed(database)[-1][:2] == ("password_reset", FRESH)


# The way back


def test_the_old_address_puts_everything_back_once(
    database: Database, clock: FrozenClock, people: People, noor: str
) -> None:
    move(database, noor)
    token = newest(database, "address_changed")["token"]
    clock.advance(address_changes.UNDO_STANDS - timedelta(seconds=1))
    for _ in range(3):
        undo(database, token)
    assert names_of(database, people.noor) == (OLD, OLD)
    assert count_of(database, SignInSession) == 0
    assert events(database, "address:restored") == 1
    notices = [to for template, to, _token in mailed(database) if template == "security_notice"]
    assert sorted(notices) == [FRESH, OLD]


def expired(database: Database, clock: FrozenClock, people: People, token: str) -> str:
    clock.advance(address_changes.UNDO_STANDS)
    return token


def mistyped(database: Database, clock: FrozenClock, people: People, token: str) -> str:
    return token[:-1] + ("A" if token[-1] != "A" else "B")


def empty(database: Database, clock: FrozenClock, people: People, token: str) -> str:
    return ""


def of_a_blocked_account(database: Database, clock: FrozenClock, people: People, token: str) -> str:
    def block(session: Session, account: Account) -> None:
        account.blocked_at, account.blocked_by_id = clock.now(), new_id()

    change(database, people.noor, block)
    return token


@pytest.mark.parametrize("state", [expired, mistyped, empty, of_a_blocked_account])
def test_a_link_that_is_not_right_undoes_nothing(
    database: Database,
    clock: FrozenClock,
    people: People,
    noor: str,
    state: Callable[[Database, FrozenClock, People, str], str],
) -> None:
    move(database, noor)
    token = state(database, clock, people, newest(database, "address_changed")["token"])
    with pytest.raises(NotFound):
        undo(database, token)
    assert names_of(database, people.noor) == (FRESH, FRESH)
    assert events(database, "address:restored") == 0


def test_two_changes_in_a_row_do_not_shake_off_the_first_address(
    database: Database, clock: FrozenClock, people: People, noor: str
) -> None:
    """Somebody who got in goes on to a second address, whose own link must not bring the first one back later."""
    fresh = move(database, noor)
    of_owner = newest(database, "address_changed")["token"]
    clock.advance(timedelta(minutes=10))
    move(database, fresh, LATER)
    of_thief = newest(database, "address_changed")["token"]
    assert newest(database, "address_changed")["to"] == FRESH
    undo(database, of_owner)
    assert names_of(database, people.noor) == (OLD, OLD)
    undo(database, of_thief)
    assert names_of(database, people.noor) == (OLD, OLD)
    notices = [to for template, to, _token in mailed(database) if template == "security_notice"]
    assert sorted(notices) == sorted([FRESH, LATER, OLD])


def test_after_the_way_back_nobody_moves_the_address_for_a_day(
    database: Database, clock: FrozenClock, people: People, noor: str
) -> None:
    move(database, noor)
    undo(database, newest(database, "address_changed")["token"])
    again = open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)
    with pytest.raises(NotNow):
        begin(database, again)
    clock.advance(timedelta(hours=24))
    later = open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)
    assert begin(database, later)


def test_an_old_name_that_somebody_else_has_meanwhile_is_not_taken_from_them(
    database: Database, clock: FrozenClock, people: People, noor: str
) -> None:
    move(database, noor)
    make_account(database, clock, people.daan)

    def take(session: Session, account: Account) -> None:
        account.sign_in_name = account.email = OLD

    change(database, people.daan, take)
    undo(database, newest(database, "address_changed")["token"])
    email, name = names_of(database, people.noor)
    assert email == OLD
    assert name not in (OLD, FRESH)
    with database.read() as session:
        found = reads.find_undoing(session, newest(database, "address_changed")["token"])
    assert found is not None
    assert (found.is_done, found.sign_in_name) == (True, name)
