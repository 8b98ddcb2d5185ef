"""Which acts ask for a fresh second factor, and for how long one counts (ASVS 7.5.3, control S10).

Withdrawing a consent is never among them: it must be as easy as giving it (AVG 7(3)).
"""

from datetime import datetime, timedelta
from enum import StrEnum

STEP_UP_STANDS = timedelta(minutes=10)


class Act(StrEnum):
    """What a fresh proof is for; a proof for one act opens no other."""

    REVEAL = "reveal"
    """Showing a masked number in full."""
    WAYS_IN = "ways_in"
    """Changing what an account is opened with."""
    ADDRESS = "address"
    """Changing the mail address."""
    ROLES = "roles"
    """Giving somebody at school a role."""
    RECOVERY = "recovery"
    """Giving somebody at the counter new means to sign in."""
    GUARDIANS = "guardians"
    """Saying who has authority over a child, or that two adults are one."""


WAITS_WHEN_CAUTIOUS = frozenset({Act.ROLES, Act.RECOVERY, Act.GUARDIANS})
"""What nobody does on the day after help at the counter: whoever took an account over must not open others with it."""


def is_fresh(proved_at: datetime | None, now: datetime) -> bool:
    """Whether a proof still counts: ten minutes, and never one from the future."""
    return proved_at is not None and timedelta(0) <= now - proved_at < STEP_UP_STANDS
