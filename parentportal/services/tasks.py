"""Tasks: what a withdrawal or a decision leaves to do outside the portal, and how it was done."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Actor, Visitor
from parentportal.models.base import new_id
from parentportal.models.tasks import Task
from parentportal.outside import clock, vault
from parentportal.rules.audit import Event
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.rules.tasks import NEEDS_PROOF, NewTask, TaskState
from parentportal.services import audit
from parentportal.services.privacy_requests.settling import note_task_settled

WAITING = (TaskState.OPEN, TaskState.NOT_YET_PROCESSED)
UNPROVED = N_("Schrijf op hoe u dit heeft gecontroleerd, bijvoorbeeld welk adres u heeft bekeken.")
ENDED = N_("Deze taak is al afgehandeld. Open de taak opnieuw als dat nodig is.")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a task comes from: a question about a child, or a line of a request. `person_id` is whose data it is."""

    board_id: UUID
    school_id: UUID
    pupil_id: UUID | None = None
    person_id: UUID | None = None
    consent_item_id: UUID | None = None
    request_id: UUID | None = None
    line_id: UUID | None = None
    field_code: str = ""
    role: Role = Role.ADMINISTRATION


def add(session: Session, new: NewTask, origin: Origin) -> UUID:
    """Put a task on the list, and answer its id; the same task of the same origin is not put there twice."""
    waiting = session.scalar(
        select(Task.id).where(
            Task.board_id == origin.board_id,
            Task.school_id == origin.school_id,
            Task.kind == new.kind,
            Task.state.in_(WAITING),
            Task.system_name == new.target,
            Task.pupil_id == origin.pupil_id,
            Task.person_id == origin.person_id,
            Task.consent_item_id == origin.consent_item_id,
            Task.request_id == origin.request_id,
            Task.line_id == origin.line_id,
            Task.field_code == origin.field_code,
        )
    )
    if waiting is not None:
        return waiting
    task = Task(
        id=new_id(),
        board_id=origin.board_id,
        school_id=origin.school_id,
        kind=new.kind,
        state=TaskState.OPEN,
        role=origin.role,
        pupil_id=origin.pupil_id,
        person_id=origin.person_id,
        consent_item_id=origin.consent_item_id,
        request_id=origin.request_id,
        line_id=origin.line_id,
        field_code=origin.field_code,
        system_name=new.target,
        created_at=clock.now(session),
        due_on=new.due_on,
    )
    session.add(task)
    session.flush()
    return task.id


def finish(session: Session, task_id: UUID, state: TaskState, note: str, *, by: Visitor) -> None:
    """Mark a task as done or, with a reason, as not possible (AVG 19, trap T13).

    `note` is the proof or the reason. Raises `Invalid` for a note that is missing, `NotNow` for a settled task.
    """
    task = _own(session, task_id, by)
    if state not in (TaskState.DONE, TaskState.REASONED):
        raise Invalid({"state": N_("Kies of het gedaan is, of waarom het niet kan.")})
    if not task.state.may_become(state):
        raise NotNow(ENDED)
    if state is TaskState.REASONED and not note:
        raise Invalid({"note": N_("Schrijf op waarom dit niet kan.")})
    if state is TaskState.DONE and task.kind in NEEDS_PROOF and not note:
        raise Invalid(
            {"note": N_("Schrijf op hoe u dit heeft gecontroleerd, bijvoorbeeld welk adres u heeft bekeken.")}
        )
    task.state = state
    task.done_at, task.done_by_id = clock.now(session), by.adult_id
    task.note = vault.of(session).seal(note, table="task", row=task.id, column="note") if note else None
    _log(session, task, Event.TASK_DONE, by, note)
    if task.request_id is not None:
        note_task_settled(session, task.request_id, by)


def reopen(session: Session, task_id: UUID, *, by: Visitor) -> None:
    """Put a task that was called impossible back on the list; raises `NotNow` for any other task."""
    task = _own(session, task_id, by)
    if not task.state.may_become(TaskState.OPEN):
        raise NotNow(N_("Alleen een taak die niet kon, gaat weer open."))
    task.state = TaskState.OPEN
    task.done_at = task.done_by_id = None
    _log(session, task, Event.TASK_REOPENED, by, "")


def _own(session: Session, task_id: UUID, by: Visitor) -> Task:
    """The task, when it is work of this school and of this role; otherwise `NotFound`."""
    task = session.get(Task, task_id)
    if task is None or task.board_id != by.board_id or by.school is None or task.school_id != by.school.id:
        raise NotFound
    if by.role is not Role.DIRECTOR and task.role is not by.role:
        raise NotFound
    return task


def _log(session: Session, task: Task, event: Event, by: Actor, note: str) -> None:
    audit.record(
        session,
        event,
        by=by,
        board_id=task.board_id,
        about=("task", task.id),
        pupil_id=task.pupil_id,
        detail={"kind": task.kind.value, "state": task.state.value},
        content=note,
    )
