"""The requests of one guardian, as that guardian reads them; nobody else does (requirements 6.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.catalogue import fields
from parentportal.catalogue.fields import Field
from parentportal.models.groups import Group
from parentportal.models.privacy_requests import PrivacyRequest, RequestEvent, RequestLine, Visibility
from parentportal.outside import clock, vault
from parentportal.reads import boards
from parentportal.reads.children import get_child, list_children
from parentportal.reads.request_routing import Matter, Way, find_way, systems_holding
from parentportal.reads.statements import fetch, given
from parentportal.rules.authority import Capability
from parentportal.rules.errors import NotFound
from parentportal.rules.outcomes import Ground, Outcome, outcome_of
from parentportal.rules.privacy_requests import UNDECIDED, Event, Kind, State
from parentportal.rules.roles import Role
from parentportal.rules.terms import Marker, local_day, marker, reopening_until

DECIDED = frozenset({State.DECIDED, State.EXECUTING, State.SETTLED})
OUTCOME_STATUS = {Outcome.GRANTED: "granted", Outcome.PARTLY: "partly_granted"}
MARKERS = {Marker.ON_TIME: "on_time", Marker.NEARLY_LATE: "almost_late", Marker.LATE: "late"}


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a request; texts are open here, so they go to a page of their owner or handler alone."""

    id: UUID
    position: int
    item_id: UUID | None
    field: Field
    old: str
    new: str
    outcome: Outcome | None
    ground: Ground | None
    reason: str
    law: str
    erase_on: date | None
    evidence: str
    decided: str


@dataclass(frozen=True, slots=True)
class Case:
    """A request with its lines. `status` is the word of `status_badge`; `days` are those to go, negative when late."""

    id: UUID
    number: str
    kind: Kind
    state: State
    status: str
    school_id: UUID
    pupil_id: UUID | None
    who: str
    desk: Role | None
    group_name: str
    addressee: Role | None
    explanation: str
    created_at: datetime
    received_at: datetime | None
    due_on: date | None
    marker: str
    days: int
    is_extended: bool
    closed_on: date | None
    reopens_until: date | None
    version: int
    lines: Sequence[Line]

    @property
    def is_late(self) -> bool:
        """Whether the day passed on which an answer was promised."""
        return self.state in UNDECIDED and self.marker == "late"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to decide."""
        return self.state in UNDECIDED


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; `text` is what somebody wrote, or the stored letter of a decision."""

    event: Event
    at: datetime
    role: Role | None
    mine: bool
    text: str


def list_own(session: Session, by: Visitor) -> Sequence[Case]:
    """Every request of this guardian that still is theirs to see, newest first; two statements."""
    children = list_children(session, by, board_id=by.board_id, capability=Capability.REQUEST)
    names = {child.id: child.call_name for child in children}
    rows = fetch(session, _own_requests(), board=by.board_id, adult=by.adult_id)
    grouped: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        if row.pupil_id is None or row.pupil_id in names:
            grouped.setdefault(row.id, []).append(row)
    found = [case_of(session, part, names.get(part[0].pupil_id, "")) for part in grouped.values()]
    return sorted(found, key=lambda case: (case.received_at or case.created_at, case.id), reverse=True)


def get_own(session: Session, request_id: UUID, by: Visitor) -> Case:
    """The request, when this guardian made it and may still ask for the child; otherwise `NotFound`."""
    if by.role is not Role.GUARDIAN:
        raise NotFound
    rows = fetch(session, _own_request(), board=by.board_id, adult=by.adult_id, request=request_id)
    if not rows:
        raise NotFound
    who, pupil_id = "", rows[0].pupil_id
    if pupil_id is not None:
        who = get_child(session, pupil_id, by, board_id=by.board_id, capability=Capability.REQUEST).call_name
    return case_of(session, rows, who)


def list_entries(session: Session, case: Case, by: Visitor) -> Sequence[Entry]:
    """What the guardian may read of the history, oldest first; internal notes are never fetched."""
    rows = fetch(session, _open_entries(), board=by.board_id, request=case.id)
    return [
        Entry(row.event, row.at, row.by_role, row.by_id == by.adult_id, event_text(session, row.id, row.text))
        for row in rows
    ]


@cache
def _open_entries() -> Any:
    return (
        select(
            RequestEvent.id,
            RequestEvent.event,
            RequestEvent.at,
            RequestEvent.by_id,
            RequestEvent.by_role,
            RequestEvent.text,
        )
        .where(
            RequestEvent.board_id == given("board"),
            RequestEvent.request_id == given("request"),
            RequestEvent.visibility == Visibility.PARENT,
        )
        .order_by(RequestEvent.at, RequestEvent.id)
    )


def find_way_of(session: Session, case: Case, by: Visitor) -> Way:
    """Where this draft would go if it were sent now; two statements."""
    policy = boards.get_policy(session, by.policy_id)
    items = [line.field for line in case.lines]
    matter = Matter(
        board_id=by.board_id,
        school_id=case.school_id,
        pupil_id=case.pupil_id,
        adult_id=by.adult_id,
        kind=case.kind,
        fields=items,
        systems=[systems_holding(policy, field, "") for field in items],
        chose_director=case.addressee is Role.DIRECTOR,
    )
    return find_way(session, matter, policy)


def event_text(session: Session, row_id: UUID, sealed: bytes | None) -> str:
    """What was written with an entry of the history."""
    if sealed is None:
        return ""
    return vault.of(session).open(sealed, table="request_event", row=row_id, column="text")


def columns() -> tuple[Any, ...]:
    """The columns of a request with one of its lines; `case_of` reads them."""
    return (
        PrivacyRequest.id,
        PrivacyRequest.number,
        PrivacyRequest.kind,
        PrivacyRequest.state,
        PrivacyRequest.school_id,
        PrivacyRequest.pupil_id,
        PrivacyRequest.handler_role,
        PrivacyRequest.addressee,
        PrivacyRequest.explanation,
        PrivacyRequest.created_at,
        PrivacyRequest.received_at,
        PrivacyRequest.policy_due_on,
        PrivacyRequest.extended_at,
        PrivacyRequest.closed_at,
        PrivacyRequest.version,
        Group.name.label("group_name"),
        RequestLine.id.label("line_id"),
        RequestLine.position,
        RequestLine.item_id,
        RequestLine.field_code,
        RequestLine.old_value,
        RequestLine.new_value,
        RequestLine.outcome,
        RequestLine.ground,
        RequestLine.reason,
        RequestLine.law,
        RequestLine.erase_on,
        RequestLine.evidence,
        RequestLine.decided_value,
    )


@cache
def _own_requests() -> Any:
    return (
        select(*columns())
        .join(
            RequestLine,
            and_(RequestLine.board_id == PrivacyRequest.board_id, RequestLine.request_id == PrivacyRequest.id),
        )
        .outerjoin(Group, Group.id == PrivacyRequest.group_id)
        .where(PrivacyRequest.board_id == given("board"), PrivacyRequest.adult_id == given("adult"))
        .order_by(RequestLine.position, RequestLine.id)
    )


@cache
def _own_request() -> Any:
    return _own_requests().where(PrivacyRequest.id == given("request"))


def case_of(session: Session, rows: Sequence[Row[Any]], who: str) -> Case:
    """A case from the rows of its lines."""
    first, today = rows[0], clock.amsterdam_date(clock.now(session))
    lines = [_line(session, row) for row in rows if row.field_code in fields()]
    due = first.policy_due_on
    closed = local_day(first.closed_at) if first.closed_at else None
    explanation = first.explanation and vault.of(session).open(
        first.explanation, table="privacy_request", row=first.id, column="explanation"
    )
    return Case(
        id=first.id,
        number=first.number,
        kind=first.kind,
        state=first.state,
        status=status_of(first, [line.outcome for line in lines if line.outcome is not None]),
        school_id=first.school_id,
        pupil_id=first.pupil_id,
        who=who,
        desk=Role.DIRECTOR if first.state is State.PROPOSED else first.handler_role,
        group_name=first.group_name or "",
        addressee=first.addressee,
        explanation=explanation or "",
        created_at=first.created_at,
        received_at=first.received_at,
        due_on=due,
        marker=MARKERS[marker(due, today)] if due else "",
        days=(due - today).days if due else 0,
        is_extended=first.extended_at is not None,
        closed_on=closed,
        reopens_until=reopening_until(closed) if closed else None,
        version=first.version,
        lines=lines,
    )


def status_of(row: Row[Any], outcomes: Sequence[Outcome]) -> str:
    """The word of ux 4.2 for where a request stands."""
    if row.state in DECIDED:
        return OUTCOME_STATUS.get(outcome_of(outcomes), "refused") if outcomes else "received"
    fixed = {
        State.DRAFT: "draft",
        State.SUBMITTED: "received",
        State.INFORMATION_NEEDED: "waiting_for_guardian",
        State.IDENTITY_NEEDED: "waiting_for_guardian",
        State.CLOSED: "done",
        State.WITHDRAWN: "withdrawn",
    }
    if row.state in fixed:
        return fixed[row.state]
    if row.extended_at is not None:
        return "extended"
    if row.handler_role is Role.TEACHER and row.state is not State.PROPOSED:
        return "with_teacher"
    return "with_board" if row.handler_role is Role.BOARD else "with_director"


def _line(session: Session, row: Row[Any]) -> Line:
    keeper = vault.of(session)

    def opened(column: str) -> str:
        sealed = getattr(row, column)
        return keeper.open(sealed, table="request_line", row=row.line_id, column=column) if sealed else ""

    return Line(
        id=row.line_id,
        position=row.position,
        item_id=row.item_id,
        field=fields()[row.field_code],
        old=opened("old_value"),
        new=opened("new_value"),
        outcome=row.outcome,
        ground=row.ground,
        reason=opened("reason"),
        law=row.law,
        erase_on=row.erase_on,
        evidence=opened("evidence"),
        decided=opened("decided_value"),
    )
