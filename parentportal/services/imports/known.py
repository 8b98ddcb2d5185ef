"""What the portal knows of one school before a delivery, loaded in a fixed number of statements."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.orm import Session

from parentportal.models.authority import Authority
from parentportal.models.boards import School
from parentportal.models.groups import Group, GroupKind, Placement
from parentportal.models.imports import Source, SourceKey
from parentportal.models.items import Item, Presence, Tombstone
from parentportal.models.people import Adult, Pupil
from parentportal.outside import clock
from parentportal.rules.terms import school_year_of

T = TypeVar("T")
BATCH = 1000
PUPIL, GUARDIAN, GROUP = "pupil", "guardian", "group"
#: Which source goes first where two say something else (formats 11.6): the administration's own export, then lists.
RANKS = {"edexml": 0, "pupils": 1, "pupils-and-guardians": 1, "guardians": 2}

#: What a child is recognised by; all that a file without children needs of their items.
_RECOGNISING = ("pupil.eckid", "pupil.bsn", "pupil.education_number", "pupil.address.postcode")


class KnownItem(NamedTuple):
    """One registered value, as far as comparing needs it."""

    id: UUID
    field_code: str
    ordinal: int
    digest: bytes
    scheme: str | None
    presence: Presence
    source_id: UUID | None
    decided_line_id: UUID | None


Items = dict[str, list[KnownItem]]


@dataclass
class Known:
    """One school as it is in the portal, indexed for comparing; read only.

    `own_keys` are those of the source that delivers now, `other_keys` those of the school's other sources.
    """

    school: Row[Any]
    source_id: UUID
    source_kind: str
    today: date
    school_year: str
    ranks: dict[UUID | None, int] = field(default_factory=dict)
    own_keys: dict[tuple[str, str], UUID] = field(default_factory=dict)
    other_keys: dict[tuple[str, str], UUID] = field(default_factory=dict)
    pupils: dict[UUID, Row[Any]] = field(default_factory=dict)
    groups: dict[tuple[str, GroupKind, str], Row[Any]] = field(default_factory=dict)
    placements: dict[UUID, list[Row[Any]]] = field(default_factory=dict)
    adults: dict[UUID, Row[Any]] = field(default_factory=dict)
    relations: dict[UUID, list[Row[Any]]] = field(default_factory=dict)
    items: dict[UUID, Items] = field(default_factory=dict)
    tombstones: dict[tuple[UUID, str], set[bytes | None]] = field(default_factory=dict)

    @property
    def board_id(self) -> UUID:
        board_id: UUID = self.school.board_id
        return board_id

    @property
    def rank(self) -> int:
        """How much the delivering source is believed; 0 is most."""
        return RANKS[self.source_kind]

    def digest_of(self, person_id: UUID, code: str) -> bytes | None:
        """The digest of what is registered under this code, of whatever source."""
        rows = self.items.get(person_id, {}).get(code)
        return rows[0].digest if rows else None

    def in_source(self) -> set[UUID]:
        """The pupils that this source brought before."""
        keyed = {person for (kind, _), person in self.own_keys.items() if kind == PUPIL}
        valued = {
            pupil
            for pupil in self.pupils
            if any(row.source_id == self.source_id for rows in self.items.get(pupil, {}).values() for row in rows)
        }
        return (keyed | valued) & set(self.pupils)


def load(session: Session, school: Row[Any], source: Source, *, with_pupils: bool, with_adults: bool) -> Known:
    """Everything a delivery of this source is compared with: as much of pupils and adults as the file holds."""
    today = clock.amsterdam_date(clock.now(session))
    known = Known(school, source.id, source.kind, today, school_year_of(today))
    _load_keys(session, known)
    known.pupils = {row.id: row for row in session.execute(_pupils(known))}
    _load_groups(session, known)
    if with_adults:
        _load_adults(session, known)
    _load_items(session, known, with_pupils=with_pupils, with_adults=with_adults)
    return known


def get_school_row(session: Session, school_id: UUID) -> Row[Any] | None:
    """Number, name and board of a school."""
    query = select(School.id, School.board_id, School.brin, School.branch, School.name).where(School.id == school_id)
    return next(iter(fetch(session, query)), None)


def fetch(session: Session, query: Any) -> Sequence[Row[Any]]:
    """All rows of a query."""
    return session.execute(query).all()


def _load_keys(session: Session, known: Known) -> None:
    sources = fetch(
        session,
        select(Source.id, Source.kind, Source.last_delivery_id).where(
            Source.board_id == known.board_id, Source.school_id == known.school.id
        ),
    )
    known.ranks = {row.id: RANKS[row.kind] for row in sources if row.last_delivery_id is not None}
    keys = session.execute(
        select(SourceKey.source_id, SourceKey.kind, SourceKey.value, SourceKey.object_id).where(
            SourceKey.board_id == known.board_id, SourceKey.source_id.in_([row.id for row in sources])
        )
    )
    for row in keys:
        target = known.own_keys if row.source_id == known.source_id else known.other_keys
        target.setdefault((row.kind, row.value), row.object_id)


def _pupils(known: Known) -> Any:
    return select(
        Pupil.id,
        Pupil.call_name,
        Pupil.prefix,
        Pupil.surname,
        Pupil.birth_date,
        Pupil.enrolment,
        Pupil.enrolled_on,
        Pupil.left_on,
        Pupil.missing_since,
    ).where(Pupil.board_id == known.board_id, Pupil.school_id == known.school.id)


def _load_groups(session: Session, known: Known) -> None:
    rows = fetch(
        session,
        select(Group.id, Group.school_year, Group.kind, Group.name, Group.year_group).where(
            Group.board_id == known.board_id, Group.school_id == known.school.id
        ),
    )
    known.groups = {(row.school_year, row.kind, row.name): row for row in rows}
    placements = session.execute(
        select(Placement.id, Placement.pupil_id, Placement.group_id, Placement.starts_on, Placement.ends_on, Group.kind)
        .join(Group, and_(Group.board_id == Placement.board_id, Group.id == Placement.group_id))
        .where(Placement.board_id == known.board_id, Group.school_id == known.school.id)
    )
    found = defaultdict(list)
    for row in placements:
        found[row.pupil_id].append(row)
    known.placements = dict(found)


def _load_adults(session: Session, known: Known) -> None:
    relations = fetch(
        session,
        select(
            Authority.id,
            Authority.pupil_id,
            Authority.adult_id,
            Authority.relation_word,
            Authority.declared,
            Authority.status,
            Authority.source_id,
        )
        .join(Pupil, and_(Pupil.board_id == Authority.board_id, Pupil.id == Authority.pupil_id))
        .where(Authority.board_id == known.board_id, Pupil.school_id == known.school.id),
    )
    by_pupil = defaultdict(list)
    for row in relations:
        by_pupil[row.pupil_id].append(row)
    known.relations = dict(by_pupil)
    known.adults = {row.id: row for row in session.execute(_adults(known))}
    for key, adult_id in known.own_keys.items():
        if key[0] == GUARDIAN:
            known.own_keys[key] = _living_row(known, adult_id)


def _living_row(known: Known, adult_id: UUID) -> UUID:
    """The adult that a row stands for, after two listed adults were found to be one."""
    while adult_id in known.adults and known.adults[adult_id].merged_into_id is not None:
        adult_id = known.adults[adult_id].merged_into_id
    return adult_id


def _adults(known: Known) -> Any:
    """The adults of this school's pupils and of this source's keys, with those into which they were merged."""
    here = _adult_ids(known)
    merged = select(Adult.merged_into_id).where(Adult.board_id == known.board_id, Adult.merged_into_id.is_not(None))
    return select(
        Adult.id,
        Adult.first_name,
        Adult.initials,
        Adult.prefix,
        Adult.surname,
        Adult.email,
        Adult.phone,
        Adult.deceased,
        Adult.organisation,
        Adult.merged_into_id,
    ).where(Adult.board_id == known.board_id, or_(Adult.id.in_(here), Adult.id.in_(merged)))


def _adult_ids(known: Known) -> Any:
    related = (
        select(Authority.adult_id)
        .join(Pupil, and_(Pupil.board_id == Authority.board_id, Pupil.id == Authority.pupil_id))
        .where(Authority.board_id == known.board_id, Pupil.school_id == known.school.id)
    )
    keyed = select(SourceKey.object_id).where(
        SourceKey.board_id == known.board_id, SourceKey.source_id == known.source_id, SourceKey.kind == GUARDIAN
    )
    return related.union(keyed)


def _load_items(session: Session, known: Known, *, with_pupils: bool, with_adults: bool) -> None:
    of_school = select(Pupil.id).where(Pupil.board_id == known.board_id, Pupil.school_id == known.school.id)
    wanted: ColumnElement[bool] = Item.person_id.in_(of_school)
    if not with_pupils:
        wanted = and_(wanted, Item.field_code.in_(_RECOGNISING))
    if with_adults:
        wanted = or_(wanted, Item.person_id.in_(_adult_ids(known)))
    query = (
        select(
            Item.person_id,
            Item.id,
            Item.field_code,
            Item.ordinal,
            Item.digest,
            Item.scheme,
            Item.presence,
            Item.source_id,
            Item.decided_line_id,
        )
        .where(Item.board_id == known.board_id, wanted)
        .order_by(Item.person_id, Item.field_code, Item.ordinal)
    )
    sources = {source_id: source_id for source_id in known.ranks} | {known.source_id: known.source_id}
    for person_id, item_id, code, ordinal, digest, scheme, presence, source_id, line_id in _stream(session, query):
        item = KnownItem(
            item_id,
            sys.intern(code),
            ordinal,
            bytes(digest),
            scheme and sys.intern(scheme),
            presence,
            sources.get(source_id, source_id),
            line_id,
        )
        known.items.setdefault(person_id, {}).setdefault(item.field_code, []).append(item)
    stones = select(Tombstone.person_id, Tombstone.field_code, Tombstone.digest)
    for row in fetch(session, stones.where(Tombstone.board_id == known.board_id)):
        known.tombstones.setdefault((row.person_id, row.field_code), set()).add(row.digest)


def _stream(session: Session, query: Any) -> Any:
    """The rows of a long answer a few thousand at a time: a large school has hundreds of thousands of values."""
    return session.execute(query.execution_options(yield_per=5000))


def batches(rows: Iterable[T]) -> Iterator[list[T]]:
    """A thousand at a time: few statements, and few rows in memory."""
    waiting = iter(rows)
    while some := list(islice(waiting, BATCH)):
        yield some
