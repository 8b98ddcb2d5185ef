"""Writes what a plan changes in registered items: in bulk, with history, and never a deletion."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from parentportal.catalogue import fields
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.items import Item, ItemChange, Origin, PersonKind, Presence
from parentportal.models.people import Pupil
from parentportal.outside import clock, vault
from parentportal.outside.vault import Vault
from parentportal.rules.imports import Difference
from parentportal.services.imports.difference import Change, newcomer_values
from parentportal.services.imports.families import AdultPlan
from parentportal.services.imports.known import batches
from parentportal.services.imports.planning import Plan, PupilPlan

ITEMS, CHANGES = cast(Table, Item.__table__), cast(Table, ItemChange.__table__)  # past the ORM: there may be many
_ADDRESS = ("street", "house_number", "house_addition", "postcode", "place")
SECRET_FIELDS = {
    "address": tuple(f"address.{part}" for part in _ADDRESS),
    "phone": ("phone", "emergency_phone"),
    "email": ("email",),
}


class ItemWriter:
    """Writes the items of one delivery."""

    def __init__(self, session: Session, plan: Plan, delivery_id: UUID, system_name: str) -> None:
        self.session = session
        self.plan = plan
        self.delivery_id = delivery_id
        self.system_name = system_name
        self.now: datetime = clock.now(session)
        self.vault: Vault = vault.of(session)
        self.origins = {code: Origin(one.source) for code, one in fields().items() if one.source in list(Origin)}
        self.sealed = frozenset(code for code, one in fields().items() if one.sealed)

    def write(self) -> None:
        """Everything new, changed, gone, back and missing, and the moment at which the rest was seen."""
        for batch in batches(self._new()):
            self.session.execute(insert(ITEMS), batch)
        for batch in batches(self._changed()):
            self.session.execute(update(Item), batch)
        for batch in batches(self._presences()):
            self.session.execute(update(Item), batch)
        for batch in batches(self._history()):
            self.session.execute(insert(CHANGES), batch)
        self._miss()
        plans = (self.plan.pupils, self.plan.adults)
        self._see([one.person_id for persons in plans for one in persons if not one.is_new])
        self._mark_secrets()

    def _persons(self) -> Iterator[tuple[PersonKind, PupilPlan | AdultPlan]]:
        yield from ((PersonKind.PUPIL, one) for one in self.plan.pupils)
        yield from ((PersonKind.ADULT, one) for one in self.plan.adults)

    def _new(self) -> Iterator[dict[str, Any]]:
        for kind, one in self._persons():
            for change in newcomer_values(one.record.items) if one.is_new else one.changes:
                if change.what is Difference.NEW:
                    item_id = new_id()
                    yield {
                        "id": item_id,
                        "board_id": self.plan.known.board_id,
                        "person_id": one.person_id,
                        "person_kind": kind,
                        "field_code": change.code,
                        "ordinal": change.ordinal,
                        "origin": self.origins.get(change.code, Origin.SCHOOL),
                        "source_id": self.plan.known.source_id,
                        "system_name": self.system_name,
                        "registered_at": self.now,
                        **self._content(item_id, change),
                    }

    def _differing(self) -> Iterator[tuple[UUID, Change]]:
        """What differs about people who were known, with the person it is about."""
        for _, one in self._persons():
            for change in one.changes:
                if change.row is not None:
                    yield one.person_id, change

    def _changed(self) -> Iterator[dict[str, Any]]:
        for person_id, change in self._differing():
            if change.what is Difference.CHANGED and change.row is not None:
                yield {**self._key(person_id, change), **self._content(change.row.id, change)}

    def _content(self, item_id: UUID, change: Change) -> dict[str, Any]:
        """The value, sealed where the catalogue says so, with its digest and moments."""
        text = change.value or ""
        is_sealed = change.code in self.sealed
        sealed = self.vault.seal(text, table="item", row=item_id, column="sealed") if is_sealed else None
        return {
            "value": None if is_sealed else text,
            "sealed": sealed,
            "digest": change.digest or self.vault.digest(text, "item"),
            "scheme": change.scheme,
            "delivery_id": self.delivery_id,
            "changed_at": self.now,
            "seen_at": self.now,
            "presence": Presence.CURRENT,
        }

    def _presences(self) -> Iterator[dict[str, Any]]:
        """Values that went or came back as they were."""
        for person_id, change in self._differing():
            if change.what is Difference.GONE:
                yield {**self._key(person_id, change), "presence": Presence.LAPSED, "changed_at": self.now}
            elif change.what is Difference.BACK:
                yield {**self._key(person_id, change), "presence": Presence.CURRENT, "changed_at": self.now}

    def _history(self) -> Iterator[dict[str, Any]]:
        for person_id, change in self._differing():
            if change.row is not None and change.what in (Difference.CHANGED, Difference.GONE):
                yield {
                    "id": new_id(),
                    "board_id": self.plan.known.board_id,
                    "person_id": person_id,
                    "item_id": change.row.id,
                    "field_code": change.code,
                    "old_digest": change.row.digest,
                    "new_digest": change.digest,
                    "delivery_id": self.delivery_id,
                    "at": self.now,
                }

    def _key(self, person_id: UUID, change: Change) -> dict[str, Any]:
        item_id = change.row.id if change.row is not None else None
        return {"board_id": self.plan.known.board_id, "person_id": person_id, "id": item_id}

    def _miss(self) -> None:
        """What this source brought of children whom it misses now stays, and is marked (formats 11.7)."""
        self._update(self.plan.missing, {"presence": Presence.MISSING}, Item.presence == Presence.CURRENT)

    def _see(self, persons: Sequence[UUID]) -> None:
        """`seen_at` moves for everything that stood in the file, changed or not."""
        carried = Item.field_code.in_(sorted(self.plan.differ.carried))
        self._update(persons, {"seen_at": self.now}, Item.presence == Presence.CURRENT, carried)

    def _update(self, persons: Sequence[UUID], values: dict[str, Any], *conditions: Any) -> None:
        for some in batches(persons):
            self.session.execute(
                update(Item)
                .where(
                    Item.board_id == self.plan.known.board_id,
                    Item.person_id.in_(some),
                    Item.source_id == self.plan.known.source_id,
                    *conditions,
                )
                .values(values)
                .execution_options(synchronize_session=False)
            )

    def _mark_secrets(self) -> None:
        """Addresses and numbers that the file calls secret; only an explicit no takes the mark away.

        The address of a child follows that of a parent with a secret address, whichever file it came from, so that
        no other parent reads there where that parent lives (formats 4, 10).
        """
        for secret, people in ((True, self.plan.secrets.yes), (False, self.plan.secrets.no)):
            for what, persons in people.items():
                person, _, part = what.partition(".")
                codes = [f"{person}.{code}" for code in SECRET_FIELDS[part]]
                for some in batches(sorted(persons)):
                    self._mark(Item.person_id.in_(some), codes, secret=secret)
        self._mark_children_of_secret_parents()

    def _mark_children_of_secret_parents(self) -> None:
        of_parents = [f"guardian.{code}" for code in SECRET_FIELDS["address"]]
        parents = select(Item.person_id).where(
            Item.board_id == self.plan.known.board_id, Item.field_code.in_(of_parents), Item.marked_secret.is_(True)
        )
        children = (
            select(Authority.pupil_id)
            .join(Pupil, Pupil.id == Authority.pupil_id)
            .where(
                Authority.board_id == self.plan.known.board_id,
                Pupil.school_id == self.plan.known.school.id,
                Authority.adult_id.in_(parents),
            )
        )
        codes = [f"pupil.{code}" for code in SECRET_FIELDS["address"]]
        already = select(Item.person_id).where(
            Item.board_id == self.plan.known.board_id, Item.field_code.in_(codes), Item.marked_secret.is_(True)
        )
        self._mark(Item.person_id.in_(children.union(already)), codes, secret=True)

    def _mark(self, persons: Any, codes: Sequence[str], *, secret: bool) -> None:
        self.session.execute(
            update(Item)
            .where(
                Item.board_id == self.plan.known.board_id,
                persons,
                Item.field_code.in_(codes),
                Item.marked_secret.is_not(secret),
            )
            .values(marked_secret=secret)
            .execution_options(synchronize_session=False)
        )
