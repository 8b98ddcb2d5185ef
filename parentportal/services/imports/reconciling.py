"""Whether a decided correction really arrived in the source system, and what that does to its tasks (trap T17)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row, and_, select, update
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.catalogue import fields
from parentportal.models.items import Item
from parentportal.models.privacy_requests import PrivacyRequest, RequestLine
from parentportal.models.tasks import Task
from parentportal.outside import clock, vault
from parentportal.outside.vault import Vault
from parentportal.rules.audit import Event
from parentportal.rules.imports import Reconciled
from parentportal.rules.tasks import TaskKind, TaskState
from parentportal.services import audit, outbox
from parentportal.services.imports.known import Known, fetch
from parentportal.services.privacy_requests.settling import note_task_settled

if TYPE_CHECKING:
    from parentportal.services.imports.difference import Outcome

COMPARED = (TaskKind.FIX_SOURCE, TaskKind.ERASE_SOURCE, TaskKind.CHECK_AFTER_IMPORT)


@dataclass
class Correction:
    """One decided change of one field, with the tasks that wait for it in this source system."""

    line_id: UUID
    request_id: UUID
    adult_id: UUID
    person_id: UUID
    field_code: str
    corrected_to: bytes | None
    corrected_from: bytes | None
    new_value: str
    erasing: bool
    tasks: list[Row[Any]] = field(default_factory=list)

    @property
    def is_waiting(self) -> bool:
        """Whether some task is still waiting for the source system."""
        return any(task.state in (TaskState.OPEN, TaskState.NOT_YET_PROCESSED) for task in self.tasks)


def load(session: Session, known: Known, system_name: str) -> dict[tuple[UUID, str], Correction]:
    """The decided changes that a delivery of this system can confirm or contradict; the newest of each field."""
    query = (
        select(
            Task.id,
            Task.kind,
            Task.state,
            RequestLine.id.label("line_id"),
            RequestLine.request_id,
            RequestLine.person_id,
            RequestLine.field_code,
            RequestLine.old_value,
            RequestLine.new_value,
            RequestLine.decided_value,
            PrivacyRequest.adult_id,
        )
        .join(RequestLine, and_(RequestLine.board_id == Task.board_id, RequestLine.id == Task.line_id))
        .join(PrivacyRequest, PrivacyRequest.id == RequestLine.request_id)
        .where(
            Task.board_id == known.board_id,
            Task.school_id == known.school.id,
            Task.kind.in_(COMPARED),
            Task.system_name.in_((system_name, "")),
            Task.state != TaskState.REASONED,
        )
        .order_by(RequestLine.id)
    )
    keeper, found = vault.of(session), dict[tuple[UUID, str], Correction]()
    for row in fetch(session, query):
        place = (row.person_id, row.field_code)
        if place not in found or found[place].line_id != row.line_id:
            found[place] = _correction(keeper, row)
        found[place].tasks.append(row)
        found[place].erasing |= row.kind is TaskKind.ERASE_SOURCE
    return found


def _correction(keeper: Vault, row: Row[Any]) -> Correction:
    new, old = _opened(keeper, row, "decided_value"), _opened(keeper, row, "old_value")
    new = new or _opened(keeper, row, "new_value")
    return Correction(
        row.line_id,
        row.request_id,
        row.adult_id,
        row.person_id,
        row.field_code,
        keeper.digest(new, "item") if new else None,
        keeper.digest(old, "item") if old else None,
        new,
        erasing=False,
    )


def _opened(keeper: Vault, row: Row[Any], column: str) -> str:
    sealed = getattr(row, column)
    if sealed is None:
        return ""
    return keeper.open(sealed, table="request_line", row=row.line_id, column=column)


def settle(
    session: Session, known: Known, outcomes: "Iterable[Outcome]", *, delivery_id: UUID, by: Actor
) -> dict[str, int]:
    """Close, mark or reopen the tasks of every decided field that this delivery says something about.

    Answers how many corrections arrived, how many did not, and how many of those had been closed before.
    """
    counts = {"arrived": 0, "not_yet": 0, "reopened": 0}
    told: set[UUID] = set()
    for outcome in outcomes:
        one = outcome.correction
        if _has_arrived(outcome):
            if one.is_waiting:
                counts["arrived"] += 1
                _close(session, known, one, delivery_id, by)
                told.add(one.adult_id)
            _clear_decided(session, known, one)
        elif has_not_arrived(outcome):
            counts["not_yet"] += 1
            counts["reopened"] += _mark_not_yet(session, known, one, delivery_id, by)
            if not one.erasing and outcome.item is not None:
                _keep_decided(session, known, outcome)
    for adult_id in sorted(told):
        outbox.tell(session, adult_id, board_id=known.board_id, school_name=known.school.name)
    return counts


def _has_arrived(outcome: "Outcome") -> bool:
    if outcome.correction.erasing:
        return outcome.reconciled is Reconciled.SILENT
    return outcome.reconciled is Reconciled.CLOSES


def has_not_arrived(outcome: "Outcome") -> bool:
    """The old value reopens what was closed; any other value only keeps waiting what still waits."""
    if outcome.reconciled is Reconciled.NOT_YET_PROCESSED:
        return True
    return outcome.reconciled is Reconciled.HELD and (outcome.correction.is_waiting or outcome.correction.erasing)


def _close(session: Session, known: Known, one: Correction, delivery_id: UUID, by: Actor) -> None:
    """The source system has it: done by no person, and `checked_at` says by which delivery."""
    now = clock.now(session)
    for task in one.tasks:
        if task.state is TaskState.DONE:
            continue
        session.execute(
            update(Task)
            .where(Task.board_id == known.board_id, Task.id == task.id)
            .values(
                state=TaskState.DONE,
                checked_at=now,
                checked_delivery_id=delivery_id,
                done_at=None,
                done_by_id=None,
            )
        )
        _note(session, known, Event.TASK_DONE, task.id, one, by)
    note_task_settled(session, one.request_id, by)


def _mark_not_yet(session: Session, known: Known, one: Correction, delivery_id: UUID, by: Actor) -> int:
    """Say with every task that the import still brought the old value; answers 1 when one of them was done."""
    now, reopened = clock.now(session), 0
    for task in one.tasks:
        session.execute(
            update(Task)
            .where(Task.board_id == known.board_id, Task.id == task.id)
            .values(
                state=TaskState.NOT_YET_PROCESSED,
                checked_at=now,
                checked_delivery_id=delivery_id,
                done_at=None,
                done_by_id=None,
            )
        )
        if task.state is TaskState.DONE:
            reopened = 1
            _note(session, known, Event.TASK_REOPENED, task.id, one, by)
    return reopened


def _clear_decided(session: Session, known: Known, one: Correction) -> None:
    """Source and portal agree again: the value itself is what was decided."""
    session.execute(
        update(Item)
        .where(Item.board_id == known.board_id, Item.person_id == one.person_id, Item.decided_line_id == one.line_id)
        .values(decided_value=None, decided_sealed=None, decided_line_id=None)
    )


def _keep_decided(session: Session, known: Known, outcome: "Outcome") -> None:
    """The decided value stays visible beside what the source still says."""
    one, item = outcome.correction, outcome.item
    if item is None or item.decided_line_id is not None or one.corrected_to is None:
        return
    sealed = one.field_code in fields() and fields()[one.field_code].sealed
    place = {"table": "item", "column": "decided_sealed"}
    session.execute(
        update(Item)
        .where(Item.board_id == known.board_id, Item.person_id == one.person_id, Item.id == item.id)
        .values(
            decided_value=None if sealed else one.new_value,
            decided_sealed=vault.of(session).seal(one.new_value, row=item.id, **place) if sealed else None,
            decided_line_id=one.line_id,
        )
    )


def _note(session: Session, known: Known, event: Event, task_id: UUID, one: Correction, by: Actor) -> None:
    audit.record(
        session,
        event,
        by=by,
        board_id=known.board_id,
        about=("task", task_id),
        detail={"request": str(one.request_id), "cause": "delivery"},
    )
