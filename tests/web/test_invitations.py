"""Letters as the administration makes them: per group, once each, printed at once, made anew and withdrawn."""

from collections.abc import Callable

from bs4 import Tag
from sqlalchemy import select

from parentportal.db import Database, count_statements
from parentportal.models.audit import AuditEvent
from parentportal.models.sign_in import Activation
from tests.page import Page
from tests.people import People
from tests.visit import Visit


def codes_on(page: Page) -> dict[str, str]:
    """The code on each sheet, by the name in its window."""
    sheets = page.soup.select("article.sheet")
    return {_text(sheet, ".to bdi"): _text(sheet, "b.code") for sheet in sheets}


def _text(sheet: Tag, selector: str) -> str:
    found = sheet.select_one(selector)
    assert found is not None
    return str(found.get_text())


def test_petra_prints_the_letters_of_group_5(visit_as: Callable[..., Visit], people: People) -> None:
    petra = visit_as("petra")
    page = petra.get("/werk/brieven")
    assert page.says("Groep 5")
    petra.get(page.links()["Groep 5"])
    page = petra.fill(button="Maak 3 brieven", form="printen")
    sheets = page.soup.select("article.sheet")
    assert [_text(sheet, ".to bdi") for sheet in sheets] == ["Daan Bakker", "Ravi Sharma", "Noor de Wit"]
    daan, ravi, noor = (sheet.get_text(" ", strip=True) for sheet in sheets)
    assert "Dijkweg 12" in noor
    assert "1234 AB" in noor
    assert "Geheimlaan" not in noor
    assert "Geheimlaan 7" in daan
    assert "Uitreiken op school" in ravi, "no address is known"
    assert "werkt tot dinsdag 1 december 2026, 10:00 uur" in noor
    for child in ("Sem", "Lot", "Asha"):
        assert child not in noor + daan + ravi
    assert all(sheet.select_one("figure.qr svg") for sheet in sheets)
    assert "no-store" in page.answer.headers["Cache-Control"]


def test_the_same_form_again_gives_the_same_letters(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    petra = visit_as("petra")
    petra.get(f"/werk/brieven/{people.group5}")
    first = codes_on(Page(petra.hand_in(form="printen")))
    second = codes_on(Page(petra.hand_in(form="printen")))
    assert first == second
    assert len(set(first.values())) == 3
    with database.read() as session:
        assert len(session.scalars(select(Activation.id)).all()) == 3


def test_another_form_makes_no_second_letter(visit_as: Callable[..., Visit], people: People) -> None:
    petra = visit_as("petra")
    petra.get(f"/werk/brieven/{people.group5}")
    stale = petra.page
    petra.fill(form="printen")
    page = petra.get(f"/werk/brieven/{people.group5}")
    assert page.says("Iedereen in deze groep heeft een brief of een account.")
    hanna = visit_as("hanna")
    hanna.get(f"/werk/brieven/{people.group5}/opnieuw")
    fresh = codes_on(hanna.fill(form="printen"))
    assert len(fresh) == 3
    petra.page = stale
    answer = petra.hand_in(form="printen")
    assert answer.status_code == 409, "those codes were withdrawn meanwhile"


def test_noor_has_one_letter_though_she_has_children_in_two_groups(
    visit_as: Callable[..., Visit], people: People
) -> None:
    petra = visit_as("petra")
    petra.get(f"/werk/brieven/{people.group2}")
    assert list(codes_on(petra.fill(form="printen"))) == ["Noor de Wit"]
    petra.get(f"/werk/brieven/{people.group5}")
    assert list(codes_on(petra.fill(form="printen"))) == ["Daan Bakker", "Ravi Sharma"]


def test_a_new_letter_ends_the_old_code(
    visit_as: Callable[..., Visit], visit: Callable[[], Visit], people: People, database: Database
) -> None:
    petra = visit_as("petra")
    address = f"/werk/brieven/{people.group5}/{people.daan}"
    petra.get(address)
    old = codes_on(petra.fill(form="printen"))["Daan Bakker"]
    petra.get(address)
    new = codes_on(petra.fill(form="printen"))["Daan Bakker"]
    assert old != new
    born = {"born-day": "27", "born-month": "3", "born-year": "2017"}
    for code, status in ((old, 422), (new, 200)):
        browser = visit()
        browser.get("/activeren")
        browser.fill({"code": code})
        browser.fill(born, status=status)
    with database.read() as session:
        acts = session.scalars(select(AuditEvent.event).order_by(AuditEvent.number)).all()
    assert [act for act in acts if act.startswith("invitation")] == [
        "invitation:made",
        "invitation:revoked",
        "invitation:made",
    ]


def test_a_withdrawn_letter_opens_nothing_also_half_way(
    visit_as: Callable[..., Visit], visit: Callable[[], Visit], people: People
) -> None:
    petra = visit_as("petra")
    address = f"/werk/brieven/{people.group5}/{people.daan}"
    petra.get(address)
    code = codes_on(petra.fill(form="printen"))["Daan Bakker"]
    daan = visit()
    daan.get("/activeren")
    daan.fill({"code": code})
    daan.fill({"born-day": "27", "born-month": "3", "born-year": "2017"})
    petra.get(f"{address}/intrekken")
    page = petra.fill(form="intrekken")
    assert page.says("De brief is ingetrokken.")
    assert page.says("Ingetrokken")
    assert daan.get("/activeren/verder").h1 == "Wat is de code in uw brief?"


def test_who_has_an_account_gets_no_letter(visit_as: Callable[..., Visit], people: People) -> None:
    visit_as("noor")
    petra = visit_as("petra")
    petra.get(f"/werk/brieven/{people.group5}")
    assert list(codes_on(petra.fill(form="printen"))) == ["Daan Bakker", "Ravi Sharma"]
    page = petra.get(f"/werk/brieven/{people.group5}/{people.noor}")
    assert page.says("Deze ouder heeft een account.")
    assert not any("printen" in str(form["action"]) for form in page.forms())


def test_letters_of_another_school_are_not_there(visit_as: Callable[..., Visit], people: People) -> None:
    mirjam = visit_as("mirjam")
    for path in (
        f"/werk/brieven/{people.group5}",
        f"/werk/brieven/{people.group5}/opnieuw",
        f"/werk/brieven/{people.group5}/{people.daan}",
        f"/werk/brieven/{people.kompas4}/{people.daan}",
        f"/werk/brieven/{people.group5}/{people.daan}/intrekken",
    ):
        mirjam.get(path, status=404)


def test_the_pages_of_a_group_cost_at_most_five_statements(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    petra = visit_as("petra")
    petra.get("/werk/brieven")
    for path in ("/werk/brieven", f"/werk/brieven/{people.group5}"):
        with count_statements(database) as statements:
            petra.get(path)
        assert len(statements) <= 5, statements
