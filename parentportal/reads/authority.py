"""Relations between adults and children as the administration sees them: grouped by child, with what a file said."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, select
from sqlalchemy.orm import Session, aliased

from parentportal.access import SchoolActor
from parentportal.models.authority import Authority
from parentportal.models.items import Item, PersonKind, Presence
from parentportal.models.people import Adult, Enrolment, Pupil
from parentportal.outside import clock
from parentportal.rules.authority import (
    Evidence,
    Family,
    Mark,
    Relation,
    SafetyFlag,
    Status,
    is_stale,
    may_confirm_in_bulk,
)
from parentportal.rules.errors import NotFound
from parentportal.rules.identity import show_postcode
from parentportal.rules.names import Name, accent_free

ADDRESS = tuple(
    f"guardian.address.{part}" for part in ("street", "house_number", "house_addition", "postcode", "place")
)
FEWEST_IN_BULK = 2
"""A single listed adult may hold sole authority, and that wants the register (requirements 6.1)."""

SUSPENDED, WAITING, STALE, SETTLED = range(4)
"""How urgent a family is; the first comes first."""


@dataclass(frozen=True, slots=True)
class RelationRow:
    """One adult of a child; `address` is blank where none is registered or where the file calls it secret."""

    id: UUID
    adult_id: UUID
    adult: str
    sort_key: tuple[str, str, str]
    organisation: bool
    deceased: bool
    word: str
    kind: Relation | None
    declared: Mark
    status: Status
    valid_from: date | None
    valid_until: date | None
    evidence: Evidence | None
    confirmed_at: datetime | None
    suspended_reason: str
    flags: frozenset[SafetyFlag]
    address: tuple[str, ...]
    address_is_secret: bool
    is_stale: bool

    @property
    def waits(self) -> bool:
        """Whether somebody has to look at it."""
        return self.status in (Status.UNKNOWN, Status.SUSPENDED)


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """One child with the adults that are listed for it."""

    pupil_id: UUID
    pupil: str
    call_name: str
    sort_key: tuple[str, str, str]
    birth_date: date | None
    relations: tuple[RelationRow, ...]
    same_address: bool | None
    """None while the address of somebody is unknown."""
    in_bulk: bool
    is_own: bool
    """The visitor is one of the adults, and may not decide here."""

    @property
    def to_confirm(self) -> tuple[RelationRow, ...]:
        """The relations that nobody has confirmed yet."""
        return tuple(relation for relation in self.relations if relation.status is Status.UNKNOWN)

    @property
    def urgency(self) -> int:
        """Suspended first, then what waits, then what is stale, then the rest."""
        states = {relation.status for relation in self.relations}
        if Status.SUSPENDED in states:
            return SUSPENDED
        if Status.UNKNOWN in states:
            return WAITING
        return STALE if any(relation.is_stale for relation in self.relations) else SETTLED


def list_families(session: Session, *, by: SchoolActor) -> Sequence[FamilyRow]:
    """Every child of the actor's school with its listed adults, the most urgent first; two statements."""
    return _families(session, by, list(session.execute(_query(by))))


def get_family(session: Session, pupil_id: UUID, *, by: SchoolActor) -> FamilyRow:
    """One child of the actor's school with its listed adults; raises `NotFound`."""
    families = _families(session, by, list(session.execute(_query(by).where(Pupil.id == pupil_id))))
    if not families:
        raise NotFound
    return families[0]


def get_relation(session: Session, authority_id: UUID, *, by: SchoolActor) -> tuple[FamilyRow, RelationRow]:
    """One relation of the actor's school with the family it belongs to; raises `NotFound`."""
    pupil_id = session.scalar(
        select(Authority.pupil_id).where(Authority.board_id == by.board_id, Authority.id == authority_id)
    )
    if pupil_id is None:
        raise NotFound
    family = get_family(session, pupil_id, by=by)
    for relation in family.relations:
        if relation.id == authority_id:
            return family, relation
    raise NotFound


def search_families(families: Sequence[FamilyRow], text: str) -> list[FamilyRow]:
    """The families in which the child or an adult has all these words in the name, accents aside."""
    words = accent_free(text).split()

    def fits(name: str) -> bool:
        plain = accent_free(name)
        return all(word in plain for word in words)

    return [
        family
        for family in families
        if fits(family.pupil) or any(fits(relation.adult) for relation in family.relations)
    ]


def is_listed(session: Session, adult_id: UUID | None, pupil_ids: Collection[UUID], *, board_id: UUID) -> bool:
    """Whether somebody belongs to the family of one of these children, whatever the relation gives or gave."""
    own = exists().where(
        Authority.board_id == board_id, Authority.pupil_id.in_(pupil_ids), Authority.adult_id == adult_id
    )
    return bool(session.scalar(select(own)))


def list_own_family(session: Session, *, by: SchoolActor) -> frozenset[UUID]:
    """The adults who are listed with a child of the actor, the actor too; nobody for the operator."""
    mine = aliased(Authority)
    theirs = select(Authority.adult_id).join(
        mine, and_(mine.board_id == Authority.board_id, mine.pupil_id == Authority.pupil_id)
    )
    return frozenset(session.scalars(theirs.where(mine.board_id == by.board_id, mine.adult_id == by.adult_id)))


def is_family(board_id: UUID, adult_id: SQLColumnExpression[UUID], other_id: UUID | None) -> ColumnElement[bool]:
    """Whether an adult is listed with a child of this other one, as a condition; see `list_own_family`."""
    mine, theirs = aliased(Authority), aliased(Authority)
    return exists().where(
        mine.board_id == board_id,
        mine.adult_id == other_id,
        theirs.board_id == board_id,
        theirs.pupil_id == mine.pupil_id,
        theirs.adult_id == adult_id,
    )


def _query(by: SchoolActor) -> Any:
    return (
        select(Authority, Pupil, Adult)
        .join(Pupil, and_(Pupil.board_id == Authority.board_id, Pupil.id == Authority.pupil_id))
        .join(Adult, and_(Adult.board_id == Authority.board_id, Adult.id == Authority.adult_id))
        .where(
            Authority.board_id == by.board_id,
            Pupil.school_id == by.school_id,
            Pupil.enrolment != Enrolment.LEFT,
            Adult.merged_into_id.is_(None),
        )
    )


def _families(session: Session, by: SchoolActor, rows: Sequence[Any]) -> list[FamilyRow]:
    addresses = _addresses(session, by.board_id, {adult.id for _authority, _pupil, adult in rows})
    today = clock.amsterdam_date(clock.now(session))
    grouped: dict[UUID, tuple[Pupil, list[RelationRow]]] = {}
    for authority, pupil, adult in rows:
        relation = _relation(authority, adult, addresses.get(adult.id, {}), today)
        grouped.setdefault(pupil.id, (pupil, []))[1].append(relation)
    families = [_family(pupil, relations, addresses, by) for pupil, relations in grouped.values()]
    return sorted(families, key=lambda family: (family.urgency, family.sort_key, family.pupil_id))


def _family(
    pupil: Pupil, relations: list[RelationRow], addresses: Mapping[UUID, Mapping[str, Item]], by: SchoolActor
) -> FamilyRow:
    name = Name(pupil.call_name, pupil.prefix, pupil.surname)
    living = [one for one in relations if one.status is not Status.ENDED and not one.deceased]
    keys = tuple(_comparable(addresses.get(one.adult_id, {})) for one in living)
    flags = frozenset(flag for one in relations for flag in one.flags)
    if any(one.address_is_secret for one in living):
        flags |= {SafetyFlag.SECRET_ADDRESS}
    is_own = any(one.adult_id == by.adult_id for one in relations)
    safe = may_confirm_in_bulk(Family(keys, tuple(one.declared for one in living), flags))
    waiting = [one for one in living if one.status is Status.UNKNOWN]
    quiet = len(living) >= FEWEST_IN_BULK and not any(
        one.organisation or (one.waits and one not in waiting) for one in living
    )
    return FamilyRow(
        pupil_id=pupil.id,
        pupil=name.display(),
        call_name=pupil.call_name,
        sort_key=name.sort_key(),
        birth_date=pupil.birth_date,
        relations=tuple(sorted(relations, key=lambda one: (one.status is Status.ENDED, one.sort_key, one.id))),
        same_address=None if None in keys or len(keys) < FEWEST_IN_BULK else len(set(keys)) == 1,
        in_bulk=bool(waiting) and safe and quiet and not is_own,
        is_own=is_own,
    )


def _relation(authority: Authority, adult: Adult, address: Mapping[str, Item], today: date) -> RelationRow:
    name = Name(adult.first_name or adult.initials, adult.prefix, adult.surname)
    flags = {
        SafetyFlag.NO_CONTACT: authority.no_contact,
        SafetyFlag.SECRET_ADDRESS: authority.secret_address,
        SafetyFlag.NO_LOCATION: authority.no_location,
    }
    confirmed_on = clock.amsterdam_date(authority.confirmed_at) if authority.confirmed_at else None
    is_secret = any(item.marked_secret for item in address.values())
    return RelationRow(
        id=authority.id,
        adult_id=adult.id,
        adult=name.display(),
        sort_key=name.sort_key(),
        organisation=adult.organisation,
        deceased=adult.deceased,
        word=authority.relation_word,
        kind=authority.kind,
        declared=authority.declared,
        status=authority.status,
        valid_from=authority.valid_from,
        valid_until=authority.valid_until,
        evidence=authority.evidence,
        confirmed_at=authority.confirmed_at,
        suspended_reason=authority.suspended_reason,
        flags=frozenset(flag for flag, is_set in flags.items() if is_set),
        address=() if is_secret else _lines(address),
        address_is_secret=is_secret,
        is_stale=authority.status is Status.CONFIRMED and is_stale(confirmed_on, today),
    )


def _addresses(session: Session, board_id: UUID, adult_ids: set[UUID]) -> Mapping[UUID, Mapping[str, Item]]:
    if not adult_ids:
        return {}
    found: dict[UUID, dict[str, Item]] = {}
    items = session.scalars(
        select(Item).where(
            Item.board_id == board_id,
            Item.person_id.in_(adult_ids),
            Item.person_kind == PersonKind.ADULT,
            Item.field_code.in_(ADDRESS),
            Item.ordinal == 0,
            Item.presence == Presence.CURRENT,
        )
    )
    for item in items:
        found.setdefault(item.person_id, {})[item.field_code.rpartition(".")[2]] = item
    return found


def _lines(address: Mapping[str, Item]) -> tuple[str, ...]:
    """Street and place, as far as they are registered."""
    value = {part: item.value or "" for part, item in address.items()}
    first = " ".join(filter(None, (value.get("street"), value.get("house_number"), value.get("house_addition"))))
    second = " ".join(filter(None, (show_postcode(value.get("postcode", "")), value.get("place"))))
    return tuple(line for line in (first, second) if line)


def _comparable(address: Mapping[str, Item]) -> str | None:
    """Postcode, number and addition, or street and place abroad; None when there is too little to compare."""
    value = {part: accent_free(item.value or "").replace(" ", "") for part, item in address.items()}
    where = value.get("postcode") or "".join(filter(None, (value.get("street"), value.get("place"))))
    number = value.get("house_number")
    return f"{where} {number} {value.get('house_addition', '')}" if where and number else None
