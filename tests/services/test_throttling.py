"""Guessing is slowed down more and more, for known and unknown names alike, and nobody is locked out for good."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from parentportal.db import Database, count_statements
from parentportal.models.audit import AuditEvent
from parentportal.models.base import new_id
from parentportal.models.second_factors import PasskeyChallenge
from parentportal.models.sign_in import Account, Attempt, SignInSession
from parentportal.outside import passwords
from parentportal.outside.clock import FrozenClock
from parentportal.rules.errors import TooManyAttempts
from parentportal.services import known_devices, sign_in, throttling
from parentportal.services.sign_in import Browser
from tests.cheap_passwords import cheap_passwords
from tests.people import People
from tests.sessions import PASSWORD, make_account
from tests.ways_in import SITE

HOME = "192.0.2.10/32"
ELSEWHERE = "198.51.100.7/32"
NOOR = "noor@post.example"


@pytest.fixture
def noors_app(database: Database, clock: FrozenClock, people: People) -> str:
    """The key in Noor's codes app."""
    return make_account(database, clock, people.noor)


def half_way(database: Database) -> str:
    token = sign_in.with_password(database, NOOR, PASSWORD, network=HOME)
    assert token is not None
    return token


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    """Counting comes before hashing, so what a hash costs is another test's matter."""
    with cheap_passwords():
        yield


def fail(database: Database, times: int, network: str = HOME, name: str = NOOR) -> int:
    """Try a wrong password so often; answers how many of those were looked at."""
    looked_at = 0
    for _ in range(times):
        with suppress(TooManyAttempts):
            sign_in.with_password(database, name, "helemaal verkeerd", network=network)
            looked_at += 1
    return looked_at


@pytest.mark.parametrize("name", [NOOR, "niemand@post.example"])
def test_the_fifth_mistake_makes_people_wait_known_or_not(
    database: Database, clock: FrozenClock, noors_app: str, name: str
) -> None:
    assert fail(database, 8, name=name) == 5
    clock.advance(timedelta(seconds=5))
    assert fail(database, 3, name=name) == 1
    clock.advance(timedelta(seconds=9))
    assert fail(database, 3, name=name) == 0, "the wait doubled"


def test_the_right_password_is_not_looked_at_either_while_waiting(
    database: Database, clock: FrozenClock, noors_app: str
) -> None:
    fail(database, 5)
    with pytest.raises(TooManyAttempts) as slowed:
        sign_in.with_password(database, NOOR, PASSWORD, network=HOME)
    assert slowed.value.until == clock.now() + timedelta(seconds=5)
    clock.advance(timedelta(seconds=5))
    assert half_way(database)


@pytest.mark.same_on_both
def test_nobody_is_kept_out_for_longer_than_a_quarter_of_an_hour(
    database: Database, clock: FrozenClock, noors_app: str
) -> None:
    for _ in range(40):
        fail(database, 1)
        fail(database, 1, network=ELSEWHERE)
        clock.advance(timedelta(minutes=15))
    clock.advance(timedelta(minutes=15))
    assert half_way(database)


def ask_passkey(database: Database, browser: Browser, times: int = 1) -> int:
    """Ask to sign in with a passkey so often, each time as a new browser; answers how many were asked a challenge."""
    answered = 0
    for _ in range(times):
        with suppress(TooManyAttempts):
            database.write(lambda s: sign_in.ask_passkey(s, holder=str(new_id()), site=SITE, browser=browser))
            answered += 1
    return answered


def test_a_network_has_a_budget_of_challenges_each_hour_and_leaves_no_row_beyond(
    database: Database, clock: FrozenClock, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert throttling.QUESTIONS_AN_HOUR >= 500, "a school on one network fits"
    monkeypatch.setattr(throttling, "QUESTIONS_AN_HOUR", 5)
    assert ask_passkey(database, Browser(HOME), 8) == 5
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(PasskeyChallenge)) == 5
    assert ask_passkey(database, Browser(ELSEWHERE)) == 1
    clock.advance(timedelta(minutes=59))
    assert ask_passkey(database, Browser(HOME)) == 0
    clock.advance(timedelta(minutes=1))
    assert ask_passkey(database, Browser(HOME), 8) == 5


def test_who_is_known_asks_on_when_the_network_is_used_up(
    database: Database, people: People, noors_app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttling, "QUESTIONS_AN_HOUR", 5)
    database.write(lambda s: known_devices.remember(s, s.scalars(select(Account)).one(), "at home", tell=False))
    ask_passkey(database, Browser(HOME), 8)
    assert ask_passkey(database, Browser(HOME, token="made up")) == 0
    assert ask_passkey(database, Browser(HOME, token="at home"), 8) == 5
    database.write(lambda s: sign_in.end_all(s, s.scalars(select(Account.id)).one()))
    assert ask_passkey(database, Browser(HOME, token="at home")) == 0


def test_noor_gets_in_at_home_while_somebody_guesses_elsewhere(
    database: Database, clock: FrozenClock, noors_app: str
) -> None:
    fail(database, 20, network=ELSEWHERE)
    assert half_way(database)


def test_a_success_forgets_her_own_mistakes_only(database: Database, clock: FrozenClock, noors_app: str) -> None:
    fail(database, 4)
    half_way(database)
    assert fail(database, 4) == 4
    assert fail(database, 9, name="ravi@post.example") == 5


def test_a_day_of_rest_forgets(database: Database, clock: FrozenClock, noors_app: str) -> None:
    for _ in range(12):
        fail(database, 1)
        clock.advance(timedelta(minutes=15))
    clock.advance(timedelta(days=1))
    assert fail(database, 5) == 5


@pytest.mark.same_on_both
def test_fifty_wrong_codes_a_day_is_the_most_that_is_looked_at(
    database: Database, clock: FrozenClock, noors_app: str
) -> None:
    for _ in range(24 * 6):
        token = half_way(database)
        with suppress(TooManyAttempts):
            database.write(lambda session, token=token: sign_in.with_code(session, token, "000000", network=HOME))  # type: ignore[misc]  # a bound default
        clock.advance(timedelta(minutes=10))
    with database.read() as session:
        looked_at = session.scalar(select(func.count()).where(AuditEvent.event == "sign_in:failed"))
    assert looked_at is not None
    assert 30 <= looked_at <= 50


def test_counting_survives_a_restart_and_is_shared(
    database: Database, clock: FrozenClock, database_url: str, noors_app: str
) -> None:
    fail(database, 5)
    other = Database(database_url, info=database.info)
    assert fail(other, 1) == 0
    other.dispose()


def test_sixteen_guesses_at_once_get_no_more_than_five_answers(database: Database, noors_app: str) -> None:
    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(lambda _number: fail(database, 1), range(16))) == 5


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.10", "192.0.2.10/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        (None, "unknown"),
        ("geen adres", "unknown"),
    ],
)
def test_a_household_is_one_network(address: str | None, network: str) -> None:
    assert throttling.network_of(address) == network


def test_counters_are_thrown_away_after_a_day(database: Database, clock: FrozenClock, noors_app: str) -> None:
    fail(database, 1)
    clock.advance(timedelta(hours=24))
    fail(database, 1, name="ravi@post.example", network=ELSEWHERE)
    assert database.write(throttling.remove_old) == 4


def test_attempts_hold_neither_name_nor_address(database: Database, noors_app: str) -> None:
    fail(database, 1)
    with database.read() as session:
        for row in session.scalars(select(Attempt)):
            assert len(row.subject_digest) == 32
            assert b"noor" not in row.subject_digest


def test_an_unknown_name_costs_as_many_statements(database: Database, noors_app: str) -> None:
    counts = []
    for name in (NOOR, "niemand@post.example"):
        fail(database, 1, name=name)
        with count_statements(database) as statements:
            fail(database, 1, name=name)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_browser_that_is_forgotten_while_the_password_is_checked_is_no_longer_known(
    database: Database, clock: FrozenClock, noors_app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.read() as session:
        account_id = session.scalars(select(Account.id).where(Account.sign_in_name == NOOR)).one()
    database.write(lambda s: known_devices.remember(s, s.get_one(Account, account_id), "toestel", tell=False) and None)
    verify = passwords.verify

    def slowly(*given: str) -> bool:
        database.write(lambda session: sign_in.end_all(session, account_id))
        return verify(*given)

    monkeypatch.setattr(passwords, "verify", slowly)
    assert sign_in.with_password(database, NOOR, PASSWORD, network=HOME, known="toestel") is not None
    with database.read() as session:
        assert session.scalars(select(SignInSession.known_device_id)).one() is None
