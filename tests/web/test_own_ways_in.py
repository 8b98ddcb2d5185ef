"""Passkeys, codes apps, password and saved codes on the security page: changed by their owner, in words, and once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.second_factors import CodesApp, Passkey, RecoveryCode
from parentportal.outside.clock import FrozenClock
from parentportal.services.second_factors import recovery_digest
from tests import one_time_codes
from tests.activating import key_on
from tests.authenticator import Authenticator, Cheat
from tests.people import People
from tests.visit import BASE
from tests.ways_in import SITE, account_of, give_passkey
from tests.web.passkey_pages import CODE, Open, count, with_passkey

NEW = "veertien gele regenlaarzen"


# Passkeys


def test_noor_adds_a_passkey_and_stays_signed_in(proved: Open, database: Database, people: People) -> None:
    noor = proved("noor")
    page = with_passkey(noor, "/beveiliging/toevoegen/passkey", Authenticator(SITE))
    assert page.h1 == "Inloggen en beveiliging"
    assert page.says("U kunt nu ook met deze sleutel inloggen.")
    assert page.says("17 nov 2026")
    assert count(database, people.noor, Passkey) == 1


def test_the_page_says_who_else_may_get_in_by_a_shared_account(proved: Open) -> None:
    page = proved("noor").get("/beveiliging/toevoegen/passkey")
    assert page.says("ex-partner")
    assert page.says("account van Apple of Google")


@pytest.mark.parametrize(
    ("cheat", "words"),
    [
        (Cheat(verified=False), "vroeg niet om uw gezicht"),
        (Cheat(origin="https://elders.example"), "ander adres"),
        (Cheat(challenge=bytes(32)), "duurde te lang"),
        (Cheat(kind="webauthn.get"), "niet gelukt"),
    ],
)
def test_an_answer_that_is_off_is_told_in_words_and_not_kept(
    proved: Open, database: Database, people: People, cheat: Cheat, words: str
) -> None:
    page = with_passkey(proved("noor"), "/beveiliging/toevoegen/passkey", Authenticator(SITE), cheat=cheat, status=422)
    assert page.says(words)
    assert count(database, people.noor, Passkey) == 0


@pytest.mark.parametrize("answer", ["", "{", "x" * 30_000, "null"])
def test_nonsense_in_the_field_is_told_in_words(proved: Open, answer: str) -> None:
    noor = proved("noor")
    noor.get("/beveiliging/toevoegen/passkey")
    assert noor.fill({"answer": answer}, form="/passkey", status=422).says("Het is niet gelukt")


def test_noor_gives_her_key_another_name(proved: Open, database: Database, clock: FrozenClock, people: People) -> None:
    noor = proved("noor")
    _phone, passkey_id = give_passkey(database, clock, people.noor)
    noor.get(f"/beveiliging/sleutels/{passkey_id}/naam")
    page = noor.fill({"name": "  "}, form="/naam", status=422)
    assert page.errors() == ["Fout: Vul een naam in waaraan u de sleutel herkent."]
    assert noor.fill({"name": "<b>Tablet</b>"}, form="/naam").says("<b>Tablet</b>")
    noor.get(f"/beveiliging/sleutels/{passkey_id}/naam")
    assert noor.fill({"name": "x" * 61}, form="/naam", status=422).says("60 tekens")


def test_removing_is_asked_once_more_and_then_done(
    proved: Open, database: Database, clock: FrozenClock, people: People
) -> None:
    noor = proved("noor")
    _phone, passkey_id = give_passkey(database, clock, people.noor)
    page = noor.get(f"/beveiliging/sleutels/{passkey_id}/weghalen")
    assert page.says("Ja, sleutel weghalen")
    assert page.links()["Nee, terug"] == "/beveiliging/"
    assert noor.fill().says("Deze sleutel opent uw account niet meer.")
    assert count(database, people.noor, Passkey) == 0


def test_the_last_way_in_has_no_button_to_remove_it(
    proved: Open, database: Database, clock: FrozenClock, people: People
) -> None:
    noor = proved("noor")
    with database.read() as session:
        app_id = session.scalars(select(CodesApp.id)).one()
    page = noor.get(f"/beveiliging/codes-apps/{app_id}/weghalen")
    assert page.says("Dit is uw laatste manier om in te loggen.")
    assert page.forms() == []


def test_where_passkeys_do_not_work_the_last_app_has_no_button_and_the_passkey_does(
    proved: Open, app: Flask, database: Database, clock: FrozenClock, people: People
) -> None:
    noor = proved("noor")
    _phone, passkey_id = give_passkey(database, clock, people.noor)
    app.extensions["portal"] = replace(app.extensions["portal"], site=None)
    with database.read() as session:
        app_id = session.scalars(select(CodesApp.id)).one()
    assert noor.get(f"/beveiliging/codes-apps/{app_id}/weghalen").says("Dit is uw laatste manier om in te loggen.")
    noor.get(f"/beveiliging/sleutels/{passkey_id}/weghalen")
    assert noor.fill().says("Deze sleutel opent uw account niet meer.")


def test_a_page_for_removing_that_is_out_of_date_leaves_the_last_one(
    proved: Open, database: Database, clock: FrozenClock, people: People
) -> None:
    noor = proved("noor")
    _phone, passkey_id = give_passkey(database, clock, people.noor)
    noor.get(f"/beveiliging/sleutels/{passkey_id}/weghalen")
    database.write(lambda s: s.delete(s.scalars(select(CodesApp)).one()))
    assert noor.fill(status=409).says("laatste manier")
    assert count(database, people.noor, Passkey) == 1


# Codes apps


def test_noor_adds_a_codes_app_with_a_wrong_code_first(
    proved: Open, database: Database, clock: FrozenClock, people: People
) -> None:
    noor = proved("noor")
    noor.get("/beveiliging/codes-app")
    page = noor.fill(form="/sleutel")
    key = key_on(page)
    assert key_on(noor.get("/beveiliging/codes-app")) == key, "a reload shows the same key"
    page = noor.fill({"code": "000 000", "name": "Werktelefoon"}, form="/codes-app", status=422)
    assert "Deze code klopt niet" in page.errors()[0]
    assert page.soup.select_one("#name")["value"] == "Werktelefoon"
    late = one_time_codes.app_code(key, clock.now() - timedelta(minutes=5))
    assert "klok" in noor.fill({"code": late}, form="/codes-app", status=422).errors()[0]
    page = noor.fill({"code": one_time_codes.app_code(key, clock.now())}, form="/codes-app")
    assert page.says("Werktelefoon")
    assert count(database, people.noor, CodesApp) == 2


def test_without_a_password_an_app_and_codes_lead_to_a_password_first(
    proved: Open, database: Database, clock: FrozenClock, people: People
) -> None:
    noor = proved("noor")
    give_passkey(database, clock, people.noor)

    def drop(session: Session) -> None:
        account_of(session, people.noor).password_hash = None
        session.delete(session.scalars(select(CodesApp)).one())

    database.write(drop)
    for path in ("/beveiliging/codes-app", "/beveiliging/noodcodes"):
        assert noor.get(path).links()["Kies een wachtwoord"] == "/beveiliging/wachtwoord"
    noor.get("/beveiliging/wachtwoord")
    page = noor.fill({"password": NEW}, form="/wachtwoord")
    assert page.says("Gekozen, maar het werkt nog niet")


def test_removing_the_last_app_says_that_the_password_goes_too(
    proved: Open, database: Database, clock: FrozenClock, people: People
) -> None:
    noor = proved("noor")
    give_passkey(database, clock, people.noor)
    with database.read() as session:
        app_id = session.scalars(select(CodesApp.id)).one()
    assert noor.get(f"/beveiliging/codes-apps/{app_id}/weghalen").says("Uw wachtwoord gaat ook weg.")
    assert noor.fill().says("U heeft geen wachtwoord")


# Password


def test_a_weak_password_is_refused_at_its_field_and_not_put_back(proved: Open) -> None:
    noor = proved("noor")
    noor.get("/beveiliging/wachtwoord")
    page = noor.fill({"password": "deregenboog2026"}, form="/wachtwoord", status=422)
    assert len(page.errors()) >= 1
    assert "deregenboog2026" not in page.html


def test_a_new_password_ends_the_other_browser_and_not_this_one(proved: Open) -> None:
    noor, elsewhere = proved("noor"), proved("noor")
    noor.get("/beveiliging/wachtwoord")
    assert noor.fill({"password": NEW}, form="/wachtwoord").says("Uw nieuwe wachtwoord is bewaard.")
    assert "Inloggen" in elsewhere.get("/beveiliging/").h1
    assert elsewhere.page is not None
    assert elsewhere.page.answer.request.path == "/inloggen"
    assert noor.get("/beveiliging/").h1 == "Inloggen en beveiliging"


# Saved codes


def test_codes_are_shown_once_and_by_the_same_form_again(proved: Open, database: Database, people: People) -> None:
    noor = proved("noor")
    noor.get("/beveiliging/noodcodes")
    chosen = noor.page.form("/noodcodes") if noor.page else None
    assert chosen is not None
    data = noor.held(chosen)
    headers = {"Origin": BASE, "Referer": BASE + "/beveiliging/noodcodes", "Sec-Fetch-Site": "same-origin"}
    pages = [noor.raw("POST", "/beveiliging/noodcodes", data=data, headers=headers) for _ in range(2)]
    first, again = (CODE.findall(page.get_data(as_text=True)) for page in pages)
    assert len(set(first)) == 10
    assert again == first
    assert count(database, people.noor, RecoveryCode) == 10
    page = noor.get("/beveiliging/")
    assert not CODE.search(page.html)
    assert page.says("Nog 10 codes")


def test_the_file_holds_school_and_day_and_codes_and_no_address(proved: Open) -> None:
    noor = proved("noor")
    noor.get("/beveiliging/noodcodes")
    shown = CODE.findall(noor.fill(form="/noodcodes").html)
    answer = noor.hand_in(form="/bestand")
    text = answer.get_data(as_text=True)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="noodcodes.txt"'
    assert answer.mimetype == "text/plain"
    assert CODE.findall(text) == shown
    assert "De Regenboog" in text
    assert "17 november 2026" in text
    assert "@" not in text
    assert "Noor" not in text


def test_ilse_types_a_code_back_before_they_count(
    proved: Open, database: Database, clock: FrozenClock, people: People
) -> None:
    ilse = proved("ilse")
    before = count(database, people.ilse, RecoveryCode)
    ilse.get("/beveiliging/noodcodes")
    shown = CODE.findall(ilse.fill(form="/noodcodes").html)
    page = ilse.fill({"code": "AAAA-BBBB-CCCC-DD"}, form="/overgetypt", status=422)
    assert "Typ een van de codes over" in page.errors()[0]
    assert set(shown) <= set(CODE.findall(page.html))
    assert count(database, people.ilse, RecoveryCode) == before
    assert ilse.fill({"code": shown[3].lower().replace("-", " ")}, form="/overgetypt").says("werken vanaf nu")
    with database.read() as session:
        account = account_of(session, people.ilse)
        digest = recovery_digest(session, account.id, shown[9])
        assert session.scalar(select(RecoveryCode.used_at).where(RecoveryCode.code_digest == digest)) is None
    assert count(database, people.ilse, RecoveryCode) == 10


@pytest.mark.parametrize("made_with", ["", "geen sleutel", "01a21851-5db6-7211-8427-32ea08cc4d7a"])
def test_a_made_up_key_of_a_form_shows_no_codes_of_noor(proved: Open, made_with: str) -> None:
    noor = proved("noor")
    noor.get("/beveiliging/noodcodes")
    noor.fill(form="/noodcodes")
    answer = noor.hand_in({"made_with": made_with}, form="/bestand")
    assert answer.status_code in (404, 409)
    assert not CODE.search(answer.get_data(as_text=True))
