"""Which requests somebody at school may see: of the own desk, and never with an interest in it (traps T22, 11.3)."""

from datetime import date

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import aliased

from parentportal.access import Visitor
from parentportal.models.authority import Authority
from parentportal.models.groups import TeacherAssignment
from parentportal.models.privacy_requests import PrivacyRequest
from parentportal.rules.privacy_requests import State
from parentportal.rules.roles import Role


def handled_by(by: Visitor, today: date) -> ColumnElement[bool]:
    """The condition on a `PrivacyRequest` that this member of staff handles it, or decides on it, today.

    A teacher: what lies with the teachers of an own present group. A director: the whole school, but for what went to
    the board because it is about a director. The board: what came to it. Nobody else, and nobody with a conflict.
    """
    if by.role is Role.BOARD:
        return and_(_fair(by), PrivacyRequest.handler_role == Role.BOARD)
    if by.school is None or by.role not in (Role.TEACHER, Role.DIRECTOR):
        return false()
    here = and_(_fair(by), PrivacyRequest.school_id == by.school.id)
    if by.role is Role.DIRECTOR:
        return and_(here, PrivacyRequest.handler_role.in_((Role.TEACHER, Role.DIRECTOR)))
    own_groups = select(TeacherAssignment.group_id).where(teaches_today(by, today))
    return and_(here, PrivacyRequest.handler_role == Role.TEACHER, PrivacyRequest.group_id.in_(own_groups))


def teaches_today(by: Visitor, today: date) -> ColumnElement[bool]:
    """The condition on a `TeacherAssignment` that it is this teacher's, and of today."""
    return and_(
        TeacherAssignment.board_id == by.board_id,
        TeacherAssignment.adult_id == by.adult_id,
        TeacherAssignment.starts_on <= today,
        or_(TeacherAssignment.ends_on.is_(None), TeacherAssignment.ends_on > today),
    )


def _fair(by: Visitor) -> ColumnElement[bool]:
    """Sent, of this board, and neither about nor by this person, nor about a child this person has any tie with."""
    mine, theirs = aliased(Authority), aliased(Authority)
    of_own_child = exists().where(
        mine.board_id == PrivacyRequest.board_id,
        mine.pupil_id == PrivacyRequest.pupil_id,
        mine.adult_id == by.adult_id,
    )
    of_other_parent = exists().where(
        mine.board_id == PrivacyRequest.board_id,
        mine.adult_id == by.adult_id,
        theirs.board_id == mine.board_id,
        theirs.pupil_id == mine.pupil_id,
        theirs.adult_id == PrivacyRequest.adult_id,
    )
    return and_(
        PrivacyRequest.board_id == by.board_id,
        PrivacyRequest.state != State.DRAFT,
        PrivacyRequest.adult_id != by.adult_id,
        or_(PrivacyRequest.about_staff_id.is_(None), PrivacyRequest.about_staff_id != by.adult_id),
        or_(PrivacyRequest.excluded_id.is_(None), PrivacyRequest.excluded_id != by.adult_id),
        ~of_own_child,
        ~of_other_parent,
    )
