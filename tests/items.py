"""Registered values for tests: giving somebody one, and reading the rows of a page."""

from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from parentportal.catalogue import categories
from parentportal.db import Database
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.imports import Source
from parentportal.models.items import Item, PersonKind
from parentportal.outside import vault as vaults
from parentportal.rules.authority import Relation, SafetyFlag
from parentportal.web.parent.slugs import CATEGORY_OF, RECIPIENT_SLUG_OF
from tests.page import Page
from tests.people import People, Settler
from tests.visit import BASE, Visit

BSN = "999990019"
SECRETS_OF_DAAN = ("Geheimlaan", "1234 ZX", "1234ZX", "Winterveen", "daan@post.example", "45602", "Daan")
OPEN = [slug for slug, code in CATEGORY_OF.items() if not categories()[code].sensitive]
CLOSED = [slug for slug, code in CATEGORY_OF.items() if categories()[code].sensitive]
STORY = ("Waarom", "Waarom mag dat", "Wie kan het zien", "Wie krijgt het", "Hoe lang")

Browse = Callable[..., Visit]


def card(pupil_id: UUID, slug: str) -> str:
    return f"/mijn/kinderen/{pupil_id}/gegevens/{slug}"


def settler(session: Session, people: People) -> Settler:
    here = Settler(session, people.waterlijn)
    source = session.scalar(select(Source.id).where(Source.school_id == people.regenboog))
    assert source is not None
    here.source[people.regenboog] = source
    return here


def give(database: Database, people: People, code: str, value: str, person: UUID, **changes: object) -> UUID:
    """Register one more value of somebody."""

    def work(session: Session) -> UUID:
        kind = PersonKind.PUPIL if code.startswith("pupil") else PersonKind.ADULT
        item_id = settler(session, people).item(person, kind, code, value, people.regenboog)
        if changes:
            session.execute(update(Item).where(Item.id == item_id).values(**changes))
        return item_id

    return database.write(work)


def change(database: Database, code: str, person: UUID, **values: object) -> UUID:
    """Change what is registered under a code; answers the id of the item."""

    def work(session: Session) -> UUID:
        item_id = session.scalar(select(Item.id).where(Item.person_id == person, Item.field_code == code))
        assert item_id is not None
        session.execute(update(Item).where(Item.id == item_id).values(**values))
        return item_id

    return database.write(work)


def flag(database: Database, authority_id: UUID, flag: SafetyFlag) -> None:
    """Set a safety flag on one relation."""
    database.write(
        lambda session: (
            session.execute(update(Authority).where(Authority.id == authority_id).values({flag.value: True})) and None
        )
    )


def post(visit: Visit, path: str, data: MultiDict[str, str]) -> TestResponse:
    """Send a form of this browser to another address."""
    headers = {"Origin": BASE, "Referer": BASE + path, "Sec-Fetch-Site": "same-origin"}
    return visit.raw("POST", path, data=data, headers=headers)


def item_of(page: Page, label: str) -> str:
    """All words of one row."""
    for row in page.main.select("li.item"):
        heading = row.find(["h2", "h3"])
        if heading is not None and heading.get_text(strip=True) == label:
            return " ".join(row.get_text(" ", strip=True).split())
    raise AssertionError(f"no row {label!r} on {page.title!r}")


def listed(page: Page, sentence: str) -> list[str]:
    """The names under a sentence."""
    above = page.main.find("p", string=sentence)
    assert above is not None, f"no {sentence!r} on {page.title!r}"
    below = above.find_next("ul")
    assert below is not None
    return [one.get_text(strip=True) for one in below.find_all("li")]


def all_pages(people: People, child: UUID) -> Iterator[str]:
    """Every page about a child, and the parent's other pages."""
    yield from ("/mijn/", "/mijn/gegevens", "/mijn/eigen-gegevens", "/mijn/wie-mag-wat-zien", "/mijn/meer")
    yield f"/mijn/kinderen/{child}/gegevens"
    yield f"/mijn/kinderen/{child}/ontvangers"
    for slug in CATEGORY_OF:
        yield card(child, slug)
    for slug in RECIPIENT_SLUG_OF.values():
        yield f"/mijn/kinderen/{child}/ontvangers/{slug}"


def fill_up(database: Database, people: People, count: int) -> None:
    """Give Sem many phone numbers."""

    def work(session: Session) -> None:
        here = settler(session, people)
        keeper = vaults.of(session)
        for number in range(1, count):
            session.add(
                Item(
                    board_id=people.waterlijn,
                    person_id=people.sem,
                    id=new_id(),
                    person_kind=PersonKind.PUPIL,
                    field_code="pupil.emergency_phone",
                    ordinal=number,
                    value=f"+3161234{number:04}",
                    digest=keeper.digest(str(number), "item"),
                    origin="parent",
                    source_id=here.source[people.regenboog],
                    system_name="parnassys",
                    registered_at=here.now,
                    changed_at=here.now,
                    seen_at=here.now,
                )
            )

    database.write(work)


def add_siblings(database: Database, people: People, count: int) -> None:
    """Give Noor more children."""

    def work(session: Session) -> None:
        here = settler(session, people)
        for number in range(count):
            pupil = here.pupil(people.regenboog, people.group2, f"Kind{number}", "de", "Wit", date(2019, 1, number + 1))
            here.authority(pupil, people.noor, Relation.SOLE)

    database.write(work)
