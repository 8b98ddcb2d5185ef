"""Which teacher has which group, with dates; made and ended by a person, never by a file."""

from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from parentportal.access import Actor, SchoolActor
from parentportal.models.base import new_id
from parentportal.models.groups import Group, TeacherAssignment
from parentportal.models.people import StaffRole
from parentportal.outside import clock
from parentportal.rules.audit import Event
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.rules.terms import school_year_of
from parentportal.services import audit


def find_groups(session: Session, school_id: UUID, names: tuple[str, ...]) -> list[Group]:
    """The groups of this school year with these names; raises `Invalid` naming the ones there are."""
    year = school_year_of(clock.amsterdam_date(clock.now(session)))
    rows = session.scalars(
        select(Group).where(Group.school_id == school_id, Group.school_year == year).order_by(Group.name)
    )
    known: dict[str, Group] = {}
    for group in rows:
        known.setdefault(group.name.casefold(), group)
    missing = [name for name in names if name.strip().casefold() not in known]
    if missing:
        raise Invalid({"groups": _no_such_group(missing[0], year, [group.name for group in known.values()])})
    return [known[name.strip().casefold()] for name in names]


def assign(
    session: Session,
    group_id: UUID,
    adult_id: UUID,
    *,
    starts_on: date,
    ends_on: date | None = None,
    by: SchoolActor,
) -> UUID:
    """Give a teacher of the own school a group, from a day until and not including another; answers the row's id.

    Raises `NotFound` for a group or teacher of elsewhere, `Invalid` for dates out of order and `NotNow` when this
    teacher has the group in that time already.
    """
    group = get_group(session, group_id, by=by)
    if not _teaches_at(session, adult_id, by.board_id, by.school_id):
        raise NotFound
    return add(session, group, adult_id, starts_on=starts_on, ends_on=ends_on, by=by)


def add(
    session: Session, group: Group, adult_id: UUID, *, starts_on: date, ends_on: date | None = None, by: Actor
) -> UUID:
    """As `assign`, for a group and teacher that the caller looked up already."""
    if ends_on is not None and ends_on <= starts_on:
        raise Invalid({"ends_on": N_("Kies een einddatum na de begindatum.")})
    overlapping = select(TeacherAssignment.id).where(
        TeacherAssignment.board_id == group.board_id,
        TeacherAssignment.group_id == group.id,
        TeacherAssignment.adult_id == adult_id,
        or_(TeacherAssignment.ends_on.is_(None), TeacherAssignment.ends_on > starts_on),
    )
    if ends_on is not None:
        overlapping = overlapping.where(TeacherAssignment.starts_on < ends_on)
    if session.scalar(overlapping) is not None:
        raise NotNow(N_("Deze leerkracht heeft de groep al in deze periode. Stop eerst de oude periode."))
    row = TeacherAssignment(
        id=new_id(),
        board_id=group.board_id,
        adult_id=adult_id,
        group_id=group.id,
        starts_on=starts_on,
        ends_on=ends_on,
        assigned_at=clock.now(session),
        assigned_by_id=by.adult_id,
    )
    session.add(row)
    audit.record(
        session,
        Event.TEACHER_ASSIGNED,
        by=by,
        board_id=group.board_id,
        about=("adult", adult_id),
        detail={
            "group": str(group.id),
            "from": starts_on.isoformat(),
            "until": ends_on.isoformat() if ends_on else None,
        },
    )
    return row.id


def end(session: Session, assignment_id: UUID, *, ends_on: date, by: SchoolActor) -> UUID:
    """Let a teacher stop with a group: the day given is the first one without it. Answers the group's id.

    Raises `NotFound` for a row of elsewhere, `Invalid` for a day before the first, `NotNow` when it ended earlier.
    """
    row = session.get(TeacherAssignment, assignment_id)
    if row is None or row.board_id != by.board_id:
        raise NotFound
    group = get_group(session, row.group_id, by=by)
    if row.ends_on is not None and row.ends_on <= clock.amsterdam_date(clock.now(session)):
        raise NotNow(N_("Deze periode is al voorbij."))
    if ends_on < row.starts_on:
        raise Invalid({"ends_on": N_("Kies een dag op of na de eerste dag.")})
    row.ends_on = ends_on
    audit.record(
        session,
        Event.TEACHER_UNASSIGNED,
        by=by,
        board_id=by.board_id,
        about=("adult", row.adult_id),
        detail={"group": str(group.id), "until": ends_on.isoformat()},
    )
    return group.id


def get_group(session: Session, group_id: UUID, *, by: SchoolActor) -> Group:
    """A group of the actor's school; raises `NotFound`."""
    group = session.get(Group, group_id)
    if group is None or (group.board_id, group.school_id) != (by.board_id, by.school_id):
        raise NotFound
    return group


def _teaches_at(session: Session, adult_id: UUID, board_id: UUID, school_id: UUID) -> bool:
    return (
        session.scalar(
            select(StaffRole.id).where(
                StaffRole.board_id == board_id,
                StaffRole.adult_id == adult_id,
                StaffRole.school_id == school_id,
                StaffRole.role == Role.TEACHER,
                StaffRole.ended_at.is_(None),
            )
        )
        is not None
    )


def _no_such_group(name: str, year: str, there: list[str]) -> str:
    if not there:
        return N_("Er zijn nog geen groepen in %(year)s. Lees eerst een bestand in.", year=year)
    names = ", ".join(there)
    return N_("Groep “%(group)s” is er niet in %(year)s. Groepen: %(groups)s.", group=name, year=year, groups=names)
