"""The roles a person can have in the portal (requirements 2.1)."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to a school; a person may have several, and uses one at a time."""

    GUARDIAN = "guardian"
    TEACHER = "teacher"
    SUPPORT = "support"
    ADMINISTRATION = "administration"
    DIRECTOR = "director"
    BOARD = "board"
    COORDINATOR = "coordinator"
    OFFICER = "officer"
    TECHNICAL = "technical"


STAFF = frozenset(Role) - {Role.GUARDIAN}
"""Everybody who is there for work; whoever is in it signs in with recovery codes and a shorter idle time."""

BOARD_WIDE = frozenset({Role.BOARD, Role.COORDINATOR, Role.OFFICER, Role.TECHNICAL})
"""Roles that belong to a board instead of one school."""

GIVES: Mapping[Role, frozenset[Role]] = {
    Role.DIRECTOR: frozenset({Role.TEACHER, Role.SUPPORT, Role.ADMINISTRATION, Role.DIRECTOR}),
    Role.ADMINISTRATION: frozenset({Role.TEACHER, Role.SUPPORT}),
}
"""Which roles at the own school somebody gives to others; those of a whole board come from the command line."""


def may_give(giver: Role | None, role: Role, *, to_oneself: bool = False) -> bool:
    """Whether `giver` may give this role, and the code that opens it; nobody gives to oneself.

    None is the operator, who gives any role at work.
    """
    if giver is None:
        return role in STAFF
    return not to_oneself and role in GIVES.get(giver, frozenset())
