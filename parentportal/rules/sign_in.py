"""Getting in, in numbers: how long to wait, when a session is over."""

from datetime import datetime, timedelta
from enum import StrEnum

FREE_FAILURES = 4
FIRST_WAIT = timedelta(seconds=5)
SOFT_BLOCK_FAILURES = 10
SOFT_BLOCK = timedelta(minutes=15)
ACCOUNT_FREE_FAILURES = 30
ACCOUNT_WAIT = timedelta(seconds=30)


def wait_after(failures_here: int, failures_everywhere: int = 0, *, known_device: bool = False) -> timedelta:
    """How long to wait after a failed sign-in (ASVS 6.3.1, trap T33): slower and slower, never for good.

    `failures_here` counts this account from this network, since its last success. From the fifth on the
    wait doubles from five seconds; from the tenth it is a quarter of an hour, again after every failure.
    `failures_everywhere` counts the account from all networks: above thirty, guessing from many places
    costs half a minute each, doubled with every ten more up to a quarter of an hour. A known device
    feels nothing of the failures of others.
    """
    if failures_here >= SOFT_BLOCK_FAILURES:
        return SOFT_BLOCK
    own = timedelta(0)
    if failures_here > FREE_FAILURES:
        own = FIRST_WAIT * (1 << failures_here - FREE_FAILURES - 1)
    if failures_everywhere > ACCOUNT_FREE_FAILURES and not known_device:
        doublings = min((failures_everywhere - ACCOUNT_FREE_FAILURES - 1) // 10, 5)
        return max(own, min(ACCOUNT_WAIT * (1 << doublings), SOFT_BLOCK))
    return own


SECOND_FACTOR_TRIES = 5


def second_factor_tries_left(used: int) -> int:
    """Of the five per sign-in, shared by codes and recovery codes; at 0 the sign-in starts again (T32)."""
    return max(SECOND_FACTOR_TRIES - used, 0)


IDLE_GUARDIAN = timedelta(minutes=30)
IDLE_STAFF = timedelta(minutes=15)
LONGEST_SESSION = timedelta(hours=12)


class SessionState(StrEnum):
    """Whether a session still counts."""

    ALIVE = "alive"
    IDLE = "idle"
    TOO_OLD = "too_old"


def session_state(began_at: datetime, seen_at: datetime, now: datetime, *, staff: bool) -> SessionState:
    """Over after half an hour without a click (staff: a quarter), and after twelve hours in any case."""
    if now - began_at >= LONGEST_SESSION:
        return SessionState.TOO_OLD
    idle = IDLE_STAFF if staff else IDLE_GUARDIAN
    return SessionState.IDLE if now - seen_at >= idle else SessionState.ALIVE


def session_ends_at(began_at: datetime, seen_at: datetime, *, staff: bool) -> datetime:
    """When `session_state` says that it is over, if nobody does anything more."""
    return min(seen_at + (IDLE_STAFF if staff else IDLE_GUARDIAN), began_at + LONGEST_SESSION)


def is_cautious(until: datetime | None, now: datetime) -> bool:
    """Whether an account is so freshly given back that nothing far-reaching may be done with it yet (ux 6.7)."""
    return until is not None and now < until
