"""The files that the two schools of the demo would have exported: pupils in EDEXML, guardians in a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from stdnum.nl import bsn

from parentportal.demo.cast import Cast, Child, Parent, Tie
from parentportal.rules.terms import school_year_of
from parentportal.sources.writing import write_edexml, write_guardian_list, write_list

_FIRST_PUPIL = 1001
_BSN_TEST_RANGE = 999_900_000
"""Numbers that begin with 9999 are never given to anybody."""


CONTACT_COLUMNS = (
    *("Leerlingnummer", "Roepnaam", "Tussenvoegsel", "Achternaam", "Geboortedatum", "Geboorteplaats"),
    *("Nationaliteit", "Straat", "Huisnummer", "Postcode", "Woonplaats", "Noodnummer", "Huisarts"),
)
DOCTORS = ("Huisartsen De Sluis", "Huisartsenpraktijk Aan de Kade", "Gezondheidscentrum Noord")
CITIES = ("Zwolle", "Zomerdijk", "Almere", "Groningen", "Utrecht")


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One file of one school; `kind` is what it is about: pupils, contact or guardians."""

    brin: str
    kind: str
    name: str
    content: bytes


def school_files(cast: Cast, brin: str, on: date, *, turn: int = 0) -> tuple[ExportedFile, ...]:
    """What one school exports on one day, in the order of importing; each later turn has more corrections in it."""
    arrived = cast.arrived[turn]
    made = (
        ("pupils", "leerlingen.xml", _edexml(cast, brin, on, arrived.first_names)),
        ("contact", "leerlinglijst.csv", _contact_list(cast, brin, arrived.birth_places)),
        ("guardians", "ouders.csv", _guardian_list(cast, brin)),
    )
    return tuple(ExportedFile(brin, kind, f"{brin}-{on.isoformat()}-{name}", content) for kind, name, content in made)


def write_files(cast: Cast, folder: Path, on: date, *, turn: int = 0) -> list[Path]:
    """Write the files of every school into the folder, for trying the import by hand; answers where they are."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = []
    for brin in cast.schools:
        for made in school_files(cast, brin, on, turn=turn):
            path = folder / made.name
            path.write_bytes(made.content)
            written.append(path)
    return written


def pupil_keys(cast: Cast) -> Mapping[str, str]:
    """The pupil number under which each child stands in the files, by the child's key in the cast."""
    return {child.key: str(number) for number, child in enumerate(cast.children(), _FIRST_PUPIL)}


def parent_keys(cast: Cast) -> Mapping[str, str]:
    """The number under which each parent stands in the files, by the parent's key in the cast."""
    return {parent.key: f"V{number:04d}" for number, parent in enumerate(cast.parents(), 1)}


def _edexml(cast: Cast, brin: str, on: date, corrected: Mapping[str, str]) -> bytes:
    school, numbers = cast.schools[brin], pupil_keys(cast)
    head = {
        "schooljaar": school_year_of(on),
        "peildatum": on.isoformat(),
        "brincode": brin,
        "schoolkey": f"{brin}00",
        "aanmaakdatum": f"{on.isoformat()}T07:30:00",
        "auteur": "Voorbeeldadministratie",
        "xsdversie": "2.1",
    }
    pupils = [
        _pupil(child, numbers[child.key], corrected.get(child.key, child.first_names))
        for family in cast.families_of(brin)
        for child in family.children
    ]
    teachers = [
        {
            "key": f"m-{colleague.key}",
            "achternaam": colleague.name.last,
            "roepnaam": colleague.name.first,
            "emailadres": colleague.email,
            "rol": ["LRK"],
            "groepen": [f"g{group}" for group in colleague.groups],
        }
        for colleague in cast.staff
        if colleague.brin == brin and colleague.groups
    ]
    groups = [{"key": f"g{name}", "naam": name, "jaargroep": name if name.isdigit() else "C"} for name in school.groups]
    return write_edexml(head, groups, pupils, teachers)


def _pupil(child: Child, number: str, first_names: str) -> dict[str, str]:
    record = {
        "key": number,
        "achternaam": child.name.last,
        "voorvoegsel": child.name.prefix,
        "voornamen": first_names,
        "voorletters-1": "".join(f"{name[0]}." for name in first_names.split()),
        "roepnaam": child.name.first,
        "geboortedatum": child.born.isoformat(),
        "geslacht": child.sex,
        "jaargroep": child.year_group,
        "groep": f"g{child.group}",
        "bsn": _bsn(int(number)),
        "postcodenl": child.home.postcode,
        "land": "NL",
        "instroomdatum": child.starts_on.isoformat(),
        "uitstroomdatum": child.left_on.isoformat() if child.left_on else "",
    }
    return {name: text for name, text in record.items() if text}


def _bsn(number: int) -> str:
    """A number that passes the eleven test within the range that is kept for tests."""
    candidate = _BSN_TEST_RANGE + 100 * (number - _FIRST_PUPIL)
    while not bsn.is_valid(str(candidate)):
        candidate += 1
    return str(candidate)


def _contact_list(cast: Cast, brin: str, corrected: Mapping[str, str]) -> bytes:
    """The list of pupils that the school keeps beside EDEXML, which has no room for these things."""
    numbers = pupil_keys(cast)
    emergency = {parent.key: parent.phone for parent in cast.parents()}
    rows = []
    for family in cast.families_of(brin):
        for child in family.children:
            number = int(numbers[child.key])
            rows.append(
                {
                    "Leerlingnummer": str(number),
                    "Roepnaam": child.name.first,
                    "Tussenvoegsel": child.name.prefix,
                    "Achternaam": child.name.last,
                    "Geboortedatum": child.born.isoformat(),
                    "Geboorteplaats": corrected.get(child.key, CITIES[number % len(CITIES)]),
                    "Nationaliteit": "Nederlandse",
                    "Straat": child.home.street,
                    "Huisnummer": child.home.number,
                    "Postcode": child.home.postcode,
                    "Woonplaats": child.home.place,
                    "Noodnummer": emergency[child.ties[0].parent],
                    "Huisarts": DOCTORS[number % len(DOCTORS)],
                }
            )
    return write_list(CONTACT_COLUMNS, rows)


def _guardian_list(cast: Cast, brin: str) -> bytes:
    numbers, keys = pupil_keys(cast), parent_keys(cast)
    rows = []
    for family in cast.families_of(brin):
        parents = {parent.key: parent for parent in family.parents}
        rows += [
            _relation(parents[tie.parent], tie, numbers[child.key], keys[tie.parent])
            for child in family.children
            for tie in child.ties
        ]
    return write_guardian_list(rows)


def _relation(parent: Parent, tie: Tie, pupil: str, key: str) -> dict[str, str]:
    return {
        "Leerlingnummer": pupil,
        "Verzorgernummer": key,
        "Relatie": tie.relation,
        "Wettelijk vertegenwoordiger": tie.authority,
        "Voorletters": "".join(f"{name[0]}." for name in parent.name.first.split()),
        "Voornaam": parent.name.first,
        "Tussenvoegsel": parent.name.prefix,
        "Achternaam": parent.name.last,
        "Straat": parent.home.street,
        "Huisnummer": parent.home.number,
        "Postcode": parent.home.postcode,
        "Woonplaats": parent.home.place,
        "Geheim adres": "ja" if parent.secret else "nee",
        "Geheim telefoonnummer": "ja" if parent.secret else "nee",
        "Telefoon": parent.phone,
        "E-mailadres": parent.email,
        "Overleden": "nee",
    }
