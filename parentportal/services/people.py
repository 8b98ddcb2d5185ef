"""Two listed adults who are one person: joined by somebody who knows, with their history kept."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.access import SchoolActor
from parentportal.models.authority import Authority
from parentportal.models.counter_recoveries import CounterRecovery
from parentportal.models.groups import TeacherAssignment
from parentportal.models.imports import SourceKey
from parentportal.models.items import Item, Tombstone
from parentportal.models.outbox import OutboxMail
from parentportal.models.paper_notices import PaperNotice
from parentportal.models.people import Adult, StaffRole
from parentportal.models.privacy_requests import PrivacyRequest, RequestLine
from parentportal.models.sign_in import Account
from parentportal.models.tasks import Task
from parentportal.outside import clock
from parentportal.reads.authority import is_listed
from parentportal.reads.invitations import opens_more
from parentportal.reads.people import get_adults, is_here
from parentportal.rules.audit import Event
from parentportal.rules.authority import Status
from parentportal.rules.errors import NotFound, NotNow
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.services import audit, role_notices, sign_in
from parentportal.services.authority import OWN_CHILD
from parentportal.services.consents import follow, standing
from parentportal.services.invitations import revoke_letters
from parentportal.services.role_notices import Overseer, list_overseers

MERGED = "merged"
"""Why a relation is suspended after a merge; the other codes come from deliveries."""

OUT_OF_REACH = N_(
    "Een van de twee heeft een rol die u niet kunt geven, of een kind op een andere school. Vraag het de beheerder."
)


def merge(session: Session, keep_id: UUID, gone_id: UUID, *, by: SchoolActor) -> None:
    """Join the second adult into the first; the row of the second stays and only points on.

    Relations, items, keys of sources, roles, cases and the account move along. What an adult answered stays as it
    was given, and counts for the one that remains. Raises `NotFound` for people of elsewhere, and `NotNow` for the
    actor's own rows and family, when both have an account, and when the one account would open what the actor may not
    give. Letters that stand open nothing any more: they were made for one row alone. Whoever watches over roles hears
    of those that the account gets.
    """
    get_adults(session, keep_id, gone_id, by=by)
    if by.adult_id in (keep_id, gone_id):
        raise NotNow(N_("Dit gaat over uzelf. Vraag een collega om dit te doen."))
    accounts = list(
        session.scalars(
            select(Account).where(Account.board_id == by.board_id, Account.adult_id.in_((keep_id, gone_id)))
        )
    )
    if len(accounts) > 1:
        raise NotNow(N_("Allebei hebben ze een account. Laat de persoon eerst een van de twee opzeggen."))
    without_account = {keep_id, gone_id} - {account.adult_id for account in accounts}
    _refuse_beyond_reach(session, without_account, by)
    pupils = set(
        session.scalars(
            select(Authority.pupil_id).where(
                Authority.board_id == by.board_id, Authority.adult_id.in_((keep_id, gone_id))
            )
        )
    )
    if is_listed(session, by.adult_id, pupils, board_id=by.board_id):
        raise NotNow(OWN_CHILD)
    before = [standing(session, by.board_id, pupil_id) for pupil_id in sorted(pupils)]
    news = _role_news(session, without_account, {account.adult_id for account in accounts}, by)
    for adult_id in (keep_id, gone_id):
        revoke_letters(session, by.board_id, adult_id, by=by)
    _move_relations(session, keep_id, gone_id, by)
    _move_items(session, keep_id, gone_id, by)
    _move_rows(session, keep_id, gone_id, by)
    gone, kept = session.get_one(Adult, gone_id), session.get_one(Adult, keep_id)
    kept.deceased = kept.deceased or gone.deceased
    gone.merged_into_id, gone.merged_at, gone.merged_by_id = keep_id, clock.now(session), by.adult_id
    session.flush()
    for standing_before in before:
        follow(session, standing_before)
    sign_in.end_all_of(session, by.board_id, keep_id)
    for overseers, school_id, role in news:
        role_notices.tell(session, overseers, kept, school_id, role, by=by)
    audit.record(
        session,
        Event.ADULTS_MERGED,
        by=by,
        board_id=by.board_id,
        about=("adult", keep_id),
        detail={"gone": str(gone_id)},
    )


def undo_death(session: Session, adult_id: UUID, *, by: SchoolActor) -> bool:
    """Somebody was recorded as deceased by mistake, and may sign in again; False when nothing said so.

    For the operator: on screen nobody reopens an account in this way. Raises `NotFound` for people of elsewhere.
    """
    here = select(Adult).where(Adult.board_id == by.board_id, Adult.id == adult_id, is_here(by))
    adult = session.scalar(here)
    if adult is None:
        raise NotFound
    if not adult.deceased:
        return False
    adult.deceased = False
    audit.record(session, Event.DEATH_UNDONE, by=by, board_id=by.board_id, about=("adult", adult_id))
    return True


def _refuse_beyond_reach(session: Session, without_account: set[UUID], by: SchoolActor) -> None:
    """An account must not get by joining what its maker could not give it with a letter."""
    if by.role is None or len(without_account) != 1:
        return
    beyond = select(Adult.id).where(
        Adult.board_id == by.board_id, Adult.id.in_(without_account), opens_more(by.school_id, by.role)
    )
    if session.scalar(beyond) is not None:
        raise NotNow(OUT_OF_REACH)


def _role_news(
    session: Session, without_account: set[UUID], with_account: set[UUID], by: SchoolActor
) -> list[tuple[Sequence[Overseer], UUID | None, Role]]:
    """The roles that an account is about to get, each with who hears of it."""
    if not with_account:
        return []
    rows = session.execute(
        select(StaffRole.adult_id, StaffRole.school_id, StaffRole.role)
        .where(
            StaffRole.board_id == by.board_id,
            StaffRole.adult_id.in_(without_account | with_account),
            StaffRole.ended_at.is_(None),
        )
        .order_by(StaffRole.id)
    ).all()
    held = {(row.school_id, row.role) for row in rows if row.adult_id in with_account}
    got = dict.fromkeys((row.school_id, row.role) for row in rows if row.adult_id in without_account)
    return [(list_overseers(session, by.board_id, *one), *one) for one in got if one not in held]


def _move_relations(session: Session, keep_id: UUID, gone_id: UUID, by: SchoolActor) -> None:
    """Where both are listed with a child one relation stays; both rows have the flags of both.

    Confirmed on one row and ended on the other contradict each other: access waits until somebody has looked.
    """
    kept = {row.pupil_id: row for row in _relations(session, keep_id, by)}
    for row in _relations(session, gone_id, by):
        row.adult_id = keep_id
        twin = kept.get(row.pupil_id)
        if twin is None:
            continue
        stays, goes = (row, twin) if _rank(row) < _rank(twin) else (twin, row)
        for flag in ("no_contact", "secret_address", "no_location"):
            either = getattr(stays, flag) or getattr(goes, flag)
            setattr(stays, flag, either)
            setattr(goes, flag, either)
        if {stays.status, goes.status} == {Status.CONFIRMED, Status.ENDED}:
            stays.status, stays.suspended_reason = Status.SUSPENDED, MERGED
        if goes.status is not Status.ENDED:
            goes.status = Status.ENDED
            goes.ended_at, goes.ended_by_id = clock.now(session), by.adult_id


def _relations(session: Session, adult_id: UUID, by: SchoolActor) -> list[Authority]:
    rows = session.scalars(
        select(Authority).where(Authority.board_id == by.board_id, Authority.adult_id == adult_id)
    ).all()
    return sorted(rows, key=_rank, reverse=True)


def _rank(row: Authority) -> int:
    """Which of two relations with the same child stays: doubt before certainty, a decision before none."""
    return (Status.SUSPENDED, Status.CONFIRMED, Status.ENDED, Status.UNKNOWN).index(row.status)


def _move_items(session: Session, keep_id: UUID, gone_id: UUID, by: SchoolActor) -> None:
    """Values that the remaining person has already stay with the row that disappears, as history."""
    there = {
        (code, ordinal)
        for code, ordinal in session.execute(
            select(Item.field_code, Item.ordinal).where(Item.board_id == by.board_id, Item.person_id == keep_id)
        )
    }
    moving = [
        item_id
        for item_id, code, ordinal in session.execute(
            select(Item.id, Item.field_code, Item.ordinal).where(
                Item.board_id == by.board_id, Item.person_id == gone_id
            )
        )
        if (code, ordinal) not in there
    ]
    session.execute(
        update(Item)
        .where(Item.board_id == by.board_id, Item.person_id == gone_id, Item.id.in_(moving))
        .values(person_id=keep_id)
    )


def _move_rows(session: Session, keep_id: UUID, gone_id: UUID, by: SchoolActor) -> None:
    """Everything else that names the person and may change; history that is only added keeps its name.

    Whom a case is about and who had a hand in it too: nobody with a stake in a case may come to see it (trap T22).
    """
    session.flush()
    for column in (
        SourceKey.object_id,
        StaffRole.adult_id,
        TeacherAssignment.adult_id,
        Account.adult_id,
        PrivacyRequest.adult_id,
        PrivacyRequest.handler_id,
        PrivacyRequest.proposed_by_id,
        PrivacyRequest.decided_by_id,
        PrivacyRequest.closed_by_id,
        PrivacyRequest.about_staff_id,
        PrivacyRequest.excluded_id,
        RequestLine.person_id,
        Task.person_id,
        Task.done_by_id,
        Tombstone.person_id,
        OutboxMail.adult_id,
        PaperNotice.adult_id,
        CounterRecovery.adult_id,
        CounterRecovery.asked_by_id,
        CounterRecovery.second_id,
        CounterRecovery.confirmed_by_id,
        Adult.merged_into_id,
    ):
        table = column.class_
        session.execute(
            update(table).where(table.board_id == by.board_id, column == gone_id).values({column.key: keep_id})
        )
