"""Requests as the school sees them: the inbox, and one case with everything that belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session, aliased

from parentportal.access import Visitor
from parentportal.models.groups import Group, Placement
from parentportal.models.people import Adult, Pupil
from parentportal.models.privacy_requests import PrivacyRequest, RequestEvent, RequestLine, Visibility
from parentportal.models.tasks import Task
from parentportal.outside import clock, vault
from parentportal.reads.privacy_requests import MARKERS, Case, case_of, columns, event_text, status_of
from parentportal.reads.request_access import handled, handled_by, person
from parentportal.reads.statements import fetch, given
from parentportal.rules.errors import NotFound
from parentportal.rules.names import Name
from parentportal.rules.outcomes import Ground, Outcome
from parentportal.rules.privacy_requests import FINAL, UNDECIDED, Event, Kind, State
from parentportal.rules.roles import Role
from parentportal.rules.tasks import TaskKind, TaskState
from parentportal.rules.terms import marker

MOST_ROWS = 1000
TABS = ("voor-mij", "bij-directie", "uitvoering", "klaar")


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One request in the list: whose, of what kind, since when and until when; never which item or value."""

    id: UUID
    number: str
    kind: Kind
    state: State
    status: str
    pupil: str
    group_name: str
    handler: str
    received_at: datetime
    due_on: date
    marker: str
    days: int

    @property
    def is_late(self) -> bool:
        return self.marker == "late" and self.state in UNDECIDED

    @property
    def tab(self) -> str:
        """Under which tab it lies."""
        if self.state in FINAL:
            return "klaar"
        if self.state in (State.DECIDED, State.EXECUTING, State.SETTLED):
            return "uitvoering"
        return "bij-directie" if self.state is State.PROPOSED else "voor-mij"


@dataclass(frozen=True, slots=True)
class Proposed:
    """What was proposed for one line, for the eyes of staff only."""

    outcome: Outcome | None
    ground: Ground | None
    reason: str


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """One thing that happened; `inside` is what no guardian reads."""

    event: Event
    at: datetime
    who: str
    role: Role | None
    text: str
    inside: bool


@dataclass(frozen=True, slots=True)
class StaffCase:
    """A case for who handles it. `is_sensitive`: looking at it leaves an audit row."""

    case: Case
    pupil: str
    requester: str
    handler: str
    handler_id: UUID | None
    decided_by_id: UUID | None
    proposals: dict[int, Proposed]
    entries: Sequence[StaffEntry]
    open_tasks: int
    is_sensitive: bool
    birth_date: date | None
    left_on: date | None
    received_on: date | None
    route: str


def list_inbox(session: Session, by: Visitor) -> Sequence[InboxRow]:
    """What this member of staff handles, late ones first, closed ones last; one statement."""
    today = clock.amsterdam_date(clock.now(session))
    return [_row(row, today) for row in fetch(session, _inbox(by.role), **person(by, today))]


@cache
def _inbox(role: Role) -> Any:
    handler, outcomes = aliased(Adult), _outcomes()
    return (
        select(
            PrivacyRequest.id,
            PrivacyRequest.number,
            PrivacyRequest.kind,
            PrivacyRequest.state,
            PrivacyRequest.handler_role,
            PrivacyRequest.extended_at,
            PrivacyRequest.received_at,
            PrivacyRequest.policy_due_on,
            Pupil.call_name,
            Pupil.surname,
            Adult.first_name.label("requester_first"),
            Adult.surname.label("requester_last"),
            handler.first_name.label("handler_first"),
            handler.prefix.label("handler_prefix"),
            handler.surname.label("handler_last"),
            _group_name().label("group_name"),
            outcomes,
        )
        .join(Adult, Adult.id == PrivacyRequest.adult_id)
        .outerjoin(Pupil, Pupil.id == PrivacyRequest.pupil_id)
        .outerjoin(handler, handler.id == PrivacyRequest.handler_id)
        .where(handled(role, **{name: given(name) for name in ("board", "adult", "school", "today")}))
        .order_by(PrivacyRequest.state.in_(tuple(FINAL)), PrivacyRequest.policy_due_on, PrivacyRequest.id)
        .limit(MOST_ROWS)
    )


def get_case(session: Session, request_id: UUID, by: Visitor) -> StaffCase:
    """The case, when this member of staff handles it; otherwise `NotFound`. Three statements."""
    today = clock.amsterdam_date(clock.now(session))
    query = _case_query().where(PrivacyRequest.id == request_id, handled_by(by, today))
    rows = session.execute(query).all()
    if not rows:
        raise NotFound
    first = rows[0]
    case = case_of(session, rows, first.call_name or "")
    return StaffCase(
        case=case,
        pupil=Name(first.call_name or "", first.prefix or "", first.surname or "").display(),
        requester=Name(first.requester_first, first.requester_prefix, first.requester_last).display(),
        handler=_handler(first),
        handler_id=first.handler_id,
        decided_by_id=first.decided_by_id,
        proposals={row.position: _proposed(session, row) for row in rows},
        entries=_entries(session, request_id, by.board_id),
        open_tasks=_open_tasks(session, request_id, by.board_id),
        is_sensitive=any(line.field.klass != "N" or line.field.sealed for line in case.lines),
        birth_date=first.birth_date,
        left_on=first.left_on,
        received_on=clock.amsterdam_date(case.received_at) if case.received_at else None,
        route=first.route,
    )


def _case_query() -> Any:
    handler = aliased(Adult)
    return (
        select(
            *columns(),
            PrivacyRequest.handler_id,
            PrivacyRequest.decided_by_id,
            PrivacyRequest.route,
            RequestLine.proposal_outcome,
            RequestLine.proposal_ground,
            RequestLine.proposal_reason,
            Pupil.call_name,
            Pupil.prefix,
            Pupil.surname,
            Pupil.birth_date,
            Pupil.left_on,
            Adult.first_name.label("requester_first"),
            Adult.prefix.label("requester_prefix"),
            Adult.surname.label("requester_last"),
            handler.first_name.label("handler_first"),
            handler.prefix.label("handler_prefix"),
            handler.surname.label("handler_last"),
        )
        .join(
            RequestLine,
            and_(RequestLine.board_id == PrivacyRequest.board_id, RequestLine.request_id == PrivacyRequest.id),
        )
        .join(Adult, Adult.id == PrivacyRequest.adult_id)
        .outerjoin(Pupil, Pupil.id == PrivacyRequest.pupil_id)
        .outerjoin(Group, Group.id == PrivacyRequest.group_id)
        .outerjoin(handler, handler.id == PrivacyRequest.handler_id)
        .order_by(RequestLine.position, RequestLine.id)
    )


def _outcomes() -> Any:
    """The outcomes of the lines, as one word when they agree: enough for a badge in a list."""
    return (
        select(func.min(RequestLine.outcome) + "," + func.max(RequestLine.outcome))
        .where(RequestLine.board_id == PrivacyRequest.board_id, RequestLine.request_id == PrivacyRequest.id)
        .scalar_subquery()
        .label("outcomes")
    )


def _group_name() -> Any:
    """The group of the teachers who have it, otherwise the child's own group of today."""
    own = (
        select(Group.name)
        .join(Placement, Placement.group_id == Group.id)
        .where(
            Placement.board_id == PrivacyRequest.board_id,
            Placement.pupil_id == PrivacyRequest.pupil_id,
            Placement.starts_on <= given("today"),
        )
        .order_by(Placement.starts_on.desc(), Group.kind.desc())
        .limit(1)
        .scalar_subquery()
    )
    desk = select(Group.name).where(Group.id == PrivacyRequest.group_id).scalar_subquery()
    return func.coalesce(desk, own, "")


def _row(row: Row[Any], today: date) -> InboxRow:
    words = [Outcome(word) for word in (row.outcomes or "").split(",") if word]
    name = Name(row.call_name or row.requester_first, "", row.surname or row.requester_last)
    return InboxRow(
        id=row.id,
        number=row.number,
        kind=row.kind,
        state=row.state,
        status=status_of(row, words),
        pupil=name.with_initial(),
        group_name=row.group_name or "",
        handler=_handler(row),
        received_at=row.received_at,
        due_on=row.policy_due_on,
        marker=MARKERS[marker(row.policy_due_on, today)],
        days=(row.policy_due_on - today).days,
    )


def _handler(row: Row[Any]) -> str:
    return Name(row.handler_first or "", row.handler_prefix or "", row.handler_last or "").display()


def _proposed(session: Session, row: Row[Any]) -> Proposed:
    reason = row.proposal_reason and vault.of(session).open(
        row.proposal_reason, table="request_line", row=row.line_id, column="proposal_reason"
    )
    return Proposed(row.proposal_outcome, row.proposal_ground, reason or "")


def _entries(session: Session, request_id: UUID, board_id: UUID) -> list[StaffEntry]:
    rows = session.execute(
        select(
            RequestEvent.id,
            RequestEvent.event,
            RequestEvent.at,
            RequestEvent.by_role,
            RequestEvent.visibility,
            RequestEvent.text,
            Adult.first_name,
            Adult.prefix,
            Adult.surname,
        )
        .outerjoin(Adult, Adult.id == RequestEvent.by_id)
        .where(RequestEvent.board_id == board_id, RequestEvent.request_id == request_id)
        .order_by(RequestEvent.at, RequestEvent.id)
    )
    return [
        StaffEntry(
            row.event,
            row.at,
            Name(row.first_name or "", row.prefix or "", row.surname or "").display(),
            row.by_role,
            event_text(session, row.id, row.text),
            row.visibility is Visibility.STAFF,
        )
        for row in rows
    ]


def _open_tasks(session: Session, request_id: UUID, board_id: UUID) -> int:
    count = session.scalar(
        select(func.count()).where(
            Task.board_id == board_id,
            Task.request_id == request_id,
            Task.state.in_((TaskState.OPEN, TaskState.NOT_YET_PROCESSED)),
            Task.kind != TaskKind.CHECK_AFTER_IMPORT,
        )
    )
    return count or 0
