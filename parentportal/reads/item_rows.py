"""From stored values and the catalogue to the rows of a page: what is shown, masked, hidden or lies elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from parentportal.catalogue import BoardPolicy, Field, fields, fieldsets, grounds, parts_of, recipients
from parentportal.catalogue import readers as all_readers
from parentportal.catalogue import retention as terms
from parentportal.models.items import Origin, Presence
from parentportal.outside.vault import Vault
from parentportal.rules.authority import Hidden
from parentportal.rules.identity import masked, show_iban, show_postcode
from parentportal.sources.edexml_pupils import CARRIED

CARRIED_BY: Mapping[str, frozenset[str]] = {"edexml": CARRIED}
"""What a kind of source can hold; a list has other columns at every school, so of a list nothing is concluded."""

HIDES: Mapping[Hidden, frozenset[str]] = {
    Hidden.ADDRESS: frozenset(part.code for part in parts_of("pupil.address")),
    Hidden.CONTACT: frozenset({"pupil.phone", "pupil.emergency_phone", "pupil.email", "pupil.correspondence"}),
    Hidden.SCHOOL: frozenset({"pupil.location", "pupil.school_key", "pupil.username"}),
    Hidden.GROUP: frozenset({"pupil.group", "pupil.year_group", "pupil.group_key"}),
}
"""Which registered fields a safety flag takes from the page (requirements 6.1)."""

IN_PORTAL = frozenset({"pupil.consents", "guardian.login_history", "guardian.relation", "guardian.authority"})
"""What the portal itself keeps and shows on a page of its own, or elsewhere on the same page."""

SOME_ADMINISTRATION = "de leerlingadministratie"
"""The source of a school whose board leaves it a choice of systems (OPRON: ESIS, ParnasSys or Leerwinst)."""


class Standing(StrEnum):
    """What a page can say of a field."""

    VALUE = "value"
    EMPTY = "empty"
    ELSEWHERE = "elsewhere"
    EXISTS = "exists"
    HIDDEN = "hidden"
    IN_PORTAL = "in_portal"


@dataclass(frozen=True, slots=True)
class Account:
    """Why the school has a field, on which ground, who sees it, who gets it and how long it stays (AVG 13, 14).

    `is_settled`: the board decided who gets what; until then its list says only what its statement names.
    """

    why: str
    ground: str
    article: str
    law: str
    readers: tuple[str, ...]
    recipients: tuple[str, ...]
    is_settled: bool
    retention: str
    voluntary: bool
    removable: bool
    legacy: str


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One row. `value` is the canonical text, or only its last signs where `masked`; a composed item has its line.

    `decided` is the value of a granted correction that the source system does not have yet (trap T17).
    `request_id` is the viewer's own running request about it. `is_named`: the board's statement names the field.
    """

    code: str
    label: str
    standing: Standing
    account: Account
    subject: str
    input: str = "text"
    places: tuple[str, ...] = ()
    item_id: UUID | None = None
    value: str = ""
    scheme: str | None = None
    masked: bool = False
    origin: Origin | None = None
    registered_at: datetime | None = None
    changed_at: datetime | None = None
    seen_at: datetime | None = None
    missing: bool = False
    disputed: bool = False
    decided: str | None = None
    request_id: UUID | None = None
    is_named: bool = False

    @property
    def is_told_apart(self) -> bool:
        """Whether it gets a row of its own; what nobody named and nobody filled in stands in a list."""
        by_nature = self.code in fields() and fields()[self.code].presence == "elsewhere"
        return self.is_named or by_nature or self.standing not in (Standing.EMPTY, Standing.ELSEWHERE)


@dataclass(frozen=True)
class Composition:
    """Everything around the stored values that decides how they are shown.

    `stored` are rows of `reads.items`; `numbers` the ids of numbers that may be shown in full now.
    `shares_address` is whether the viewer is registered at the child's address.
    """

    policy: BoardPolicy
    vault: Vault
    subject: str
    stored: Sequence[Any]
    hidden: frozenset[Hidden] = frozenset()
    numbers: frozenset[UUID] = frozenset()
    requests: Mapping[UUID, UUID] = field(default_factory=dict)
    shares_address: bool = True

    @cached_property
    def hidden_codes(self) -> frozenset[str]:
        """Fields that are not shown to this viewer, by flag or because a source marked them secret."""
        codes = frozenset().union(*(HIDES.get(kind, frozenset()) for kind in self.hidden))
        secret = {row.field_code for row in self.stored if row.marked_secret}
        if not self.shares_address and secret:
            parts = HIDES[Hidden.ADDRESS]
            codes |= secret | (parts if secret & parts else frozenset())
        return codes

    def rows(self, category: str) -> list[ItemRow]:
        """Every field of one card in the order of the catalogue: none is left out (S4-A1)."""
        by_code: dict[str, list[Any]] = {}
        for row in self.stored:
            by_code.setdefault(row.field_code, []).append(row)
        found: list[ItemRow] = []
        done: set[str] = set()
        for one in fields().values():
            if one.subject != self.subject or one.category != category or one.part_of in done:
                continue
            if one.part_of:
                done.add(one.part_of)
                found.append(self._composed(one, by_code))
            else:
                values = by_code.get(one.code, [])
                found.extend([self._row(one, value) for value in values] or [self._without(one, one.code, one.label)])
        return found

    def _row(self, one: Field, stored: Any) -> ItemRow:
        if one.code in self.hidden_codes:
            return self._without(one, one.code, one.label)
        if one.presence == "exists_only" and not one.masked:
            return self._told(one, stored, Standing.EXISTS, "", None)
        return self._told(one, stored, Standing.VALUE, self._text(one, stored), self._decided(one, stored))

    def _told(self, one: Field, stored: Any, standing: Standing, value: str, decided: str | None) -> ItemRow:
        return ItemRow(
            code=one.code,
            label=one.label,
            standing=standing,
            account=account_of(one.code, self.policy, stored.system_name),
            subject=one.subject,
            input=one.input,
            places=(system_label(stored.system_name),),
            item_id=stored.id,
            value=value,
            scheme=stored.scheme,
            masked=one.masked and stored.id not in self.numbers,
            origin=stored.origin,
            registered_at=stored.registered_at,
            changed_at=stored.changed_at,
            seen_at=stored.seen_at,
            missing=stored.presence is not Presence.CURRENT,
            disputed=stored.disputed,
            decided=decided,
            request_id=self.requests.get(stored.id),
            is_named=one.code in self.policy.named_field_codes,
        )

    def _text(self, one: Field, stored: Any) -> str:
        return self._covered(one, stored, open_text(self.vault, stored.id, stored.value, stored.sealed, "sealed"))

    def _decided(self, one: Field, stored: Any) -> str | None:
        if stored.decided_value is None and stored.decided_sealed is None:
            return None
        text = open_text(self.vault, stored.id, stored.decided_value, stored.decided_sealed, "decided_sealed")
        return self._covered(one, stored, text)

    def _covered(self, one: Field, stored: Any, text: str) -> str:
        if not one.masked:
            return text
        if stored.id not in self.numbers:
            return masked(text)
        return show_iban(text) if one.code.endswith(".iban") else text

    def _without(self, one: Field, code: str, label: str) -> ItemRow:
        """A row without a value: hidden from this viewer, in the portal, not entered, or in another system."""
        standing, places = Standing.ELSEWHERE, self.places_of(one.category)
        if code in self.hidden_codes or one.code in self.hidden_codes:
            standing, places = Standing.HIDDEN, ()
        elif code in IN_PORTAL:
            standing, places = Standing.IN_PORTAL, ("portal",)
        elif one.presence == "value" and any(one.code in CARRIED_BY.get(kind, ()) for kind in self.kinds):
            standing = Standing.EMPTY
        parts = {part.code for part in parts_of(code)} or {code}
        is_named = bool(parts & self.policy.named_field_codes)
        account = account_of(one.code, self.policy)
        return ItemRow(code, label, standing, account, one.subject, places=places, is_named=is_named)

    def _composed(self, one: Field, by_code: Mapping[str, list[Any]]) -> ItemRow:
        """The parts of an address as one row, under the id of the first part that is there."""
        block = fieldsets()[one.part_of]
        parts = [(part, by_code[part.code][0]) for part in parts_of(block.code) if part.code in by_code]
        if not parts or one.code in self.hidden_codes:
            return self._without(one, block.code, block.label)
        now = {part.code: self._text(part, stored) for part, stored in parts}
        changed = {part.code: text for part, stored in parts if (text := self._decided(part, stored)) is not None}
        newest = max((stored for _, stored in parts), key=lambda stored: stored.changed_at)
        row = self._told(one, parts[0][1], Standing.VALUE, "", None)
        request_id = next((self.requests[stored.id] for _, stored in parts if stored.id in self.requests), None)
        return _replaced(
            row,
            code=block.code,
            label=block.label,
            input="text",
            scheme=None,
            value=address_line(block.code, now),
            decided=address_line(block.code, now | changed) if changed else None,
            changed_at=newest.changed_at,
            disputed=any(stored.disputed for _, stored in parts),
            missing=all(stored.presence is not Presence.CURRENT for _, stored in parts),
            request_id=request_id,
        )

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of files from which something about this person came."""
        return frozenset(row.source_kind for row in self.stored if row.source_kind)

    def places_of(self, category: str) -> tuple[str, ...]:
        """Names of the systems that may hold a card of fields; empty when the board's statement names none."""
        known = {row.system_name.casefold() for row in self.stored}
        uses = [use for use in self.policy.systems if category in use.categories]
        fitting = [
            use
            for use in uses
            if not use.one_of or use.code in known or not known & {rival.code for rival in uses if rival.one_of}
        ]
        return tuple(recipients()[use.code].name for use in fitting)


@lru_cache(maxsize=2048)
def account_of(field_code: str, policy: BoardPolicy, system: str = "") -> Account:
    """The story of a field under a board's policy; `system` is where it was seen. Neither ever changes."""
    one = fields()[field_code]
    ground, term = grounds()[one.ground], terms()[one.retention]
    return Account(
        why=one.why,
        ground=ground.text,
        article=ground.article,
        law=one.law,
        readers=readers_of(one, policy),
        recipients=tuple(recipients()[code].name for code in _receivers(one, policy, system.casefold())),
        is_settled=all(gap.code != "recipients" for gap in policy.gaps),
        retention=term.sentence,
        voluntary=one.obligation == "voluntary",
        removable=one.deletion != "no",
        legacy=one.legacy,
    )


def _receivers(one: Field, policy: BoardPolicy, known: str) -> Iterable[str]:
    """Who gets it; of systems between which schools choose, only the one where it was seen, if any."""
    choices = {use.code: use.one_of for use in policy.systems if use.one_of}
    for code in one.recipients:
        if code not in policy.receives:
            continue
        rivals = {other for other, group in choices.items() if group == choices.get(code)}
        if known not in rivals or code == known:
            yield code


def _replaced(row: ItemRow, **changes: Any) -> ItemRow:
    return ItemRow(**{name: getattr(row, name) for name in ItemRow.__slots__} | changes)


def open_text(vault: Vault, item_id: UUID, value: str | None, sealed: bytes | None, column: str) -> str:
    """The text of an item, whether it was kept open or sealed."""
    if sealed is None:
        return value or ""
    return vault.open(sealed, table="item", row=item_id, column=column)


def address_line(block: str, parts: Mapping[str, str]) -> str:
    """An address on one line, for instance "Dijkweg 12 A, 1234 AB Zomerdijk"."""
    part = {name: parts.get(f"{block}.{name}", "") for name in ("street", "house_number", "house_addition", "place")}
    street = " ".join(word for word in (part["street"], part["house_number"], part["house_addition"]) if word)
    place = " ".join(word for word in (show_postcode(parts.get(f"{block}.postcode", "")), part["place"]) if word)
    return ", ".join(word for word in (street, place) if word)


def readers_of(one: Field, policy: BoardPolicy) -> tuple[str, ...]:
    """Who at the school can see a field: as catalogued, as far as the board's statement lets them in."""
    stated = [code for code in one.readers if code in policy.readers.codes]
    return tuple(all_readers()[code].label for code in stated or one.readers)


def system_label(name: str) -> str:
    """A system as people call it; without a name it is the one of several that this school chose."""
    known = recipients().get(name.casefold())
    return known.name if known else name or SOME_ADMINISTRATION
