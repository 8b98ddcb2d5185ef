"""From decided to ready for closing: when every task of a request is done, and who may not have done it alone."""

from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.models.privacy_requests import PrivacyRequest
from parentportal.models.tasks import Task
from parentportal.rules.errors import NotNow
from parentportal.rules.privacy_requests import ERASING, Event, State
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.rules.tasks import TaskKind, TaskState
from parentportal.services.privacy_requests import cases

UNSETTLED = (TaskState.OPEN, TaskState.NOT_YET_PROCESSED)
SAME_PERSON = N_("U besloot zelf over dit verzoek. Een collega voert het weghalen uit.")


def note_task_settled(session: Session, request_id: UUID, by: Actor) -> None:
    """A task of this request was done or reasoned: after the last one the case is settled and waits for closing.

    Call it inside the unit that settles the task. Raises `NotNow` when who decided on an erasure carries it out too:
    what cannot be undone takes a second person (requirements 10.2).
    """
    request = session.get(PrivacyRequest, request_id)
    if request is None or request.state is not State.EXECUTING:
        return
    session.flush()
    if request.kind in ERASING and by.adult_id is not None and by.adult_id == request.decided_by_id:
        own = session.scalar(_erasures(request).where(Task.done_by_id == by.adult_id))
        if own:
            raise NotNow(SAME_PERSON)
    settle_when_done(session, request, by)


def open_tasks(session: Session, request: PrivacyRequest) -> int:
    """Tasks that still have to be done; the check after an import comes later and keeps nothing open (trap T20)."""
    count = session.scalar(
        select(func.count()).where(
            Task.board_id == request.board_id,
            Task.request_id == request.id,
            Task.state.in_(UNSETTLED),
            Task.kind != TaskKind.CHECK_AFTER_IMPORT,
        )
    )
    return count or 0


def is_confirmed_by_second(session: Session, request: PrivacyRequest) -> bool:
    """Whether somebody else than who decided carried out the erasure; nothing to erase elsewhere counts as yes."""
    if request.kind not in ERASING or not session.scalar(_erasures(request)):
        return True
    by_others = _erasures(request).where(Task.done_by_id.is_not(None), Task.done_by_id != request.decided_by_id)
    by_delivery = _erasures(request).where(Task.state == TaskState.DONE, Task.checked_at.is_not(None))
    return bool(session.scalar(by_others)) or bool(session.scalar(by_delivery))


def is_check_planned(session: Session, request: PrivacyRequest) -> bool:
    """Whether the next import will be compared with what was decided, for whatever was changed in a system."""
    kinds = set(
        session.scalars(select(Task.kind).where(Task.board_id == request.board_id, Task.request_id == request.id))
    )
    return not kinds & {TaskKind.FIX_SOURCE, TaskKind.ERASE_SOURCE} or TaskKind.CHECK_AFTER_IMPORT in kinds


def _erasures(request: PrivacyRequest) -> Select[int]:
    return select(func.count()).where(
        Task.board_id == request.board_id, Task.request_id == request.id, Task.kind == TaskKind.ERASE_SOURCE
    )


def settle_when_done(session: Session, request: PrivacyRequest, by: Actor) -> None:
    """Settle the case when nothing is left to do, and tell the director that it can be closed."""
    if open_tasks(session, request):
        return
    finisher = by if by.role in (Role.TEACHER, Role.ADMINISTRATION, Role.DIRECTOR, Role.BOARD) else _nobody()
    cases.take(session, request, Event.FINISH, by=finisher)
    cases.tell_role(session, request, Role.DIRECTOR)


def _nobody() -> Actor:
    """An import settles tasks as well; the administration's role stands for it, without a person."""
    return Actor(adult_id=None, role=Role.ADMINISTRATION)
