"""R1 to R4: codes used before, older than one that was used, from a crowd at once, or from a clock that is off."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.db import Busy
from parentportal.models.base import new_id
from parentportal.models.second_factors import RecoveryCode
from parentportal.models.sign_in import Account, SessionLevel, SignInSession
from parentportal.outside import codes, one_time_codes
from parentportal.reads import password_resets as reset_reads
from parentportal.reads.visitors import token_digest
from parentportal.rules.errors import NotFound
from parentportal.services import password_resets, second_factors, sign_in
from parentportal.services.second_factors import Refused
from parentportal.services.sign_in import Entered
from tests import resetting
from tests.attack.guessing import without_budget
from tests.attack.portal import Portal
from tests.attack.rows import Result, Row
from tests.cheap_passwords import cheap_passwords
from tests.one_time_codes import by_cryptography

NETWORK = "198.51.100.7/32"
CROWD = 64
STEP = timedelta(seconds=one_time_codes.STEP_SECONDS)
SHIFTS = range(-90, 91, 15)


def account_of(session: Session, portal: Portal, name: str) -> Account:
    return session.scalars(select(Account).where(Account.adult_id == portal.person(name))).one()


def half_way(portal: Portal, name: str, number: int = 1) -> list[str]:
    """So many sign-ins whose password was right and whose code is still to come."""

    def open_them(session: Session) -> list[str]:
        account, now = account_of(session, portal, name), portal.clock.now()
        tokens = [codes.token() for _ in range(number)]
        session.add_all(
            SignInSession(
                id=new_id(),
                board_id=account.board_id,
                account_id=account.id,
                token_digest=token_digest(session, token),
                level=SessionLevel.PASSWORD,
                stamp=account.stamp,
                created_at=now,
                seen_at=now,
                expires_at=now + sign_in.PASSWORD_STANDS,
            )
            for token in tokens
        )
        return tokens

    return portal.database.write(open_them)


def accepts(portal: Portal, code: str, name: str = "noor") -> bool:
    """Whether a code opens the portal now, for somebody whose password was right."""
    portal.forget_tries()
    (token,) = half_way(portal, name)
    outcome = portal.database.write(lambda session: sign_in.with_code(session, token, code, network=NETWORK))
    return isinstance(outcome, Entered)


def replay(portal: Portal, dose: int) -> Result:
    """Each code opens once, and then is tried again at the same moment, blank-padded and a step later."""
    key, first, again = portal.key_of("noor"), 0, 0
    for number in range(dose):
        portal.wait(seconds=120)
        code = by_cryptography(key, portal.clock.now())
        first += accepts(portal, code)
        portal.wait(seconds=(0, 10, 25)[number % 3])
        again += accepts(portal, (code, f" {code[:3]} {code[3:]} ")[number % 2])
    return Result(f"{dose} codes", f"first {first}, again {again}", first == dose and again == 0)


def go_back_a_step(portal: Portal, dose: int) -> Result:
    """The code of the step before, which would still count if the newer one had not been used."""
    key, newer, older = portal.key_of("noor"), 0, 0
    for _ in range(dose):
        portal.wait(seconds=120)
        newer += accepts(portal, by_cryptography(key, portal.clock.now()))
        older += accepts(portal, by_cryptography(key, portal.clock.now() - STEP))
    return Result(f"{dose} pairs", f"newer {newer}, older {older}", newer == dose and older == 0)


def shift_clocks(portal: Portal, dose: int) -> Result:
    """The telephone's clock is off by up to ninety seconds; then the server's own jumps an hour back."""
    key = portal.key_of("noor")
    wrong: list[str] = []
    for number in range(dose):
        start = portal.clock.now() + timedelta(minutes=10)
        portal.clock.set_to(_step_begins(start) + timedelta(seconds=number * 7 % 30))
        for shift in SHIFTS:
            portal.wait(minutes=5)
            now = portal.clock.now()
            taken = accepts(portal, by_cryptography(key, now + timedelta(seconds=shift)))
            if taken != (abs(_step(now + timedelta(seconds=shift)) - _step(now)) <= 1):
                wrong.append(f"{shift} s")
        portal.wait(minutes=5)
        code = by_cryptography(key, portal.clock.now())
        assert accepts(portal, code), "a code of this moment opens"
        portal.wait(hours=-1)
        wrong += ["an hour back" for old in (code, by_cryptography(key, portal.clock.now())) if accepts(portal, old)]
        portal.wait(hours=1)
        wrong += ["and forward again"] * accepts(portal, code)
    return Result(
        f"{len(SHIFTS)} settings and a jump back, {dose} times",
        f"{len(wrong)} wrong {sorted(set(wrong)) or ''}".strip(),
        not wrong,
    )


def _step(at: datetime) -> int:
    return int(at.timestamp()) // one_time_codes.STEP_SECONDS


def _step_begins(at: datetime) -> datetime:
    return datetime.fromtimestamp(_step(at) * one_time_codes.STEP_SECONDS, UTC)


def crowd(portal: Portal, dose: int) -> Result:
    """Sixty-four at once with one code of the app, and with one saved code; the budget is off, so that all are seen."""
    key = portal.key_of("noor")
    winners: dict[str, list[int]] = {"code": [], "saved code": [], "reset token": []}
    with without_budget(), cheap_passwords(), ThreadPoolExecutor(CROWD) as pool:
        for _ in range(dose):
            portal.wait(seconds=120)
            code, saved = by_cryptography(key, portal.clock.now()), codes.recovery_code()
            _keep_saved(portal, saved)

            def with_code(session: Session, token: str, code: str = code) -> Entered | Refused:
                return sign_in.with_code(session, token, code, network=NETWORK)

            def with_saved(session: Session, token: str, saved: str = saved) -> Entered | Refused:
                return sign_in.with_recovery_code(session, token, saved, network=NETWORK)

            winners["code"].append(_at_once(portal, pool, with_code))
            winners["saved code"].append(_at_once(portal, pool, with_saved))
            winners["reset token"].append(_reset_at_once(portal, pool, key))
    odd = [number for numbers in winners.values() for number in numbers if number != 1]
    return Result(
        f"{CROWD} at once × {dose} rounds × {len(winners)} kinds",
        "; ".join(f"{kind}: {min(numbers)} to {max(numbers)} in" for kind, numbers in winners.items()),
        not odd,
    )


def _keep_saved(portal: Portal, code: str) -> None:
    def keep(session: Session) -> None:
        account = account_of(session, portal, "noor")
        session.add(
            RecoveryCode(
                id=new_id(),
                board_id=account.board_id,
                account_id=account.id,
                code_digest=second_factors.recovery_digest(session, account.id, code),
                made_at=portal.clock.now(),
            )
        )

    portal.database.write(keep)


def _at_once(portal: Portal, pool: ThreadPoolExecutor, enter: Callable[[Session, str], Entered | Refused]) -> int:
    """How many of a crowd get in; whoever finds the database busy comes again, as people do."""
    start = threading.Barrier(CROWD)

    def one(token: str) -> bool:
        start.wait()
        while True:
            try:
                return isinstance(portal.database.write(lambda session: enter(session, token)), Entered)
            except Busy:
                continue

    return sum(pool.map(one, half_way(portal, "noor", CROWD)))


def _reset_at_once(portal: Portal, pool: ThreadPoolExecutor, key: str) -> int:
    """How many of a crowd set another password with one link, each its own; all of them showed the second factor."""
    portal.wait(seconds=120)
    database, start = portal.database, threading.Barrier(CROWD)
    token = resetting.ask(database)
    assert resetting.prove(database, token, by_cryptography(key, portal.clock.now())) is None
    before = _stamp(portal)

    def one(number: int) -> bool:
        start.wait()
        while True:
            try:
                password_resets.choose(database, token, resetting.HERE, f"{resetting.NEW} {number}")
                return True
            except Busy:
                continue
            except NotFound:
                return False

    said = sum(pool.map(one, range(CROWD)))
    changed = _stamp(portal) - before
    return said if said != 1 else changed


def _stamp(portal: Portal) -> int:
    """Each new password raises it once."""
    with portal.database.read() as session:
        return account_of(session, portal, "noor").stamp


@contextmanager
def without_memory(_portal: Portal) -> Iterator[None]:
    """As the library alone has it: a code counts for as long as it is near, however often."""

    def take(session: Session, account: Account, code: str) -> Refused | None:
        keys = [second_factors.open_key(session, account.id, app.secret) for app in _apps(session, account)]
        right = any(one_time_codes.step_of(code, key, portal_now(session)) is not None for key in keys)
        return None if right else Refused.WRONG

    with patch.object(second_factors, "take_code", take):
        yield


@contextmanager
def remembering_the_code(_portal: Portal) -> Iterator[None]:
    """Only the last code is remembered, not its moment: an older one still counts."""
    last: dict[Any, str] = {}

    def take(session: Session, account: Account, code: str) -> Refused | None:
        for app in _apps(session, account):
            key = second_factors.open_key(session, account.id, app.secret)
            if one_time_codes.step_of(code, key, portal_now(session)) is not None and last.get(app.id) != code:
                last[app.id] = code
                return None
        return Refused.WRONG

    with patch.object(second_factors, "take_code", take):
        yield


@contextmanager
def reading_before_storing(_portal: Portal) -> Iterator[None]:
    """Read, compare, store in steps of their own: everybody in a crowd has read before anybody stores."""
    read: dict[Any, Any] = {}

    def take(session: Session, account: Account, code: str) -> Refused | None:
        for app in _apps(session, account):
            key = second_factors.open_key(session, account.id, app.secret)
            step = one_time_codes.step_of(code, key, portal_now(session))
            if step is not None and step > read.setdefault(code, app.last_step):
                app.last_step = step
                return None
        return Refused.WRONG

    def take_saved(session: Session, account: Account, typed: str) -> Refused | None:
        digest = second_factors.recovery_digest(session, account.id, typed)
        row = session.scalar(select(RecoveryCode).where(RecoveryCode.code_digest == digest))
        if row is None or read.setdefault(typed, row.used_at) is not None:
            return Refused.WRONG
        row.used_at = portal_now(session)
        return None

    found_open = reset_reads.find_open

    def find_open(session: Session, token: str, holder: str) -> Any:
        return read.setdefault(token, found_open(session, token, holder))

    with (
        patch.object(second_factors, "take_code", take),
        patch.object(second_factors, "take_saved", take_saved),
        patch.object(reset_reads, "find_open", find_open),
    ):
        yield


@contextmanager
def with_a_wide_window(_portal: Portal) -> Iterator[None]:
    """Three steps before and after count."""
    with patch.object(one_time_codes, "WINDOW", 3):
        yield


def _apps(session: Session, account: Account) -> list[Any]:
    return list(second_factors.list_apps(session, account))


def portal_now(session: Session) -> datetime:
    now: datetime = session.info["clock"].now()
    return now


ROWS = (
    Row(
        "R1",
        "the same code of the app again",
        "0 accepted",
        replay,
        without_memory,
        "the library alone, without memory",
        small=3,
        full=100,
        controlled=3,
    ),
    Row(
        "R2",
        "the code of the step before, after the newer one",
        "0 accepted",
        go_back_a_step,
        remembering_the_code,
        "only the last code is remembered",
        small=3,
        full=100,
        controlled=3,
    ),
    Row(
        "R3",
        "64 at once with one code",
        "exactly 1 each round",
        crowd,
        reading_before_storing,
        "read, compare and store apart",
        small=1,
        full=20,
        controlled=1,
    ),
    Row(
        "R4",
        "telephone off by −90 to +90 s, server back by an hour",
        "±1 step only, nothing again after the jump",
        shift_clocks,
        with_a_wide_window,
        "three steps each way count",
        small=1,
        full=10,
        controlled=1,
    ),
)
