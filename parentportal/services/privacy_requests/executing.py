"""Carrying out what was granted: in the portal at once, and as tasks for source systems (GDPR articles 16 to 19)."""

from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.catalogue import fields
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.items import ItemChange, Tombstone
from parentportal.models.people import Adult
from parentportal.models.privacy_requests import PrivacyRequest, RequestLine
from parentportal.models.tasks import Task
from parentportal.outside import clock, vault
from parentportal.reads.children import holds_authority
from parentportal.rules.audit import Event as Audited
from parentportal.rules.authority import Relation
from parentportal.rules.errors import NotNow
from parentportal.rules.outcomes import FAVOURABLE, Outcome
from parentportal.rules.privacy_requests import ERASING, Event, State, tells_other_holder
from parentportal.rules.roles import Role
from parentportal.rules.tasks import Places, TaskKind, TaskState, after_grant
from parentportal.services import audit, outbox, tasks
from parentportal.services.privacy_requests import cases, values

PROJECTIONS = {"guardian.email": "email", "guardian.phone": "phone"}
"""Columns that repeat an item, and are emptied with it."""
UNSETTLED = (TaskState.OPEN, TaskState.NOT_YET_PROCESSED)
SAME_PERSON = "U besloot zelf over dit verzoek. Een collega voert het weghalen uit."


def carry_out(session: Session, request: PrivacyRequest, lines: list[RequestLine], *, by: Actor) -> None:
    """Change or erase the items that were granted, and leave a task for every system that holds them."""
    for line in lines:
        if line.outcome not in FAVOURABLE:
            continue
        if request.kind in ERASING and line.outcome is Outcome.GRANTED:
            _erase(session, request, line, by)
        elif request.kind in cases.CORRECTING:
            _correct(session, line)
        line.executed_at = clock.now(session)
        _leave_tasks(session, request, line)
    session.flush()
    _tell_other_holders(session, request, lines)
    _settle_when_done(session, request, by)


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
    _settle_when_done(session, request, by)


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


def _settle_when_done(session: Session, request: PrivacyRequest, by: Actor) -> None:
    if open_tasks(session, request):
        return
    finisher = by if by.role in (Role.TEACHER, Role.ADMINISTRATION, Role.DIRECTOR, Role.BOARD) else _nobody()
    cases.take(session, request, Event.FINISH, by=finisher)
    cases.tell_role(session, request, Role.DIRECTOR)


def _nobody() -> Actor:
    """An import settles tasks as well; the administration's role stands for it, without a person."""
    return Actor(adult_id=None, role=Role.ADMINISTRATION)


def _correct(session: Session, line: RequestLine) -> None:
    """The decided value counts in the portal from now on, beside what the source still says (trap T17)."""
    item, field = cases.item_of(session, line), fields()[line.field_code]
    value = cases.unsealed(session, line, "decided_value")
    if item is None or not value or not values.holds_value(field):
        return
    if field.sealed:
        item.decided_sealed = vault.of(session).seal(value, table="item", row=item.id, column="decided_sealed")
        item.decided_value = None
    else:
        item.decided_value, item.decided_sealed = value, None
    item.decided_line_id = line.id


def _erase(session: Session, request: PrivacyRequest, line: RequestLine, by: Actor) -> None:
    """Gone from the portal, with a tombstone that keeps later imports from bringing it back (trap T40)."""
    item = cases.item_of(session, line)
    if item is None:
        return
    now = clock.now(session)
    session.add(
        ItemChange(
            id=new_id(),
            board_id=item.board_id,
            person_id=item.person_id,
            item_id=item.id,
            field_code=item.field_code,
            old_digest=item.digest,
            new_digest=None,
            at=now,
        )
    )
    session.add(
        Tombstone(
            id=new_id(),
            board_id=item.board_id,
            person_id=item.person_id,
            field_code=item.field_code,
            digest=item.digest,
            line_id=line.id,
            erased_at=now,
            erased_by_id=by.adult_id,
        )
    )
    column = PROJECTIONS.get(item.field_code)
    if column is not None:
        session.execute(update(Adult).where(Adult.id == item.person_id).values({column: None}))
    session.delete(item)
    session.flush()
    audit.record(
        session,
        Audited.ITEM_ERASED,
        by=by,
        board_id=line.board_id,
        about=("item", line.item_id),
        pupil_id=request.pupil_id,
        detail={"field": line.field_code},
    )


def _leave_tasks(session: Session, request: PrivacyRequest, line: RequestLine) -> None:
    systems = [name for name in line.systems.split(",") if name]
    for new in after_grant(
        request.kind, Places(systems=systems), on=cases.today(session), no_later_than=request.policy_due_on
    ):
        origin = tasks.Origin(
            board_id=request.board_id,
            school_id=request.school_id,
            pupil_id=request.pupil_id,
            person_id=line.person_id,
            request_id=request.id,
            line_id=line.id,
            field_code=line.field_code,
        )
        tasks.add(session, new, origin)


def _tell_other_holders(session: Session, request: PrivacyRequest, lines: list[RequestLine]) -> None:
    """A neutral mail to who shares authority and lives apart, when a name or an address of the child changes."""
    granted = any(line.outcome in FAVOURABLE and fields()[line.field_code].identity for line in lines)
    if request.pupil_id is None or not granted:
        return
    holders = session.execute(
        select(Authority.adult_id, Authority.kind, Authority.no_contact, Authority.secret_address).where(
            Authority.board_id == request.board_id,
            Authority.pupil_id == request.pupil_id,
            holds_authority(cases.today(session)),
        )
    ).all()
    apart = any(one.kind is Relation.JOINT_SEPARATED for one in holders)
    if not tells_other_holder(child_identity_item=granted, holders_live_apart=apart):
        return
    name = cases.school_name(session, request)
    for one in holders:
        if one.adult_id != request.adult_id and not (one.no_contact or one.secret_address):
            outbox.tell(session, one.adult_id, board_id=request.board_id, school_name=name)
