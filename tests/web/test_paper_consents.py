"""Choices on paper or at the desk: entered by the office, seen by the guardian."""

from collections.abc import Callable
from uuid import UUID

import pytest
from bs4 import Tag
from sqlalchemy import select

from parentportal.db import Database
from parentportal.models.consents import ConsentEvent
from parentportal.outside.clock import FrozenClock
from tests.consents import WEB_PHOTO, YES, School
from tests.page import Page
from tests.people import People
from tests.visit import Visit

Open = Callable[..., Visit]


@pytest.fixture
def school(database: Database, clock: FrozenClock, people: People) -> School:
    return School(database, clock, people)


def field(school: School, code: str) -> str:
    return f"keuze-{school.item(code)}"


def address(school: School, pupil: str = "sem") -> str:
    return f"/mijn/kinderen/{school.pupil(pupil)}/toestemming"


def kept(school: School) -> list[ConsentEvent]:
    with school.database.read() as session:
        return list(session.scalars(select(ConsentEvent).order_by(ConsentEvent.at)))


def group_of(page: Page, school: School, code: str) -> Tag:
    found = page.main.find(id=f"vraag-{school.item(code)}")
    assert isinstance(found, Tag)
    return found


def test_what_was_entered_on_paper_is_marked_as_such(school: School, visit_as: Open) -> None:
    receipt = enter_on_paper(visit_as("petra"), school)
    page = visit_as("ravi").get(address(school, "asha"))
    assert "ingevoerd door de administratie" in group_of(page, school, WEB_PHOTO).get_text(" ", strip=True)
    own = visit_as("ravi").get(f"/mijn/ontvangstbewijs/{receipt}")
    assert own.says("Op papier, ingevoerd door de administratie")
    assert own.says("maandag 16 november 2026")


def enter_on_paper(petra: Visit, school: School) -> UUID:
    petra.get("/werk/op-papier")
    assert petra.page is not None
    petra.get(petra.page.links()["Groep 5"])
    petra.get(petra.page.links()["Ravi Sharma over Asha Sharma"])
    letter = petra.fill(
        {
            "received_on-day": "16",
            "received_on-month": "11",
            "received_on-year": "2026",
            "channel": "paper",
            field(school, WEB_PHOTO): "yes",
        },
        form="/op-papier/",
    )
    assert letter.says("Ravi Sharma")
    assert letter.says("Was: niet gekozen. Nu: ja.")
    return UUID(letter.answer.request.path.rsplit("/", 1)[1])


def test_the_paper_form_says_what_is_missing_and_keeps_the_rest(school: School, visit_as: Open) -> None:
    petra = visit_as("petra")
    petra.get(f"/werk/op-papier/{school.people.asha}/{school.people.ravi}")
    page = petra.fill({field(school, WEB_PHOTO): "no"}, form="/op-papier/", status=422)
    assert page.says("Vul in op welke dag het binnenkwam.")
    assert page.says("Kies hoe het binnenkwam.")
    assert [box["value"] for box in page.main.select("input[checked]")] == ["no"]
    nothing = petra.fill(
        {
            "received_on-day": "16",
            "received_on-month": "11",
            "received_on-year": "2026",
            "channel": "desk",
            field(school, WEB_PHOTO): [],
        },
        form="/op-papier/",
        status=422,
    )
    assert nothing.says("Er is niets veranderd.")
    assert kept(school) == []


def test_paper_is_for_the_office_of_the_own_school(school: School, visit_as: Open) -> None:
    receipt = school.says("ravi", "asha", {WEB_PHOTO: YES})
    for name, path in (
        ("mirjam", f"/werk/op-papier/{school.people.asha}/{school.people.ravi}"),
        ("ilse", f"/werk/op-papier/{school.people.asha}/{school.people.ravi}"),
        ("petra", f"/werk/op-papier/{school.people.asha}/{school.people.noor}"),
        ("petra", f"/werk/op-papier/bewijs/{receipt}"),
        ("petra", f"/werk/op-papier/groepen/{school.people.kompas4}"),
    ):
        assert visit_as(name).raw("GET", path).status_code == 404, (name, path)
