"""Groups of a school with their teachers, for whoever assigns them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from parentportal.access import SchoolActor
from parentportal.models.groups import Group, GroupKind, Placement, TeacherAssignment
from parentportal.models.people import Adult, StaffRole
from parentportal.outside import clock
from parentportal.rules.errors import NotFound
from parentportal.rules.names import Name
from parentportal.rules.roles import Role
from parentportal.rules.terms import school_year_of


@dataclass(frozen=True, slots=True)
class TeacherOfGroup:
    """A teacher of a group from a day until, and not including, another."""

    assignment_id: UUID
    adult_id: UUID
    name: str
    starts_on: date
    ends_on: date | None
    on_leave: bool

    def is_now(self, today: date) -> bool:
        return self.starts_on <= today and (self.ends_on is None or self.ends_on > today)

    def is_past(self, today: date) -> bool:
        return self.ends_on is not None and self.ends_on <= today


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of this school year."""

    id: UUID
    name: str
    kind: GroupKind
    school_year: str
    pupils: int
    teachers: tuple[TeacherOfGroup, ...]


def list_groups(session: Session, *, by: SchoolActor) -> Sequence[GroupRow]:
    """The groups of this school year at the actor's school, home groups first; two statements."""
    return _groups(session, by)


def get_group(session: Session, group_id: UUID, *, by: SchoolActor) -> GroupRow:
    """One group of this school year at the actor's school; raises `NotFound`."""
    found = _groups(session, by, group_id)
    if not found:
        raise NotFound
    return found[0]


def get_assignment(session: Session, assignment_id: UUID, *, by: SchoolActor) -> tuple[GroupRow, TeacherOfGroup]:
    """A teacher of a group with the group; raises `NotFound` for one of another school."""
    group_id = session.scalar(
        select(TeacherAssignment.group_id).where(
            TeacherAssignment.board_id == by.board_id, TeacherAssignment.id == assignment_id
        )
    )
    if group_id is None:
        raise NotFound
    group = get_group(session, group_id, by=by)
    return group, next(one for one in group.teachers if one.assignment_id == assignment_id)


def list_pupil_ids(session: Session, group_id: UUID, *, by: SchoolActor) -> frozenset[UUID]:
    """The pupils who sit in a group of the actor's school today."""
    today = clock.amsterdam_date(clock.now(session))
    rows = session.scalars(
        select(Placement.pupil_id)
        .join(Group, and_(Group.board_id == Placement.board_id, Group.id == Placement.group_id))
        .where(Group.id == group_id, Group.board_id == by.board_id, Group.school_id == by.school_id, _is_on(today))
    )
    return frozenset(rows)


def list_teachers(session: Session, *, by: SchoolActor) -> Sequence[tuple[UUID, str]]:
    """Everybody who teaches at the actor's school, by last name."""
    rows = session.execute(
        select(Adult.id, Adult.first_name, Adult.initials, Adult.prefix, Adult.surname)
        .join(StaffRole, and_(StaffRole.board_id == Adult.board_id, StaffRole.adult_id == Adult.id))
        .where(
            StaffRole.board_id == by.board_id,
            StaffRole.school_id == by.school_id,
            StaffRole.role == Role.TEACHER,
            StaffRole.ended_at.is_(None),
        )
    )
    named = [(Name(row.first_name or row.initials, row.prefix, row.surname), row.id) for row in rows]
    return [(adult_id, name.display()) for name, adult_id in sorted(named, key=lambda one: one[0].sort_key())]


def _is_on(today: date) -> ColumnElement[bool]:
    return and_(Placement.starts_on <= today, or_(Placement.ends_on.is_(None), Placement.ends_on > today))


def _groups(session: Session, by: SchoolActor, group_id: UUID | None = None) -> list[GroupRow]:
    today = clock.amsterdam_date(clock.now(session))
    pupils = (
        select(func.count())
        .where(
            Placement.board_id == Group.board_id,
            Placement.group_id == Group.id,
            _is_on(today),
        )
        .scalar_subquery()
    )
    query = (
        select(Group.id, Group.name, Group.kind, Group.school_year, pupils.label("pupils"))
        .where(
            Group.board_id == by.board_id,
            Group.school_id == by.school_id,
            Group.school_year == school_year_of(today),
        )
        .order_by(Group.kind.desc(), Group.name)
    )
    rows = session.execute(query if group_id is None else query.where(Group.id == group_id)).all()
    teachers = _teachers(session, by, [row.id for row in rows])
    return [
        GroupRow(row.id, row.name, row.kind, row.school_year, row.pupils, tuple(teachers.get(row.id, ())))
        for row in rows
    ]


def _teachers(session: Session, by: SchoolActor, group_ids: Sequence[UUID]) -> dict[UUID, list[TeacherOfGroup]]:
    away = (
        select(func.count())
        .where(
            StaffRole.board_id == Adult.board_id,
            StaffRole.adult_id == Adult.id,
            StaffRole.school_id == by.school_id,
            StaffRole.role == Role.TEACHER,
            StaffRole.on_leave.is_(True),
            StaffRole.ended_at.is_(None),
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            TeacherAssignment.id,
            TeacherAssignment.group_id,
            TeacherAssignment.adult_id,
            TeacherAssignment.starts_on,
            TeacherAssignment.ends_on,
            Adult.first_name,
            Adult.initials,
            Adult.prefix,
            Adult.surname,
            away.label("away"),
        )
        .join(Adult, and_(Adult.board_id == TeacherAssignment.board_id, Adult.id == TeacherAssignment.adult_id))
        .where(TeacherAssignment.board_id == by.board_id, TeacherAssignment.group_id.in_(group_ids))
        .order_by(TeacherAssignment.starts_on, Adult.surname)
    )
    found: dict[UUID, list[TeacherOfGroup]] = {}
    for row in rows:
        name = Name(row.first_name or row.initials, row.prefix, row.surname).display()
        found.setdefault(row.group_id, []).append(
            TeacherOfGroup(row.id, row.adult_id, name, row.starts_on, row.ends_on, bool(row.away))
        )
    return found
