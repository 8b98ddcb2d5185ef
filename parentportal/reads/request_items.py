"""Items a guardian can ask something about: of the own children, and of nobody else but the guardian self."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.catalogue import fields, fieldsets
from parentportal.catalogue.fields import Field
from parentportal.models.items import Item, PersonKind, Presence
from parentportal.models.privacy_requests import PrivacyRequest, RequestLine
from parentportal.outside import vault
from parentportal.reads.children import Child, get_child, list_children
from parentportal.reads.item_rows import HIDES
from parentportal.reads.items import CHILD_ADDRESS, OWN_ADDRESS
from parentportal.rules.authority import Capability, Hidden, SafetyFlag, hidden_by
from parentportal.rules.errors import NotFound
from parentportal.rules.identity import masked, show_iban, show_phone, show_postcode
from parentportal.rules.privacy_requests import FINAL, Kind, State
from parentportal.rules.roles import Role

HIDDEN_CATEGORIES = {Hidden.CONTACT: "contact", Hidden.SCHOOL: "school", Hidden.GROUP: "school"}
SEXES = {
    "male": "jongen of man",
    "female": "meisje of vrouw",
    "unspecified": "niet als man of vrouw",
    "unknown": "onbekend",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One item that this guardian may ask about; `value` is None where the portal does not show one.

    `pupil_id` is empty for the guardian's own data; `who` is the child's first name then, or empty.
    """

    id: UUID
    person_id: UUID
    pupil_id: UUID | None
    school_id: UUID
    who: str
    field: Field
    value: str | None
    system_name: str

    @property
    def label(self) -> str:
        return label_of(self.field)


@dataclass(frozen=True, slots=True)
class Person:
    """A child, or the guardian self (`who` empty), with the items to choose from."""

    who: str
    items: Sequence[Asked]


def label_of(field: Field) -> str:
    """The name of a field; a part of an address says so."""
    if field.part_of and field.part_of in fieldsets():
        return f"{fieldsets()[field.part_of].label}: {field.label.lower()}"
    return field.label


def get_item(session: Session, item_id: UUID, by: Visitor) -> Asked:
    """The item, when this guardian may ask about it today; otherwise `NotFound`. Two statements."""
    if by.role is not Role.GUARDIAN:
        raise NotFound
    owner = select(Item.person_id).where(Item.board_id == by.board_id, Item.id == item_id).scalar_subquery()
    rows = session.execute(_query().where(Item.board_id == by.board_id, or_(Item.person_id == owner, _own_address(by))))
    found = rows.all()
    row = next((one for one in found if one.id == item_id), None)
    if row is None or row.field_code not in fields():
        raise NotFound
    if row.person_kind is PersonKind.ADULT:
        if row.person_id != by.adult_id or by.school is None:
            raise NotFound
        return _asked(session, row, None, by.school.id)
    child = get_child(session, row.person_id, by, board_id=by.board_id, capability=Capability.REQUEST)
    if _is_hidden(fields()[row.field_code], child.flags) or row.field_code in _secret_codes(found, child.id, by):
        raise NotFound
    return _asked(session, row, child, child.school_id)


def list_items(session: Session, by: Visitor, *, pupil_id: UUID | None = None, own: bool = True) -> list[Person]:
    """Everything this guardian can ask about, child by child and then the own data; two statements.

    `pupil_id` leaves one child only; `own` False leaves the guardian's data out.
    """
    children = list_children(session, by, board_id=by.board_id, capability=Capability.REQUEST)
    chosen = [child for child in children if pupil_id in (None, child.id)]
    ids = [child.id for child in chosen] + ([by.adult_id] if own and by.school else [])
    rows = session.execute(
        _query().where(Item.board_id == by.board_id, or_(Item.person_id.in_(ids), _own_address(by)))
    ).all()
    secret = {child.id: _secret_codes(rows, child.id, by) for child in chosen}
    order = {code: number for number, code in enumerate(fields())}
    rows = sorted((row for row in rows if row.field_code in order), key=lambda row: order[row.field_code])
    persons = [
        Person(
            child.call_name,
            [
                _asked(session, row, child, child.school_id)
                for row in rows
                if row.person_id == child.id
                and not _is_hidden(fields()[row.field_code], child.flags)
                and row.field_code not in secret[child.id]
            ],
        )
        for child in chosen
    ]
    if own and by.school is not None:
        mine = [_asked(session, row, None, by.school.id) for row in rows if row.person_id == by.adult_id]
        persons.append(Person("", mine))
    return [person for person in persons if person.items]


def find_running(session: Session, item_id: UUID, kind: Kind, by: Visitor) -> UUID | None:
    """The sent and unfinished request of this guardian about this item, if there is one."""
    return session.scalar(
        select(PrivacyRequest.id)
        .join(RequestLine, RequestLine.request_id == PrivacyRequest.id)
        .where(
            PrivacyRequest.board_id == by.board_id,
            PrivacyRequest.adult_id == by.adult_id,
            PrivacyRequest.kind == kind,
            PrivacyRequest.state.not_in((*FINAL, State.DRAFT)),
            RequestLine.item_id == item_id,
        )
        .limit(1)
    )


def show_value(field: Field, value: str | None, *, covered: bool = False) -> str:
    """A kept value as people write it; `covered` leaves only the last characters of a masked one."""
    if not value:
        return ""
    if covered and field.masked:
        return masked(value)
    name = field.code.rpartition(".")[2]
    if field.input == "phone":
        return show_phone(value)
    if field.input == "postcode":
        return show_postcode(value)
    if field.input == "sex":
        return SEXES.get(value, value)
    return show_iban(value) if name == "iban" else value


def _query() -> Any:
    return select(
        Item.id,
        Item.person_id,
        Item.person_kind,
        Item.field_code,
        Item.value,
        Item.sealed,
        Item.decided_value,
        Item.decided_sealed,
        Item.system_name,
        Item.marked_secret,
    ).where(Item.presence != Presence.LAPSED)


def _asked(session: Session, row: Row[Any], child: Child | None, school_id: UUID) -> Asked:
    field = fields()[row.field_code]
    return Asked(
        id=row.id,
        person_id=row.person_id,
        pupil_id=child.id if child else None,
        school_id=school_id,
        who=child.call_name if child else "",
        field=field,
        value=_value(session, row) if field.presence == "value" else None,
        system_name=row.system_name,
    )


def _value(session: Session, row: Row[Any]) -> str:
    keeper = vault.of(session)
    for column in ("decided_sealed", "decided_value", "sealed", "value"):
        kept = getattr(row, column)
        if isinstance(kept, bytes | memoryview):
            return keeper.open(bytes(kept), table="item", row=row.id, column=column)
        if kept is not None:
            return str(kept)
    return ""


def _own_address(by: Visitor) -> ColumnElement[bool]:
    """The condition on an `Item` that it tells where this guardian lives."""
    return and_(Item.person_id == by.adult_id, Item.field_code.in_(OWN_ADDRESS))


def _secret_codes(rows: Sequence[Row[Any]], child_id: UUID, by: Visitor) -> frozenset[str]:
    """What a source marked as secret of a child; nothing for a guardian who is registered at the child's address."""
    theirs = {row.field_code: row for row in rows if row.person_id == child_id}
    secret = frozenset(code for code, row in theirs.items() if row.marked_secret)
    mine = {row.field_code: row.value for row in rows if row.person_id == by.adult_id}
    homes = [(mine.get(own), theirs.get(code)) for own, code in zip(OWN_ADDRESS, CHILD_ADDRESS, strict=True)]
    if not secret or all(own is not None and other is not None and own == other.value for own, other in homes):
        return frozenset()
    parts = HIDES[Hidden.ADDRESS]
    return secret | parts if secret & parts else secret


def _is_hidden(field: Field, flags: frozenset[SafetyFlag]) -> bool:
    """Whether a safety flag keeps this field of the child from this guardian (requirements 6.1)."""
    hidden = hidden_by(flags)
    if any(field.code in HIDES.get(kind, ()) for kind in hidden):
        return True
    if Hidden.ADDRESS in hidden and ".address." in field.code:
        return True
    return any(kind in hidden and field.category == category for kind, category in HIDDEN_CATEGORIES.items())
