"""The room for files: Petra brings an export, reads what would change, and applies it; nobody else does."""

import io
from collections.abc import Callable

from sqlalchemy import select

from parentportal.db import Database, count_statements
from parentportal.models.imports import Delivery
from parentportal.models.people import Pupil
from tests.deliveries import ASHA, LOT, SEM, bring_everybody, edexml, look, many
from tests.page import Page
from tests.people import People
from tests.visit import BASE, Visit

FILES = "/werk/bestanden"


def upload(visit: Visit, content: bytes | None, name: str = "export.xml", kind: str = "auto") -> Page:
    """Bring a file on the page of files."""
    visit.get(FILES)
    values = {"kind": kind} | ({"file": (io.BytesIO(content), name)} if content is not None else {})
    return visit.fill(values, form=FILES, status=200 if content is not None else 422)


def test_petra_brings_an_export_reads_what_would_change_and_applies_it(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    petra = visit_as("petra")
    page = petra.get(FILES)
    assert page.h1 == "Bestanden"
    assert page.says("Nog geen bestanden")
    page = upload(petra, edexml({**SEM, "voornamen": "Sem Pieter"}, LOT, ASHA))
    assert page.h1 == "Wat verandert er?"
    assert page.says("Er is nog niets veranderd.")
    assert page.says("Van een of meer kinderen is niet zeker wie het zijn.")
    assert page.says("Sem Bakker")
    assert page.says("Voornamen")
    assert "Pieter" not in page.html, "the names of fields, never their values"
    page = petra.fill(button="Verwerk het bestand", status=422)
    assert page.says("Kijk eerst wat er verandert. Zet dan het vinkje.")
    page = petra.fill({"looked": "y"})
    assert page.h1 == "Bewijs van verwerking"
    assert page.says("Het bestand is verwerkt.")
    assert page.says("Petra Schouten")
    assert petra.get(FILES).says("Verwerkt")


def test_the_page_says_that_it_is_busy_once_a_file_is_under_way(visit_as: Callable[..., Visit], people: People) -> None:
    petra = visit_as("petra")
    for page in (petra.get(FILES), upload(petra, edexml())):
        (note,) = page.main.select("form[data-busy] [data-busy-note]")
        assert note.has_attr("hidden"), "shown by script alone"
        assert note.get("role") == "status"
        assert note.find("progress") is not None


def test_a_double_tap_applies_once(visit_as: Callable[..., Visit], people: People, database: Database) -> None:
    petra = visit_as("petra")
    upload(petra, edexml())
    first = petra.hand_in({"looked": "y"})
    second = petra.hand_in({"looked": "y"})
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location


def test_a_file_that_cannot_be_used_says_why_and_offers_another(visit_as: Callable[..., Visit], people: People) -> None:
    petra = visit_as("petra")
    page = upload(petra, b"<html><body>Inloggen</body></html>", "EDEX.XML")
    assert page.h1 == "Bestand niet te gebruiken"
    assert page.says("Dit is een webpagina, geen export.")
    page = petra.fill({"file": (io.BytesIO(edexml()), "export.xml")}, form=FILES)
    assert page.h1 == "Wat verandert er?"


def test_without_a_file_the_form_says_what_to_do(visit_as: Callable[..., Visit], people: People) -> None:
    page = upload(visit_as("petra"), None)
    assert page.says("Kies een bestand.")


def test_the_same_file_again_changes_nothing(visit_as: Callable[..., Visit], people: People) -> None:
    petra = visit_as("petra")
    upload(petra, edexml())
    petra.fill({"looked": "y"})
    page = upload(petra, edexml())
    assert page.says("Dit bestand is al verwerkt. Er verandert niets.")


def test_remarks_have_row_numbers_and_the_whole_list_is_a_safe_spreadsheet(
    visit_as: Callable[..., Visit], people: People
) -> None:
    petra = visit_as("petra")
    page = upload(petra, edexml(*many(60, bsn="123456789")))
    assert page.says("60 meldingen")
    assert page.says("Hier staan de eerste 50.")
    assert page.says("60 × Dit veld klopt niet: BSN.")
    assert page.says("Regel 28 bsn")
    assert "123456789" not in page.html
    answer = petra.raw("GET", page.links()["Alle meldingen als lijst (CSV)"])
    lines = answer.get_data(as_text=True).splitlines()
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert lines[0] == '\ufeff"Regel";"Veld";"Wat is er"'
    assert len(lines) == 61
    assert "123456789" not in answer.get_data(as_text=True)


def test_a_large_difference_shows_the_first_fifty(visit_as: Callable[..., Visit], people: People) -> None:
    page = upload(visit_as("petra"), edexml(*many(60)))
    assert page.says("Hier staan de eerste 50 van")


def test_the_director_reads_along_and_cannot_apply(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    report = look(database, people, edexml())
    hanna = visit_as("hanna")
    assert hanna.get(FILES).main.find("form") is None
    page = hanna.get(f"{FILES}/{report.delivery_id}")
    assert page.says("Eerst kijken")
    assert page.main.find("form") is None
    token = page.soup.find("input", attrs={"name": "csrf_token"})
    assert token is not None
    keys = {"csrf_token": token["value"], "idempotency_key": str(people.sem), "looked": "y"}
    answer = hanna.raw(
        "POST",
        f"{FILES}/{report.delivery_id}",
        data=keys,
        headers={"Origin": BASE, "Referer": BASE + FILES, "Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 404
    assert rows_of_state(database) == ["held"]


def test_files_of_another_school_do_not_exist(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    report = look(database, people, edexml())
    for who in ("mirjam", "ilse", "noor", "hugo"):
        visit = visit_as(who)
        assert visit.raw("GET", f"{FILES}/{report.delivery_id}").status_code == 404
        assert visit.raw("GET", f"{FILES}/{report.delivery_id}/meldingen.csv").status_code == 404
    missing = visit_as("petra").raw("GET", f"{FILES}/{people.sem}")
    assert missing.status_code == 404


def test_the_pages_cost_at_most_five_statements(
    visit_as: Callable[..., Visit], people: People, database: Database
) -> None:
    report = bring_everybody(database, people)
    petra = visit_as("petra")
    petra.get(FILES)
    for address in (FILES, f"{FILES}/{report.delivery_id}"):
        with count_statements(database) as statements:
            petra.get(address)
        assert len(statements) <= 5, statements


def rows_of_state(database: Database) -> list[str]:
    with database.read() as session:
        assert session.scalar(select(Pupil.id).limit(1)) is not None
        return [row.state.value for row in session.scalars(select(Delivery))]
