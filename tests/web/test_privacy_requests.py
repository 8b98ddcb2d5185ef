"""A parent writes a request, sends it once, follows it, and never meets anybody else's."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, select

from parentportal.db import Database
from parentportal.models.privacy_requests import PrivacyRequest
from parentportal.outside.clock import FrozenClock
from parentportal.rules.privacy_requests import Kind
from parentportal.services import privacy_requests
from tests.people import People
from tests.services.story import item_id, send, version, visitor
from tests.visit import Visit

VisitAs = Callable[..., Visit]


@pytest.fixture
def phone(database: Database, people: People) -> UUID:
    return item_id(database, people.sem, "pupil.phone")


def write(visit: Visit, phone: UUID) -> str:
    """From the field to the page where everything is checked; answers the address of that page."""
    visit.get(f"/mijn/gegevens/{phone}/klopt-niet")
    visit.fill({"value": "06 12 34 56 78"})
    visit.fill({"text": "Wij zijn verhuisd."})
    visit.fill({"addressee": "teacher"})
    assert visit.page is not None
    return visit.page.answer.request.path


def test_from_a_field_to_a_confirmation(visit_as: VisitAs, phone: UUID) -> None:
    noor = visit_as("noor")
    first = noor.get(f"/mijn/gegevens/{phone}/klopt-niet")
    assert "Telefoonnummer" in first.text
    assert "Sem" in first.text
    write(noor, phone)
    assert noor.page is not None
    assert noor.page.says("nog niet verstuurd")
    assert noor.page.says("Het verzoek gaat naar de leerkracht van groep 5")
    assert noor.page.says("06 12345678")
    sent = noor.fill(form="/nakijken")
    assert sent.h1 == "Uw verzoek is verstuurd"
    assert sent.says("de leerkracht van groep 5")
    assert sent.says("uiterlijk op dinsdag 15 december 2026")


def test_a_draft_waits_in_the_list_until_it_is_sent(visit_as: VisitAs, phone: UUID) -> None:
    noor = visit_as("noor")
    noor.get(f"/mijn/gegevens/{phone}/klopt-niet")
    noor.fill({"value": "06 12 34 56 78"})
    assert noor.get("/mijn/verzoeken").says("Nog niet verstuurd")
    again = noor.get(f"/mijn/gegevens/{phone}/klopt-niet")
    assert again.says("Wat moet het zijn?")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "Vul het goede gegeven in."),
        ("012 345 6789", "Dit is al wat de school heeft. Vul iets anders in."),
        ("06 12", "Vul een telefoonnummer in dat bestaat, bijvoorbeeld 06 12 34 56 78."),
    ],
)
def test_a_wrong_value_is_told_at_the_field_and_kept(visit_as: VisitAs, phone: UUID, value: str, message: str) -> None:
    noor = visit_as("noor")
    noor.get(f"/mijn/gegevens/{phone}/klopt-niet")
    page = noor.fill({"value": value}, status=422)
    assert any(message in error for error in page.errors())
    field = page.soup.find("input", id="value")
    assert field is not None
    assert field["value"] == value


def test_a_double_tap_is_one_request(visit_as: VisitAs, database: Database, phone: UUID) -> None:
    noor = visit_as("noor")
    write(noor, phone)
    one, two = noor.hand_in(form="/nakijken"), noor.hand_in(form="/nakijken")
    assert (one.status_code, two.status_code) == (303, 303)
    assert one.headers["Location"] == two.headers["Location"]
    with database.read() as session:
        assert len(session.scalars(select(PrivacyRequest.id)).all()) == 1


def test_a_second_request_is_answered_with_the_first(
    visit_as: VisitAs, database: Database, people: People, phone: UUID
) -> None:
    first = send(database, visitor(database, people, "noor"), {phone: "0612345678"})
    page = visit_as("noor").get(f"/mijn/gegevens/{phone}/klopt-niet")
    assert page.says("U heeft hierover al een verzoek lopen")
    assert page.links()["Bekijk dat verzoek"] == f"/mijn/verzoeken/{first}"
    assert page.forms() == []


def test_a_weighty_matter_says_beforehand_that_it_goes_to_the_director(
    visit_as: VisitAs, database: Database, people: People
) -> None:
    noor = visit_as("noor")
    name = item_id(database, people.sem, "pupil.surname")
    assert noor.get(f"/mijn/gegevens/{name}/klopt-niet").says("Dit komt vaak van de gemeente")
    noor.fill({"value": "Bakkers"})
    noor.fill({"text": ""})
    page = noor.fill({"addressee": "teacher"})
    assert page.says("Dit verzoek gaat naar de directeur")


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("pupil.birth_date", {"value-day": "28", "value-month": "3", "value-year": "2017"}, "28 maart 2017"),
        ("pupil.address.postcode", {"value": "1234 ac"}, "1234 AC"),
        ("pupil.medical", {"value": "Geen astma."}, "Geen astma."),
        ("pupil.nationality", {"value": "Belgische"}, "Belgische"),
    ],
)
def test_every_kind_of_field_has_its_own_question(
    visit_as: VisitAs, database: Database, people: People, code: str, value: dict[str, str], shown: str
) -> None:
    noor = visit_as("noor")
    noor.get(f"/mijn/gegevens/{item_id(database, people.sem, code)}/klopt-niet")
    noor.fill(value)
    noor.fill({"text": ""})
    assert noor.fill({"addressee": "teacher"}).says(shown)


def test_a_removal_is_asked_in_the_same_way(visit_as: VisitAs, database: Database, people: People) -> None:
    noor = visit_as("noor")
    page = noor.get(f"/mijn/gegevens/{item_id(database, people.sem, 'pupil.phone')}/weghalen")
    assert page.h1 == "Wilt u dit laten weghalen?"
    noor.fill()
    noor.fill({"text": "Dit nummer is van mijn oma."})
    noor.fill({"addressee": "teacher"})
    assert noor.page is not None
    assert noor.page.says("Dit verzoek gaat naar de directeur")
    assert noor.fill(form="/nakijken").says("de directeur")


def test_items_are_chosen_from_the_own_children_and_the_own_data_alone(visit_as: VisitAs) -> None:
    page = visit_as("noor").get("/mijn/verzoeken/nieuw/aanpassen")
    assert [page.says(f"Over {name}") for name in ("Sem", "Lot", "uzelf", "Asha")] == [True, True, True, False]


def test_several_items_go_in_one_request(visit_as: VisitAs, database: Database, people: People, phone: UUID) -> None:
    noor = visit_as("noor")
    check = write(noor, phone)
    assert noor.page is not None
    pick = noor.get(noor.page.links()["Nog een gegeven toevoegen"])
    place = item_id(database, people.sem, "pupil.birth_place")
    assert not pick.says("Over Lot")
    noor.get(next(url for url in pick.links().values() if str(place) in url))
    page = noor.fill({"value": "Winterveen"})
    assert page.answer.request.path == check
    assert page.says("Geboorteplaats")
    assert page.says("Haal dit uit mijn verzoek")


@pytest.mark.parametrize("name", ["daan", "ravi", "ilse", "hanna", "petra", "hugo", "mirjam", "olga"])
def test_nobody_but_noor_finds_her_request(
    visit_as: VisitAs, database: Database, people: People, phone: UUID, name: str
) -> None:
    request_id = send(database, visitor(database, people, "noor"), {phone: "0612345678"})
    stranger = visit_as(name)
    for path in ("", "/verstuurd", "/stoppen", "/niet-eens", "/nakijken", "/uitleg", "/aan-wie"):
        assert stranger.raw("GET", f"/mijn/verzoeken/{request_id}{path}").status_code == 404
    if name in ("daan", "ravi"):
        assert not stranger.get("/mijn/verzoeken").says("Telefoonnummer")


def test_a_question_is_answered_and_a_request_stopped(
    visit_as: VisitAs, database: Database, people: People, phone: UUID
) -> None:
    request_id = send(database, visitor(database, people, "noor"), {phone: "0612345678"})
    ilse = visitor(database, people, "ilse")
    act = database.write
    act(lambda s: privacy_requests.pick_up(s, request_id, version=version(database, request_id), by=ilse))
    act(lambda s: privacy_requests.ask(s, request_id, "Welk nummer?", version=version(database, request_id), by=ilse))
    act(lambda s: privacy_requests.note(s, request_id, "Oma belde hierover.", by=ilse))
    noor = visit_as("noor")
    page = noor.get(f"/mijn/verzoeken/{request_id}")
    assert page.says("Wij wachten op u")
    assert page.says("Welk nummer?")
    assert "Oma belde" not in page.html
    assert "Ilse" not in page.html
    assert noor.fill({"text": ""}, form=str(request_id), status=422).errors()
    noor.get(f"/mijn/verzoeken/{request_id}")
    assert noor.fill({"text": "Het nummer van thuis."}, form=str(request_id)).says("Het nummer van thuis.")
    noor.get(f"/mijn/verzoeken/{request_id}/stoppen")
    assert noor.fill(form="/stoppen").says("Gestopt door u")


def test_a_late_answer_is_told_in_plain_words(
    visit_as: VisitAs, database: Database, people: People, clock: FrozenClock, phone: UUID
) -> None:
    request_id = send(database, visitor(database, people, "noor"), {phone: "0612345678"})
    clock.advance(timedelta(days=29))
    page = visit_as("noor").get(f"/mijn/verzoeken/{request_id}")
    assert page.says("De school is te laat. U kunt nu dit doen:")
    assert page.says("Te laat")


def test_a_sent_request_can_no_longer_be_changed(
    visit_as: VisitAs, database: Database, people: People, phone: UUID
) -> None:
    noor = visit_as("noor")
    check = write(noor, phone)
    second = visit_as("noor")
    second.get(check)
    noor.fill(form="/nakijken")
    assert second.hand_in(form="/nakijken").status_code == 409
    assert noor.get(check).says("Nu bij: de leerkracht van groep 5")


def test_a_page_costs_at_most_five_statements(
    visit_as: VisitAs, database: Database, people: People, phone: UUID
) -> None:
    noor = visitor(database, people, "noor")
    sent = send(database, noor, {phone: "0612345678"})
    place = item_id(database, people.sem, "pupil.birth_place")
    draft = database.write(lambda s: privacy_requests.start(s, place, Kind.RECTIFICATION, "Winterveen", by=noor))
    browser, counted = visit_as("noor"), []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement != "BEGIN":
            counted.append(statement[:60])

    event.listen(database.engine, "before_cursor_execute", count)
    try:
        for path in ("", f"/{sent}", f"/{sent}/verstuurd", f"/{draft}/nakijken", "/nieuw/weghalen"):
            browser.get(f"/mijn/verzoeken{path}")
            counted.clear()
            browser.get(f"/mijn/verzoeken{path}")
            assert len(counted) <= 5, (path, counted)
    finally:
        event.remove(database.engine, "before_cursor_execute", count)
