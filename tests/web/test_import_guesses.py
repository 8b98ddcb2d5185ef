"""What a list leaves open, on the page: nothing is chosen beforehand, and there is a way back until it is applied."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from parentportal.db import Database
from parentportal.models.imports import Delivery
from parentportal.models.people import Pupil
from parentportal.sources.writing import write_list
from tests.page import Page
from tests.people import People
from tests.visit import BASE, Visit
from tests.web.test_imports import FILES, upload

NAMES = ("Jip", "Bo", "Kim", "Lou")


def unclear(*, count: int = 2) -> bytes:
    """A list in which neither the year nor the M says what it is."""
    rows = [
        {"Leerlingnummer": f"L{n}", "Roepnaam": name, "Achternaam": "Smid", "Geboortedatum": "27-03-17", "M/V": "M"}
        for n, name in enumerate(NAMES[:count])
    ]
    return write_list(("Leerlingnummer", "Roepnaam", "Achternaam", "Geboortedatum", "M/V"), rows)


@pytest.fixture
def petra(visit_as: Callable[..., Visit], people: People) -> Visit:
    """Petra, on the page of a list that leaves two things open."""
    petra = visit_as("petra")
    upload(petra, unclear(), "lijst.csv")
    return petra


def apply(visit: Visit) -> Page:
    """Apply the file on the page; with the tick where one is asked for."""
    assert visit.page is not None
    looked = {"looked": "y"} if visit.page.main.select("input[name=looked]") else {}
    return visit.fill(looked, form=visit.page.answer.request.path)


def choices(page: Page) -> dict[str, bool]:
    """The answers on the page, and whether each is chosen."""
    return {str(one["value"]): one.has_attr("checked") for one in page.main.select("input[type=radio]")}


def delivery(database: Database) -> Delivery:
    with database.read() as session:
        (row,) = session.scalars(select(Delivery))
        session.expunge(row)
        return row


def test_the_page_asks_with_row_numbers_and_chooses_nothing(petra: Visit) -> None:
    page = petra.page
    assert page is not None
    assert page.says("In 2 regels heeft het jaar twee cijfers. Kijk in uw lijst, bijvoorbeeld naar regel 2 en 3.")
    assert page.says("Klopt dit? Met 17 bedoelt uw lijst het jaar 2017.")
    assert page.says("In 2 regels staat M bij het geslacht van een kind.")
    assert set(choices(page)) == {"two-digit-year", "sex-m-male", "sex-m-female", "weg"}
    assert not any(choices(page).values())
    assert not [word for word in ("27-03-17", "Jip", "Smid") if word in page.html]


def test_after_saving_the_preview_is_made_anew_and_the_file_can_be_applied(
    petra: Visit, database: Database, people: People
) -> None:
    page = petra.fill({"year": "two-digit-year", "sex": "sex-m-female"}, form="keuzes")
    assert page.h1 == "Wat verandert er?"
    assert page.says("Uw keuze is bewaard.")
    assert page.says("17 is het jaar 2017.")
    assert page.says("M is bij een kind: meisje.")
    assert page.says("Gekozen door Petra Schouten")
    assert not page.says("Het jaar heeft twee cijfers. De datum is niet gelezen.")
    assert delivery(database).guesses == ["sex-m-female", "two-digit-year"]
    page = apply(petra)
    assert page.h1 == "Bewijs van verwerking"
    assert page.says("17 is het jaar 2017.")
    assert "Maak ongedaan" not in page.html
    with database.read() as session:
        born = session.scalars(select(Pupil.birth_date).where(Pupil.surname == "Smid")).all()
    assert [str(day) for day in born] == ["2017-03-27", "2017-03-27"]


def test_one_question_can_be_answered_and_the_other_stays_open(petra: Visit, database: Database) -> None:
    page = petra.fill({"year": "two-digit-year"}, form="keuzes")
    assert set(choices(page)) == {"sex-m-male", "sex-m-female", "weg"}
    page = petra.fill({"sex": "sex-m-male"}, form="keuzes")
    assert choices(page) == {}
    assert delivery(database).guesses == ["sex-m-male", "two-digit-year"]


def test_what_was_chosen_can_be_undone_before_applying(petra: Visit, database: Database) -> None:
    petra.fill({"year": "two-digit-year", "sex": "sex-m-male"}, form="keuzes")
    page = petra.fill(form="ongedaan", button="Maak ongedaan: 17 is het jaar 2017.")
    assert page.says("Uw keuze is ongedaan gemaakt.")
    assert page.says("Klopt dit? Met 17 bedoelt uw lijst het jaar 2017.")
    assert page.says("M is bij een kind: jongen.")
    assert delivery(database).guesses == ["sex-m-male"]


def test_a_no_leaves_it_out_and_says_so(petra: Visit, database: Database) -> None:
    page = petra.fill({"year": "weg"}, form="keuzes")
    assert page.says("Deze gegevens blijven weg, ook als u het bestand verwerkt.")
    assert delivery(database).guesses == []


@pytest.mark.parametrize("values", [{}, {"year": "guardian-two-digit-year"}, {"sex": "nonsense"}])
def test_no_answer_or_one_that_is_not_there_is_said_at_the_question(
    petra: Visit, database: Database, values: dict[str, str]
) -> None:
    page = petra.fill(values, form="keuzes", status=422)
    assert page.says("Kies een van de antwoorden die er staan." if values else "Kies een antwoord.")
    assert delivery(database).guesses == []


def test_a_double_tap_saves_once(petra: Visit, database: Database) -> None:
    answers = {"year": "two-digit-year"}
    first = petra.hand_in(answers, form="keuzes")
    second = petra.hand_in(answers, form="keuzes")
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert delivery(database).guesses == ["two-digit-year"]


def test_after_applying_it_is_fixed_and_the_page_says_what_was_left_out(petra: Visit, database: Database) -> None:
    asking = petra.page
    page = apply(petra)
    assert page.says("Wat niet gelezen is")
    assert page.says("Wilt u dit alsnog kiezen? Breng het bestand dan opnieuw.")
    petra.page = asking
    page = petra.fill({"year": "two-digit-year"}, form="keuzes", status=409)
    assert page.says("Dit bestand is al verwerkt. Wat u koos, staat vast.")
    assert delivery(database).guesses == []


def test_the_same_file_again_asks_again(petra: Visit) -> None:
    apply(petra)
    page = upload(petra, unclear(), "lijst.csv")
    assert page.h1 == "Wat verandert er?"
    petra.fill({"year": "two-digit-year", "sex": "sex-m-male"}, form="keuzes")
    page = apply(petra)
    assert page.h1 == "Bewijs van verwerking"
    page = upload(petra, unclear(), "lijst.csv")
    assert page.says("Dit bestand is al verwerkt. Er verandert niets.")


def test_the_director_reads_the_question_and_cannot_answer(
    petra: Visit, visit_as: Callable[..., Visit], database: Database, people: People
) -> None:
    hanna = visit_as("hanna")
    address = f"{FILES}/{delivery(database).id}"
    page = hanna.get(address)
    assert page.says("In 2 regels heeft het jaar twee cijfers.")
    assert page.says("De administratie kan het kiezen.")
    assert page.main.find("form") is None
    token = page.soup.find("input", attrs={"name": "csrf_token"})
    assert token is not None
    keys = {"csrf_token": token["value"], "idempotency_key": str(people.sem), "year": "two-digit-year"}
    headers = {"Origin": BASE, "Referer": BASE + FILES, "Sec-Fetch-Site": "same-origin"}
    assert hanna.raw("POST", f"{address}/keuzes", data=keys, headers=headers).status_code == 404
    assert delivery(database).guesses == []


def test_somebody_of_another_school_finds_nothing(
    petra: Visit, visit_as: Callable[..., Visit], database: Database
) -> None:
    for who in ("mirjam", "ilse", "noor", "hugo"):
        assert visit_as(who).raw("GET", f"{FILES}/{delivery(database).id}/keuzes").status_code == 404
