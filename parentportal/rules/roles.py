"""The roles a person can have in the portal (requirements 2.1)."""

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
