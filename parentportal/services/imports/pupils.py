"""Writes what a plan changes in pupils, groups and who sits where."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from parentportal.models.base import new_id
from parentportal.models.groups import Group, GroupKind, Placement
from parentportal.models.imports import SourceKey
from parentportal.models.people import Enrolment, Pupil
from parentportal.outside import clock
from parentportal.rules.imports import Difference
from parentportal.rules.names import same_prefix
from parentportal.services.imports.known import GROUP, GUARDIAN, PUPIL
from parentportal.services.imports.matching import birth_date_of, shown_first_name
from parentportal.services.imports.planning import Plan, PupilPlan, group_key


class PupilWriter:
    """Writes the children of one delivery and their groups."""

    def __init__(self, session: Session, plan: Plan) -> None:
        self.session = session
        self.plan = plan
        self.known = plan.known
        self.now = clock.now(session)
        self.decided = plan.differ.decided_values()

    def write(self) -> None:
        """Groups first, for children are placed in them."""
        self._write_groups()
        self._insert(Pupil, [self._new(one) for one in self.plan.pupils if one.is_new])
        self._update(Pupil, [row for one in self.plan.pupils if not one.is_new and (row := self._changed(one))])
        self._update(Pupil, [{"id": pupil_id, "missing_since": self.now} for pupil_id in self.plan.missing])
        self._write_keys()
        if self.plan.places_pupils:
            self._place()

    def _new(self, one: PupilPlan) -> dict[str, Any]:
        return {
            "id": one.person_id,
            "board_id": self.known.board_id,
            "school_id": self.known.school.id,
            "call_name": shown_first_name(one.record),
            "prefix": one.record.value("pupil.prefix") or "",
            "surname": one.record.value("pupil.surname") or "",
            "birth_date": birth_date_of(one.record),
            "enrolment": one.enrolment,
            "enrolled_on": one.record.enrolled_on,
            "left_on": self._left_on(one, None),
            "created_at": self.now,
        }

    def _changed(self, one: PupilPlan) -> dict[str, Any]:
        """Only what differs; empty when nothing does."""
        row = self.known.pupils[one.person_id]
        born_on = self._shown(one.person_id, "pupil.birth_date", one.record.value("pupil.birth_date"), "")
        wanted = {
            "call_name": self._shown(
                one.person_id, "pupil.call_name", shown_first_name(one.record) or row.call_name, row.call_name
            ),
            "prefix": self._shown(one.person_id, "pupil.prefix", one.record.value("pupil.prefix"), row.prefix),
            "surname": self._shown(one.person_id, "pupil.surname", one.record.value("pupil.surname"), row.surname),
            "birth_date": date.fromisoformat(born_on) if born_on else row.birth_date,
            "enrolment": one.enrolment,
            "enrolled_on": one.record.enrolled_on or row.enrolled_on,
            "left_on": self._left_on(one, row.left_on) if self.plan.places_pupils else row.left_on,
            "missing_since": None,
        }
        different = {name: value for name, value in wanted.items() if getattr(row, name) != value}
        return {"id": one.person_id, **different} if different else {}

    def _shown(self, person_id: UUID, code: str, delivered: str | None, registered: str) -> str:
        return shown(self.plan, self.decided, person_id, code, delivered, registered)

    def _left_on(self, one: PupilPlan, before: date | None) -> date | None:
        """The last day, for the retention clock; a file that names none says at least that it is over."""
        if one.enrolment is not Enrolment.LEFT:
            return one.record.left_on
        return one.record.left_on or before or self.plan.effective_on

    def _write_groups(self) -> None:
        new = [one for one in self.plan.groups if one.difference is Difference.NEW]
        self._insert(
            Group,
            [
                {
                    "id": one.group_id,
                    "board_id": self.known.board_id,
                    "school_id": self.known.school.id,
                    "school_year": self.plan.school_year,
                    "kind": one.kind,
                    "name": one.record.name,
                    "year_group": one.record.year_group,
                    "created_at": self.now,
                }
                for one in new
            ],
        )
        self._update(
            Group,
            [
                {
                    "id": one.group_id,
                    "name": one.record.name,
                    "year_group": one.record.year_group or (one.row.year_group if one.row is not None else None),
                }
                for one in self.plan.groups
                if one.difference is Difference.CHANGED
            ],
        )

    def _write_keys(self) -> None:
        """Remember under which key this source knows whom; a key that was reused moves to its new owner."""
        wanted: dict[tuple[str, str], UUID] = {}
        for pupil in self.plan.pupils:
            if pupil.record.key is not None and not pupil.record.key_is_dummy:
                wanted[PUPIL, pupil.record.key] = pupil.person_id
        for group in self.plan.groups:
            wanted[GROUP, group_key(self.plan, group.record.key)] = group.group_id
        for adult in self.plan.adults:
            if adult.record.key is not None:
                wanted[GUARDIAN, adult.record.key] = adult.person_id
        own = self.known.own_keys
        self._insert(
            SourceKey,
            [
                {
                    "id": new_id(),
                    "board_id": self.known.board_id,
                    "source_id": self.known.source_id,
                    "kind": kind,
                    "value": value,
                    "object_id": object_id,
                }
                for (kind, value), object_id in wanted.items()
                if (kind, value) not in own
            ],
        )
        for (kind, value), object_id in wanted.items():
            if own.get((kind, value), object_id) != object_id:
                self.session.execute(
                    update(SourceKey)
                    .where(
                        SourceKey.board_id == self.known.board_id,
                        SourceKey.source_id == self.known.source_id,
                        SourceKey.kind == kind,
                        SourceKey.value == value,
                    )
                    .values(object_id=object_id)
                )

    def _place(self) -> None:
        """Close what ended and open what began, with dates; a child has one home group at a time."""
        group_of = {one.record.key: one for one in self.plan.groups}
        opened: list[dict[str, Any]] = []
        dated: list[dict[str, Any]] = []
        for pupil in self.plan.pupils:
            keys = pupil.record.group_keys if pupil.enrolment is Enrolment.ENROLLED else ()
            wanted = {group_of[key].group_id: group_of[key].kind for key in keys if key in group_of}
            self._place_one(pupil, wanted, opened, dated)
        self._insert(Placement, opened)
        self._update(Placement, dated)

    def _place_one(
        self,
        pupil: PupilPlan,
        wanted: dict[UUID, GroupKind],
        opened: list[dict[str, Any]],
        dated: list[dict[str, Any]],
    ) -> None:
        rows = self.known.placements.get(pupil.person_id, [])
        standing = {row.group_id for row in rows if row.ends_on is None}
        last_day = self.plan.effective_on
        if pupil.enrolment is Enrolment.LEFT and pupil.record.left_on is not None:
            last_day = pupil.record.left_on
        for row in rows:
            if row.ends_on is None and row.group_id not in wanted and self._carries(row.kind):
                dated.append({"id": row.id, "ends_on": max(last_day, row.starts_on)})
        for group_id in wanted:
            if group_id in standing:
                continue
            begun = [row for row in rows if row.group_id == group_id and row.starts_on == self.plan.effective_on]
            if begun:
                dated.append({"id": begun[0].id, "ends_on": None})
            else:
                opened.append(
                    {
                        "id": new_id(),
                        "board_id": self.known.board_id,
                        "pupil_id": pupil.person_id,
                        "group_id": group_id,
                        "starts_on": self.plan.effective_on,
                    }
                )

    def _carries(self, kind: GroupKind) -> bool:
        """A list knows home groups only."""
        return kind is GroupKind.HOME or self.plan.delivery.format == "edexml"

    def _insert(self, model: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.session.execute(insert(model).execution_options(render_nulls=True), rows)

    def _update(self, model: Any, rows: Iterable[dict[str, Any]]) -> None:
        by_shape: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in rows:
            by_shape.setdefault(tuple(row), []).append(row)
        for alike in by_shape.values():
            self.session.execute(update(model), alike)


def shown(
    plan: Plan,
    decided: dict[tuple[UUID, str], str],
    person_id: UUID,
    code: str,
    delivered: str | None,
    registered: str,
) -> str:
    """What pages call a person by: a decided correction first, then the source that is believed most.

    A prefix that the format cut off changes nothing, and what was erased does not come back.
    """
    if (person_id, code) in decided:
        return decided[person_id, code]
    rows = plan.known.items.get(person_id, {}).get(code, ())
    better = any(plan.known.ranks.get(row.source_id, 0) < plan.known.rank for row in rows)
    erased = (person_id, code) in plan.differ.kept_out
    if erased or better or (delivered is None and code not in plan.differ.carried):
        return registered
    if delivered and registered and code.endswith(".prefix") and same_prefix(registered, delivered):
        return registered
    return delivered or ""
