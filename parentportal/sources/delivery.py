"""What a school system handed over, in one form, whatever the file looked like."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from parentportal.sources.guesses import Asked, Question


class Reason(StrEnum):
    """Why a file cannot be used at all; the words that `import --json` prints."""

    MALFORMED = "malformed"
    DOCTYPE = "doctype"
    ENCODING = "encoding"
    NOT_AN_EXPORT = "not-an-export"
    UNKNOWN_FORMAT = "unknown-format"
    EMPTY = "empty"
    TOO_LARGE = "too-large"
    DUPLICATE_KEY = "duplicate-key"


Values = Mapping[str, str | int]
NO_VALUES: Values = MappingProxyType({})


def N_(text: str) -> str:  # noqa: N802 - the name under which translators' tools find sentences
    """The text itself: a Dutch sentence for a person, whose named places are filled in when it is said."""
    return text


class Refused(Exception):
    """The whole file is refused; `message` is Dutch and says what to do, `line` counts from 1."""

    def __init__(self, reason: Reason, message: str, line: int | None = None) -> None:
        super().__init__(f"{reason.value}: {message}")
        self.reason = reason
        self.message = message
        self.line = line


class Level(StrEnum):
    """A refusal never reaches a `Delivery`; a hold waits for a person, a warning does not."""

    REFUSE = "refuse"
    HOLD = "hold"
    WARN = "warn"


class Kind(StrEnum):
    """What the file is about."""

    PUPILS = "pupils"
    GUARDIANS = "guardians"
    BOTH = "pupils-and-guardians"


class GroupKind(StrEnum):
    """A pupil has at most one home group and any number of combined ones."""

    HOME = "home"
    COMBINED = "combined"


class Answer(StrEnum):
    """Three states: an empty cell is unknown, never no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Standing(StrEnum):
    """Where a pupil stands on the reference date of the delivery."""

    ENROLLED = "enrolled"
    LEFT = "left"
    APPLIED = "applied"


def standing_on(as_of: date | None, enrolled_on: date | None, left_on: date | None) -> Standing:
    """Left from the last day on, applied before the first; without a date to compare with, enrolled."""
    if as_of is None:
        return Standing.ENROLLED
    if left_on is not None and left_on <= as_of:
        return Standing.LEFT
    if enrolled_on is not None and enrolled_on > as_of:
        return Standing.APPLIED
    return Standing.ENROLLED


@dataclass(frozen=True, slots=True)
class Problem:
    """A remark for the administrator, without names and without the value itself.

    `text` is a Dutch sentence and `values` fill its named places: words of the format, labels and numbers.
    `confirm` asks for a look first.
    """

    level: Level
    code: str
    text: str
    line: int | None = None
    field: str | None = None
    confirm: bool = False
    values: tuple[tuple[str, str | int], ...] = ()

    @property
    def message(self) -> str:
        """The whole sentence in Dutch."""
        return self.text % dict(self.values) if self.values else self.text


@dataclass(frozen=True, slots=True)
class ItemValue:
    """One registered value; a code comes with its scheme, and `path` says where it stood in the file."""

    field_code: str
    value: str
    scheme: str | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class SchoolRecord:
    """The school that the file names; all empty in a list. Branch 00 reads as no branch."""

    brin: str | None = None
    branch: str | None = None
    schoolkey: str | None = None
    institution_number: str | None = None


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A group of this school year; home and combined groups share one key space."""

    key: str
    name: str
    year_group: str | None
    kind: GroupKind


@dataclass(frozen=True, slots=True)
class PupilRecord:
    """One child in the file. A key with `key_is_dummy` must never be matched between deliveries."""

    key: str | None
    key_is_dummy: bool
    eckid: str | None
    items: tuple[ItemValue, ...]
    home_group: str | None
    combined_groups: tuple[str, ...]
    enrolled_on: date | None
    left_on: date | None
    standing: Standing
    line: int
    address_secret: Answer = Answer.UNKNOWN
    phone_secret: Answer = Answer.UNKNOWN
    email_secret: Answer = Answer.UNKNOWN

    @property
    def group_keys(self) -> tuple[str, ...]:
        """Home group first."""
        home = (self.home_group,) if self.home_group is not None else ()
        return home + self.combined_groups

    def standing_at(self, day: date) -> Standing:
        """The standing on a day; a list names no date of its own, so ask this with today's."""
        if self.standing is not Standing.ENROLLED:
            return self.standing
        return standing_on(day, self.enrolled_on, self.left_on)

    def value(self, field_code: str, scheme: str | None = None) -> str | None:
        """The value under this code, of any scheme when none is given; None when the file has none."""
        return _value(self.items, field_code, scheme)


@dataclass(frozen=True, slots=True)
class PupilRef:
    """How a row points at a child: by key or eckid, else by name and birth date (a suggestion only)."""

    key: str | None = None
    eckid: str | None = None
    call_name: str | None = None
    prefix: str | None = None
    surname: str | None = None
    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class GuardianRecord:
    """One adult. `ref` is unique in the delivery; without a `key` it lasts for this delivery only."""

    ref: str
    key: str | None
    items: tuple[ItemValue, ...]
    line: int

    def value(self, field_code: str) -> str | None:
        """The value under this code; None when the file has none."""
        return _value(self.items, field_code, None)


@dataclass(frozen=True, slots=True)
class RelationRecord:
    """What the file says of one adult and one child; authority is unknown unless a column says so."""

    pupil: PupilRef
    guardian_ref: str
    guardian_key: str | None
    kind: str
    authority: Answer
    address_secret: Answer
    phone_secret: Answer
    email_secret: Answer
    deceased: Answer
    line: int


@dataclass(frozen=True, slots=True)
class TeacherRecord:
    """A member of staff in the file; roles are for show and never give a right."""

    key: str | None
    call_name: str | None
    initials: str | None
    prefix: str | None
    surname: str | None
    email: str | None
    username: str | None
    roles: tuple[str, ...]
    group_keys: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class UnknownField:
    """Something in the file that has no place here: counted, its value not kept."""

    path: str
    count: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file, read to its end and checked; nothing in it has reached the portal yet.

    Only a `complete` delivery may make a pupil missing. `row_count` and `rows_left_out` count pupils or rows;
    `column_set` is the fingerprint of a list's header, None for XML. `asked` is what a person may settle.
    """

    kind: Kind
    format: str
    version: str | None
    school: SchoolRecord
    school_year: str | None
    reference_date: date | None
    created_at: datetime | None
    author: str | None
    complete: bool
    groups: tuple[GroupRecord, ...] = ()
    pupils: tuple[PupilRecord, ...] = ()
    guardians: tuple[GuardianRecord, ...] = ()
    relations: tuple[RelationRecord, ...] = ()
    teachers: tuple[TeacherRecord, ...] = ()
    unknown_fields: tuple[UnknownField, ...] = ()
    problems: tuple[Problem, ...] = ()
    column_set: str | None = None
    columns: tuple[str, ...] = ()
    row_count: int = 0
    rows_left_out: int = 0
    asked: tuple[Asked, ...] = ()

    @property
    def holds(self) -> tuple[Problem, ...]:
        """What a person must confirm before this delivery is applied."""
        return tuple(p for p in self.problems if p.level is Level.HOLD)


@dataclass
class Remarks:
    """Collects problems and unknown fields while a file is read."""

    problems: list[Problem] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    asked: dict[Question, set[tuple[int, str]]] = field(default_factory=dict)

    def warn(
        self,
        code: str,
        text: str,
        line: int | None = None,
        field: str | None = None,
        *,
        confirm: bool = False,
        values: Values = NO_VALUES,
    ) -> None:
        """Note something odd that does not stop the import."""
        self.problems.append(Problem(Level.WARN, code, text, line, field, confirm, tuple(values.items())))

    def hold(self, code: str, text: str, values: Values = NO_VALUES) -> None:
        """Note something that a person must confirm."""
        self.problems.append(Problem(Level.HOLD, code, text, confirm=True, values=tuple(values.items())))

    def ask(self, question: Question, line: int, code: str) -> None:
        """Note that a field of a row leaves something to a person, whether or not it was settled."""
        self.asked.setdefault(question, set()).add((line, code))

    def count_unknown(self, path: str) -> None:
        """Count a field that has no place here, without its value."""
        self.unknown[path] = self.unknown.get(path, 0) + 1

    def unknown_fields(self) -> tuple[UnknownField, ...]:
        """The counted fields, by path."""
        return unknown_fields(self.unknown)


def unknown_fields(counts: Mapping[str, int]) -> tuple[UnknownField, ...]:
    """Counts by path as records in a fixed order."""
    return tuple(UnknownField(path, counts[path]) for path in sorted(counts))


def _value(items: tuple[ItemValue, ...], field_code: str, scheme: str | None) -> str | None:
    for item in items:
        if item.field_code == field_code and scheme in (None, item.scheme):
            return item.value
    return None
