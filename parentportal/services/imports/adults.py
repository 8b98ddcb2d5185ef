"""Writes the adults of a plan and their relations: new ones open nothing, and a no closes at once (T30)."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.people import Adult
from parentportal.outside import clock
from parentportal.rules.audit import Event
from parentportal.services import audit, sign_in
from parentportal.services.imports.families import AdultPlan, RelationPlan
from parentportal.services.imports.known import batches
from parentportal.services.imports.planning import Plan
from parentportal.services.imports.pupils import shown

_SHOWN = ("first_name", "initials", "prefix", "surname", "email", "phone")


def write(session: Session, plan: Plan, *, by: Actor) -> int:
    """Adults, then relations; answers how many relations were suspended."""
    now = clock.now(session)
    decided = plan.differ.decided_values()
    for batch in batches(_new(plan, one) | {"created_at": now} for one in plan.adults if one.is_new):
        session.execute(insert(Adult).execution_options(render_nulls=True), batch)
    for one in plan.adults:
        changed = {} if one.is_new else _changed(plan, decided, one)
        if changed:
            session.execute(update(Adult).where(Adult.id == one.person_id).values(changed))
            if changed.get("deceased"):
                sign_in.end_all_of(session, plan.known.board_id, one.person_id)
    for batch in batches(_new_relation(plan, one) | {"created_at": now} for one in plan.relations if one.row is None):
        session.execute(insert(Authority).execution_options(render_nulls=True), batch)
    for relation in plan.relations:
        if relation.row is not None:
            _change_relation(session, plan, relation, by=by)
    return sum(one.suspends for one in plan.relations)


def _new(plan: Plan, one: AdultPlan) -> dict[str, Any]:
    values = {name: one.record.value(f"guardian.{name}") for name in _SHOWN}
    return {
        "id": one.person_id,
        "board_id": plan.known.board_id,
        "first_name": values["first_name"] or "",
        "initials": values["initials"] or "",
        "prefix": values["prefix"] or "",
        "surname": values["surname"] or "",
        "email": values["email"],
        "phone": values["phone"],
        "deceased": one.record.value("guardian.deceased") == "yes",
    }


def _changed(plan: Plan, decided: dict[tuple[UUID, str], str], one: AdultPlan) -> dict[str, Any]:
    """Only what differs; empty when nothing does.

    A list records a death and never takes one back: many say "nee" for everybody. The operator does.
    """
    row = plan.known.adults[one.person_id]
    different: dict[str, Any] = {}
    for name in _SHOWN:
        code, before = f"guardian.{name}", getattr(row, name) or ""
        after = shown(plan, decided, one.person_id, code, one.record.value(code), before)
        if name == "surname":
            after = after or before
        if after != before:
            different[name] = after if name not in ("email", "phone") else after or None
    if one.record.value("guardian.deceased") == "yes" and not row.deceased:
        different["deceased"] = True
    return different


def _new_relation(plan: Plan, one: RelationPlan) -> dict[str, Any]:
    return {
        "id": new_id(),
        "board_id": plan.known.board_id,
        "pupil_id": one.pupil_id,
        "adult_id": one.adult_id,
        "relation_word": one.record.kind if one.record is not None else "",
        "declared": one.declared,
        "status": one.status,
        "source_id": plan.known.source_id,
    }


def _change_relation(session: Session, plan: Plan, one: RelationPlan, *, by: Actor) -> None:
    row = one.row
    if row is None:
        return
    different: dict[str, Any] = {}
    if row.declared is not one.declared:
        different["declared"] = one.declared
    if one.record is not None and one.record.kind not in ("unknown", row.relation_word):
        different["relation_word"] = one.record.kind
    if one.suspends:
        different |= {"status": one.status, "suspended_reason": one.reason}
        audit.record(
            session,
            Event.AUTHORITY_SUSPENDED,
            by=by,
            board_id=plan.known.board_id,
            about=("authority", row.id),
            pupil_id=one.pupil_id,
            detail={"cause": one.reason},
        )
        sign_in.end_all_of(session, plan.known.board_id, row.adult_id)
    if different:
        session.execute(
            update(Authority)
            .where(Authority.board_id == plan.known.board_id, Authority.id == row.id)
            .values(different)
            .execution_options(synchronize_session=False)
        )
