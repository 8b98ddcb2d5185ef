"""What somebody reads whose telephone is gone: three ways, the quickest first, and where to go."""

from collections.abc import Callable

from sqlalchemy import update

from parentportal.access import OPERATOR
from parentportal.db import Database
from parentportal.models.boards import School
from parentportal.rules.authority import SafetyFlag
from parentportal.services import boards
from tests.items import Browse, flag
from tests.people import ZILVERDUIN, People
from tests.visit import Visit

ADDRESS = "Kade 2, 1234 AC Zomerdijk"


def test_it_opens_without_an_account_and_begins_with_what_is_quickest(
    visit: Callable[[], Visit], people: People
) -> None:
    page = visit().get("/telefoon-kwijt")
    headings = [one.get_text(" ", strip=True) for one in page.main.find_all("h2")]
    assert headings[:3] == [
        "1. Heeft u nog een ander apparaat?",
        "2. Heeft u noodcodes?",
        "3. Heeft u geen van beide? Kom naar school",
    ]
    assert page.says("een paspoort, identiteitskaart of rijbewijs")
    assert page.main.select("[data-print]")


def test_with_more_schools_nobody_is_sent_to_a_wrong_one(visit: Callable[[], Visit], people: People) -> None:
    page = visit().get("/telefoon-kwijt")
    assert page.says("Bel eerst de school van uw kind.")
    assert not page.says("De Regenboog")


def test_the_only_school_stands_there_with_what_to_call(visit: Callable[[], Visit], database: Database) -> None:
    database.write(lambda session: boards.load(session, ZILVERDUIN, by=OPERATOR) and None)
    database.write(
        lambda session: session.execute(update(School).values(address=ADDRESS, phone="0123-111222")) and None
    )
    page = visit().get("/telefoon-kwijt")
    assert page.says("De Zandloper")
    assert page.says(ADDRESS)
    assert page.says("Bel eerst: 0123-111222")


def test_a_parent_reads_the_own_school_unless_no_page_may_name_it(
    visit_as: Browse, database: Database, people: People
) -> None:
    assert visit_as("noor").get("/telefoon-kwijt").says(ADDRESS)
    flag(database, people.daan_of_sem, SafetyFlag.NO_LOCATION)
    hidden = visit_as("daan").get("/telefoon-kwijt")
    assert ADDRESS not in hidden.html
    assert "De Regenboog" not in hidden.html


def test_help_leads_there(visit: Callable[[], Visit], people: People) -> None:
    assert "/telefoon-kwijt" in visit().get("/hulp").html
