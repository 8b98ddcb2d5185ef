"""Ways in: what counts as one, how many somebody must keep, and when an answer of a passkey is believed."""

from datetime import timedelta
from enum import StrEnum

CHALLENGE_STANDS = timedelta(minutes=5)
RECOVERY_CODES = 10
FEW_CODES = 2
"""So few left, and the owner is told to make new ones (ux 6.6)."""
MOST_PASSKEYS = 10
MOST_APPS = 3
STAFF_WAYS = 2


class Purpose(StrEnum):
    """What a challenge for a passkey is for; an answer to one is worth nothing for another."""

    ACTIVATE = "activate"
    ADD = "add"
    SIGN_IN = "sign_in"
    STEP_UP = "step_up"


def count_ways(*, passkeys: int, apps: int, has_password: bool, passkeys_work: bool = True) -> int:
    """Each passkey is a way in, each codes app one together with the password (ux 6.2).

    `passkeys_work`: this installation is at an address where browsers know passkeys.
    """
    return (passkeys if passkeys_work else 0) + (apps if has_password else 0)


def may_lose_one(ways: int, *, staff: bool) -> bool:
    """Whether one way may go: a guardian keeps one, somebody at work two (control A09)."""
    return ways > (STAFF_WAYS if staff else 1)


def lacks(ways: int, recovery_codes: int, *, staff: bool) -> bool:
    """Whether somebody at work must first add a way in or make saved codes (requirements 9.2)."""
    return staff and (ways < STAFF_WAYS or recovery_codes == 0)


def is_copy(known: int, said: int) -> bool:
    """Whether a counter went back or stood still, so that two hold the same key (WebAuthn 6.1.1).

    Keys that never count say 0 each time, and are not judged by it.
    """
    return (known > 0 or said > 0) and said <= known
