"""Carrying out what was granted: in the portal at once, and as tasks for source systems (GDPR articles 16 to 19)."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.catalogue import fields
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.items import Item, ItemChange, Tombstone
from parentportal.models.people import Adult
from parentportal.models.privacy_requests import PrivacyRequest, RequestLine
from parentportal.outside import clock, vault
from parentportal.reads.children import holds_authority
from parentportal.rules.audit import Event as Audited
from parentportal.rules.authority import Relation
from parentportal.rules.outcomes import FAVOURABLE, Outcome
from parentportal.rules.privacy_requests import ERASING, tells_other_holder
from parentportal.rules.tasks import Places, after_grant
from parentportal.services import audit, outbox, tasks
from parentportal.services.privacy_requests import cases, settling, values

PROJECTIONS = {"guardian.email": "email", "guardian.phone": "phone"}
"""Columns that repeat an item, and are emptied with it."""


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
    settling.settle_when_done(session, request, by)


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
    _bury(session, item, line, by)
    column = PROJECTIONS.get(item.field_code)
    if column is not None:
        session.execute(update(Adult).where(Adult.id == item.person_id).values({column: None}))
    session.delete(item)
    session.flush()
    forget_values(session, line.board_id, [item.id])
    audit.record(
        session,
        Audited.ITEM_ERASED,
        by=by,
        board_id=line.board_id,
        about=("item", line.item_id),
        pupil_id=request.pupil_id,
        detail={"field": line.field_code},
    )


def forget_values(session: Session, board_id: UUID, item_ids: Collection[UUID]) -> None:
    """Empty what requests kept of erased items: the tombstone proves what was there, and nobody needs to read it."""
    session.execute(
        update(RequestLine)
        .where(RequestLine.board_id == board_id, RequestLine.item_id.in_(item_ids))
        .values(old_value=None, new_value=None, decided_value=None)
    )


def _bury(session: Session, item: Item, line: RequestLine, by: Actor) -> None:
    """Digest and moment of what goes, never the value: a line of its history and a tombstone."""
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


def _leave_tasks(session: Session, request: PrivacyRequest, line: RequestLine) -> None:
    """One task for each system; where the board leaves a choice of systems, one for the school's own administration."""
    for new in after_grant(
        request.kind,
        Places(systems=line.systems.split(",")),
        on=cases.today(session),
        no_later_than=request.policy_due_on,
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
