"""The way to a child: through the authority of this moment, or not at all (controls Z02, Z06)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.models.authority import Authority
from parentportal.models.boards import School
from parentportal.models.groups import Group, GroupKind, Placement
from parentportal.models.people import Enrolment, Pupil
from parentportal.outside import clock
from parentportal.reads.statements import among, fetch, given
from parentportal.rules.authority import CAPABILITIES, SCOPED, Capability, Relation, SafetyFlag, Status
from parentportal.rules.errors import NotFound
from parentportal.rules.names import Name
from parentportal.rules.roles import Role
from parentportal.rules.terms import decides_alone


@dataclass(frozen=True, slots=True)
class Child:
    """A child that this guardian may see; `may` tells what else, `flags` what is hidden from this guardian."""

    id: UUID
    board_id: UUID
    school_id: UUID
    school_name: str
    call_name: str
    full_name: str
    birth_date: date | None
    group_id: UUID | None
    group_name: str | None
    authority_id: UUID
    relation: Relation
    may: frozenset[Capability]
    flags: frozenset[SafetyFlag]


def holds_authority(on: date | BindParameter[Any]) -> ColumnElement[bool]:
    """The condition on an `Authority` row that it is confirmed and in force on that day."""
    return and_(
        Authority.status == Status.CONFIRMED,
        or_(Authority.valid_from.is_(None), Authority.valid_from <= on),
        or_(Authority.valid_until.is_(None), Authority.valid_until > on),
    )


def list_children(
    session: Session, by: Actor, *, board_id: UUID, capability: Capability = Capability.VIEW
) -> Sequence[Child]:
    """The children for whom this guardian holds the capability today, by first name; one statement."""
    if by.role is not Role.GUARDIAN:
        return []
    now = clock.now(session)
    today = clock.amsterdam_date(now)
    children: dict[UUID, Child] = {}
    for row in fetch(session, _statement(), board=board_id, adult=by.adult_id, today=today):
        child = _child(row, now)
        if child is not None and capability in child.may:
            children.setdefault(child.id, child)
    return sorted(children.values(), key=lambda child: (child.call_name.casefold(), child.id))


def get_child(
    session: Session, pupil_id: UUID, by: Actor, *, board_id: UUID, capability: Capability = Capability.VIEW
) -> Child:
    """The child, if this guardian holds the capability today; otherwise `NotFound`, whatever the reason."""
    for child in list_children(session, by, board_id=board_id, capability=capability):
        if child.id == pupil_id:
            return child
    raise NotFound


@cache
def _statement() -> Any:
    today = given("today")
    home = and_(
        Placement.board_id == Pupil.board_id,
        Placement.pupil_id == Pupil.id,
        Placement.starts_on <= today,
        or_(Placement.ends_on.is_(None), Placement.ends_on > today),
    )
    return (
        select(
            Pupil.id,
            Pupil.board_id,
            Pupil.school_id,
            School.name.label("school_name"),
            Pupil.call_name,
            Pupil.prefix,
            Pupil.surname,
            Pupil.birth_date,
            Group.id.label("group_id"),
            Group.name.label("group_name"),
            Authority.id.label("authority_id"),
            Authority.kind,
            Authority.scope,
            Authority.no_contact,
            Authority.secret_address,
            Authority.no_location,
        )
        .join(Pupil, and_(Pupil.board_id == Authority.board_id, Pupil.id == Authority.pupil_id))
        .join(School, School.id == Pupil.school_id)
        .outerjoin(Placement, home)
        .outerjoin(Group, and_(Group.id == Placement.group_id, Group.kind == GroupKind.HOME))
        .where(
            Authority.board_id == given("board"),
            Authority.adult_id == given("adult"),
            holds_authority(today),
            among(Pupil.enrolment, (Enrolment.ENROLLED, Enrolment.LEFT)),
        )
        .order_by(Group.id.is_(None))
    )


def _child(row: Any, now: datetime) -> Child | None:
    """The row as a child, or None when the relation opens nothing: no scope, or the pupil decides alone."""
    if row.kind is None or (row.kind in SCOPED and not row.scope):
        return None
    if row.kind is not Relation.SELF and decides_alone(row.birth_date, now):
        return None
    flags = {
        SafetyFlag.NO_CONTACT: row.no_contact,
        SafetyFlag.SECRET_ADDRESS: row.secret_address,
        SafetyFlag.NO_LOCATION: row.no_location,
    }
    return Child(
        id=row.id,
        board_id=row.board_id,
        school_id=row.school_id,
        school_name=row.school_name,
        call_name=row.call_name,
        full_name=Name(row.call_name, row.prefix, row.surname).display(),
        birth_date=row.birth_date,
        group_id=row.group_id,
        group_name=row.group_name,
        authority_id=row.authority_id,
        relation=row.kind,
        may=CAPABILITIES[row.kind],
        flags=frozenset(flag for flag, is_set in flags.items() if is_set),
    )
