"""The files that the two schools of the demo would have exported: pupils in EDEXML, guardians in a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from stdnum.nl import bsn

from parentportal.demo.cast import Cast, Child, Parent, Tie
from parentportal.rules.terms import school_year_of
from parentportal.sources.writing import write_edexml, write_guardian_list

_FIRST_PUPIL = 1001
_BSN_TEST_RANGE = 999_900_000
"""Numbers that begin with 9999 are never given to anybody."""


@dataclass(frozen=True, slots=True)
class SchoolFiles:
    """What one school exports on one day, by file name."""

    brin: str
    pupils_name: str
    pupils: bytes
    guardians_name: str
    guardians: bytes


def school_files(cast: Cast, brin: str, on: date, *, later: bool = False) -> SchoolFiles:
    """The two files of one school; `later` gives those in which some corrections have arrived."""
    return SchoolFiles(
        brin=brin,
        pupils_name=f"{brin}-{on.isoformat()}-leerlingen.xml",
        pupils=_edexml(cast, brin, on, corrected=cast.next_first_names if later else {}),
        guardians_name=f"{brin}-{on.isoformat()}-ouders.csv",
        guardians=_guardian_list(cast, brin),
    )


def write_files(cast: Cast, folder: Path, on: date, *, later: bool = False) -> list[Path]:
    """Write the files of every school into the folder, for trying the import by hand; answers where they are."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = []
    for brin in cast.schools:
        files = school_files(cast, brin, on, later=later)
        for name, content in ((files.pupils_name, files.pupils), (files.guardians_name, files.guardians)):
            path = folder / name
            path.write_bytes(content)
            written.append(path)
    return written


def pupil_keys(cast: Cast) -> Mapping[str, str]:
    """The pupil number under which each child stands in the files, by the child's key in the cast."""
    return {child.key: str(number) for number, child in enumerate(cast.children(), _FIRST_PUPIL)}


def parent_keys(cast: Cast) -> Mapping[str, str]:
    """The number under which each parent stands in the files, by the parent's key in the cast."""
    return {parent.key: f"V{number:04d}" for number, parent in enumerate(cast.parents(), 1)}


def _edexml(cast: Cast, brin: str, on: date, *, corrected: Mapping[str, str]) -> bytes:
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
