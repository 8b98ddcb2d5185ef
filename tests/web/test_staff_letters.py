"""Letters for colleagues as the office makes them: a list of its own beside those of the groups."""

from collections.abc import Callable

from sqlalchemy import select

from parentportal.db import Database, count_statements
from parentportal.models.sign_in import Activation
from tests.page import Page
from tests.people import People
from tests.visit import Visit
from tests.web.test_invitations import codes_on

STAFF = "/werk/brieven/medewerkers"
BORN, MAIL = "Wanneer is het kind geboren?", "Wat is uw e-mailadres?"


def test_hanna_prints_the_letters_of_all_colleagues_in_one_go(visit_as: Callable[..., Visit], people: People) -> None:
    hanna = visit_as("hanna")
    page = hanna.get("/werk/brieven")
    hanna.get(page.links()["Medewerkers"])
    page = hanna.fill(button="Maak 3 brieven", form="printen")
    assert len(set(codes_on(page).values())) == 3
    assert {"Petra Schouten", "Ilse Vermeer"} < set(codes_on(page))
    for sheet in page.soup.select("article.sheet"):
        words = sheet.get_text(" ", strip=True)
        assert "Uitreiken op school" in words
        assert "werk" in words
        assert "geboortedatum" not in words
        assert sheet.select_one("figure.qr svg")
    assert hanna.get(STAFF).says("Brief gemaakt")


def test_the_same_form_again_gives_the_same_letters(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    petra = visit_as("petra")
    petra.get(STAFF)
    first, second = (codes_on(Page(petra.hand_in(form="printen"))) for _time in range(2))
    assert first == second
    assert len(first) == 2, "the director gets none from the administration"
    with database.read() as session:
        assert len(session.scalars(select(Activation.id)).all()) == 2


def test_one_letter_anew_ends_the_old_code_and_withdrawing_ends_that(
    visit_as: Callable[..., Visit], visit: Callable[[], Visit], people: People
) -> None:
    hanna = visit_as("hanna")
    address = f"{STAFF}/{people.ilse}"
    codes = []
    for _time in range(2):
        hanna.get(address)
        codes.append(codes_on(hanna.fill(form="printen"))["Ilse Vermeer"])
    assert len(set(codes)) == 2
    assert [question_after(visit(), code) for code in codes] == [BORN, MAIL]
    hanna.get(f"{address}/intrekken")
    page = hanna.fill(form="intrekken")
    assert page.says("De brief is ingetrokken.")
    assert question_after(visit(), codes[1]) == BORN


def question_after(browser: Visit, code: str) -> str:
    """What is asked next: a date that cannot be right, for a code that opens nothing."""
    browser.get("/activeren")
    return browser.fill({"code": code}).h1


def test_petra_sees_that_the_letter_of_the_director_is_not_hers_to_make(
    visit_as: Callable[..., Visit], people: People
) -> None:
    page = visit_as("petra").get(f"{STAFF}/{people.hanna}")
    assert page.says("een rol die u niet kunt geven")
    assert page.forms() == []


def test_everything_anew_says_how_many(visit_as: Callable[..., Visit], people: People) -> None:
    hanna = visit_as("hanna")
    hanna.get(STAFF)
    hanna.fill(form="printen")
    page = hanna.get(STAFF)
    page = hanna.get(page.links()["Alle brieven opnieuw maken"])
    assert page.says("U maakt 3 brieven.")
    assert len(codes_on(hanna.fill(form="printen"))) == 3


def test_another_school_sees_its_own_people_only(visit_as: Callable[..., Visit], people: People) -> None:
    mirjam = visit_as("mirjam")
    page = mirjam.get(STAFF)
    assert page.says("Mirjam Kok")
    assert not page.says("Ilse Vermeer")
    for end in ("", "/intrekken"):
        mirjam.get(f"{STAFF}/{people.ilse}{end}", status=404)


def test_the_list_costs_at_most_five_statements(visit_as: Callable[..., Visit], database: Database) -> None:
    petra = visit_as("petra")
    petra.get(STAFF)
    with count_statements(database) as statements:
        petra.get(STAFF)
    assert len(statements) <= 5, statements
