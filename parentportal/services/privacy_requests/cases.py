"""What every act on a request shares: reaching it through its owner, taking a step, and telling people."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from parentportal.access import Actor, Visitor
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.boards import School
from parentportal.models.groups import TeacherAssignment
from parentportal.models.items import Item
from parentportal.models.people import StaffRole
from parentportal.models.privacy_requests import PrivacyRequest, RequestEvent, RequestLine, Visibility
from parentportal.outside import clock, vault
from parentportal.reads import boards, children
from parentportal.reads.request_access import handled_by
from parentportal.rules.audit import Event as Audited
from parentportal.rules.authority import Capability
from parentportal.rules.errors import NotFound, NotNow
from parentportal.rules.privacy_requests import FINAL, STEPS, UNDECIDED, Event, Kind, State, step_for
from parentportal.rules.roles import BOARD_WIDE, Role
from parentportal.rules.sentences import N_
from parentportal.services import audit, outbox

PORTAL = Actor(adult_id=None, role=None)
"""The portal itself, which takes the steps that nobody decides on."""

CORRECTING = frozenset({Kind.RECTIFICATION, Kind.COMPLETION})
RUNNING = frozenset(State) - FINAL - {State.DRAFT}
MOVED_ON = N_("Dit kan nu niet meer. Het verzoek is intussen verder. Bekijk het verzoek opnieuw.")
CHANGED = N_("Iemand anders heeft dit verzoek net veranderd. Bekijk het verzoek opnieuw en probeer het dan nog eens.")

_AUDITED = {
    Event.SUBMIT: Audited.REQUEST_RECEIVED,
    Event.ROUTE: Audited.REQUEST_ROUTED,
    Event.REASSIGN: Audited.REQUEST_ROUTED,
    Event.DECIDE: Audited.REQUEST_DECIDED,
    Event.ACCEPT: Audited.REQUEST_DECIDED,
    Event.CLOSE: Audited.REQUEST_CLOSED,
}


def today(session: Session) -> date:
    return clock.amsterdam_date(clock.now(session))


def of_guardian(session: Session, request_id: UUID, by: Visitor) -> PrivacyRequest:
    """The request, when this guardian made it and may still ask for this child; otherwise `NotFound`."""
    request = session.get(PrivacyRequest, request_id)
    if request is None or by.role is not Role.GUARDIAN:
        raise NotFound
    if (request.board_id, request.adult_id) != (by.board_id, by.adult_id):
        raise NotFound
    if request.pupil_id is not None:
        children.get_child(session, request.pupil_id, by, board_id=by.board_id, capability=Capability.REQUEST)
    return request


def for_staff(session: Session, request_id: UUID, by: Visitor, version: int | None = None) -> PrivacyRequest:
    """The request, when this member of staff handles it; otherwise `NotFound`.

    Raises `NotNow` when `version` is not the present one: the page it came from is stale (control D03).
    """
    request = session.scalar(
        select(PrivacyRequest).where(PrivacyRequest.id == request_id, handled_by(by, today(session)))
    )
    if request is None:
        raise NotFound
    if version is not None and request.version != version:
        raise NotNow(CHANGED)
    return request


def lines_of(session: Session, request: PrivacyRequest) -> list[RequestLine]:
    """The lines in the order in which the guardian chose them."""
    return list(
        session.scalars(
            select(RequestLine)
            .where(RequestLine.board_id == request.board_id, RequestLine.request_id == request.id)
            .order_by(RequestLine.position, RequestLine.id)
        )
    )


def take(
    session: Session,
    request: PrivacyRequest,
    event: Event,
    *,
    by: Actor,
    text: str = "",
    visibility: Visibility = Visibility.PARENT,
) -> None:
    """Take a step: state, history and audit row in one.

    Raises `NotFound` when this role never takes such a step, and `NotNow` when it does, but not from this state.
    """
    step = step_for(request.state, event, by.role)
    if step is None:
        if any(event is other.event and by.role in other.roles for steps in STEPS.values() for other in steps):
            raise NotNow(MOVED_ON)
        raise NotFound
    if step.to is not request.state or event in (Event.REASSIGN, Event.EXTEND):
        request.state_since = clock.now(session)
    request.state = step.to
    write_down(session, request, event, by=by, text=text, visibility=visibility)


def write_down(
    session: Session,
    request: PrivacyRequest,
    event: Event,
    *,
    by: Actor,
    text: str = "",
    visibility: Visibility = Visibility.PARENT,
) -> None:
    """Add one entry to the history, and its audit row; the text is sealed."""
    row_id = new_id()
    sealed = vault.of(session).seal(text, table="request_event", row=row_id, column="text") if text else None
    session.add(
        RequestEvent(
            id=row_id,
            board_id=request.board_id,
            request_id=request.id,
            event=event,
            state=request.state,
            at=clock.now(session),
            by_id=by.adult_id,
            by_role=by.role,
            visibility=visibility,
            text=sealed,
        )
    )
    session.flush()
    audit.record(
        session,
        _AUDITED.get(event, Audited.REQUEST_CHANGED),
        by=by,
        board_id=request.board_id,
        about=("privacy_request", request.id),
        pupil_id=request.pupil_id,
        detail={"event": event.value, "state": request.state.value, "visibility": visibility.value},
        content=text,
    )


def unsealed(session: Session, line: RequestLine, column: str) -> str:
    """One sealed text of a line; empty when there is none."""
    sealed = getattr(line, column)
    if sealed is None:
        return ""
    return vault.of(session).open(sealed, table="request_line", row=line.id, column=column)


def sealed(session: Session, line_id: UUID, column: str, text: str) -> bytes | None:
    """A text sealed for its place in a line; nothing for an empty one."""
    return vault.of(session).seal(text, table="request_line", row=line_id, column=column) if text else None


def item_of(session: Session, line: RequestLine) -> Item | None:
    """The registered item a line is about, or None when it is gone."""
    return session.scalar(
        select(Item).where(Item.board_id == line.board_id, Item.person_id == line.person_id, Item.id == line.item_id)
    )


def undispute(session: Session, request: PrivacyRequest, lines: Collection[RequestLine]) -> None:
    """Take the mark "the guardian says this is wrong" off, unless another running request still disputes the item."""
    if request.kind not in CORRECTING:
        return
    for line in lines:
        other = session.scalar(
            select(RequestLine.id)
            .join(PrivacyRequest, PrivacyRequest.id == RequestLine.request_id)
            .where(
                RequestLine.board_id == line.board_id,
                RequestLine.item_id == line.item_id,
                RequestLine.request_id != request.id,
                PrivacyRequest.kind.in_(CORRECTING),
                PrivacyRequest.state.in_(UNDECIDED),
            )
            .limit(1)
        )
        item = item_of(session, line)
        if item is not None and other is None:
            item.disputed = False


def school_name(session: Session, request: PrivacyRequest) -> str:
    return session.get_one(School, request.school_id).name


def tell_guardian(session: Session, request: PrivacyRequest) -> None:
    """A mail that says only that there is news (trap T35)."""
    outbox.tell(session, request.adult_id, board_id=request.board_id, school_name=school_name(session, request))


def tell_handler(session: Session, request: PrivacyRequest) -> None:
    """A mail without content to who has the case: its handler, or everybody at its desk when that one is not there."""
    if request.handler_id is not None and _is_at_work(session, request):
        tell_adults(session, request, {request.handler_id})
    elif request.handler_role is Role.TEACHER:
        tell_adults(session, request, _teachers(session, request))
    elif request.handler_role is not None:
        tell_role(session, request, request.handler_role)


def tell_role(session: Session, request: PrivacyRequest, role: Role) -> None:
    """The same mail to everybody in a role: of the school, or of the whole board for a board role."""
    holders = session.scalars(select(StaffRole.adult_id).where(_holds(request, role)))
    tell_adults(session, request, set(holders) - {request.excluded_id})


def _holds(request: PrivacyRequest, role: Role) -> ColumnElement[bool]:
    """The condition on a `StaffRole` that it is this role now, at the school of the request or for its whole board."""
    place = StaffRole.school_id.is_(None) if role in BOARD_WIDE else StaffRole.school_id == request.school_id
    return and_(StaffRole.board_id == request.board_id, StaffRole.role == role, StaffRole.ended_at.is_(None), place)


def _is_at_work(session: Session, request: PrivacyRequest) -> bool:
    """Whether the handler still has the role of the desk and is not on leave."""
    if request.handler_role is None:
        return False
    found = select(StaffRole.id).where(
        _holds(request, request.handler_role),
        StaffRole.adult_id == request.handler_id,
        StaffRole.on_leave.is_(False),
    )
    return session.scalar(found.limit(1)) is not None


def tell_adults(session: Session, request: PrivacyRequest, adults: Collection[UUID]) -> None:
    name = school_name(session, request)
    for adult_id in sorted(adults):
        if adult_id not in (request.adult_id, request.about_staff_id):
            outbox.tell(session, adult_id, board_id=request.board_id, school_name=name, template="staff_new_work")


def _teachers(session: Session, request: PrivacyRequest) -> set[UUID]:
    day = today(session)
    rows = session.scalars(
        select(TeacherAssignment.adult_id).where(
            TeacherAssignment.board_id == request.board_id,
            TeacherAssignment.group_id == request.group_id,
            TeacherAssignment.starts_on <= day,
            or_(TeacherAssignment.ends_on.is_(None), TeacherAssignment.ends_on > day),
        )
    )
    return set(rows)


def is_staffed(session: Session, request: PrivacyRequest, role: Role, *, other_than: UUID | None = None) -> bool:
    """Whether somebody else has this role, and no tie with the child: without anybody a case lies unseen (T22)."""
    family = select(Authority.adult_id).where(
        Authority.board_id == request.board_id, Authority.pupil_id == request.pupil_id
    )
    found = session.scalar(
        select(StaffRole.id)
        .where(
            _holds(request, role),
            StaffRole.adult_id.not_in({request.adult_id, other_than, request.about_staff_id} - {None}),
            StaffRole.adult_id.not_in(family),
        )
        .limit(1)
    )
    return found is not None


def reply_days(session: Session, board_id: UUID) -> int:
    """How many days the board promises to need at most."""
    return boards.get_policy_of_board(session, board_id).reply_days
