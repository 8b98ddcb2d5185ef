"""Sensitive data opens only after asking, and nobody reads what is somebody else's."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from parentportal.catalogue import categories, fields
from parentportal.db import Database
from parentportal.models.outbox import OutboxMail
from parentportal.outside.clock import FrozenClock
from parentportal.reads import request_items
from parentportal.reads.item_rows import HIDES
from parentportal.reads.sign_in import list_roles
from parentportal.rules.authority import SafetyFlag
from parentportal.rules.step_ups import Act
from parentportal.services import outbox
from parentportal.web.parent.slugs import SLUG_OF
from tests.items import BSN, CLOSED, SECRETS_OF_DAAN, Browse, all_pages, card, change, flag, give, item_of, post
from tests.people import People
from tests.services import story
from tests.step_ups import prove
from tests.visit import Visit

# Sensitive data


def test_care_is_closed_until_noor_asks_and_her_asking_is_logged(
    visit_as: Browse, database: Database, people: People
) -> None:
    noor = visit_as("noor")
    assert "Astma" not in noor.get(card(people.sem, "zorg-en-gezondheid")).html
    page = noor.fill(form="/tonen")
    assert "Astma, gebruikt een pufje" in item_of(page, "Medische gegevens")
    assert "Astma" not in visit_as("noor").get(card(people.sem, "zorg-en-gezondheid")).html


@pytest.mark.parametrize("slug", CLOSED)
def test_a_closed_card_holds_no_value_and_no_field(visit_as: Browse, people: People, slug: str) -> None:
    page = visit_as("noor").get(card(people.sem, slug))
    assert not page.main.select("li.item")
    assert page.says("Deze gegevens zijn gevoelig")


def test_an_opened_card_closes_after_ten_minutes(visit_as: Browse, clock: FrozenClock, people: People) -> None:
    noor = visit_as("noor")
    noor.get(card(people.sem, "zorg-en-gezondheid"))
    page = noor.fill(form="/tonen")
    address = page.answer.request.full_path
    clock.advance(timedelta(minutes=9))
    assert "Astma" in noor.get(address).html
    clock.advance(timedelta(minutes=1))
    assert "Astma" not in noor.get(address).html


def test_the_address_of_an_opened_card_is_worth_nothing_to_others(visit_as: Browse, people: People) -> None:
    noor, daan = visit_as("noor"), visit_as("daan")
    noor.get(card(people.sem, "zorg-en-gezondheid"))
    address = noor.fill(form="/tonen").answer.request.full_path
    assert "Astma" in noor.get(address).html
    assert "Astma" not in daan.get(address).html
    assert "Astma" not in visit_as("noor").get(address).html
    other = address.replace("zorg-en-gezondheid", "geloof-en-herkomst")
    assert "Nederlandse" not in noor.get(other).html
    for broken in ("x", "1.2", ".", "9999999999.", "a" * 500, "é.é"):
        assert "Astma" not in noor.get(card(people.sem, "zorg-en-gezondheid") + f"?toon={broken}").html


def test_a_citizen_number_shows_its_last_three_digits_until_asked(
    visit_as: Browse, database: Database, clock: FrozenClock, people: People
) -> None:
    give(database, people, "pupil.bsn", BSN, people.sem)
    noor = visit_as("noor")
    noor.get(card(people.sem, "nummers"))
    covered = noor.fill(form="/gegevens/nummers/tonen")
    assert "••••••019" in item_of(covered, "Burgerservicenummer (BSN)")
    assert BSN not in covered.html
    asked = noor.fill(form="/nummers/", status=403)
    assert BSN not in asked.html
    shown = prove(noor, database, clock, people.noor)
    assert BSN in item_of(shown, "Burgerservicenummer (BSN)")


def test_a_number_in_a_closed_card_cannot_be_asked_for(visit_as: Browse, database: Database, people: People) -> None:
    number = give(database, people, "pupil.bsn", BSN, people.sem)
    noor = visit_as("noor", proved=Act)
    page = noor.get(card(people.sem, "nummers"))
    data = noor.held(page.form("/tonen"))
    answer = post(noor, f"/mijn/kinderen/{people.sem}/nummers/{number}/tonen", data)
    assert answer.status_code == 404


# Whose data


def test_ravi_gets_the_same_answer_for_sem_as_for_nobody(visit_as: Browse, people: People) -> None:
    ravi = visit_as("ravi")
    nobody = uuid4()
    for path in all_pages(people, people.sem):
        if str(people.sem) in path:
            foreign = ravi.raw("GET", path)
            missing = ravi.raw("GET", path.replace(str(people.sem), str(nobody)))
            assert (foreign.status_code, missing.status_code) == (404, 404), path


@pytest.mark.parametrize("who", ["olga", "ravi", "daan"])
def test_nobody_else_opens_a_card_of_lot(who: str, visit_as: Browse, people: People) -> None:
    visit = visit_as(who)
    own = people.fien if who == "olga" else people.asha if who == "ravi" else people.sem
    data = visit.held(visit.get(card(own, "zorg-en-gezondheid")).form("/tonen"))
    assert visit.raw("GET", card(people.lot, "contact")).status_code == 404
    assert post(visit, card(people.lot, "zorg-en-gezondheid") + "/tonen", data).status_code == 404


def test_nothing_of_daan_stands_on_any_page_of_noor(visit_as: Browse, people: People) -> None:
    noor = visit_as("noor")
    seen = 0
    for path in all_pages(people, people.sem):
        answer = noor.raw("GET", path)
        text = answer.get_data(as_text=True)
        seen += answer.status_code == 200
        assert not [secret for secret in SECRETS_OF_DAAN if secret in text], path
    assert seen > 30
    assert "Geheimlaan 7, 1234 ZX Winterveen" in visit_as("daan").get("/mijn/eigen-gegevens").text


def test_the_card_of_adults_names_nobody(visit_as: Browse, people: People) -> None:
    page = visit_as("noor").get(card(people.sem, "ouders-en-verzorgers"))
    assert page.says("Bij de school staat nog 1 andere ouder of verzorger.")
    assert "Uw eigen gegevens" in visit_as("noor").get("/mijn/gegevens").text


@pytest.mark.parametrize("danger", list(SafetyFlag))
def test_a_safety_flag_on_daan_takes_address_and_contact_from_his_pages(
    danger: SafetyFlag, visit_as: Browse, database: Database, people: People
) -> None:
    flag(database, people.daan_of_sem, danger)
    daan = visit_as("daan")
    page = daan.get(card(people.sem, "contact"))
    assert "Dit gegeven wordt hier niet getoond. Vraag het de school." in item_of(page, "Adres")
    for path in all_pages(people, people.sem):
        text = daan.raw("GET", path).get_data(as_text=True)
        assert not [word for word in ("Dijkweg", "1234 AB", "123 456 789", "+31123456789") if word in text], path
    assert not daan.get(card(people.sem, "ouders-en-verzorgers")).says("andere ouder of verzorger")
    assert "Dijkweg" in visit_as("noor").get(card(people.sem, "contact")).text


def test_without_location_daan_reads_neither_group_nor_school(
    visit_as: Browse, database: Database, people: People
) -> None:
    give(database, people, "pupil.group", "Groep Zeester", people.sem)
    assert "Groep Zeester" in visit_as("daan").get(card(people.sem, "school-en-groep")).text
    flag(database, people.daan_of_sem, SafetyFlag.NO_LOCATION)
    daan = visit_as("daan")
    assert "Zeester" not in daan.get(card(people.sem, "school-en-groep")).html
    for path in all_pages(people, people.sem):
        text = daan.raw("GET", path).get_data(as_text=True)
        assert not [word for word in ("groep 5", "De Regenboog", "school@waterlijn.example") if word in text], path
    assert "De Regenboog" in visit_as("noor").get("/mijn/").html


def test_an_address_marked_secret_is_shown_only_to_who_lives_there(
    visit_as: Browse, database: Database, people: People
) -> None:
    change(database, "pupil.address.street", people.sem, marked_secret=True)
    assert "Dijkweg 12" in visit_as("noor").get(card(people.sem, "contact")).text
    assert "Dijkweg" not in visit_as("daan").get(card(people.sem, "contact")).html


def test_what_is_not_shown_to_daan_cannot_be_asked_about_either(
    visit_as: Browse, database: Database, people: People
) -> None:
    """The pages of a request show the value of today: they keep secret what the cards keep secret."""
    street = change(database, "pupil.address.street", people.sem, marked_secret=True)
    place = change(database, "pupil.address.place", people.sem, disputed=False)
    username = give(database, people, "pupil.username", "zeester5", people.sem)
    daan, noor = visit_as("daan"), visit_as("noor")
    for item_id in (street, place):
        for step in ("klopt-niet", "weghalen"):
            assert daan.raw("GET", f"/mijn/gegevens/{item_id}/{step}").status_code == 404
            assert noor.raw("GET", f"/mijn/gegevens/{item_id}/{step}").status_code == 200
    assert daan.raw("GET", f"/mijn/gegevens/{username}/klopt-niet").status_code == 200
    flag(database, people.daan_of_sem, SafetyFlag.NO_LOCATION)
    assert daan.raw("GET", f"/mijn/gegevens/{username}/klopt-niet").status_code == 404
    with database.read() as session:
        offered = {
            asked.id
            for person in request_items.list_items(session, story.visitor(database, people, "daan"))
            for asked in person.items
        }
    assert not offered & {street, place, username}


def test_without_location_daan_hears_from_the_board(visit_as: Browse, database: Database, people: People) -> None:
    visit_as("daan")
    flag(database, people.daan_of_sem, SafetyFlag.NO_LOCATION)
    database.write(lambda s: outbox.tell(s, people.daan, board_id=people.waterlijn, school_name="De Regenboog"))
    with database.read() as session:
        (mail,) = session.scalars(select(OutboxMail)).all()
        (role,) = list_roles(session, board_id=people.waterlijn, adult_id=people.daan)
    assert (mail.context, role.school_name) == ({"school": "Stichting De Waterlijn"}, None)


def test_the_letter_to_daan_comes_from_the_board_and_so_do_the_pages_it_leads_to(
    app: Flask, visit_as: Browse, database: Database, people: People
) -> None:
    flag(database, people.daan_of_sem, SafetyFlag.NO_LOCATION)
    petra = visit_as("petra")
    petra.get(f"/werk/brieven/{people.group5}")
    sheets = petra.fill(form="printen").soup.select("article.sheet")
    (his,) = [sheet for sheet in sheets if "Daan Bakker" in sheet.get_text()]
    (hers,) = [sheet for sheet in sheets if "Noor de Wit" in sheet.get_text()]
    assert "Stichting De Waterlijn heeft een privacyportaal" in his.get_text()
    assert not [word for word in ("De Regenboog", "Groep 5") if word in his.get_text()]
    assert "De Regenboog heeft een privacyportaal" in hers.get_text()
    phone = Visit(app)
    phone.get(f"/activeren/{his.select_one('b.code').get_text()}")
    phone.fill()
    page = phone.fill({"born-day": "27", "born-month": "3", "born-year": "2017"})
    assert page.says("Dit wordt uw account bij Stichting De Waterlijn, voor Sem.")
    assert "De Regenboog" not in page.html


def test_a_receipt_does_not_tell_daan_the_school(visit_as: Browse, database: Database, people: People) -> None:
    daan = visit_as("daan")
    daan.get(f"/mijn/kinderen/{people.sem}/toestemming")
    field = next(str(one["name"]) for one in daan.page.soup.select("input[type=radio]"))
    receipt = daan.fill({field: "no"}, form="/toestemming")
    assert "De Regenboog" in receipt.html
    flag(database, people.daan_of_sem, SafetyFlag.NO_LOCATION)
    assert "De Regenboog" not in daan.get(receipt.answer.request.path).html


def test_every_hidden_field_exists() -> None:
    assert all(HIDES[kind] <= set(fields()) for kind in HIDES)
    assert set(SLUG_OF) == set(categories())
