"""What a delivery would change, field by field, without changing anything."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from parentportal.models.items import Presence
from parentportal.outside.vault import Vault
from parentportal.rules.imports import Decided, Difference, Reconciled, reconcile
from parentportal.rules.names import same_prefix
from parentportal.services.imports.known import Items, Known, KnownItem
from parentportal.services.imports.reconciling import Correction, has_not_arrived
from parentportal.sources.delivery import Delivery, ItemValue
from parentportal.sources.edexml_pupils import CARRIED

#: A child whose name or birth date changes may be another child (formats 11.4).
TELLING = frozenset(
    ("pupil.surname", "pupil.prefix", "pupil.call_name", "pupil.first_names", "pupil.birth_date"),
)
CURRENT = Presence.CURRENT


class Change(NamedTuple):
    """One value that is new, changed, gone or back; `row` is what is registered, `digest` None for new persons."""

    code: str
    ordinal: int
    value: str | None
    scheme: str | None
    digest: bytes | None
    what: Difference
    row: KnownItem | None


class Outcome(NamedTuple):
    """What came of a field about which something was decided; `item` is the row it lies in, if there is one."""

    correction: Correction
    reconciled: Reconciled
    item: KnownItem | None


@dataclass
class Differ:
    """Compares persons of one delivery with what is registered, and keeps count of the values."""

    known: Known
    vault: Vault
    carried: frozenset[str]
    corrections: Mapping[tuple[UUID, str], Correction]
    counts: Counter[Difference] = field(default_factory=Counter)
    outcomes: list[Outcome] = field(default_factory=list)
    kept_out: set[tuple[UUID, str]] = field(default_factory=set)
    contradicting: int = 0

    def decided_values(self) -> dict[tuple[UUID, str], str]:
        """Granted values that the source system has not taken over: what a page shows of the person."""
        return {
            (one.correction.person_id, one.correction.field_code): one.correction.new_value
            for one in self.outcomes
            if has_not_arrived(one) and not one.correction.erasing
        }

    def newcomer(self, values: Sequence[ItemValue]) -> None:
        """Count what a person brings who was not in the portal yet; `newcomer_values` gives it when it is written."""
        self.counts[Difference.NEW] += len(values)

    def person(self, person_id: UUID, values: Sequence[ItemValue]) -> list[Change]:
        """What differs for a person who is known."""
        rows = self.known.items.get(person_id, {})
        by_code: dict[str, list[ItemValue]] = {}
        for one in values:
            by_code.setdefault(one.field_code, []).append(one)
        changes = [change for code, coming in by_code.items() for change in self._field(person_id, code, coming, rows)]
        changes += self._gone(person_id, by_code, rows)
        for change in changes:
            self.counts[change.what] += 1
        return changes

    def _field(self, person_id: UUID, code: str, coming: list[ItemValue], rows: Items) -> Iterable[Change]:
        registered = rows.get(code, [])
        mine = [row for row in registered if row.source_id == self.known.source_id]
        others = [row for row in registered if row.source_id != self.known.source_id and row.presence is CURRENT]
        top = max((row.ordinal for row in registered), default=-1)
        for nth, one in enumerate(coming):
            digest = self.vault.digest(one.value, "item")
            row = mine[nth] if nth < len(mine) else None
            if not self._may_come(person_id, code, digest, row or (others[0] if others else None)):
                continue
            if row is not None:
                what = self._compared(person_id, one, digest, row)
                if what is Difference.UNCHANGED:
                    self.counts[what] += 1
                else:
                    yield Change(code, row.ordinal, one.value, one.scheme, digest, what, row)
            elif any(other.digest == digest for other in others):
                self.counts[Difference.UNCHANGED] += 1
            else:
                self.contradicting += bool(others)
                top += 1
                yield Change(code, top, one.value, one.scheme, digest, Difference.NEW, None)

    def _compared(self, person_id: UUID, one: ItemValue, digest: bytes, row: KnownItem) -> Difference:
        same = row.digest == digest and row.scheme == one.scheme
        if not same and one.field_code.endswith(".prefix"):
            person = self.known.pupils.get(person_id) or self.known.adults.get(person_id)
            same = person is not None and bool(person.prefix) and same_prefix(person.prefix, one.value)
        if not same:
            return Difference.CHANGED
        return Difference.UNCHANGED if row.presence is CURRENT else Difference.BACK

    def _may_come(self, person_id: UUID, code: str, digest: bytes, row: KnownItem | None) -> bool:
        """Whether the value may be registered; notes what it does to an earlier decision (traps T17, T40)."""
        stones = self.known.tombstones.get((person_id, code), set())
        erased = None in stones or digest in {bytes(stone) for stone in stones if stone is not None}
        correction = self.corrections.get((person_id, code))
        if correction is not None:
            decided = Decided(correction.corrected_to, correction.corrected_from, tombstone=erased)
            registered = row.digest if row is not None else None
            self.outcomes.append(Outcome(correction, reconcile(decided, digest, registered), row))
        if erased:
            self.kept_out.add((person_id, code))
        return not erased

    def _gone(self, person_id: UUID, by_code: Mapping[str, list[ItemValue]], rows: Items) -> Iterable[Change]:
        """Values that this source brought before and that its format would have brought again."""
        for code, registered in rows.items():
            if code not in self.carried:
                continue
            mine = [row for row in registered if row.source_id == self.known.source_id]
            for row in mine[len(by_code.get(code, ())) :]:
                if row.presence is CURRENT:
                    yield Change(code, row.ordinal, None, row.scheme, None, Difference.GONE, row)
        for (person, code), correction in self.corrections.items():
            if person == person_id and correction.erasing and code in self.carried and code not in by_code:
                self.outcomes.append(Outcome(correction, Reconciled.SILENT, None))


def newcomer_values(values: Sequence[ItemValue]) -> Iterable[Change]:
    """Everything about a person who was not in the portal yet, one by one, for there may be many."""
    nth: Counter[str] = Counter()
    for one in values:
        yield Change(one.field_code, nth[one.field_code], one.value, one.scheme, None, Difference.NEW, None)
        nth[one.field_code] += 1


def carried_fields(delivery: Delivery) -> frozenset[str]:
    """The fields whose absence says something: those of the format, or the filled columns of a list.

    A column of which cells still wait for a person says nothing by what is missing from it.
    """
    if delivery.format == "edexml":
        return CARRIED
    items = chain.from_iterable([one.items for one in delivery.pupils] + [one.items for one in delivery.guardians])
    waiting = {code for one in delivery.asked if one.accepted is None for code in one.fields}
    return frozenset(item.field_code for item in items) - waiting
