"""Somebody who reads English: chosen in the browser, kept at signing in, and never half a page."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from parentportal.db import Database
from parentportal.models.outbox import OutboxMail
from parentportal.models.sign_in import Account
from parentportal.outside import one_time_codes
from parentportal.outside.clock import FrozenClock
from parentportal.services import outbox
from parentportal.web.languages import COOKIE
from tests.people import People
from tests.sessions import PASSWORD, make_account
from tests.visit import Visit

ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}
NOOR = "noor@post.example"


def test_a_browser_that_asks_for_english_gets_it_and_any_other_gets_dutch(app: Flask, people: People) -> None:
    for asked, language in (("en-GB,en;q=0.9", "en"), ("nl", "nl"), ("tlh", "nl"), ("", "nl")):
        answer = Visit(app).raw("GET", "/inloggen", headers={"Accept-Language": asked})
        assert f'<html lang="{language}"' in answer.get_data(as_text=True)
        assert "Accept-Language" in answer.headers["Vary"]


def test_each_language_is_offered_in_its_own_name_and_leads_back_to_the_same_page(app: Flask, people: People) -> None:
    visit = Visit(app)
    page = visit.get("/uw-rechten")
    assert page.h1 == "Uw rechten"
    page = visit.get(page.links()["English"])
    assert (page.h1, page.soup.html["lang"]) == ("Your rights", "en")
    assert visit.get(page.links()["Nederlands"]).h1 == "Uw rechten"


def test_a_choice_outlives_signing_out_and_beats_what_the_browser_asks(app: Flask, people: People) -> None:
    visit = Visit(app)
    visit.get("/taal/nl")
    assert '<html lang="nl"' in visit.raw("GET", "/", headers=ENGLISH).get_data(as_text=True)
    cookie = visit.client.get_cookie(COOKIE, domain="portaal.example")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, bool(cookie.max_age)) == (True, "Lax", True)


@pytest.mark.parametrize("language", ["eo", "xx", "en_XA", "..", "NL"])
def test_a_language_that_is_not_complete_cannot_be_chosen(app: Flask, people: People, language: str) -> None:
    assert Visit(app).raw("GET", f"/taal/{language}").status_code == 404


@pytest.mark.parametrize("goal", ["https://elders.example/", "//elders.example", "/uitloggen", "/bestaat-niet", "\\x"])
def test_choosing_a_language_never_leads_elsewhere(app: Flask, people: People, goal: str) -> None:
    answer = Visit(app).raw("GET", "/taal/en", query_string={"naar": goal})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_cookie_that_somebody_made_up_is_ignored(app: Flask, people: People) -> None:
    visit = Visit(app)
    visit.client.set_cookie(COOKIE, "../../etc", domain="portaal.example")
    assert visit.get("/").soup.html["lang"] == "nl"


def test_noor_chooses_english_and_her_mails_follow_at_the_next_sign_in(
    app: Flask, database: Database, clock: FrozenClock, people: People
) -> None:
    key = make_account(database, clock, people.noor)
    visit = Visit(app)
    visit.get("/taal/en")
    visit.get("/inloggen")
    visit.fill({"name": NOOR, "password": PASSWORD})
    page = visit.fill({"code": one_time_codes.current_code(key, clock.now())})
    assert page.soup.html["lang"] == "en"
    assert {"Home", "Details", "Permission", "Requests", "More"} <= set(page.links())
    database.write(
        lambda session: outbox.tell(session, people.noor, board_id=people.waterlijn, school_name="De Regenboog")
    )
    with database.read() as session:
        assert session.scalar(select(Account.language).where(Account.adult_id == people.noor)) == "en"
        assert set(session.scalars(select(OutboxMail.language))) == {"en"}


def test_a_mistake_is_explained_in_the_language_of_the_page(app: Flask, people: People) -> None:
    visit = Visit(app)
    visit.get("/taal/en")
    visit.get("/inloggen")
    page = visit.fill({"name": "", "password": ""}, status=422)
    assert page.errors() != []
    assert not any("Vul" in error for error in page.errors())


def test_a_signed_in_parent_finds_the_languages_under_more(visit_as: Callable[[str], Visit]) -> None:
    visit = visit_as("noor")
    page = visit.get("/mijn/meer")
    page = visit.get(page.links()["English"])
    assert page.h1 == "More"


def test_letters_are_dutch_whoever_prints_them_with_a_line_in_each_other_language(
    visit_as: Callable[[str], Visit], people: People
) -> None:
    petra = visit_as("petra")
    petra.get("/taal/en")
    petra.get(f"/werk/brieven/{people.group5}")
    page = petra.fill(form="printen")
    assert page.soup.html["lang"] == "nl"
    assert page.says("Uw code voor het privacyportaal")
    assert {str(line["lang"]) for line in page.soup.select("article p[lang]")} == {"en"}


def test_a_day_is_written_in_the_language_of_each_page(visit_as: Callable[[str], Visit], people: People) -> None:
    noor = visit_as("noor")
    path = f"/mijn/kinderen/{people.sem}/gegevens/naam-en-geboorte"
    assert noor.get(path).says("27 maart 2017")
    noor.get("/taal/en")
    assert noor.get(path).says("27 March 2017")
    noor.get("/taal/nl")
    assert noor.get(path).says("27 maart 2017")
