"""Files of school systems for tests, made of the cast, and the short way to bring one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from parentportal.access import SchoolCard, Visitor
from parentportal.db import Database
from parentportal.models.boards import School
from parentportal.services import imports
from parentportal.services.imports import Report
from parentportal.sources.writing import write_edexml, write_guardian_list
from tests.people import People
from tests.services.story import visitor

DATA = Path(__file__).parent / "data" / "edexml"
GROUPS = ({"key": "G2", "naam": "2", "jaargroep": "2"}, {"key": "G5", "naam": "5", "jaargroep": "5"})
SEM = {"key": "K1", "roepnaam": "Sem", "achternaam": "Bakker", "geboortedatum": "2017-03-27", "groep": "G5"}
LOT = {
    "key": "K2",
    "roepnaam": "Lot",
    "voorvoegsel": "de",
    "achternaam": "Wit",
    "geboortedatum": "2020-05-09",
    "groep": "G2",
}
ASHA = {"key": "K3", "roepnaam": "Asha", "achternaam": "Sharma", "geboortedatum": "2017-01-12", "groep": "G5"}
EVERYBODY = (SEM, LOT, ASHA)
NOOR = {"Verzorgernummer": "V1", "Voornaam": "Noor", "Tussenvoegsel": "de", "Achternaam": "Wit", "Relatie": "moeder"}
DAAN = {"Verzorgernummer": "V2", "Voornaam": "Daan", "Achternaam": "Bakker", "Relatie": "vader"}

Pupil = Mapping[str, str | Sequence[str]]


def edexml(
    *pupils: Pupil,
    on: str = "2026-11-01",
    brin: str = "99AA",
    year: str = "2026-2027",
    groups: Sequence[Mapping[str, str]] = GROUPS,
    branch: str = "",
) -> bytes:
    """An export of De Regenboog on this day; everybody of the cast unless pupils are given."""
    school = {"schooljaar": year, "peildatum": on, "brincode": brin, "aanmaakdatum": f"{on}T08:00:00"}
    school |= {"auteur": "Voorbeeldsysteem", "xsdversie": "2.1"} | ({"dependancecode": branch} if branch else {})
    rows = [{"jaargroep": str(one.get("groep", "G5"))[1:], **one} for one in pupils or EVERYBODY]
    return write_edexml(school, groups, rows)


def many(count: int, **more: str) -> list[dict[str, str]]:
    """So many made-up pupils of group 5."""
    return [
        {
            "key": f"M{number}",
            "roepnaam": f"Kind{number}",
            "achternaam": f"Made{number}",
            "geboortedatum": f"2017-01-{1 + number % 28:02}",
            "groep": "G5",
            **more,
        }
        for number in range(count)
    ]


def guardians(*rows: Mapping[str, str]) -> bytes:
    """A list of guardians, one row for each relation."""
    return write_guardian_list(rows)


def administrator_of(database: Database, people: People, school_id: UUID) -> Visitor:
    """Somebody of the administration of this school."""
    petra = visitor(database, people, "petra")
    with database.read() as session:
        one = session.get_one(School, school_id)
        card = SchoolCard(one.id, one.name, one.place, one.address, one.phone, one.email)
        return replace(petra, school=card, board_id=one.board_id)


def look(database: Database, people: People, content: bytes, *, kind: str = "auto", name: str = "export.xml") -> Report:
    """What a file would do to De Regenboog."""
    petra = visitor(database, people, "petra")
    parsed = imports.parse(content, name, kind)
    return database.write(lambda s: imports.receive(s, people.regenboog, parsed, by=petra))


def bring(
    database: Database,
    people: People,
    content: bytes,
    *,
    confirm: bool = False,
    kind: str = "auto",
    name: str = "export.xml",
) -> Report:
    """Petra brings a file to De Regenboog and applies it; what came of it."""
    report = look(database, people, content, kind=kind, name=name)
    if report.outcome != "preview":
        return report
    return use(database, people, report.delivery_id, confirm=confirm)


def use(database: Database, people: People, delivery_id: UUID, *, confirm: bool = False) -> Report:
    """Petra applies a file that was brought before."""
    petra = visitor(database, people, "petra")
    with database.read() as session:
        parsed = imports.reopen(session, delivery_id, by=petra)
    return database.write(lambda s: imports.apply(s, delivery_id, parsed, confirm=confirm, by=petra))


def bring_everybody(database: Database, people: People) -> Report:
    """The first export of De Regenboog: Petra confirms that these are the three children who are there."""
    return bring(database, people, edexml(), confirm=True)
