"""Which requests somebody at school may see: of the own desk, and never with an interest in it (traps T22, 11.3)."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import aliased

from parentportal.access import Visitor
from parentportal.models.authority import Authority
from parentportal.models.groups import TeacherAssignment
from parentportal.models.privacy_requests import PrivacyRequest
from parentportal.rules.privacy_requests import State
from parentportal.rules.roles import Role

Value = UUID | date | BindParameter[Any] | None


def handled_by(by: Visitor, today: date) -> ColumnElement[bool]:
    """The condition on a `PrivacyRequest` that this member of staff handles it, or decides on it, today.

    A teacher: what lies with the teachers of an own present group. A director: the whole school, but for what went to
    the board because it is about a director. The board: what came to it. Nobody else, and nobody with a conflict.
    """
    if by.school is None and by.role is not Role.BOARD:
        return false()
    return handled(by.role, **person(by, today))


def handled(role: Role, *, board: Value, adult: Value, school: Value, today: Value) -> ColumnElement[bool]:
    """The same for whoever has this role; each value may be one that is given when the statement is sent."""
    fair = _fair(board, adult)
    if role is Role.BOARD:
        return and_(fair, PrivacyRequest.handler_role == Role.BOARD)
    here = and_(fair, PrivacyRequest.school_id == school)
    if role is Role.DIRECTOR:
        return and_(here, PrivacyRequest.handler_role.in_((Role.TEACHER, Role.DIRECTOR)))
    if role is not Role.TEACHER:
        return false()
    own_groups = select(TeacherAssignment.group_id).where(_teaches(board, adult, today))
    return and_(here, PrivacyRequest.handler_role == Role.TEACHER, PrivacyRequest.group_id.in_(own_groups))


def person(by: Visitor, today: date) -> dict[str, Any]:
    """What `handled` asks about one member of staff."""
    school = by.school.id if by.school else None
    return {"board": by.board_id, "adult": by.adult_id, "school": school, "today": today}


def _teaches(board: Value, adult: Value, today: Value) -> ColumnElement[bool]:
    return and_(
        TeacherAssignment.board_id == board,
        TeacherAssignment.adult_id == adult,
        TeacherAssignment.starts_on <= today,
        or_(TeacherAssignment.ends_on.is_(None), TeacherAssignment.ends_on > today),
    )


def _fair(board: Value, adult: Value) -> ColumnElement[bool]:
    """Sent, of this board, and neither about nor by this person, nor about a child this person has any tie with."""
    mine, theirs = aliased(Authority), aliased(Authority)
    of_own_child = exists().where(
        mine.board_id == PrivacyRequest.board_id,
        mine.pupil_id == PrivacyRequest.pupil_id,
        mine.adult_id == adult,
    )
    of_other_parent = exists().where(
        mine.board_id == PrivacyRequest.board_id,
        mine.adult_id == adult,
        theirs.board_id == mine.board_id,
        theirs.pupil_id == mine.pupil_id,
        theirs.adult_id == PrivacyRequest.adult_id,
    )
    return and_(
        PrivacyRequest.board_id == board,
        PrivacyRequest.state != State.DRAFT,
        PrivacyRequest.adult_id != adult,
        or_(PrivacyRequest.about_staff_id.is_(None), PrivacyRequest.about_staff_id != adult),
        or_(PrivacyRequest.excluded_id.is_(None), PrivacyRequest.excluded_id != adult),
        ~of_own_child,
        ~of_other_parent,
    )
