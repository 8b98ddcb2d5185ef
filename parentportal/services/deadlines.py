"""Deadlines nobody may miss: reminders, hand-overs and drafts that are thrown away (requirements 10.3 and 10.4)."""

import logging
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session

from parentportal.models.groups import Group, GroupKind, Placement, TeacherAssignment
from parentportal.models.people import StaffRole
from parentportal.models.privacy_requests import PrivacyRequest
from parentportal.outside import clock
from parentportal.rules.errors import PortalError
from parentportal.rules.privacy_requests import UNDECIDED, Event, State
from parentportal.rules.roles import Role
from parentportal.rules.routing import Alarm, CaseClock, Desk, Escalation, escalations
from parentportal.rules.terms import DRAFT_DAYS, FAST_LANE_SCHOOL_DAYS, INFORMATION_DAYS, local_day, reminds_on
from parentportal.rules.terms import PICK_UP_SCHOOL_DAYS as PICK_UP_DAYS
from parentportal.services.privacy_requests import cases, drafting, handling

log = logging.getLogger(__name__)
WAITING = frozenset({State.SUBMITTED, State.ASSIGNED, State.REOPENED, State.OBJECTION_PENDING})
DESKS = {Role.TEACHER: Desk.TEACHER, Role.DIRECTOR: Desk.DIRECTOR, Role.BOARD: Desk.BOARD}


def remind(session: Session) -> None:
    """Everything that is due today, once a day for each case; run it as often as you like."""
    _drop_old_drafts(session)
    _stop_waiting(session)
    today = cases.today(session)
    due = list(
        session.scalars(
            select(PrivacyRequest)
            .where(
                PrivacyRequest.state.in_(UNDECIDED),
                PrivacyRequest.policy_due_on.is_not(None),
                or_(PrivacyRequest.reminded_on.is_(None), PrivacyRequest.reminded_on < today),
            )
            .order_by(PrivacyRequest.id)
        )
    )
    for request in due:
        _look_apart(session, request, today)
    if due:
        session.flush()
        session.execute(
            update(PrivacyRequest)
            .where(PrivacyRequest.id.in_([request.id for request in due]))
            .values(reminded_on=today)
            .execution_options(synchronize_session=False)
        )


def _drop_old_drafts(session: Session) -> None:
    """What was never sent is not kept (design 9: 30 days)."""
    last = clock.now(session) - timedelta(days=DRAFT_DAYS)
    old = select(PrivacyRequest).where(PrivacyRequest.state == State.DRAFT, PrivacyRequest.created_at < last)
    for request in list(session.scalars(old)):
        drafting.drop(session, request)


def _stop_waiting(session: Session) -> None:
    """After a week without an answer the school goes on with what it has."""
    last = clock.now(session) - timedelta(days=INFORMATION_DAYS)
    silent = select(PrivacyRequest).where(
        PrivacyRequest.state == State.INFORMATION_NEEDED, PrivacyRequest.state_since <= last
    )
    for request in list(session.scalars(silent)):
        cases.take(session, request, Event.STOP_WAITING, by=cases.PORTAL)
        cases.tell_handler(session, request)


def _look_apart(session: Session, request: PrivacyRequest, today: date) -> None:
    """Look at one case; a fault in it is told, undone and left until tomorrow, and stops no deadline of the others."""
    request_id = request.id
    try:
        with session.begin_nested():
            _look_at(session, request, today)
    except (PortalError, InvalidRequestError):
        log.exception("the deadline of a case could not be looked at", extra={"request": str(request_id)})


def _look_at(session: Session, request: PrivacyRequest, today: date) -> None:
    """Move a case that nobody takes up, and tell whoever must know of its term."""
    if request.policy_due_on is None:
        return
    for call in escalations(_clock_of(session, request, today), today):
        _call(session, request, call)
    if reminds_on(request.policy_due_on, today):
        cases.tell_handler(session, request)


def _call(session: Session, request: PrivacyRequest, call: Escalation) -> None:
    if call.alarm is Alarm.TEACHER_AWAY and Role.TEACHER in call.to:
        request.handler_id = request.picked_up_at = None
        cases.tell_handler(session, request)
    elif call.alarm is Alarm.GROUP_CHANGED:
        _follow_group(session, request)
    elif call.alarm is Alarm.DIRECTOR_IDLE and _lies_unseen(session, request):
        handling.hand_over(session, request, Role.BOARD)
    elif call.moves and call.alarm is not Alarm.DIRECTOR_IDLE:
        if request.handler_role is not Role.DIRECTOR:
            handling.hand_over(session, request, Role.DIRECTOR)
    else:
        for role in sorted(call.to):
            if role is not request.handler_role:
                cases.tell_role(session, request, role)


def _lies_unseen(session: Session, request: PrivacyRequest) -> bool:
    """Whether the school has no director who may see this case, and the board has somebody who may."""
    excluded = request.excluded_id
    return not cases.is_staffed(session, request, Role.DIRECTOR, other_than=excluded) and cases.is_staffed(
        session, request, Role.BOARD, other_than=excluded
    )


def _clock_of(session: Session, request: PrivacyRequest, today: date) -> CaseClock:
    since = local_day(request.state_since)
    away, substitute = _absence(session, request, today)
    fast = request.route == "fast_lane"
    return CaseClock(
        desk=DESKS.get(request.handler_role or Role.DIRECTOR, Desk.DIRECTOR),
        assigned_on=since,
        due_on=request.policy_due_on or today,
        picked_up=request.state not in WAITING,
        handler_away=away,
        substitute_present=substitute,
        group_changed=_group_now(session, request, today) not in (None, request.group_id),
        last_act_of_director_on=today if request.state is State.INFORMATION_NEEDED else since,
        pick_up_school_days=FAST_LANE_SCHOOL_DAYS if fast else PICK_UP_DAYS,
    )


def _absence(session: Session, request: PrivacyRequest, today: date) -> tuple[bool, bool]:
    """Whether the handling teacher is away, or all who could be; and whether a colleague of the group is there."""
    if request.handler_role is not Role.TEACHER:
        return False, False
    rows = session.execute(
        select(StaffRole.adult_id, StaffRole.on_leave)
        .join(
            TeacherAssignment,
            and_(TeacherAssignment.board_id == StaffRole.board_id, TeacherAssignment.adult_id == StaffRole.adult_id),
        )
        .where(
            StaffRole.board_id == request.board_id,
            StaffRole.school_id == request.school_id,
            StaffRole.role == Role.TEACHER,
            StaffRole.ended_at.is_(None),
            TeacherAssignment.group_id == request.group_id,
            TeacherAssignment.starts_on <= today,
            or_(TeacherAssignment.ends_on.is_(None), TeacherAssignment.ends_on > today),
        )
    ).all()
    present = {row.adult_id for row in rows if not row.on_leave}
    if request.handler_id is None:
        return not present, False
    return request.handler_id not in present, bool(present)


def _group_now(session: Session, request: PrivacyRequest, today: date) -> UUID | None:
    """The child's home group of today, for a case that lies with the teachers of one."""
    if request.handler_role is not Role.TEACHER or request.pupil_id is None:
        return None
    return session.scalar(
        select(Group.id)
        .join(Placement, Placement.group_id == Group.id)
        .where(
            Placement.board_id == request.board_id,
            Placement.pupil_id == request.pupil_id,
            Placement.starts_on <= today,
            or_(Placement.ends_on.is_(None), Placement.ends_on > today),
            Group.kind == GroupKind.HOME,
        )
        .order_by(Placement.starts_on.desc())
        .limit(1)
    )


def _follow_group(session: Session, request: PrivacyRequest) -> None:
    """The case goes along with the child to the new teachers, and the director is told."""
    cases.take(session, request, Event.REASSIGN, by=cases.PORTAL)
    request.group_id = _group_now(session, request, cases.today(session))
    request.handler_id = request.picked_up_at = None
    session.flush()
    cases.tell_handler(session, request)
    cases.tell_role(session, request, Role.DIRECTOR)
