"""Files of school systems for tests, made of the cast, and the short way to bring one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR, SchoolCard, Visitor
from parentportal.db import Database
from parentportal.models.base import new_id
from parentportal.models.boards import School
from parentportal.models.groups import Group, Placement
from parentportal.models.imports import SourceKey
from parentportal.models.items import Item, ItemChange
from parentportal.models.people import Pupil as PupilRow
from parentportal.services import imports
from parentportal.services.imports import Report
from parentportal.sources.writing import write_edexml, write_guardian_list
from tests.people import People
from tests.services.story import visitor

DATA = Path(__file__).parent / "data" / "edexml"
#: What a subject of a report counts when nothing happened.
NOTHING = {"new": 0, "changed": 0, "missing": 0, "left": 0, "unchanged": 0}
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


def school_with(database: Database, people: People, brin: str) -> UUID:
    """An empty school of De Waterlijn with this number."""
    school_id = new_id()

    def work(session: Session) -> None:
        session.add(
            School(
                id=school_id,
                board_id=people.waterlijn,
                brin=brin,
                name=f"School {brin}",
                place="Zomerdijk",
                created_at=session.info["clock"].now(),
            )
        )

    database.write(work)
    return school_id


def deliver(database: Database, school_id: UUID, content: bytes, *, confirm: bool = False) -> imports.Report:
    """The operator brings a file and applies it."""
    parsed = imports.parse(content, "EDEX.XML")
    report = database.write(lambda s: imports.receive(s, school_id, parsed, by=OPERATOR))
    if report.outcome != "preview":
        return report
    return database.write(lambda s: imports.apply(s, report.delivery_id, parsed, confirm=confirm, by=OPERATOR))


def rows(database: Database, query: Any) -> list[Any]:
    with database.read() as session:
        return list(session.execute(query).all())


def one(database: Database, query: Any) -> Any:
    found = rows(database, query)
    assert len(found) == 1, found
    return found[0]


def pupil(database: Database, pupil_id: UUID) -> PupilRow:
    with database.read() as session:
        found = session.get_one(PupilRow, pupil_id)
        session.expunge(found)
        return found


def pupil_with_key(database: Database, key: str) -> UUID:
    found: UUID = one(
        database, select(SourceKey.object_id).where(SourceKey.kind == "pupil", SourceKey.value == key)
    ).object_id
    return found


def item(database: Database, person_id: UUID, code: str) -> Any:
    return one(
        database,
        select(Item.value, Item.sealed, Item.presence, Item.seen_at, Item.changed_at, Item.id, Item.origin).where(
            Item.person_id == person_id, Item.field_code == code
        ),
    )


def everything(database: Database, people: People) -> list[Any]:
    """All live data that an import could touch, for comparing before and after."""
    queries = (
        select(PupilRow.id, PupilRow.call_name, PupilRow.surname, PupilRow.enrolment, PupilRow.missing_since).order_by(
            PupilRow.id
        ),
        select(Item.id, Item.digest, Item.presence, Item.seen_at).order_by(Item.id),
        select(Group.id, Group.name).order_by(Group.id),
        select(Placement.id, Placement.ends_on).order_by(Placement.id),
        select(SourceKey.id, SourceKey.object_id).order_by(SourceKey.id),
        select(ItemChange.id).order_by(ItemChange.id),
    )
    return [rows(database, query) for query in queries]
