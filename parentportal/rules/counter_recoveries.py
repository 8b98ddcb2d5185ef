"""Help at the counter for whoever lost every way in: who may give it, with whom, and how long it stands (ux 6.7)."""

from datetime import datetime, timedelta
from enum import StrEnum

from parentportal.rules.roles import Role

HELPERS = frozenset({Role.ADMINISTRATION, Role.DIRECTOR})
COLLEAGUE_WAITS = timedelta(hours=24)
ON_SCREEN = timedelta(minutes=30)
ON_PAPER = timedelta(hours=48)


class Bar(StrEnum):
    """Why somebody may not help, or not confirm."""

    ROLE = "role"
    SELF = "self"
    FAMILY = "family"
    """Listed with the same child: never a way in by the other parent (requirements 6.1)."""
    DECEASED = "deceased"
    BEYOND = "beyond"
    """Leads another school too, or works for the whole board: a code made here would open that as well."""
    ASKER = "asker"
    NOT_NAMED = "not_named"
    """Somebody was recognised by another colleague, who alone can say so."""


class State(StrEnum):
    """How far a case is."""

    WAITING = "waiting"
    """A colleague has still to look."""
    LAPSED = "lapsed"
    """No colleague came in time; nothing was changed."""
    READY = "ready"
    """The code works; nothing else opens the account."""
    EXPIRED = "expired"
    """The code was not used in time; nothing opens the account."""
    DONE = "done"
    STOPPED = "stopped"


def bar_to_help(
    role: Role | None, *, is_self: bool, is_family: bool, is_deceased: bool = False, is_beyond: bool = False
) -> Bar | None:
    """Administration and director of the school, never a teacher; nobody for oneself or the own family.

    `is_beyond`: the account opens more than this school can give.
    """
    if role not in HELPERS:
        return Bar.ROLE
    if is_self:
        return Bar.SELF
    if is_family:
        return Bar.FAMILY
    if is_deceased:
        return Bar.DECEASED
    return Bar.BEYOND if is_beyond else None


def bar_to_confirm(
    role: Role | None, *, is_self: bool, is_family: bool, is_asker: bool, by_name_only: bool, is_named: bool
) -> Bar | None:
    """As `bar_to_help`, and never who asked; `by_name_only`: nobody saw a document, the named colleague knows them."""
    bar = bar_to_help(role, is_self=is_self, is_family=is_family)
    if bar is not None:
        return bar
    if is_asker:
        return Bar.ASKER
    return Bar.NOT_NAMED if by_name_only and not is_named else None


def needs_second(*, four_eyes: bool, works_here: bool, by_name_only: bool) -> bool:
    """Whether a colleague must confirm: as the board chose, and whatever it chose for whoever works here (A09).

    So too where no document was seen: a name that nobody has to answer for proves nothing.
    """
    return four_eyes or works_here or by_name_only


def code_stands(*, on_paper: bool) -> timedelta:
    """How long the code works: short on a screen that others pass, longer on a letter to take home."""
    return ON_PAPER if on_paper else ON_SCREEN


def state_of(
    now: datetime,
    expires_at: datetime,
    *,
    is_stopped: bool,
    is_confirmed: bool,
    is_used: bool,
) -> State:
    """What a case has come to; `expires_at` is of the wait for a colleague, and after that of the code."""
    if is_used:
        return State.DONE
    if is_stopped:
        return State.STOPPED
    if now >= expires_at:
        return State.EXPIRED if is_confirmed else State.LAPSED
    return State.READY if is_confirmed else State.WAITING
