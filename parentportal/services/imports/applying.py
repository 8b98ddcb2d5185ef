"""Applies a delivery in one transaction: all of it or nothing, and a second time nothing (formats 11.6, 11.9)."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.models.base import new_id
from parentportal.models.boards import School
from parentportal.models.imports import Delivery, DeliveryState, Source, UnknownField
from parentportal.outside import clock
from parentportal.rules.audit import Event
from parentportal.rules.errors import NotFound, NotNow
from parentportal.rules.sentences import N_
from parentportal.services import audit
from parentportal.services.consents import follow, standing
from parentportal.services.imports import adults, reconciling, reporting
from parentportal.services.imports.items import ItemWriter
from parentportal.services.imports.planning import Plan, make_plan
from parentportal.services.imports.pupils import PupilWriter
from parentportal.services.imports.reporting import Report
from parentportal.services.imports.staging import (
    Parsed,
    describe,
    fingerprint,
    get_delivery,
    get_school,
    is_known,
    name_of,
    no_change,
    report_of,
)


def apply(session: Session, delivery_id: UUID, parsed: Parsed, *, confirm: bool, by: Actor) -> Report:
    """Write what the delivery says, after comparing anew; `confirm` says that a person looked at why it is held.

    `parsed` is the content of this delivery, from `parse` or `reopen`. Answers `held` without writing anything when
    nobody looked, or when something changed since somebody did (`moved`). Applied already: answers so again.
    Raises `NotNow` for a file that was refused or is no longer kept.
    """
    row = get_delivery(session, delivery_id, by=by)
    school = get_school(session, row.school_id, by=by)
    session.execute(select(School.id).where(School.id == school.id).with_for_update())  # one import at a time
    if row.state is DeliveryState.APPLIED:
        return report_of(row, reporting.APPLIED)
    if row.state is DeliveryState.REFUSED or row.content is None or row.source_id is None:
        raise NotNow(N_("Dit bestand kan niet meer worden verwerkt. Lever het opnieuw in."))
    if parsed.sha256 != row.sha256 or parsed.delivered is None:
        raise NotFound
    source = session.get_one(Source, row.source_id)
    last = session.get(Delivery, source.last_delivery_id) if source.last_delivery_id else None
    if is_known(last, row.sha256, frozenset(row.guesses)):
        return no_change(last, row.filename)
    if parsed.confirmed != frozenset(row.guesses):  # somebody agreed to something else meanwhile
        return report_of(row, reporting.HELD, moved=True)
    plan = make_plan(session, school, source, parsed.delivered, last)
    moved = row.counts.get("fingerprint") != fingerprint(plan)
    if moved or (plan.reasons and not confirm):
        describe(row, plan)
        return report_of(row, reporting.HELD, moved=moved)
    _write(session, plan, row, source, by=by)
    return report_of(row, reporting.APPLIED)


def _write(session: Session, plan: Plan, row: Delivery, source: Source, *, by: Actor) -> None:
    now = clock.now(session)
    PupilWriter(session, plan).write()
    doubted = sorted({one.pupil_id for one in plan.relations if one.suspends})
    before = [standing(session, plan.known.board_id, pupil_id) for pupil_id in doubted]
    suspended = adults.write(session, plan, by=by)
    session.flush()
    for standing_before in before:
        follow(session, standing_before)  # a yes that stops counting leaves its tasks (trap T13)
    ItemWriter(session, plan, row.id, source.system_name).write()
    _count_unknown(session, plan, source, row.id)
    settled = reconciling.settle(session, plan.known, plan.differ.outcomes, delivery_id=row.id, by=by)
    session.expire_all()
    describe(row, plan)
    row.counts = {**row.counts, "settled": settled, "suspended": suspended}
    row.state, row.applied_at, row.applied_by = DeliveryState.APPLIED, now, name_of(by)
    source.last_delivery_id, source.column_set = row.id, plan.delivery.column_set or source.column_set
    session.flush()
    counts = plan.counts()
    detail = {f"{subject}_{name}": number for subject in counts for name, number in counts[subject].items() if number}
    audit.record(
        session,
        Event.DELIVERY_APPLIED,
        by=by,
        board_id=plan.known.board_id,
        about=("delivery", row.id),
        detail={**detail, "suspended": suspended, **settled, "sha256": row.sha256},
    )


def _count_unknown(session: Session, plan: Plan, source: Source, delivery_id: UUID) -> None:
    """Fields that the catalogue does not know: how many, never what (formats 11.8)."""
    query = select(UnknownField.id, UnknownField.path).where(
        UnknownField.board_id == source.board_id, UnknownField.source_id == source.id
    )
    rows: Any = session.execute(query)
    known: dict[str, Row[Any]] = {row.path: row for row in rows}
    new = []
    for one in plan.delivery.unknown_fields:
        if one.path in known:
            session.execute(
                update(UnknownField)
                .where(UnknownField.id == known[one.path].id)
                .values(count=one.count, delivery_id=delivery_id)
            )
        else:
            new.append(
                {
                    "id": new_id(),
                    "board_id": source.board_id,
                    "source_id": source.id,
                    "path": one.path,
                    "count": one.count,
                    "delivery_id": delivery_id,
                }
            )
    if new:
        session.execute(insert(UnknownField), new)
