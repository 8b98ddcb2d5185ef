"""The security page of everybody who is signed in: what opens the account, where it is open, what happened."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.second_factors import Passkey, RecoveryCode
from parentportal.models.sign_in import SignInSession
from parentportal.outside.clock import FrozenClock
from parentportal.rules.audit import Event
from parentportal.rules.roles import Role
from parentportal.web.security.history import MORE_WORDS, WORDS
from tests.authenticator import Authenticator
from tests.people import ROLES_OF, People
from tests.sessions import open_session
from tests.visit import BASE
from tests.ways_in import SITE, account_of, give_app, give_codes, give_passkey, session_of
from tests.web.passkey_pages import CODE, Open, count, with_passkey

NEW = "veertien gele regenlaarzen"


# What the page shows


@pytest.mark.parametrize("name", ROLES_OF)
def test_every_role_comes_to_the_page_from_meer(visit_as: Open, name: str) -> None:
    visit = visit_as(name)
    more = {Role.GUARDIAN: "/mijn/meer", Role.OFFICER: "/toezicht/meer"}.get(ROLES_OF[name][0], "/werk/meer")
    links = visit.get(more).links()
    (address,) = [url for words, url in links.items() if words == "Inloggen en beveiliging"]
    assert visit.get(address).h1 == "Inloggen en beveiliging"


def test_noor_sees_her_keys_apps_codes_devices_and_address_and_nothing_of_daan(
    visit_as: Open, database: Database, clock: FrozenClock, people: People
) -> None:
    give_passkey(database, clock, people.noor, "Chrome (Android), 17 nov 2026", synced=True)
    give_app(database, clock, people.noor, "Werktelefoon")
    give_codes(database, clock, people.noor, 2)
    give_passkey(database, clock, people.daan, "Telefoon van Daan")
    page = visit_as("noor").get("/beveiliging/")
    for words in (
        "Chrome (Android), 17 nov 2026",
        "Werktelefoon",
        "Nog 2 codes",
        "U heeft nog 2 noodcodes. Maak op tijd nieuwe.",
        "Dit apparaat",
        "noor@post.example",
        "Apple- of Google-account",
    ):
        assert page.says(words), words
    assert not page.says("Daan")


def test_the_own_data_page_leads_here(visit_as: Open) -> None:
    assert "/beveiliging/" in visit_as("noor").get("/mijn/eigen-gegevens").links().values()


def test_few_codes_are_no_matter_for_whoever_has_many(
    visit_as: Open, database: Database, clock: FrozenClock, people: People
) -> None:
    give_codes(database, clock, people.noor, 3)
    page = visit_as("noor").get("/beveiliging/")
    assert page.says("Nog 3 codes")
    assert not page.says("Maak op tijd nieuwe")


def test_after_help_at_the_counter_the_page_says_until_when_to_be_careful(
    visit_as: Open, database: Database, clock: FrozenClock, people: People
) -> None:
    noor = visit_as("noor")

    def careful(session: Session) -> None:
        account_of(session, people.noor).cautious_until = clock.now() + timedelta(minutes=10)

    database.write(careful)
    assert noor.get("/beveiliging/").says("17 november 2026, 10:10 uur")
    clock.advance(timedelta(minutes=10))
    assert not noor.get("/beveiliging/").says("voorzichtig")


def test_a_stopped_key_is_shown_as_such_and_may_go(
    proved: Open, database: Database, clock: FrozenClock, people: People
) -> None:
    noor = proved("noor")
    _phone, passkey_id = give_passkey(database, clock, people.noor)
    database.write(lambda s: s.execute(update(Passkey).values(stopped_at=clock.now())))
    assert noor.get("/beveiliging/").says("Tegengehouden")
    noor.get(f"/beveiliging/sleutels/{passkey_id}/weghalen")
    noor.fill()
    assert count(database, people.noor, Passkey) == 0


# A fresh second factor first


PATHS = (
    "/beveiliging/toevoegen/passkey",
    "/beveiliging/codes-app",
    "/beveiliging/wachtwoord",
    "/beveiliging/noodcodes",
)


@pytest.mark.parametrize("path", PATHS)
def test_changing_asks_for_a_second_factor_first_and_looking_does_not(visit_as: Open, path: str) -> None:
    noor = visit_as("noor")
    assert noor.get("/beveiliging/").h1 == "Inloggen en beveiliging"
    assert noor.get(path).h1 == "Bent u het echt?"


def test_a_form_that_comes_in_too_late_changes_nothing_without_a_second_factor(
    proved: Open, database: Database, clock: FrozenClock, people: People
) -> None:
    noor = proved("noor")
    noor.get("/beveiliging/noodcodes")
    clock.advance(timedelta(minutes=10))
    answer = noor.hand_in(form="/noodcodes")
    assert answer.status_code == 403
    assert count(database, people.noor, RecoveryCode) == 0


def test_the_script_gets_no_challenge_without_a_fresh_second_factor(visit_as: Open) -> None:
    noor = visit_as("noor")
    page = noor.get("/beveiliging/")
    token = str(page.soup.find("input", attrs={"name": "csrf_token"})["value"])
    headers = {"X-CSRFToken": token, "Origin": BASE, "Referer": BASE + "/", "Sec-Fetch-Site": "same-origin"}
    assert noor.raw("POST", "/beveiliging/vraag/toevoegen", headers=headers).status_code == 403


# Who must add something first


def shut(database: Database, people: People) -> None:
    """Let Ilse's newest session lack what somebody at work must have."""

    def work(session: Session) -> None:
        account_id = account_of(session, people.ilse).id
        session.execute(update(SignInSession).where(SignInSession.account_id == account_id).values(must_add=True))
        for row in session.scalars(select(RecoveryCode).where(RecoveryCode.account_id == account_id)):
            session.delete(row)

    database.write(work)


def test_ilse_sees_what_is_still_to_be_done_and_gets_in_when_it_is_done(
    proved: Open, database: Database, clock: FrozenClock, people: People
) -> None:
    ilse = proved("ilse")
    database.write(lambda s: [s.delete(row) for row in s.scalars(select(Passkey))])
    shut(database, people)
    page = ilse.get("/werk/verzoeken")
    assert page.h1 == "Inloggen en beveiliging"
    assert page.says("U werkt met gegevens van kinderen.")
    assert page.text.count("Te doen") == 2
    assert page.soup.select("nav.nav") == [], "no menu that leads nowhere"
    page = with_passkey(ilse, "/beveiliging/toevoegen/passkey", Authenticator(SITE))
    assert page.text.count("Te doen") == 1
    ilse.get("/beveiliging/noodcodes")
    (code, *_rest) = CODE.findall(ilse.fill(form="/noodcodes").html)
    page = ilse.fill({"code": code}, form="/overgetypt")
    assert page.says("Klaar: alles is ingesteld")
    assert ilse.get(page.links()["Naar uw startpagina"]).h1 != "Inloggen en beveiliging"


def test_the_word_klaar_in_the_address_says_nothing_to_who_is_not_ready(
    proved: Open, database: Database, people: People
) -> None:
    ilse = proved("ilse")
    shut(database, people)
    assert not ilse.get("/beveiliging/?klaar=ja").says("alles is ingesteld")


# Devices and history


def test_noor_signs_out_another_browser_without_a_second_factor(
    visit_as: Open, database: Database, people: People
) -> None:
    elsewhere, noor = visit_as("noor"), visit_as("noor")
    page = noor.get("/beveiliging/")
    assert page.says("Een ander apparaat")
    (action,) = [
        str(form["action"]) for form in page.forms() if "/apparaten/" in form["action"] and "-" in form["action"]
    ]
    assert noor.fill(form=action).says("Dat apparaat is uitgelogd.")
    assert elsewhere.raw("GET", "/beveiliging/").status_code == 303
    assert noor.raw("GET", "/beveiliging/").status_code == 200


def test_noor_signs_out_everywhere_else_at_once(visit_as: Open) -> None:
    others, noor = [visit_as("noor") for _ in range(3)], visit_as("noor")
    noor.get("/beveiliging/")
    assert noor.fill(form="/beveiliging/apparaten/uitloggen").says("alleen nog op dit apparaat")
    assert [other.raw("GET", "/beveiliging/").status_code for other in others] == [303] * 3


def test_daan_cannot_sign_noor_out(visit_as: Open, database: Database, clock: FrozenClock, people: People) -> None:
    token = open_session(database, clock, people.noor, Role.GUARDIAN, people.regenboog)
    daan, noor = visit_as("daan"), visit_as("noor")
    page = daan.get("/beveiliging/")
    csrf = str(page.soup.find("input", attrs={"name": "csrf_token"})["value"])
    answer = daan.raw(
        "POST",
        f"/beveiliging/apparaten/{session_of(database, token)}/uitloggen",
        data={"csrf_token": csrf, "idempotency_key": str(uuid4())},
        headers={"Origin": BASE, "Referer": BASE + "/beveiliging/", "Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 404
    assert noor.raw("GET", "/beveiliging/").status_code == 200
    with database.read() as session:
        assert session.scalar(select(SignInSession.id).where(SignInSession.id == session_of(database, token)))


def test_the_history_tells_in_words_what_happened_and_nothing_of_others(
    proved: Open, database: Database, clock: FrozenClock, people: People
) -> None:
    noor, daan = proved("noor"), proved("daan")
    noor.get("/beveiliging/wachtwoord")
    noor.fill({"password": NEW}, form="/wachtwoord")
    with_passkey(daan, "/beveiliging/toevoegen/passkey", Authenticator(SITE))
    page = noor.get("/beveiliging/geschiedenis")
    assert page.says("U koos een nieuw wachtwoord.")
    assert not page.says("U voegde een sleutel toe")
    assert "None" not in page.text


@pytest.mark.parametrize("page", ["0", "-1", "999999999", "x", "", "²", "1 OR 1=1"])
def test_a_page_number_that_is_none_shows_the_nearest(visit_as: Open, page: str) -> None:
    assert visit_as("noor").get(f"/beveiliging/geschiedenis?bladzijde={page}").h1 == "Geschiedenis van uw account"


def test_there_are_words_for_every_event_that_is_shown() -> None:
    from parentportal.reads.account_history import SHOWN

    assert set(WORDS) == set(SHOWN)
    assert {event for event, _way in MORE_WORDS} <= set(SHOWN)


def test_every_event_about_an_account_is_shown(database: Database) -> None:
    """What is recorded about an account has a first word of its own."""
    about_accounts = {
        event
        for event in Event
        if event.value.split(":")[0]
        in {"account", "sign_in", "recovery_code", "recovery_codes", "passkey", "codes_app", "password", "sessions"}
    }
    assert about_accounts <= set(WORDS)
    with database.read() as session:
        assert session.scalars(select(AuditEvent.id).where(AuditEvent.about_kind == "account")).all() == []
