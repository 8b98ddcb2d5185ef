"""The facts that routing looks at, gathered from the database (requirements 10.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, exists, or_, select
from sqlalchemy.orm import Session

from parentportal.catalogue import BoardPolicy
from parentportal.catalogue.fields import Field
from parentportal.models.authority import Authority
from parentportal.models.groups import Group, GroupKind, Placement, TeacherAssignment
from parentportal.models.people import Enrolment, Pupil, StaffRole
from parentportal.outside import clock
from parentportal.reads.children import holds_authority
from parentportal.rules.authority import Status
from parentportal.rules.privacy_requests import Kind
from parentportal.rules.roles import Role
from parentportal.rules.routing import SIMPLE, RequestFacts, Route, Teacher, route


@dataclass(frozen=True, slots=True)
class Matter:
    """What a request is about, as far as its way through the school depends on it."""

    board_id: UUID
    school_id: UUID
    pupil_id: UUID | None
    adult_id: UUID
    kind: Kind
    fields: Sequence[Field]
    systems: Sequence[Sequence[str]]
    chose_director: bool
    about_staff_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """Where a request goes; the group is the one whose teachers get it, empty when there is none."""

    route: Route
    group_id: UUID | None
    group_name: str


def find_way(session: Session, matter: Matter, policy: BoardPolicy) -> Way:
    """The desk for this request today; two statements."""
    today = clock.amsterdam_date(clock.now(session))
    child = session.execute(_child_query(matter, today)).first()
    group_id = child.group_id if child else None
    staff = session.execute(_staff_query(matter, group_id, today)).all()
    facts = _facts(matter, child, staff)
    kinds = policy.routing.director_kinds | (SIMPLE if policy.routing.simple == "director" else frozenset())
    return Way(route(facts, director_kinds=kinds), group_id, (child.group_name or "") if child else "")


def systems_holding(policy: BoardPolicy, field: Field, system_name: str) -> tuple[str, ...]:
    """The systems that hold an item: the one that delivered it, and those the board names for that kind of field.

    Of systems that exclude each other a school has one: they count only where the item came from one.
    """
    own = system_name.casefold()
    named = [
        use.code
        for use in policy.systems
        if field.category in use.categories
        and use.code.casefold() != own
        and use.code != "elsewhere"
        and not use.one_of
    ]
    return tuple(dict.fromkeys([name for name in (system_name, *named) if name]))


def _child_query(matter: Matter, today: date) -> Any:
    """The child, or the first of an adult's own children at the school, with its home group of today."""
    home = and_(
        Placement.board_id == Pupil.board_id,
        Placement.pupil_id == Pupil.id,
        Placement.starts_on <= today,
        or_(Placement.ends_on.is_(None), Placement.ends_on > today),
    )
    disputed = exists().where(
        Authority.board_id == Pupil.board_id, Authority.pupil_id == Pupil.id, Authority.status == Status.SUSPENDED
    )
    query = (
        select(
            Pupil.enrolment, Group.id.label("group_id"), Group.name.label("group_name"), disputed.label("is_disputed")
        )
        .outerjoin(Placement, home)
        .outerjoin(Group, and_(Group.id == Placement.group_id, Group.kind == GroupKind.HOME))
        .where(Pupil.board_id == matter.board_id)
        .order_by(Group.id.is_(None), Pupil.call_name, Pupil.id)
        .limit(1)
    )
    if matter.pupil_id is not None:
        return query.where(Pupil.id == matter.pupil_id)
    own = select(Authority.pupil_id).where(
        Authority.board_id == matter.board_id, Authority.adult_id == matter.adult_id, holds_authority(today)
    )
    return query.where(Pupil.id.in_(own), Pupil.school_id == matter.school_id)


def _staff_query(matter: Matter, group_id: UUID | None, today: date) -> Any:
    """Directors and teachers of the school: who has the group, who is away, who has a tie with the family."""
    teaches = exists().where(
        TeacherAssignment.board_id == StaffRole.board_id,
        TeacherAssignment.adult_id == StaffRole.adult_id,
        TeacherAssignment.group_id == group_id,
        TeacherAssignment.starts_on <= today,
        or_(TeacherAssignment.ends_on.is_(None), TeacherAssignment.ends_on > today),
    )
    family = select(Authority.pupil_id).where(
        Authority.board_id == matter.board_id, Authority.adult_id == matter.adult_id
    )
    related = exists().where(
        Authority.board_id == StaffRole.board_id,
        Authority.adult_id == StaffRole.adult_id,
        or_(Authority.pupil_id == matter.pupil_id, Authority.pupil_id.in_(family)),
    )
    return select(
        StaffRole.adult_id, StaffRole.role, StaffRole.on_leave, teaches.label("teaches"), related.label("related")
    ).where(
        StaffRole.board_id == matter.board_id,
        StaffRole.school_id == matter.school_id,
        StaffRole.role.in_((Role.DIRECTOR, Role.TEACHER)),
        StaffRole.ended_at.is_(None),
    )


def _facts(matter: Matter, child: Row[Any] | None, staff: Sequence[Row[Any]]) -> RequestFacts:
    related = frozenset(one.adult_id for one in staff if one.related) | {matter.adult_id}
    directors = [one.adult_id for one in staff if one.role is Role.DIRECTOR]
    concerned = [one for one in directors if one in related or one == matter.about_staff_id]
    teachers = [one for one in staff if one.role is Role.TEACHER and one.teaches]
    about = frozenset({matter.about_staff_id} if matter.about_staff_id else ())
    return RequestFacts(
        kind=matter.kind,
        teachers=tuple(Teacher(one.adult_id, away=one.on_leave) for one in teachers),
        director_concerned=bool(directors) and len(concerned) == len(directors),
        contested_teachers=about - frozenset(directors),
        related_staff=related,
        special_or_care=any(field.klass != "N" or field.category == "care" for field in matter.fields),
        authority_disputed=bool(child and child.is_disputed),
        former_pupil=bool(child and matter.pupil_id and child.enrolment is Enrolment.LEFT),
        several_systems=any(len(systems) > 1 for systems in matter.systems),
        child_identity_item=any(field.identity for field in matter.fields),
        chose_director=matter.chose_director,
    )
