"""The link to a new password, in every state it can be in, and what its use leaves."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.base import new_id
from parentportal.models.second_factors import RecoveryCode
from parentportal.models.sign_in import Account, KnownDevice, SignInSession
from parentportal.outside import passwords
from parentportal.outside.clock import FrozenClock
from parentportal.reads import password_resets as reads
from parentportal.rules.errors import Invalid, NotFound, TooManyAttempts
from parentportal.rules.roles import Role
from parentportal.services import known_devices, password_resets, second_factors, sign_in
from parentportal.services.second_factors import Refused
from tests.people import People
from tests.resetting import (
    HERE,
    HOME,
    NEW,
    NOOR,
    THERE,
    app_code,
    ask,
    blocked,
    change,
    count_of,
    events,
    mailed,
    nothing_to_sign_in_with,
    password_of,
    prove,
    proved,
)
from tests.sessions import PASSWORD, make_account, open_session


@pytest.fixture
def noors_app(database: Database, clock: FrozenClock, people: People) -> str:
    """The key in Noor's codes app."""
    return make_account(database, clock, people.noor)


def fresh(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    return ask(database), HERE


def almost_too_old(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    token = ask(database)
    clock.advance(password_resets.LINK_STANDS - timedelta(seconds=1))
    return token, HERE


def too_old(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    token = ask(database)
    clock.advance(password_resets.LINK_STANDS)
    return token, HERE


def made_up(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    return "x" * 43, HERE


def mistyped(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    token = ask(database)
    return token[:-1] + ("A" if token[-1] != "A" else "B"), HERE


def cut_off(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    return ask(database)[:-1], HERE


def empty(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    ask(database)
    return "", HERE


def replaced(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    token = ask(database)
    clock.advance(timedelta(minutes=1))
    ask(database)
    return token, HERE


def newest(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    ask(database)
    clock.advance(timedelta(minutes=1))
    return ask(database), HERE


def used(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    token = proved(database, clock, key)
    password_resets.choose(database, token, HERE, NEW)
    return token, HERE


def after_proof_here(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    return proved(database, clock, key), HERE


def after_proof_elsewhere(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    return proved(database, clock, key), THERE


def after_proof_replaced(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    token = proved(database, clock, key)
    clock.advance(timedelta(minutes=1))
    ask(database)
    return token, HERE


def after_block(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    token = ask(database)
    change(database, people.noor, blocked)
    return token, HERE


def after_other_stamp(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    """Password, address or means changed meanwhile: all of them raise the stamp."""
    token = ask(database)
    change(database, people.noor, lambda session, account: sign_in.end_all(session, account.id))
    return token, HERE


def after_counter_help(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    token = ask(database)
    change(database, people.noor, nothing_to_sign_in_with)
    return token, HERE


def after_proof_other_stamp(database: Database, clock: FrozenClock, people: People, key: str) -> tuple[str, str]:
    token = proved(database, clock, key)
    change(database, people.noor, lambda session, account: sign_in.end_all(session, account.id))
    return token, HERE


OPENS, PROVED, SHUT = "opens", "proved", "shut"
STATES = {
    fresh: OPENS,
    almost_too_old: OPENS,
    newest: OPENS,
    after_proof_here: PROVED,
    after_proof_elsewhere: SHUT,
    after_proof_replaced: SHUT,
    after_proof_other_stamp: SHUT,
    too_old: SHUT,
    made_up: SHUT,
    mistyped: SHUT,
    cut_off: SHUT,
    empty: SHUT,
    replaced: SHUT,
    used: SHUT,
    after_block: SHUT,
    after_other_stamp: SHUT,
    after_counter_help: SHUT,
}


@pytest.mark.parametrize(("state", "expected"), STATES.items(), ids=[state.__name__ for state in STATES])
def test_what_a_link_still_opens(
    database: Database,
    clock: FrozenClock,
    people: People,
    noors_app: str,
    state: Callable[[Database, FrozenClock, People, str], tuple[str, str]],
    expected: str,
) -> None:
    token, holder = state(database, clock, people, noors_app)
    with database.read() as session:
        found = reads.find_open(session, token, holder)
    assert (SHUT if found is None else PROVED if found.is_proved else OPENS) == expected
    before = password_of(database, people.noor)
    if expected != PROVED:
        with pytest.raises(NotFound):
            password_resets.choose(database, token, holder, "een ander heel lang wachtwoord")
        assert password_of(database, people.noor) == before, "no step can be skipped"
    if expected == SHUT:
        clock.advance(timedelta(seconds=60))
        with pytest.raises(NotFound):
            prove(database, token, app_code(noors_app, clock), holder)


def test_a_new_password_ends_everything_that_was_open(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)
    change(database, people.noor, know_a_device)
    half = sign_in.with_password(database, NOOR, PASSWORD, network=HOME.network)
    assert half is not None
    token = proved(database, clock, noors_app)
    clock.advance(timedelta(minutes=1))
    password_resets.choose(database, token, HERE, NEW)
    assert (count_of(database, SignInSession), count_of(database, KnownDevice)) == (0, 0)
    assert sign_in.with_password(database, NOOR, PASSWORD, network=HOME.network) is None
    assert sign_in.with_password(database, NOOR, NEW, network=HOME.network) is not None
    assert mailed(database)[-1][:2] == ("security_notice", NOOR)
    assert events(database, "password:changed") == 1


def know_a_device(session: Session, account: Account) -> None:
    known_devices.remember(session, account, "a browser of hers", tell=False)


def test_the_last_form_once_more_changes_nothing_and_raises_nothing(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    token = proved(database, clock, noors_app)
    for _ in range(3):
        password_resets.choose(database, token, HERE, NEW)
    assert events(database, "password:changed") == 1
    assert [template for template, _to, _token in mailed(database)].count("security_notice") == 1
    with pytest.raises(NotFound):
        password_resets.choose(database, token, THERE, NEW)


def test_of_eight_new_passwords_at_once_one_stays(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    token = proved(database, clock, noors_app)

    def attempt(number: int) -> bool:
        try:
            password_resets.choose(database, token, HERE, f"{NEW} {number}")
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert outcomes.count(True) == 1
    winner = outcomes.index(True)
    assert passwords.verify(password_of(database, people.noor), f"{NEW} {winner}")
    assert events(database, "password:changed") == 1


@pytest.mark.parametrize("weak", ["kort", "welkom123456", "Regenboog Zomerdijk", "x" * 129])
def test_a_weak_password_is_refused_and_the_link_stays(
    database: Database, clock: FrozenClock, people: People, noors_app: str, weak: str
) -> None:
    token = proved(database, clock, noors_app)
    with pytest.raises(Invalid) as refused:
        password_resets.choose(database, token, HERE, weak)
    assert set(refused.value.problems) == {"password"}
    password_resets.choose(database, token, HERE, NEW)


def test_a_wrong_code_counts_in_the_one_budget_and_leaves_a_trace(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    token = ask(database)
    for _ in range(5):
        assert prove(database, token, "000000") is Refused.WRONG
    with pytest.raises(TooManyAttempts):
        prove(database, token, app_code(noors_app, clock))
    assert events(database, "sign_in:failed") == 5
    half = sign_in.with_password(database, NOOR, PASSWORD, network=HOME.network)
    assert half is not None
    with pytest.raises(TooManyAttempts):
        database.write(lambda session: sign_in.with_code(session, half, "000000", network=HOME.network))


def test_a_saved_code_proves_as_well_and_is_burned(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    change(database, people.noor, save_a_code)
    token = ask(database)
    assert prove(database, token, "abcd-efgh jklm np") is None
    again = ask(database)
    assert prove(database, again, "ABCDEFGHJKLMNP") is Refused.WRONG
    assert events(database, "recovery_code:used") == 1


def save_a_code(session: Session, account: Account) -> None:
    session.add(
        RecoveryCode(
            id=new_id(),
            board_id=account.board_id,
            account_id=account.id,
            code_digest=second_factors.recovery_digest(session, account.id, "ABCDEFGHJKLMNP"),
            made_at=account.created_at,
        )
    )


def test_a_code_used_for_a_link_opens_no_sign_in_any_more(
    database: Database, clock: FrozenClock, people: People, noors_app: str
) -> None:
    code = app_code(noors_app, clock)
    proved(database, clock, noors_app)
    half = sign_in.with_password(database, NOOR, PASSWORD, network=HOME.network)
    assert half is not None
    assert database.write(lambda s: sign_in.with_code(s, half, code, network=HOME.network)) is Refused.WRONG
