"""Tries are counted before they are looked at, in the database, for all workers together (controls A10, A11, T33).

Whoever fails is slowed down, more and more, and never locked out for good. A day without a try forgets.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from parentportal.models.base import new_id
from parentportal.models.sign_in import Attempt
from parentportal.outside import clock, vault
from parentportal.rules.errors import TooManyAttempts
from parentportal.rules.sign_in import ACCOUNT_FREE_FAILURES, wait_after

FORGET_AFTER = timedelta(hours=24)
#: A school's own network carries many parents: it is slowed down later than one account is.
NETWORK_FREE_FAILURES = 100
#: Whoever guesses codes already holds a password or a letter: at most some fifty tries a day are looked at.
LONG_AFTER_FAILURES = 20
LONG_WAIT = timedelta(hours=1)
_NETWORK_BITS = {4: 32, 6: 64}


class Action(StrEnum):
    """What is tried; each has a budget of its own."""

    PASSWORD = "password"
    CODE = "code"
    ACTIVATION = "activation"
    MAIL_CODE = "mail_code"
    SEND_MAIL = "send_mail"


PATIENT = frozenset({Action.CODE, Action.ACTIVATION})


def network_of(address: str | None) -> str:
    """The network a browser comes from: the whole address (IPv4), or the /64 of one household (IPv6)."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return "unknown"
    return str(ip_network((found, _NETWORK_BITS[found.version]), strict=False))


def count(session: Session, action: Action, *, who: str, network: str) -> None:
    """Count one try of somebody from a network; raises `TooManyAttempts` while it is too early for another.

    `who` is what is tried, known or not: a sign-in name, an account, a code. Call `forgive` when the try was right.
    """
    now = clock.now(session)
    here, everywhere, around = (_row(session, action, subject, now) for subject in _subjects(who, network))
    blocked = [row.blocked_until for row in (here, everywhere, around) if row.blocked_until and row.blocked_until > now]
    if blocked:
        raise TooManyAttempts(max(blocked))
    for row in (here, everywhere, around):
        row.failures += 1
        row.last_at = now
    surplus = max(around.failures - NETWORK_FREE_FAILURES, 0)
    waits = {
        here: wait_after(here.failures),
        everywhere: _wait_everywhere(action, everywhere.failures),
        around: wait_after(0, ACCOUNT_FREE_FAILURES + surplus if surplus else 0),
    }
    for row, wait in waits.items():
        row.blocked_until = now + wait if wait else None


def touch(session: Session, action: Action, *, who: str, network: str) -> None:
    """Write the moment of the last try once more: something to write for whoever has nothing else (control A04)."""
    subject = vault.of(session).digest(_subjects(who, network)[0], "attempt")
    session.execute(
        update(Attempt)
        .where(Attempt.action == action.value, Attempt.subject_digest == subject)
        .values(last_at=clock.now(session))
    )


def forgive(session: Session, action: Action, *, who: str, network: str) -> None:
    """The try was right: this account starts anew from here; its network gets the try back, but no more."""
    now = clock.now(session)
    here, everywhere, around = (_row(session, action, subject, now) for subject in _subjects(who, network))
    for row in (here, everywhere):
        row.failures, row.blocked_until = 0, None
    around.failures = max(around.failures - 1, 0)
    if around.failures <= NETWORK_FREE_FAILURES:
        around.blocked_until = None


def remove_old(session: Session) -> int:
    """Throw away the counters that a day of rest has emptied; answers how many."""
    gone = session.execute(delete(Attempt).where(Attempt.last_at <= clock.now(session) - FORGET_AFTER))
    return gone.rowcount if isinstance(gone, CursorResult) else 0


def _wait_everywhere(action: Action, failures: int) -> timedelta:
    if action in PATIENT and failures >= LONG_AFTER_FAILURES:
        return LONG_WAIT
    return wait_after(0, failures)


def _subjects(who: str, network: str) -> tuple[str, str, str]:
    return f"who {who} network {network}", f"who {who}", f"network {network}"


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
