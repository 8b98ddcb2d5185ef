"""Tries are counted before they are looked at, in the database, for all workers together (controls A10, A11, T33).

Whoever fails is slowed down, more and more, and never locked out for good. A day without a try forgets.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network
from uuid import UUID

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from parentportal.models.base import new_id
from parentportal.models.sign_in import Attempt
from parentportal.outside import clock, vault
from parentportal.rules.errors import TooManyAttempts
from parentportal.rules.sign_in import ACCOUNT_FREE_FAILURES, FREE_FAILURES, wait_after

FORGET_AFTER = timedelta(hours=24)
#: A school's own network carries many parents: it is slowed down later than one account is.
NETWORK_FREE_FAILURES = 100
#: So many failures in the whole portal within a day are an attack: everybody unknown is then slowed down sooner.
WHOLE_FREE_FAILURES = 1000
#: Whoever guesses codes already holds a password or a letter: at most some fifty tries a day are looked at.
LONG_AFTER_FAILURES = 20
LONG_WAIT = timedelta(hours=1)
#: A page that waits for a passkey asks again every four minutes, and a school has many such pages on one network.
QUESTIONS_AN_HOUR = 1000
_NETWORK_BITS = {4: 32, 6: 64}


class Action(StrEnum):
    """What is tried; each has a budget of its own."""

    PASSWORD = "password"
    CODE = "code"
    ACTIVATION = "activation"
    MAIL_CODE = "mail_code"
    SEND_MAIL = "send_mail"
    RESET = "reset"
    ASK_PASSKEY = "ask_passkey"


PATIENT = frozenset({Action.CODE, Action.ACTIVATION, Action.RESET})


def network_of(address: str | None) -> str:
    """The network a browser comes from: the whole address (IPv4), or the /64 of one household (IPv6)."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return "unknown"
    return str(ip_network((found, _NETWORK_BITS[found.version]), strict=False))


def count(session: Session, action: Action, *, who: str, network: str, known: UUID | None = None) -> None:
    """Count one try of somebody from a network; raises `TooManyAttempts` while it is too early for another.

    `who` is what is tried, known or not: a sign-in name, an account, a code. `known` is the known device of that
    account, if it is one: then only what was tried there counts, and nobody elsewhere can slow its owner down (A12).
    Call `forgive` when the try was right.
    """
    now = clock.now(session)
    rows = [_row(session, action, subject, now) for subject in _subjects(who, network, known, now)]
    blocked = [row.blocked_until for row in rows if row.blocked_until and row.blocked_until > now]
    if blocked:
        raise TooManyAttempts(max(blocked))
    for row in rows:
        row.failures += 1
        row.last_at = now
    for row, wait in zip(rows, _waits(action, [row.failures for row in rows]), strict=True):
        row.blocked_until = now + wait if wait else None
    session.flush()  # what cannot be counted is not looked at either


def count_question(session: Session, action: Action, *, network: str, known: UUID | None = None) -> None:
    """Count a question that leaves a row behind and that nobody can win anything by; raises `TooManyAttempts`.

    So many an hour from one network. `known` is the known device it comes from, which has a budget of its own: nobody
    else on its network can use that up (A12).
    """
    now = clock.now(session)
    hour = now.replace(minute=0, second=0, microsecond=0)
    row = _row(session, action, f"{f'device {known}' if known else f'network {network}'} {hour:%Y-%m-%d %H}", now)
    if row.failures >= QUESTIONS_AN_HOUR:
        raise TooManyAttempts(hour + timedelta(hours=1))
    row.failures += 1
    row.last_at = now
    session.flush()


def note_failure(session: Session, action: Action, *, who: str, network: str) -> None:
    """Count a try that nobody can win by guessing, and so is never refused: a passkey's (control A10)."""
    now = clock.now(session)
    for subject in _subjects(who, network, None, now)[:3]:
        row = _row(session, action, subject, now)
        row.failures += 1
        row.last_at = now


def touch(session: Session, action: Action, *, who: str, network: str, known: UUID | None = None) -> None:
    """Write the moment of the last try once more: something to write for whoever has nothing else (control A04)."""
    now = clock.now(session)
    subject = vault.of(session).digest(_subjects(who, network, known, now)[0], "attempt")
    session.execute(
        update(Attempt).where(Attempt.action == action.value, Attempt.subject_digest == subject).values(last_at=now)
    )


def forgive(session: Session, action: Action, *, who: str, network: str, known: UUID | None = None) -> None:
    """The try was right: this account starts anew from here; its network and the whole get the try back, but no more.

    On a known device nothing else starts anew: whoever guesses elsewhere gains nothing from it.
    """
    now = clock.now(session)
    own, *around = [_row(session, action, subject, now) for subject in _subjects(who, network, known, now)]
    fresh = [own] if known else [own, around.pop(0)]
    for row in fresh:
        row.failures, row.blocked_until = 0, None
    for row, free in zip(around, (NETWORK_FREE_FAILURES, WHOLE_FREE_FAILURES), strict=False):
        row.failures = max(row.failures - 1, 0)
        if row.failures <= free:
            row.blocked_until = None


def remove_old(session: Session) -> int:
    """Throw away the counters that a day of rest has emptied; answers how many."""
    gone = session.execute(delete(Attempt).where(Attempt.last_at <= clock.now(session) - FORGET_AFTER))
    return gone.rowcount if isinstance(gone, CursorResult) else 0


def _waits(action: Action, failures: list[int]) -> list[timedelta]:
    """How long each counter makes the next one wait; the whole makes nobody wait, but all others stricter."""
    if len(failures) == 1:
        return [_wait_everywhere(action, failures[0]) if action in PATIENT else wait_after(failures[0])]
    here, everywhere, around, whole = failures
    strict = whole > WHOLE_FREE_FAILURES
    surplus = max(around - (NETWORK_FREE_FAILURES // 10 if strict else NETWORK_FREE_FAILURES), 0)
    return [
        wait_after(here + (FREE_FAILURES - 1 if strict else 0)),
        _wait_everywhere(action, everywhere),
        wait_after(0, ACCOUNT_FREE_FAILURES + surplus if surplus else 0),
        timedelta(0),
    ]


def _wait_everywhere(action: Action, failures: int) -> timedelta:
    if action in PATIENT and failures >= LONG_AFTER_FAILURES:
        return LONG_WAIT
    return wait_after(0, failures)


def _subjects(who: str, network: str, known: UUID | None, now: datetime) -> tuple[str, ...]:
    """Whose tries are counted: networks and the whole start anew each day, for somebody always mistypes there."""
    if known is not None:
        return (f"who {who} device {known}",)
    day = f"{now:%Y-%m-%d}"
    return f"who {who} network {network}", f"who {who}", f"network {network} {day}", f"whole {day}"


def _row(session: Session, action: Action, subject: str, now: datetime) -> Attempt:
    """The counter of one subject, made when it is new, set to nothing when it is a day old."""
    digest = vault.of(session).digest(subject, "attempt")
    row = session.scalar(select(Attempt).where(Attempt.action == action.value, Attempt.subject_digest == digest))
    if row is None:
        row = Attempt(id=new_id(), action=action.value, subject_digest=digest, failures=0, last_at=now)
        session.add(row)
    elif now - row.last_at >= FORGET_AFTER:
        row.failures, row.blocked_until = 0, None
    return row
