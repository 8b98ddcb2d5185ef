"""What waits at a school or a board, in numbers that equal the lists behind them; never how many said yes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.catalogue.policy import Gap
from parentportal.models.authority import Authority
from parentportal.models.boards import School
from parentportal.models.imports import Delivery, DeliveryState
from parentportal.models.outbox import OutboxMail
from parentportal.models.paper_notices import PaperNotice
from parentportal.models.people import Adult, Enrolment, Pupil
from parentportal.models.privacy_requests import PrivacyRequest
from parentportal.models.tasks import Task
from parentportal.outside import clock
from parentportal.reads import boards, counter_recoveries
from parentportal.reads.invitations import list_invitees
from parentportal.reads.outbox import is_dead_at_school
from parentportal.reads.paper_notices import waits_at_school
from parentportal.reads.request_access import handled_by
from parentportal.rules.authority import Status
from parentportal.rules.privacy_requests import FINAL, UNDECIDED, State
from parentportal.rules.roles import Role
from parentportal.rules.tasks import TaskState
from parentportal.rules.terms import Marker, marker

UNSETTLED = (TaskState.OPEN, TaskState.NOT_YET_PROCESSED)
LOOK_AHEAD = 31
"""More days than any five working days take, holidays included."""
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class SchoolHome:
    """What waits at one school.

    `families` counts children, `notices` letters in place of mail; `uninvited` is None for a role that makes no
    letters. `to_look_along` counts colleagues who ask this visitor to confirm help at the counter.
    """

    requests: int
    requests_nearly_late: int
    requests_late: int
    tasks: int
    tasks_late: int
    families: int
    held: int
    dead_mail: int
    notices: int
    uninvited: int | None
    to_look_along: int
    gaps: Sequence[Gap]


@dataclass(frozen=True, slots=True)
class SchoolFigures:
    """One school as the officer and the board see it: figures about requests, nothing of any pupil.

    `days` is the median of whole days from receipt to closing of the past year, None without closed ones.
    """

    name: str
    running: int
    nearly_late: int
    late: int
    closed: int
    days: int | None
    tasks: int
    tasks_late: int


@dataclass(frozen=True, slots=True)
class BoardHome:
    """Every school of a board in figures, and what is still to decide."""

    schools: Sequence[SchoolFigures]
    gaps: Sequence[Gap]
    alone_at_counter: str
    """Why nobody looks along when somebody gets help at the counter; empty where a colleague does."""


def get_school_home(session: Session, *, by: Visitor) -> SchoolHome:
    """The numbers of the visitor's school: one statement, and three more for who has no letter yet."""
    row = session.execute(_counts(by, clock.now(session))).one()
    uninvited = None
    if by.role is Role.ADMINISTRATION:
        people = list_invitees(session, board_id=by.board_id, school_id=by.school_id)
        uninvited = sum(person.waits for person in people)
    return SchoolHome(
        requests=row.requests,
        requests_nearly_late=row.requests_near,
        requests_late=row.requests_late,
        tasks=row.tasks,
        tasks_late=row.tasks_late,
        families=row.families,
        held=row.held,
        dead_mail=row.dead_mail,
        notices=row.notices,
        uninvited=uninvited,
        to_look_along=row.to_look_along,
        gaps=boards.get_policy(session, by.policy_id).gaps,
    )


def _counts(by: Visitor, now: datetime) -> Select[*tuple[Any, ...]]:
    today = clock.amsterdam_date(now)
    running = (handled_by(by, today), PrivacyRequest.state.not_in([State.DRAFT, *FINAL]))
    undecided = (handled_by(by, today), PrivacyRequest.state.in_(list(UNDECIDED)))
    due = PrivacyRequest.policy_due_on
    near = last_nearly_late(today)
    tasks: tuple[Any, ...] = (Task.board_id == by.board_id, Task.school_id == by.school_id, Task.state.in_(UNSETTLED))
    if by.role is Role.ADMINISTRATION:
        tasks = (*tasks, Task.role == Role.ADMINISTRATION)
    held = select(func.count()).where(
        Delivery.board_id == by.board_id, Delivery.school_id == by.school_id, Delivery.state == DeliveryState.HELD
    )
    return select(
        _count(PrivacyRequest.id, *running).label("requests"),
        _count(PrivacyRequest.id, *undecided, due >= today, due <= near).label("requests_near"),
        _count(PrivacyRequest.id, *undecided, due < today).label("requests_late"),
        _count(Task.id, *tasks).label("tasks"),
        _count(Task.id, *tasks, Task.due_on < today).label("tasks_late"),
        _families(by).label("families"),
        held.scalar_subquery().label("held"),
        _count(OutboxMail.id, *is_dead_at_school(by)).label("dead_mail"),
        counter_recoveries.count_for(by, now).label("to_look_along"),
        _count(PaperNotice.id, *waits_at_school(by)).label("notices"),
    )


def _count(column: Any, *conditions: Any) -> Any:
    return select(func.count(column)).where(*conditions).scalar_subquery()


def _families(by: Visitor) -> Any:
    """Children with a relation that nobody confirmed, or that was closed to be looked at, as the page Gezag lists."""
    return (
        select(func.count(Authority.pupil_id.distinct()))
        .join(Pupil, and_(Pupil.board_id == Authority.board_id, Pupil.id == Authority.pupil_id))
        .join(Adult, and_(Adult.board_id == Authority.board_id, Adult.id == Authority.adult_id))
        .where(
            Authority.board_id == by.board_id,
            Authority.status.in_((Status.UNKNOWN, Status.SUSPENDED)),
            Pupil.school_id == by.school_id,
            Pupil.enrolment != Enrolment.LEFT,
            Adult.merged_into_id.is_(None),
        )
        .scalar_subquery()
    )


def last_nearly_late(today: date) -> date:
    """The last due day that is nearly late today, as `rules.terms.marker` says."""
    days = (today + timedelta(days=count) for count in range(LOOK_AHEAD))
    return max(day for day in days if marker(day, today) is Marker.NEARLY_LATE)


def get_board_home(session: Session, *, by: Visitor) -> BoardHome:
    """Figures per school of the visitor's board, by name; three statements."""
    today = clock.amsterdam_date(clock.now(session))
    policy = boards.get_policy(session, by.policy_id)
    schools = session.execute(
        select(School.id, School.name).where(School.board_id == by.board_id).order_by(School.name)
    ).all()
    requests: dict[UUID, list[Any]] = defaultdict(list)
    for row in session.execute(_requests_of(by, clock.now(session) - YEAR)):
        requests[row.school_id].append(row)
    tasks = {row.school_id: row for row in session.execute(_tasks_of(by, today))}
    return BoardHome(
        [_figures(school.name, requests[school.id], tasks.get(school.id), today) for school in schools],
        policy.gaps,
        policy.counter_recovery_reason,
    )


def _requests_of(by: Visitor, since: Any) -> Select[*tuple[Any, ...]]:
    return select(
        PrivacyRequest.school_id,
        PrivacyRequest.state,
        PrivacyRequest.policy_due_on,
        PrivacyRequest.received_at,
        PrivacyRequest.closed_at,
    ).where(
        PrivacyRequest.board_id == by.board_id,
        PrivacyRequest.state != State.DRAFT,
        or_(PrivacyRequest.state.not_in(list(FINAL)), PrivacyRequest.closed_at >= since),
    )


def _tasks_of(by: Visitor, today: date) -> Select[*tuple[Any, ...]]:
    late = func.sum(case((Task.due_on < today, literal(1)), else_=literal(0)))
    return (
        select(Task.school_id, func.count(Task.id).label("tasks"), late.label("late"))
        .where(Task.board_id == by.board_id, Task.state.in_(UNSETTLED))
        .group_by(Task.school_id)
    )


def _figures(name: str, rows: Sequence[Any], tasks: Any, today: date) -> SchoolFigures:
    running = [row for row in rows if row.state not in FINAL]
    markers = [marker(row.policy_due_on, today) for row in running if row.policy_due_on and row.state in UNDECIDED]
    closed = [row for row in rows if row.state is State.CLOSED and row.closed_at]
    days = [(row.closed_at - row.received_at).days for row in closed if row.received_at]
    return SchoolFigures(
        name=name,
        running=len(running),
        nearly_late=markers.count(Marker.NEARLY_LATE),
        late=markers.count(Marker.LATE),
        closed=len(closed),
        days=round(median(days)) if days else None,
        tasks=tasks.tasks if tasks else 0,
        tasks_late=int(tasks.late) if tasks else 0,
    )
