"""What happens with a delivery from a school system: refuse, hold or take it, and what each difference means."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from parentportal.rules.names import comparable, same_prefix


class Level(StrEnum):
    """What a finding does to a delivery."""

    REFUSE = "refuse"
    HOLD = "hold"
    """Somebody of the administration must confirm first."""
    WARN = "warn"
    """Said with the record, which is still taken."""


class Reason(StrEnum):
    """Why a whole delivery is refused or held: a closed list and a contract (design 9)."""

    MALFORMED = "malformed"
    DOCTYPE = "doctype"
    ENCODING = "encoding"
    NOT_AN_EXPORT = "not-an-export"
    UNKNOWN_FORMAT = "unknown-format"
    EMPTY = "empty"
    TOO_LARGE = "too-large"
    DUPLICATE_KEY = "duplicate-key"
    OTHER_SCHOOL = "other-school"
    OLDER_DELIVERY = "older-delivery"
    OTHER_SCHOOL_YEAR = "other-school-year"
    MASS_CHANGE = "mass-change"
    COLUMNS_CHANGED = "columns-changed"

    @property
    def level(self) -> Level:
        """Whether this reason refuses or only holds."""
        return Level.HOLD if self in HOLDING else Level.REFUSE


HOLDING = frozenset({Reason.OLDER_DELIVERY, Reason.OTHER_SCHOOL_YEAR, Reason.MASS_CHANGE, Reason.COLUMNS_CHANGED})


class Remark(StrEnum):
    """What is odd about one record; the record is taken all the same."""

    CHECK_DIGIT = "check-digit"
    ODD_VALUE = "odd-value"
    UNKNOWN_CODE = "unknown-code"
    UNKNOWN_GROUP = "unknown-group"
    ORDER = "order"
    UNKNOWN_ELEMENT = "unknown-element"
    NO_YEAR_GROUP = "no-year-group"
    SCHEMA = "schema"


def verdict(reasons: Collection[Reason]) -> Level | None:
    """The heaviest of the findings on a delivery; None when it can simply be taken."""
    levels = {reason.level for reason in reasons}
    return next((level for level in (Level.REFUSE, Level.HOLD) if level in levels), None)


MOST_CHANGED = 25
MOST_CHANGED_SHARE = 10
LEAST_FOR_SHARE = 5
MOST_ERRONEOUS_SHARE = 2


@dataclass(frozen=True)
class Counts:
    """What a delivery would do; `known` are the pupils that this source brought before."""

    known: int
    missing_or_changed: int
    """Pupils no longer in it, or with another name or birth date."""
    rows: int = 0
    rows_with_errors: int = 0


def is_mass_change(counts: Counts) -> bool:
    """More than 25 pupils, or more than 10 % and at least 5, or errors in more than 2 % of the rows."""
    changed = counts.missing_or_changed
    many = changed > MOST_CHANGED
    large_share = changed >= LEAST_FOR_SHARE and changed * 100 > counts.known * MOST_CHANGED_SHARE
    erroneous = counts.rows_with_errors * 100 > counts.rows * MOST_ERRONEOUS_SHARE
    return many or large_share or erroneous


@dataclass(frozen=True)
class DeliveryFacts:
    """What a readable delivery says about itself, next to the last one that was applied."""

    school_year: str | None
    made_on: date | None
    columns: frozenset[str] | None
    """None for formats with a fixed set of fields."""
    counts: Counts
    last_made_on: date | None = None
    last_columns: frozenset[str] | None = None


def holds(facts: DeliveryFacts, *, current_school_year: str) -> list[Reason]:
    """Why somebody must look first; empty when nothing is remarkable. Unknown facts hold nothing."""
    found = []
    if facts.made_on and facts.last_made_on and facts.made_on < facts.last_made_on:
        found.append(Reason.OLDER_DELIVERY)
    if facts.school_year and facts.school_year != current_school_year:
        found.append(Reason.OTHER_SCHOOL_YEAR)
    if is_mass_change(facts.counts):
        found.append(Reason.MASS_CHANGE)
    if facts.columns is not None and facts.last_columns not in {None, facts.columns}:
        found.append(Reason.COLUMNS_CHANGED)
    return found


def is_other_school(delivered_brin: str, delivered_branch: str, school_number: str) -> bool:
    """Whether a delivery is of another school; branches count only where the school has one.

    `school_number` has four characters, or six with the branch; so may `delivered_brin`.
    """
    brin, branch = delivered_brin[:4], delivered_branch or delivered_brin[4:6]
    own_branch = school_number[4:6]
    other_branch = bool(own_branch) and bool(branch) and branch != own_branch
    return brin.casefold() != school_number[:4].casefold() or other_branch


class Difference(StrEnum):
    """What a delivery means for a pupil or a field."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LEFT = "left"
    MISSING = "missing"
    BACK = "back"
    CONFLICT = "conflict"
    GONE = "gone"
    """A field that was filled, absent from a format that can carry it."""


def pupil_difference(
    *, known: bool, delivered: bool, was_away: bool, complete_delivery: bool, left_on: date | None, as_of: date
) -> Difference:
    """What becomes of a pupil; only a complete delivery can miss somebody, and nobody is ever deleted.

    `left_on` up to and including the day the delivery describes (`as_of`) starts the retention clock.
    A known pupil that is delivered and stays is unchanged here; its fields tell what changed.
    """
    if delivered:
        if left_on is not None and left_on <= as_of:
            return Difference.LEFT
        if not known:
            return Difference.NEW
        return Difference.BACK if was_away else Difference.UNCHANGED
    return Difference.MISSING if known and complete_delivery and not was_away else Difference.UNCHANGED


def field_difference(registered: str | None, delivered: str | None, *, can_carry: bool) -> Difference:
    """What becomes of a field, by canonical values; empty is absent.

    A format that cannot carry the field says nothing about it.
    """
    before, after = registered or None, delivered or None
    if after is None:
        return Difference.GONE if before is not None and can_carry else Difference.UNCHANGED
    if before is None:
        return Difference.NEW
    return Difference.UNCHANGED if before == after else Difference.CHANGED


@dataclass(frozen=True)
class PupilKeys:
    """What a pupil can be recognised by; numbers are keyed digests, None where there is none."""

    source_key: str | None = None
    eck_id: str | None = None
    bsn: bytes | None = None
    education_number: bytes | None = None
    first: str = ""
    prefix: str = ""
    last: str = ""
    born_on: date | None = None
    postcode: str = ""


class MatchedBy(StrEnum):
    """How a delivered pupil was recognised, or why not."""

    SOURCE_KEY = "source_key"
    ECK_ID = "eck_id"
    BSN = "bsn"
    EDUCATION_NUMBER = "education_number"
    SUGGESTED = "suggested"
    """Name and birth date fit: a person must confirm."""
    KEY_REUSED = "key_reused"
    """The key belongs to a child with another birth date and another name: held."""
    ECK_CONFLICT = "eck_conflict"
    """The key and the ECK iD point to different children: held."""
    NOBODY = "nobody"


HELD_MATCHES = frozenset({MatchedBy.KEY_REUSED, MatchedBy.ECK_CONFLICT})


@dataclass(frozen=True)
class Match:
    """The outcome; `pupils` has one id when recognised, perhaps more when suggested, none otherwise."""

    by: MatchedBy
    pupils: tuple[UUID, ...] = ()


class KnownPupils:
    """The pupils of a school by everything they can be recognised by; made once for a whole delivery."""

    def __init__(self, known: Mapping[UUID, PupilKeys]) -> None:
        self.keys = dict(known)
        self.by: dict[MatchedBy, dict[str | bytes, list[UUID]]] = {by: {} for by in AUTOMATIC}
        self.by_birth_date: dict[date, list[UUID]] = {}
        for pupil, keys in known.items():
            for by in AUTOMATIC:
                if value := _value(keys, by):
                    self.by[by].setdefault(value, []).append(pupil)
            if keys.born_on is not None:
                self.by_birth_date.setdefault(keys.born_on, []).append(pupil)

    def having(self, delivered: PupilKeys, by: MatchedBy) -> list[UUID]:
        """Who has the same value of one kind of key."""
        value = _value(delivered, by)
        return self.by[by].get(value, []) if value else []

    def looking_like(self, delivered: PupilKeys) -> tuple[UUID, ...]:
        """Who has the same birth date, last name, and first name or postcode."""
        born = self.by_birth_date.get(delivered.born_on, []) if delivered.born_on else []
        return tuple(pupil for pupil in born if _looks_like(delivered, self.keys[pupil]))


AUTOMATIC = (MatchedBy.SOURCE_KEY, MatchedBy.ECK_ID, MatchedBy.BSN, MatchedBy.EDUCATION_NUMBER)
"""What recognises a pupil without a person, first hit wins (formats 11.5)."""


def _value(keys: PupilKeys, by: MatchedBy) -> str | bytes | None:
    if by is MatchedBy.SOURCE_KEY:
        return None if (keys.source_key or "#").startswith("#") else keys.source_key
    if by is MatchedBy.ECK_ID:
        return keys.eck_id
    return keys.bsn if by is MatchedBy.BSN else keys.education_number


def match(delivered: PupilKeys, known: KnownPupils) -> Match:
    """Recognise a pupil: source key, ECK iD, citizen number, education number, in that order (formats 11.5).

    Keys that begin with # are made up for one delivery and never match. A key that two pupils share, and
    names, only suggest: twins share surname, birth date and address.
    """
    for by in AUTOMATIC:
        found = known.having(delivered, by)
        if len(found) > 1:
            return Match(MatchedBy.SUGGESTED, tuple(found))
        if found:
            held = _key_conflict(delivered, found[0], known) if by is MatchedBy.SOURCE_KEY else None
            return Match(held) if held else Match(by, (found[0],))
    alike = known.looking_like(delivered)
    return Match(MatchedBy.SUGGESTED if alike else MatchedBy.NOBODY, alike)


def _key_conflict(delivered: PupilKeys, pupil: UUID, known: KnownPupils) -> MatchedBy | None:
    by_eck = known.having(delivered, MatchedBy.ECK_ID)
    if _eck_differs(delivered, known.keys[pupil]) or (by_eck and pupil not in by_eck):
        return MatchedBy.ECK_CONFLICT
    return MatchedBy.KEY_REUSED if _is_somebody_else(delivered, known.keys[pupil]) else None


def _eck_differs(one: PupilKeys, other: PupilKeys) -> bool:
    return bool(one.eck_id and other.eck_id) and one.eck_id != other.eck_id


def _is_somebody_else(one: PupilKeys, other: PupilKeys) -> bool:
    born = bool(one.born_on and other.born_on) and one.born_on != other.born_on
    return born and comparable(one.last) != comparable(other.last)


def _looks_like(one: PupilKeys, other: PupilKeys) -> bool:
    if one.born_on is None or one.born_on != other.born_on or not same_prefix(one.prefix, other.prefix):
        return False
    if comparable(one.last) != comparable(other.last):
        return False
    same_first = bool(one.first) and comparable(one.first) == comparable(other.first)
    return same_first or (bool(one.postcode) and one.postcode == other.postcode)


class Reconciled(StrEnum):
    """What an incoming value does to a field about which something was decided (formats 11.6)."""

    TAKEN = "taken"
    """Nothing was decided about it: the ordinary comparison applies."""
    CLOSES = "closes"
    """The source system has the corrected value: the task closes and the parent is told."""
    NOT_YET_PROCESSED = "not_yet_processed"
    """The old value came again: the corrected one stays beside it and the task opens again."""
    HELD = "held"
    """A third value, or one that was erased or restricted: somebody must look."""
    SILENT = "silent"
    """The delivery does not carry the field: nothing is known."""


@dataclass(frozen=True)
class Decided:
    """What was decided about a field earlier, with keyed digests of the values instead of the values."""

    corrected_to: bytes | None = None
    corrected_from: bytes | None = None
    tombstone: bool = False
    restricted: bool = False


def reconcile(decided: Decided, delivered: bytes | None, registered: bytes | None) -> Reconciled:
    """Compare an incoming value with what was decided (GDPR articles 16 to 18; traps T17 and T40).

    `delivered` None means that the field is absent or empty. An erased field comes back for nobody,
    whatever its value; a restricted one keeps its value. An import never overwrites a decision silently.
    """
    if decided.tombstone:
        return Reconciled.HELD if delivered is not None else Reconciled.SILENT
    if decided.restricted and delivered != registered:
        return Reconciled.HELD if delivered is not None else Reconciled.SILENT
    if decided.corrected_to is None:
        return Reconciled.TAKEN
    if delivered is None:
        return Reconciled.SILENT
    if delivered == decided.corrected_to:
        return Reconciled.CLOSES
    return Reconciled.NOT_YET_PROCESSED if delivered == decided.corrected_from else Reconciled.HELD


def duplicates(keys: Sequence[str]) -> list[str]:
    """The keys that occur more than once, in the order in which they first come back."""
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for key in keys:
        if key in seen:
            twice[key] = None
        seen.add(key)
    return list(twice)
