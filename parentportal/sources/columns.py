"""What the columns of a list mean, and whether the list is about pupils or about guardians."""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from parentportal.sources.delivery import N_, Kind, Remarks

_PUPIL_WORDS = re.compile(r"vandeleerling|vanhetkind|leerling|kind")
_GUARDIAN_WORDS = re.compile(r"(?:vande)?(?:ouders?verzorgers?|ouder|verzorger|contactpersoon)([1-9]?)")
_PARENT_WORDS = re.compile(r"(?:vande|van)?(moeder|vader)")
_PUPIL_NAMES = ("pupil.surname", "pupil.call_name", "pupil.first_names")
_PARENT_SLOTS = {"moeder": (8, "mother"), "vader": (9, "father")}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a header can stand for; `person` is filled when the header itself says whose it is.

    `slot` tells guardians in one row apart; 0 is “ouder” without a number.
    """

    pupil: str | None = None
    guardian: str | None = None
    person: str | None = None
    slot: int = 0
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is read: its place, its header and its code."""

    index: int
    header: str
    code: str


@dataclass(frozen=True, slots=True)
class Slot:
    """The columns of one guardian in a row; `kind` when the headers say mother or father."""

    columns: tuple[Column, ...]
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a row: the columns of the pupil, and those of every guardian in it."""

    kind: Kind
    pupil: tuple[Column, ...]
    slots: tuple[Slot, ...]
    row_per_relation: bool = False

    def all(self) -> tuple[Column, ...]:
        """Every column that is read."""
        return self.pupil + tuple(column for slot in self.slots for column in slot.columns)


def normalised(header: str) -> str:
    """Lower case letters and digits only, without accents."""
    plain = unicodedata.normalize("NFKD", header.casefold())
    return re.sub(r"[^a-z0-9]", "", plain)


def fingerprint(headers: Sequence[str]) -> str:
    """The same for the same set of columns, in whatever order they stand."""
    names = sorted(normalised(header) for header in headers if header)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


@cache
def _aliases() -> dict[str, Meaning]:
    tables = _tables()
    found: dict[str, Meaning] = {}
    for entry in tables["shared"]:
        for header in entry["headers"]:
            found[header] = Meaning(pupil=entry["pupil"], guardian=entry["guardian"])
    for code, headers in tables["pupil"].items():
        found.update({header: Meaning(pupil=code) for header in headers})
    for section in ("guardian", "relation"):
        for code, headers in tables[section].items():
            found.update({header: Meaning(guardian=code) for header in headers})
    return found


@cache
def relation_kinds() -> dict[str, str]:
    """The words of the column of the relation, normalised, with their codes."""
    return {word: code for code, words in _tables()["kinds"].items() for word in words}


@cache
def _tables() -> dict:  # type: ignore[type-arg]  # TOML is as it comes; the tests read every entry
    text = files("parentportal.sources").joinpath("column_aliases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def meaning(header: str) -> Meaning | None:
    """What this header stands for, or None when it is unknown."""
    name = normalised(header)
    if name in _aliases():
        return _aliases()[name]
    if found := _PARENT_WORDS.search(name):
        slot, kind = _PARENT_SLOTS[found.group(1)]
        return _of_guardian(name.replace(found.group(0), "", 1), slot, kind)
    if found := _GUARDIAN_WORDS.search(name):
        rest = name.replace(found.group(0), "", 1)
        number = found.group(1) or (rest[-1] if rest[-1:].isdigit() else "")
        return _of_guardian(rest if found.group(1) else rest.rstrip("123456789"), int(number or 0), None)
    if found := _PUPIL_WORDS.search(name):
        plain = _aliases().get(name.replace(found.group(0), "", 1))
        return Meaning(pupil=plain.pupil, person="pupil") if plain and plain.pupil else None
    return None


def _of_guardian(rest: str, slot: int, kind: str | None) -> Meaning | None:
    if rest in ("", "nummer", "id", "key"):
        code = "guardian.surname" if rest == "" else "relation.guardian_key"
        return Meaning(guardian=code, person="guardian", slot=slot, kind=kind)
    plain = _aliases().get(rest)
    if plain is None or plain.guardian is None:
        return None
    return Meaning(guardian=plain.guardian, person="guardian", slot=slot, kind=kind)


def lay_out(headers: Sequence[str], about: Kind | None, remarks: Remarks) -> Layout:
    """Decide whose every column is; unknown columns are counted, a second of the same meaning is reported.

    A key, kind or authority of a guardian without “ouder 1” around it makes the list one of guardians: then name,
    address and contact are the guardian's and only the pupil's key points at the child.
    """
    found = [(index, header, meaning(header)) for index, header in enumerate(headers)]
    known = [what for _, _, what in found if what is not None]
    explicit = any(what.person == "guardian" for what in known)
    marked = about is Kind.GUARDIANS or any(_marks_guardians(what) for what in known)
    plain_guardians = about is not Kind.PUPILS and marked and not (explicit and _names_pupil(known))
    places = _Places(remarks, plain_guardians, with_guardians=explicit or plain_guardians)
    for index, header, what in found:
        places.put(index, header, what)
    if about is Kind.PUPILS:
        places.drop_guardians()
    if not places.slots:
        kind = Kind.PUPILS
    else:
        about_guardians = plain_guardians or about is Kind.GUARDIANS or not places.name_pupil()
        kind = Kind.GUARDIANS if about_guardians else Kind.BOTH
    slots = tuple(Slot(tuple(columns), places.kinds.get(slot)) for slot, columns in sorted(places.slots.items()))
    return Layout(kind, tuple(places.pupil), slots, row_per_relation=set(places.slots) == {0})


class _Places:
    """The columns of a list, dealt out to the pupil and to the guardians of a row."""

    def __init__(self, remarks: Remarks, plain_guardians: bool, *, with_guardians: bool) -> None:
        self._remarks = remarks
        self._plain_guardians = plain_guardians
        self._with_guardians = with_guardians
        self.pupil: list[Column] = []
        self.slots: dict[int, list[Column]] = {}
        self.kinds: dict[int, str] = {}

    def put(self, index: int, header: str, what: Meaning | None) -> None:
        """Give this column its place, or count it as unknown."""
        place = _place(what, plain_guardians=self._plain_guardians, with_guardians=self._with_guardians)
        if what is None or place is None:
            self._count(header)
            return
        person, code = place
        target = self.pupil if person == "pupil" else self.slots.setdefault(what.slot, [])
        if any(column.code == code for column in target):
            message = N_("Twee kolommen betekenen hetzelfde. De eerste is gelezen.")
            self._remarks.warn("duplicate-column", message, None, header)
            self._count(header)
            return
        target.append(Column(index, header, code))
        if what.kind:
            self.kinds[what.slot] = what.kind

    def name_pupil(self) -> bool:
        """A list with parents beside a bare key tells nothing of the child itself."""
        return any(column.code in _PUPIL_NAMES for column in self.pupil)

    def drop_guardians(self) -> None:
        """A person said that the list is about pupils alone: the columns of parents are only counted."""
        for columns in self.slots.values():
            for column in columns:
                self._count(column.header)
        self.slots = {}

    def _count(self, header: str) -> None:
        self._remarks.count_unknown(f"kolom/{header.strip()[:64] or '(zonder naam)'}")


def _marks_guardians(what: Meaning) -> bool:
    if what.person is not None:
        return False
    return what.pupil == "pupil.source_keys" or (what.pupil is None and (what.guardian or "").startswith("relation."))


def _names_pupil(known: Sequence[Meaning]) -> bool:
    """A name that the header gives to nobody in particular; beside “ouder” columns it is the pupil's."""
    return any(what.person is None and what.pupil in _PUPIL_NAMES for what in known)


def _place(what: Meaning | None, *, plain_guardians: bool, with_guardians: bool) -> tuple[str, str] | None:
    """Whose column this is and its code; None when such a list has no place for it."""
    if what is None:
        return None
    if what.person == "guardian" and what.guardian:
        return "guardian", what.guardian
    if what.person == "pupil" and what.pupil:
        return "pupil", what.pupil
    if plain_guardians and what.guardian:
        return "guardian", what.guardian
    if plain_guardians:
        pointers = ("pupil.source_key", "pupil.source_keys", "pupil.eckid")
        return ("pupil", what.pupil) if what.pupil in pointers else None
    if what.pupil:
        return "pupil", what.pupil
    return ("guardian", what.guardian) if with_guardians and what.guardian else None
