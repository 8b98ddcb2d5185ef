"""Who may do what: the mark on every route and the visitor it is checked against. Knows nothing of Flask."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, for the audit row: an adult in a role, or the operator at the command line (both empty)."""

    adult_id: UUID | None
    role: Role | None


OPERATOR = Actor(adult_id=None, role=None)
"""Somebody with a shell on the server; `Actor.role` empty is written as "operator"."""


@dataclass(frozen=True, slots=True)
class SchoolCard:
    """The school as help block and letters show it."""

    id: UUID
    name: str
    place: str
    address: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class SchoolActor(Actor):
    """Who does something at a school: a visitor, or the operator on behalf of the school that a command names.

    `school` is None for roles of a whole board.
    """

    board_id: UUID
    school: SchoolCard | None

    @property
    def school_id(self) -> UUID:
        """The school of this role; roles of a whole board have none, and asking is a programming error."""
        if self.school is None:
            raise LookupError(f"the role {self.role} has no school")
        return self.school.id


def operator_at(board_id: UUID, school: SchoolCard) -> SchoolActor:
    """The operator, doing what the staff of this one school could do."""
    return SchoolActor(OPERATOR.adult_id, OPERATOR.role, board_id, school)


@dataclass(frozen=True, slots=True)
class Visitor(SchoolActor):
    """Somebody who is fully signed in, in the role of this moment; made anew from the database for each request.

    `school` is where staff work, or the school of one of a guardian's children. `proved_at` is the moment of the
    last second factor. `school_is_hidden`: for safety no page may name the school to this guardian (requirements 6.1).
    `must_add`: somebody at work who still lacks means to sign in. `ends_at`: when the session is over without a click.
    `cautious_until`: see `Account`.
    """

    role: Role
    adult_id: UUID
    session_id: UUID
    account_id: UUID
    board_name: str
    policy_id: UUID | None
    name: str
    language: str
    theme: str
    proved_at: datetime | None
    seen_at: datetime
    has_more_roles: bool
    first_name: str = ""
    school_is_hidden: bool = False
    must_add: bool = False
    ends_at: datetime | None = None
    cautious_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccessRule:
    """Which roles a route is open to; `anyone` needs no account at all. `step_up` asks for a fresh second factor."""

    roles: frozenset[Role]
    anyone: bool = False
    step_up: Act | None = None

    def admits(self, visitor: Visitor | None) -> bool:
        return self.anyone or (visitor is not None and visitor.role in self.roles)


NOBODY = AccessRule(frozenset())
ANYONE = AccessRule(frozenset(), anyone=True)
EVERYBODY_SIGNED_IN = AccessRule(frozenset(Role))


def allow(*who: Role | AccessRule, step_up: Act | None = None) -> Callable[[View], View]:
    """Mark a view with who may enter; a route without a mark keeps the application from starting (control Z01).

    With `step_up` its visitor shows a second factor once more, for this kind of act (control S10).
    """
    rule = AccessRule(
        frozenset(entry for entry in who if isinstance(entry, Role)).union(
            *(entry.roles for entry in who if isinstance(entry, AccessRule))
        ),
        anyone=any(entry.anyone for entry in who if isinstance(entry, AccessRule)),
        step_up=step_up,
    )

    def mark(view: View) -> View:
        view.access_rule = rule  # type: ignore[attr-defined]  # the mark is data on the function itself
        return view

    return mark


def rule_of(view: Callable[..., Any]) -> AccessRule | None:
    """The mark of a view, or None when it was forgotten."""
    return getattr(view, "access_rule", None)
