"""The invented people of the demo, read from families.toml and given their dates."""

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from parentportal.outside.translations import SOURCE_LANGUAGE
from parentportal.rules.authority import Evidence, Relation, SafetyFlag
from parentportal.rules.names import Name
from parentportal.rules.roles import Role
from parentportal.rules.terms import school_year_of

HERE = Path(__file__).parent
_PREFIXES = frozenset({"van", "de", "der", "den", "el", "ten", "ter"})
_SEXES = {"m": "1", "f": "2", "x": "9"}
_AGE_AT_START = 4


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody lives."""

    street: str
    number: str
    postcode: str
    place: str


@dataclass(frozen=True, slots=True)
class Parent:
    """An adult as a school's system lists one; `same_as` names the member of staff who is the same person."""

    key: str
    name: Name
    home: Home
    email: str
    phone: str
    secret: bool
    organisation: bool
    account: bool
    language: str
    same_as: str | None


@dataclass(frozen=True, slots=True)
class Tie:
    """One parent of one child: what the file says, and what the administration confirmed (`kind` None: nothing)."""

    parent: str
    relation: str
    authority: str
    kind: Relation | None
    evidence: Evidence | None
    flags: frozenset[SafetyFlag]


@dataclass(frozen=True, slots=True)
class Child:
    """A pupil; `year_group` is the child's own, `group` the name of the group it sits in."""

    key: str
    name: Name
    first_names: str
    sex: str
    group: str
    year_group: str
    born: date
    starts_on: date
    left_on: date | None
    home: Home
    ties: tuple[Tie, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """Children with everybody who is listed as a parent of one of them."""

    about: str
    brin: str
    parents: tuple[Parent, ...]
    children: tuple[Child, ...]


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works at a school, or for the whole board when `brin` is empty."""

    key: str
    name: Name
    email: str
    role: Role
    brin: str | None
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchoolPlan:
    """One school with its groups, as far as files need it."""

    brin: str
    name: str
    place: str
    postcode: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    """The corrections that the schools' own systems hold by the time of some files, by the child's key."""

    first_names: Mapping[str, str]
    birth_places: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in the demo on one day; the same day gives the same people."""

    school_year: str
    schools: Mapping[str, SchoolPlan]
    families: tuple[Family, ...]
    staff: tuple[Colleague, ...]
    arrived: tuple[Arrived, ...]

    def families_of(self, brin: str) -> tuple[Family, ...]:
        return tuple(family for family in self.families if family.brin == brin)

    def parents(self) -> Iterator[Parent]:
        return (parent for family in self.families for parent in family.parents)

    def children(self) -> Iterator[Child]:
        return (child for family in self.families for child in family.children)


def gather(today: date) -> Cast:
    """Everybody, with birth dates that fit the school year of that day."""
    data = tomllib.loads((HERE / "families.toml").read_text(encoding="utf-8"))
    schools = {
        brin: SchoolPlan(brin, row["name"], row["place"], row["postcode"], tuple(row["groups"]))
        for brin, row in data["schools"].items()
    }
    reader = _Reader(schools, today)
    families = [reader.family(row) for row in data["families"]]
    families += [reader.together(row) for row in data["together"]["rows"]]
    return Cast(
        school_year=school_year_of(today),
        schools=schools,
        families=tuple(families),
        staff=tuple(_colleague(row) for row in data["staff"]),
        arrived=(Arrived({}, {}), *(Arrived(**row) for row in data["arrived"])),
    )


def name_of(text: str) -> Name:
    """The parts of a written name; a single word is a last name, as the register has it."""
    words = text.split()
    if len(words) == 1:
        return Name("", "", text)
    prefix = [word for word in words[1:-1] if word in _PREFIXES]
    first = [word for word in words[:-1] if word not in prefix]
    return Name(" ".join(first), " ".join(prefix), words[-1])


class _Reader:
    """Turns rows into people, and numbers their telephones as it goes."""

    def __init__(self, schools: Mapping[str, SchoolPlan], today: date) -> None:
        self._schools = schools
        self._today = today
        self._first_year = int(school_year_of(today)[:4])
        self._streets: dict[tuple[str, str], str] = {}
        self._numbers = 0

    def family(self, row: Mapping[str, Any]) -> Family:
        brin = row["school"]
        parents = tuple(self._parent(brin, entry) for entry in row["parents"])
        homes = {parent.key: parent.home for parent in parents}
        children = tuple(
            self._child(entry, tuple(_tie(tie) for tie in entry["of"]), homes[entry.get("home", parents[0].key)])
            for entry in row["children"]
        )
        return Family(row["about"], brin, parents, children)

    def together(self, row: list[str]) -> Family:
        brin, home, mother, father, *children = row
        parents = [{"key": _key(name), "name": name, "home": home} for name in (mother, father)]
        of = [
            {"parent": parents[0]["key"], "relation": "moeder"},
            {"parent": parents[1]["key"], "relation": "vader"},
        ]
        both = [{**tie, "authority": "ja", "kind": "joint", "evidence": "delivery"} for tie in of]
        rows = []
        for text in children:
            *name, sex, year, born = text.split()
            written = " ".join(name)
            rows.append({"key": _key(written), "name": written, "sex": sex, "year": year, "born": born, "of": both})
        for entry in rows:
            entry["group"] = self._group_of(brin, str(entry["year"]))
        return self.family({"about": "Two parents in one house.", "school": brin, "parents": parents, "children": rows})

    def _group_of(self, brin: str, year: str) -> str:
        return next(name for name in self._schools[brin].groups if year in name.split("-"))

    def _home(self, brin: str, text: str) -> Home:
        school = self._schools[brin]
        street, _, number = text.rpartition(" ")
        index = len(self._streets)
        letters = self._streets.setdefault((brin, street), f"{chr(ord('B') + index // 10)}{chr(ord('K') + index % 10)}")
        return Home(street, number, school.postcode + letters, school.place)

    def _parent(self, brin: str, row: Mapping[str, Any]) -> Parent:
        self._numbers += 1
        return Parent(
            key=row["key"],
            name=_organisation(row["name"]) if row.get("organisation") else name_of(row["name"]),
            home=self._home(brin, row["home"]),
            email=row.get("email") or f"{row['key'].replace('_', '.')}@post.example",
            phone=f"0612345{self._numbers:03d}",
            secret=row.get("secret", False),
            organisation=row.get("organisation", False),
            account=row.get("account", False),
            language=row.get("language", SOURCE_LANGUAGE),
            same_as=row.get("same_as"),
        )

    def _child(self, row: Mapping[str, Any], ties: tuple[Tie, ...], home: Home) -> Child:
        name = name_of(row["name"])
        year_group = row.get("year", row["group"])
        born = self._born(int(year_group), row["born"])
        starts_on = min(born.replace(year=born.year + _AGE_AT_START), date(self._first_year, 8, 1))
        if row.get("future"):
            starts_on = self._today + timedelta(days=30)
            born = _years_before(starts_on, _AGE_AT_START)
        return Child(
            key=row["key"],
            name=name,
            first_names=row.get("first_names", name.first),
            sex=_SEXES[row["sex"]],
            group=row["group"],
            year_group=year_group,
            born=born,
            starts_on=starts_on,
            left_on=date(self._first_year, 8, 1) if row.get("left") else None,
            home=home,
            ties=ties,
        )

    def _born(self, year_group: int, day: str) -> date:
        """In group 1 are children who became four between October and September."""
        month, number = (int(part) for part in day.split("-"))
        year = self._first_year - _AGE_AT_START + 1 - year_group - (1 if month >= 10 else 0)
        return date(year, month, number)


def _years_before(day: date, years: int) -> date:
    return day.replace(year=day.year - years, day=min(day.day, 28))


def _tie(row: Mapping[str, Any]) -> Tie:
    return Tie(
        parent=row["parent"],
        relation=row["relation"],
        authority=row["authority"],
        kind=Relation(row["kind"]) if "kind" in row else None,
        evidence=Evidence(row["evidence"]) if "evidence" in row else None,
        flags=frozenset(SafetyFlag(flag) for flag in row.get("flags", ())),
    )


def _colleague(row: Mapping[str, Any]) -> Colleague:
    return Colleague(
        key=row["key"],
        name=name_of(row["name"]),
        email=f"{row['key']}@waterlijn.example",
        role=Role(row["role"]),
        brin=row.get("school"),
        groups=tuple(row.get("groups", ())),
    )


def _organisation(text: str) -> Name:
    return Name("", "", text)


def _key(name: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return "_".join(plain.split())
