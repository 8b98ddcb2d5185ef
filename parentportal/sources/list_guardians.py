"""Guardians of a list: one record for one key, and one relation for every child."""

from collections.abc import Sequence
from dataclasses import replace

from parentportal.sources.cells import Cells
from parentportal.sources.columns import Column, Slot, normalised, relation_kinds
from parentportal.sources.delivery import N_, Answer, GuardianRecord, ItemValue, PupilRef, RelationRecord
from parentportal.sources.tables import Row

Texts = dict[str, tuple[Column, str]]

_STRICTEST_AUTHORITY = (Answer.NO, Answer.UNKNOWN, Answer.YES)
_STRICTEST_SECRET = (Answer.YES, Answer.UNKNOWN, Answer.NO)


class Guardians:
    """Collects adults and relations; the same key is the same adult, equal names or mail are not."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._records: dict[str, GuardianRecord] = {}
        self._relations: dict[tuple[PupilRef, str], RelationRecord] = {}

    def records(self) -> tuple[GuardianRecord, ...]:
        """The adults, in the order of the file."""
        return tuple(self._records.values())

    def relations(self) -> tuple[RelationRecord, ...]:
        """The relations, in the order of the file."""
        return tuple(self._relations.values())

    def take(self, row: Row, slot: Slot, number: int, refs: Sequence[PupilRef]) -> bool:
        """One adult of one row; False when the row has nobody there."""
        texts = {column.code: (column, row.cells[column.index]) for column in slot.columns}
        items = tuple(
            item
            for code, (column, text) in texts.items()
            if code.startswith("guardian.") and (item := self._cells.item(column, text, row.line))
        )
        key = self._text(texts, "relation.guardian_key", row)
        if key is None and not any(item.scheme != "answer" for item in items):
            return False
        ref = f"key:{key}" if key is not None else f"row:{row.line}:{number}"
        self._merge(GuardianRecord(ref, key, items, row.line))
        deceased = next((Answer(i.value) for i in items if i.field_code == "guardian.deceased"), Answer.UNKNOWN)
        for pupil in refs:
            relation = RelationRecord(
                pupil=pupil,
                guardian_ref=ref,
                guardian_key=key,
                kind=self._kind(texts, slot, row),
                authority=self._answer(texts, "relation.authority", row),
                address_secret=self._answer(texts, "relation.address_secret", row),
                phone_secret=self._answer(texts, "relation.phone_secret", row),
                email_secret=self._answer(texts, "relation.email_secret", row),
                deceased=deceased,
                line=row.line,
            )
            self._add(relation)
        return True

    def _text(self, texts: Texts, code: str, row: Row) -> str | None:
        return self._cells.text(*texts[code], row.line) if code in texts else None

    def _answer(self, texts: Texts, code: str, row: Row) -> Answer:
        return self._cells.answer(*texts[code], row.line) if code in texts else Answer.UNKNOWN

    def _kind(self, texts: Texts, slot: Slot, row: Row) -> str:
        text = self._text(texts, "relation.kind", row)
        if text is None:
            return slot.kind or "unknown"
        kind = relation_kinds().get(normalised(text))
        if kind is None:
            header = texts["relation.kind"][0].header
            self._cells.remarks.warn("unknown-code", N_("Deze relatie is onbekend. Kijk haar na."), row.line, header)
        return kind or "other"

    def _merge(self, new: GuardianRecord) -> None:
        """A parent of two children stands in two rows: what is new is added, what differs is reported."""
        known = self._records.get(new.ref)
        if known is None:
            self._records[new.ref] = new
            return
        added: list[ItemValue] = []
        for item in new.items:
            before = known.value(item.field_code)
            if before is None:
                added.append(item)
            elif before != item.value:
                header = item.path.removeprefix("kolom/")
                message = N_("Bij deze ouder staat in een eerdere regel iets anders. De eerste regel geldt.")
                self._cells.remarks.warn("guardian-differs", message, new.line, header)
        self._records[new.ref] = replace(known, items=known.items + tuple(added))

    def _add(self, new: RelationRecord) -> None:
        """Twice the same relation: the strictest answer counts, so that nobody sees too much."""
        pupil = PupilRef(key=new.pupil.key) if new.pupil.key else new.pupil
        identity = (pupil, new.guardian_ref)
        known = self._relations.get(identity)
        if known is None:
            self._relations[identity] = new
            return
        self._cells.remarks.warn(
            "duplicate-relation", N_("Deze ouder staat twee keer bij dit kind. Het strengste antwoord geldt."), new.line
        )
        self._relations[identity] = replace(
            known,
            authority=min(known.authority, new.authority, key=_STRICTEST_AUTHORITY.index),
            address_secret=min(known.address_secret, new.address_secret, key=_STRICTEST_SECRET.index),
            phone_secret=min(known.phone_secret, new.phone_secret, key=_STRICTEST_SECRET.index),
            email_secret=min(known.email_secret, new.email_secret, key=_STRICTEST_SECRET.index),
        )
