"""Reads one TOML file of the catalogue and collects every fault in it, in Dutch and with its place."""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import cast

FOLDER = Path(__file__).parent


class CatalogueError(ValueError):
    """A file of the catalogue or of a board cannot be used.

    `problems` holds every fault found, one Dutch sentence or two each, with the place in the file.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass
class Entry:
    """One table of a file: hands out checked values and remembers which keys were asked for."""

    values: Mapping[str, object]
    place: str
    problems: list[str]
    asked: set[str] = field(default_factory=set)

    def fault(self, sentence: str) -> None:
        self.problems.append(f"{self.place}: {sentence}")

    def has(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str, default: str | None = None) -> str:
        """The text under `key`; without a default it must be there, and it may never be blank."""
        self.asked.add(key)
        if key not in self.values:
            if default is None:
                self.fault(f"‘{key}’ ontbreekt. Vul dit in.")
            return default or ""
        value = self.values[key]
        if not isinstance(value, str):
            self.fault(f"‘{key}’ is geen tekst. Zet de waarde tussen aanhalingstekens.")
            return ""
        if not value.strip():
            self.fault(f"‘{key}’ is leeg. Vul dit in of haal de regel weg.")
        return value.strip()

    def one_of(self, key: str, known: Collection[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value and value not in known:
            self.fault(f"‘{key}’ heeft de waarde ‘{value}’. Kies uit: {', '.join(sorted(known))}.")
        return value

    def flag(self, key: str, default: bool | None = None) -> bool:
        self.asked.add(key)
        value = self.values.get(key, default)
        if isinstance(value, bool):
            return value
        self.fault(f"‘{key}’ moet true of false zijn.")
        return False

    def number(self, key: str, default: int | None = None, *, lowest: int = 0, highest: int = 9999) -> int:
        self.asked.add(key)
        value = self.values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            self.fault(f"‘{key}’ moet een heel getal zijn.")
            return lowest
        if not lowest <= value <= highest:
            self.fault(f"‘{key}’ is {value}. Kies een getal van {lowest} tot en met {highest}.")
        return value

    def day(self, key: str) -> date | None:
        """A date, or None where the file has none."""
        self.asked.add(key)
        value = self.values.get(key)
        if value is None or type(value) is date:
            return value
        self.fault(f"‘{key}’ is geen datum. Schrijf jaar-maand-dag, zonder aanhalingstekens.")
        return None

    def texts(self, key: str, known: Collection[str] | None = None, *, required: bool = True) -> tuple[str, ...]:
        """A list of texts, each one from `known` where that is given, none twice."""
        self.asked.add(key)
        if key not in self.values and not required:
            return ()
        value = self.values.get(key)
        if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
            self.fault(f"‘{key}’ moet een lijst van teksten zijn.")
            return ()
        codes = tuple(cast("list[str]", value))
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            self.fault(f"‘{key}’ noemt ‘{code}’ twee keer. Haal er één weg.")
        for code in codes:
            if known is not None and code not in known:
                self.fault(f"‘{key}’ noemt ‘{code}’, maar die code bestaat niet.")
        return codes

    def entry(self, key: str) -> "Entry":
        """The table under `key`; an absent one is a fault and reads as empty."""
        self.asked.add(key)
        return self._sub(self.values.get(key), f"[{key}]")

    def entries(self, key: str) -> "list[Entry]":
        """The tables of a list under `key`, in the order of the file; absent means none."""
        self.asked.add(key)
        value = self.values.get(key, [])
        if not isinstance(value, list):
            self.fault(f"‘{key}’ moet een lijst van tabellen zijn.")
            return []
        return [self._sub(one, f"[[{key}]] nummer {at}") for at, one in enumerate(value, start=1)]

    def named(self, key: str) -> "dict[str, Entry]":
        """The tables under `key`, by their name."""
        parent = self.entry(key)
        return {name: parent._sub(one, f"[{name}]") for name, one in parent.values.items()}

    def _sub(self, value: object, name: str) -> "Entry":
        place = f"{self.place} {name}"
        if not isinstance(value, dict):
            self.problems.append(f"{place}: deze tabel ontbreekt of is geen tabel. Vul de tabel in.")
            value = {}
        return Entry(value, place, self.problems)

    def done(self) -> None:
        """Calls every key that nobody asked for a fault: a misspelt key must not pass in silence."""
        for key in self.values:
            if key not in self.asked:
                self.fault(f"‘{key}’ is onbekend. Verbeter de naam of haal de regel weg.")


def parse(text: str, place: str) -> Entry:
    """The whole file as one entry; raises CatalogueError where it is not TOML at all."""
    try:
        return Entry(tomllib.loads(text), place, [])
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError([f"{place}: dit is geen geldig TOML-bestand ({error})."]) from error


def bundled(name: str) -> Entry:
    """A file that belongs to the package itself."""
    return parse((FOLDER / name).read_text(encoding="utf-8"), name)


def refuse_faults(entry: Entry) -> None:
    if entry.problems:
        raise CatalogueError(entry.problems)


def stamp(file: Entry) -> tuple[int, date]:
    """Version and date that every catalogue states of itself, so that an answer can say which one it used."""
    version, day = file.number("version", lowest=1), file.day("date")
    if day is None:
        file.fault("‘date’ ontbreekt. Vul de datum van deze versie in.")
    return version, day or date.min
