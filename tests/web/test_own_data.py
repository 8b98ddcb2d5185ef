"""A parent's own page: everything of her, nothing of anybody else."""

from datetime import timedelta

from parentportal.db import Database, count_statements
from parentportal.outside.clock import FrozenClock
from parentportal.rules.step_ups import Act
from parentportal.web.parent.slugs import CATEGORY_OF
from tests.items import SECRETS_OF_DAAN, STORY, Browse, give, item_of, post
from tests.people import People
from tests.step_ups import prove

IBAN = "NL91ABNA0417164300"


def test_noor_reads_what_the_school_has_of_her_and_why_she_is_registered(visit_as: Browse) -> None:
    page = visit_as("noor").get("/mijn/eigen-gegevens")
    assert page.says("U staat bij de school als ouder of verzorger van Lot en Sem.")
    assert "noor@post.example" in item_of(page, "Uw e-mailadres")
    assert "06 12345601" in item_of(page, "Uw telefoonnummer")
    assert "Dijkweg 12, 1234 AB Zomerdijk" in item_of(page, "Uw adres")
    for row in page.main.select("li.item"):
        assert all(part in row.get_text(" ", strip=True) for part in STORY)


def test_nothing_of_daan_stands_on_noors_own_page_nor_of_noor_on_his(visit_as: Browse) -> None:
    noor, daan = visit_as("noor").get("/mijn/eigen-gegevens"), visit_as("daan").get("/mijn/eigen-gegevens")
    assert not [secret for secret in SECRETS_OF_DAAN if secret in noor.html]
    assert not [secret for secret in ("Dijkweg", "noor@post.example", "45601", "Noor", "Lot") if secret in daan.html]


def test_a_bank_account_shows_its_last_three_signs_until_asked(
    visit_as: Browse, database: Database, clock: FrozenClock, people: People
) -> None:
    give(database, people, "guardian.iban", IBAN, people.noor)
    noor = visit_as("noor")
    covered = noor.get("/mijn/eigen-gegevens")
    assert "300" in item_of(covered, "Uw rekeningnummer")
    assert "0417" not in covered.html
    assert "0417" not in noor.fill(form="/nummers/", status=403).html
    shown = prove(noor, database, clock, people.noor)
    assert "NL91 ABNA 0417 1643 00" in item_of(shown, "Uw rekeningnummer")
    clock.advance(timedelta(minutes=10))
    assert "0417" not in noor.get(shown.answer.request.full_path).html


def test_the_bank_account_of_daan_cannot_be_asked_for_by_noor(
    visit_as: Browse, database: Database, people: People
) -> None:
    own = give(database, people, "guardian.iban", IBAN, people.noor)
    other = give(database, people, "guardian.iban", "NL20INGB0001234567", people.daan)
    noor = visit_as("noor", proved=Act)
    data = noor.held(noor.get("/mijn/eigen-gegevens").form(str(own)))
    assert post(noor, f"/mijn/eigen-gegevens/nummers/{other}/tonen", data).status_code == 404
    assert post(noor, f"/mijn/kinderen/{people.sem}/nummers/{other}/tonen", data).status_code == 404


def test_education_is_flagged_as_no_longer_needed(visit_as: Browse, database: Database, people: People) -> None:
    give(database, people, "guardian.education", "hbo", people.noor)
    row = item_of(visit_as("noor").get("/mijn/eigen-gegevens"), "Uw opleiding")
    assert "Niet meer nodig. U kunt dit laten weghalen." in row


def test_signing_in_is_listed_without_a_network_address(visit_as: Browse) -> None:
    page = visit_as("noor").get("/mijn/eigen-gegevens")
    assert page.says("dinsdag 17 november 2026, 10:00 uur")
    assert page.says("Nu, op dit apparaat")
    assert "127.0.0.1" not in page.html


def test_the_page_costs_five_statements_and_stays_light(visit_as: Browse, database: Database) -> None:
    noor = visit_as("noor")
    noor.get("/mijn/eigen-gegevens")
    with count_statements(database) as statements:
        page = noor.get("/mijn/eigen-gegevens")
    assert len(statements) <= 5
    assert len(page.html.encode()) <= 24_000


def test_staff_has_no_parents_pages(visit_as: Browse, people: People) -> None:
    for who in ("ilse", "hanna", "petra", "hugo"):
        visit = visit_as(who)
        for path in ("/mijn/", "/mijn/eigen-gegevens", f"/mijn/kinderen/{people.sem}/gegevens"):
            assert visit.raw("GET", path).status_code == 404
        for slug in CATEGORY_OF:
            assert visit.raw("GET", f"/mijn/kinderen/{people.sem}/gegevens/{slug}").status_code == 404
