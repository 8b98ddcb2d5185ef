"""Letters as the administration makes them: per group, once each, printed at once, made anew and withdrawn."""

from collections.abc import Callable
from datetime import date

from bs4 import Tag
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from parentportal.db import Database, count_statements
from parentportal.models.audit import AuditEvent
from parentportal.models.groups import Placement
from parentportal.models.imports import Source
from parentportal.models.sign_in import Account, Activation
from parentportal.rules.authority import Relation
from tests.page import Page
from tests.people import People, Settler
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
    assert page.says("U hoeft hier geen brief te maken.")
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


def test_each_number_leads_to_the_list_with_the_same_count(visit_as: Callable[..., Visit], people: People) -> None:
    visit_as("noor")
    petra = visit_as("petra")
    petra.get(f"/werk/brieven/{people.group5}/{people.daan}")
    petra.fill(form="printen")
    page = petra.get("/werk/brieven")
    cells = [(int(link.get_text()), str(link["href"])) for link in page.main.select("td a")]
    numbers = [(number, address) for number, address in cells if str(people.group5) in address]
    assert [number for number, _address in numbers] == [3, 1, 1, 1]
    assert len(cells) == 3 * 4, "two groups and the colleagues"
    for number, address in cells:
        shown = petra.get(address)
        assert len(shown.main.select("tbody tr")) == number, address


def test_a_filter_is_taken_off_with_one_press_and_printing_makes_all_letters(
    visit_as: Callable[..., Visit], people: People
) -> None:
    visit_as("noor")
    petra = visit_as("petra")
    page = petra.get(f"/werk/brieven/{people.group5}?stand=actief")
    assert [link.get_text() for link in page.main.select("tbody th a")] == ["Noor de Wit"]
    assert page.says("Maak 2 brieven")
    page = petra.get(page.links()["Haal filter weg: Actief"])
    assert len(page.main.select("tbody tr")) == 3
    assert len(petra.get(f"/werk/brieven/{people.group5}?stand=onzin").main.select("tbody tr")) == 3
    assert petra.get(f"/werk/brieven/{people.group5}?stand=verlopen").says("Niemand heeft deze stand.")


def test_guardians_of_children_without_a_group_get_letters_too(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    database.write(lambda session: session.execute(delete(Placement).where(Placement.pupil_id == people.asha)))
    petra = visit_as("petra")
    page = petra.get("/werk/brieven")
    petra.get(page.links()["Zonder groep"])
    assert list(codes_on(petra.fill(form="printen"))) == ["Ravi Sharma"]
    petra.get(f"/werk/brieven/zonder-groep/{people.ravi}/intrekken")
    assert petra.fill(form="intrekken").says("De brief is ingetrokken.")
    visit_as("mirjam").get("/werk/brieven/zonder-groep", status=404)


def test_whom_we_reach_only_by_hand_or_on_paper_is_listed(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    for name in ("noor", "ilse", "hanna"):
        visit_as(name)
    database.write(
        lambda session: session.execute(
            update(Account)
            .where(Account.adult_id.in_([people.noor, people.ilse]))
            .values(email=None, email_confirmed_at=None)
        )
    )
    page = visit_as("petra").get("/werk/brieven")
    on_paper, without_post = page.main.select("#mail table")
    assert [row.get_text(" ", strip=True) for row in on_paper.select("tbody tr")] == [
        "Ilse Vermeer Medewerkers",
        "Noor de Wit Groep 2",
    ]
    assert [row.get_text(" ", strip=True) for row in without_post.select("tbody tr")] == ["Ravi Sharma Groep 5"]
    assert visit_as("mirjam").get("/werk/brieven").main.select("#mail table") == []


def test_many_letters_at_once_say_that_it_takes_a_while(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    petra = visit_as("petra")
    assert "data-busy" not in petra.get(f"/werk/brieven/{people.group5}").html
    database.write(lambda session: crowd(session, people, 28))
    page = petra.get(f"/werk/brieven/{people.group5}")
    assert page.says("Maak 31 brieven")
    assert page.form("printen").has_attr("data-busy")
    assert len(codes_on(petra.fill(form="printen"))) == 31


def crowd(session: Session, people: People, number: int) -> None:
    """More children in group 5, each with a guardian."""
    here = Settler(session, people.waterlijn)
    here.source[people.regenboog] = session.scalars(select(Source.id).where(Source.school_id == people.regenboog)).one()
    for count in range(number):
        pupil = here.pupil(people.regenboog, people.group5, f"Kind{count}", "", "Veel", date(2017, 1, 1))
        adult = here.adult(f"Ouder{count}", "", "Veel", f"o{count}@post.example", "", people.regenboog)
        here.authority(pupil, adult, Relation.SOLE)


def test_the_pages_of_a_group_cost_at_most_five_statements(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    petra = visit_as("petra")
    petra.get("/werk/brieven")
    for path in ("/werk/brieven", f"/werk/brieven/{people.group5}"):
        with count_statements(database) as statements:
            petra.get(path)
        assert len(statements) <= 5, statements
