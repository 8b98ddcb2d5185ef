"""Who works at a school: roles with the groups of today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.groups import Group, TeacherAssignment
from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Account
from parentportal.outside import clock
from parentportal.rules.errors import NotFound
from parentportal.rules.names import Name
from parentportal.rules.roles import Role
from parentportal.rules.terms import school_year_of


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One role of one colleague; `groups` only for a teacher."""

    role_id: UUID
    adult_id: UUID
    name: str
    sort_key: tuple[str, str, str]
    role: Role
    on_leave: bool
    has_account: bool
    granted_at: datetime
    groups: tuple[str, ...]


def list_staff(session: Session, *, by: Visitor) -> Sequence[StaffRow]:
    """Everybody with a role at the visitor's school, by last name; two statements."""
    today = clock.amsterdam_date(clock.now(session))
    groups: dict[UUID, list[str]] = {}
    for adult_id, name in session.execute(
        select(TeacherAssignment.adult_id, Group.name)
        .join(Group, and_(Group.board_id == TeacherAssignment.board_id, Group.id == TeacherAssignment.group_id))
        .where(
            TeacherAssignment.board_id == by.board_id,
            Group.school_id == by.school_id,
            TeacherAssignment.starts_on <= today,
            or_(TeacherAssignment.ends_on.is_(None), TeacherAssignment.ends_on > today),
        )
        .order_by(Group.name)
    ):
        groups.setdefault(adult_id, []).append(name)
    rows = session.execute(
        select(
            StaffRole.id,
            StaffRole.adult_id,
            StaffRole.role,
            StaffRole.on_leave,
            StaffRole.granted_at,
            Adult.first_name,
            Adult.initials,
            Adult.prefix,
            Adult.surname,
            exists().where(Account.board_id == Adult.board_id, Account.adult_id == Adult.id).label("has_account"),
        )
        .join(Adult, and_(Adult.board_id == StaffRole.board_id, Adult.id == StaffRole.adult_id))
        .where(StaffRole.board_id == by.board_id, StaffRole.school_id == by.school_id, StaffRole.ended_at.is_(None))
    )
    staff = []
    for row in rows:
        full = Name(row.first_name or row.initials, row.prefix, row.surname)
        staff.append(
            StaffRow(
                role_id=row.id,
                adult_id=row.adult_id,
                name=full.display(),
                sort_key=full.sort_key(),
                role=row.role,
                on_leave=row.on_leave,
                has_account=row.has_account,
                granted_at=row.granted_at,
                groups=tuple(groups.get(row.adult_id, ())) if row.role is Role.TEACHER else (),
            )
        )
    return sorted(staff, key=lambda one: (one.sort_key, one.role, one.role_id))


def get_role(session: Session, role_id: UUID, *, by: Visitor) -> StaffRow:
    """One role at the visitor's school that still stands; raises `NotFound`."""
    for row in list_staff(session, by=by):
        if row.role_id == role_id:
            return row
    raise NotFound


def list_names(session: Session, *, by: Visitor) -> Sequence[tuple[UUID, str]]:
    """Everybody who works at the visitor's school but the visitor, by last name; one statement."""
    works_here = select(StaffRole.adult_id).where(
        StaffRole.board_id == by.board_id, StaffRole.school_id == by.school_id, StaffRole.ended_at.is_(None)
    )
    rows = session.execute(
        select(Adult.id, Adult.first_name, Adult.initials, Adult.prefix, Adult.surname).where(
            Adult.board_id == by.board_id, Adult.id.in_(works_here), Adult.id != by.adult_id
        )
    )
    people = [(Name(row.first_name or row.initials, row.prefix, row.surname), row.id) for row in rows]
    people.sort(key=lambda one: (one[0].sort_key(), one[1]))
    return [(adult_id, name.display()) for name, adult_id in people]


def list_group_names(session: Session, *, by: Visitor) -> Sequence[str]:
    """The groups of this school year at the visitor's school, by name; one statement."""
    year = school_year_of(clock.amsterdam_date(clock.now(session)))
    rows = session.scalars(
        select(Group.name)
        .where(Group.board_id == by.board_id, Group.school_id == by.school_id, Group.school_year == year)
        .distinct()
        .order_by(Group.name)
    )
    return list(rows)
