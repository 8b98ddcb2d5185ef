"""The task list of a school, and one task with what counts now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from parentportal import catalogue
from parentportal.access import Visitor
from parentportal.models.consents import ConsentItem
from parentportal.models.groups import Group, GroupKind, Placement
from parentportal.models.people import Adult, Pupil
from parentportal.models.tasks import Task
from parentportal.outside import clock, vault
from parentportal.reads.consent_standing import list_around, list_questions
from parentportal.rules.errors import NotFound
from parentportal.rules.names import Name
from parentportal.rules.roles import Role
from parentportal.rules.tasks import Channel, TaskKind, TaskState
from parentportal.rules.terms import Marker, marker

PAGE = 50
WAITING = (TaskState.OPEN, TaskState.NOT_YET_PROCESSED)


class Which(StrEnum):
    """Which tasks a list shows; the values stand in the address."""

    OPEN = "open"
    LATE = "te-laat"
    SETTLED = "klaar"


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task; `place` is the system, channel or recipient in words, blank when it has no name of its own."""

    id: UUID
    kind: TaskKind
    state: TaskState
    place: str
    channel: Channel | None
    pupil_name: str
    group_name: str
    subject: str
    adult_name: str
    due_on: date
    marker: Marker
    created_at: datetime
    done_at: datetime | None
    request_id: UUID | None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One page of a list, with how many there are of each."""

    which: Which
    rows: Sequence[TaskRow]
    counts: dict[Which, int]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """One task. `allowed` is what counts now for the question it is about, None when it is about no question."""

    row: TaskRow
    allowed: bool | None
    note: str
    done_by: str


def list_tasks(session: Session, *, by: Visitor, which: Which = Which.OPEN, page: int = 1) -> TaskPage:
    """A page of the tasks of this school for this role, first day first; two statements."""
    today = clock.amsterdam_date(clock.now(session))
    counts = _counts(session, by, today)
    pages = max(1, -(-counts[which] // PAGE))
    page = min(max(page, 1), pages)
    order = (Task.done_at.desc(), Task.id) if which is Which.SETTLED else (Task.due_on, Task.id)
    rows = session.execute(
        _query(today).where(_own(by), _which(which, today)).order_by(*order).limit(PAGE).offset((page - 1) * PAGE)
    )
    return TaskPage(which, [_row(row, today) for row in rows], counts, page, pages)


def get_task(session: Session, task_id: UUID, *, by: Visitor) -> TaskDetail:
    """One task of this school for this role; otherwise `NotFound`."""
    now = clock.now(session)
    today = clock.amsterdam_date(now)
    row = session.execute(_query(today).where(_own(by), Task.id == task_id)).first()
    if row is None:
        raise NotFound
    note = ""
    if row.note is not None:
        note = vault.of(session).open(row.note, table="task", row=row.id, column="note")
    return TaskDetail(_row(row, today), _allowed(session, row, by.board_id, now), note, _name(row, "worker"))


def _allowed(session: Session, row: Row[Any], board_id: UUID, now: datetime) -> bool | None:
    if row.consent_item_id is None or row.pupil_id is None:
        return None
    questions = list_questions(session, board_id)
    around = list_around(session, board_id, {row.pupil_id: row.birth_date}, questions)[row.pupil_id]
    return around.judge(questions.by_id[row.consent_item_id], now, adult_id=row.person_id).allowed


def _own(by: Visitor) -> ColumnElement[bool]:
    """The director sees every task of the school, anybody else those of the own role."""
    here = and_(Task.board_id == by.board_id, Task.school_id == by.school_id)
    return here if by.role is Role.DIRECTOR else and_(here, Task.role == by.role)


def _which(which: Which, today: date) -> ColumnElement[bool]:
    if which is Which.SETTLED:
        return Task.state.not_in(WAITING)
    waiting = Task.state.in_(WAITING)
    return and_(waiting, Task.due_on < today) if which is Which.LATE else waiting


def _counts(session: Session, by: Visitor, today: date) -> dict[Which, int]:
    row = session.execute(
        select(*(func.coalesce(func.sum(case((_which(which, today), 1), else_=0)), 0) for which in Which)).where(
            _own(by)
        )
    ).one()
    return dict(zip(Which, (int(count) for count in row), strict=True))


def _query(today: date) -> Any:
    worker = aliased(Adult)
    return (
        select(
            Task.id,
            Task.kind,
            Task.state,
            Task.system_name,
            Task.field_code,
            Task.due_on,
            Task.created_at,
            Task.done_at,
            Task.request_id,
            Task.pupil_id,
            Task.person_id,
            Task.consent_item_id,
            Task.note,
            Pupil.call_name,
            Pupil.prefix,
            Pupil.surname,
            Pupil.birth_date,
            ConsentItem.code.label("item_code"),
            ConsentItem.terms,
            Adult.first_name.label("adult_first_name"),
            Adult.initials.label("adult_initials"),
            Adult.prefix.label("adult_prefix"),
            Adult.surname.label("adult_surname"),
            _home_group(today).label("group_name"),
            worker.first_name.label("worker_first_name"),
            worker.initials.label("worker_initials"),
            worker.prefix.label("worker_prefix"),
            worker.surname.label("worker_surname"),
        )
        .outerjoin(Pupil, and_(Pupil.board_id == Task.board_id, Pupil.id == Task.pupil_id))
        .outerjoin(ConsentItem, ConsentItem.id == Task.consent_item_id)
        .outerjoin(Adult, and_(Adult.board_id == Task.board_id, Adult.id == Task.person_id))
        .outerjoin(worker, and_(worker.board_id == Task.board_id, worker.id == Task.done_by_id))
    )


def _home_group(today: date) -> Any:
    """The name of the group in which the pupil of a task sits today."""
    return (
        select(Group.name)
        .join(Placement, Placement.group_id == Group.id)
        .where(
            Placement.board_id == Task.board_id,
            Placement.pupil_id == Task.pupil_id,
            Group.kind == GroupKind.HOME,
            Placement.starts_on <= today,
            or_(Placement.ends_on.is_(None), Placement.ends_on > today),
        )
        .order_by(Placement.starts_on.desc())
        .limit(1)
        .scalar_subquery()
    )


def _row(row: Row[Any], today: date) -> TaskRow:
    channel = Channel(row.system_name) if row.system_name in list(Channel) else None
    known = catalogue.recipients().get(row.system_name)
    return TaskRow(
        id=row.id,
        kind=row.kind,
        state=row.state,
        place="" if channel else known.name if known else row.system_name,
        channel=channel,
        pupil_name=Name(row.call_name, row.prefix, row.surname).display() if row.call_name else "",
        group_name=row.group_name or "",
        subject=_subject(row),
        adult_name=_name(row, "adult"),
        due_on=row.due_on,
        marker=marker(row.due_on, today),
        created_at=row.created_at,
        done_at=row.done_at,
        request_id=row.request_id,
    )


def _name(row: Row[Any], whose: str) -> str:
    first, initials, prefix, surname = (
        getattr(row, f"{whose}_{part}") or "" for part in ("first_name", "initials", "prefix", "surname")
    )
    return Name(first or initials, prefix, surname).display()


def _subject(row: Row[Any]) -> str:
    """What it is about, in the words of the catalogue."""
    if row.item_code:
        item = catalogue.consent_items().get(row.item_code)
        return item.title if item else str(row.terms["card_title"])
    field = catalogue.fields().get(row.field_code) or catalogue.fieldsets().get(row.field_code)
    return field.label if field else ""
