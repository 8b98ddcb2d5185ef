"""From a letter to an account, page by page, as a parent and a member of staff meet it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from parentportal.db import Database
from parentportal.models.outbox import OutboxMail
from parentportal.models.sign_in import Account
from parentportal.outside.clock import FrozenClock
from parentportal.services.invitations import InvitationLetter
from tests.activating import PASSWORD, SEM_BORN, app_code, as_far_as_app, claim, key_on, scan
from tests.people import People
from tests.visit import Visit

STEPS = ["geboortedatum", "e-mail", "e-mail/code", "inlognaam", "manier", "passkey", "wachtwoord", "codes-app"]
STEPS += ["noodcodes", "verder"]
WRONG_DAY = {"born-day": "28", "born-month": "3", "born-year": "2017"}


def test_noor_activates_with_her_letter_and_sees_her_own_start(
    visit: Callable[[], Visit],
    letters: dict[str, InvitationLetter],
    mail_code: Callable[[], str],
    database: Database,
    people: People,
    clock: FrozenClock,
) -> None:
    noor = visit()
    page = scan(noor, letters["noor"])
    assert page.answer.request.path == "/activeren", "the code has left the address"
    assert noor.held(page.form()).get("code") == letters["noor"].code

    page = noor.fill()
    assert page.h1 == "Wanneer is het kind geboren?"
    assert not page.says("Sem")
    assert "Regenboog" not in page.html

    page = noor.fill(SEM_BORN)
    assert page.says("Dit wordt uw account bij De Regenboog, voor Lot en Sem.")
    page = noor.fill({"email": "Noor.de.Wit@post.example"}, form="/e-mail")
    assert page.says("noor.de.wit@post.example")
    page = noor.fill({"code": f" {mail_code()[:3]} {mail_code()[3:]} "})
    assert page.h1 == "Hoe wilt u inloggen?"
    page = noor.fill({"way": "password"})
    assert page.h1 == "Kies een wachtwoord"
    page = noor.fill({"password": PASSWORD})
    assert page.h1 == "Zet de codes-app klaar"
    assert page.links()["Open mijn codes-app"].startswith("otpauth://totp/")
    assert "Sem" not in page.links()["Open mijn codes-app"]
    code = app_code(key_on(page), clock)
    page = noor.fill({"code": f"{code[:3]} {code[3:]}"})
    assert page.h1 == "Bewaar uw noodcodes"
    one = page.soup.select(".codes li")[4].get_text()
    assert noor.hand_in({"code": one.lower()}, form="/noodcodes").status_code == 303
    assert noor.raw("GET", "/activeren/noodcodes").headers["Location"] == "/mijn/", "the last step is done"
    with database.read() as session:
        account = session.scalars(select(Account)).one()
        assert (account.adult_id, account.sign_in_name) == (people.noor, "noor.de.wit@post.example")
        told = session.scalars(select(OutboxMail.to_address).where(OutboxMail.template == "security_notice"))
        assert sorted(told) == ["noor.de.wit@post.example", "noor@post.example"], "every address on file hears of it"
    assert noor.raw("GET", "/inloggen").status_code == 303, "she is signed in"


def test_a_wrong_date_and_a_wrong_code_give_the_same_page(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter]
) -> None:
    def body(code: str, date: dict[str, str]) -> str:
        browser = visit()
        browser.get("/activeren")
        browser.fill({"code": code})
        page = browser.fill(date, status=422)
        assert page.errors() or page.says("horen niet bij elkaar")
        return re.sub(r'name="csrf_token" value="[^"]+"', "", page.html)

    assert body(letters["noor"].code, WRONG_DAY) == body("ABCD-EFGH-JKLM-NPQR", WRONG_DAY)


def test_the_birth_date_of_another_family_does_not_open_the_letter(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter]
) -> None:
    browser = visit()
    scan(browser, letters["noor"])
    browser.fill()
    browser.fill({"born-day": "12", "born-month": "1", "born-year": "2017"}, status=422)


@pytest.mark.parametrize("typed", ["", "ABCD", "O0I1-O0I1-O0I1-O0I1", "x" * 60, "ABCD-EFGH-JKLM-NPQR-ABCD"])
def test_what_cannot_be_a_code_is_said_at_the_field(visit: Callable[[], Visit], people: People, typed: str) -> None:
    browser = visit()
    browser.get("/activeren")
    page = browser.fill({"code": typed}, status=422)
    assert page.errors()


@pytest.mark.parametrize("step", STEPS)
def test_no_step_can_be_reached_by_its_address(
    visit: Callable[[], Visit], people: People, letters: dict[str, InvitationLetter], step: str
) -> None:
    path = f"/activeren/{step}"
    assert visit().get(path).h1 == "Wat is de code in uw brief?"
    half_way = visit()
    claim(half_way, letters["noor"])
    expected = "Wat is de code in uw brief?" if step == "geboortedatum" else "Wat is uw e-mailadres?"
    assert half_way.get(path).h1 == expected


def test_half_an_activation_opens_nothing_and_waits_on_the_server(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter], mail_code: Callable[[], str], database: Database
) -> None:
    browser = visit()
    as_far_as_app(browser, letters["noor"], mail_code, "noor@post.example")
    with database.read() as session:
        assert session.scalar(select(Account.id)) is None
    browser.get("/inloggen")
    browser.fill({"name": "noor@post.example", "password": PASSWORD}, status=422)
    assert browser.get("/activeren/verder").h1 == "Zet de codes-app klaar"


def test_the_key_stays_the_same_for_half_an_hour_and_is_then_gone(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter], mail_code: Callable[[], str], clock: FrozenClock
) -> None:
    browser = visit()
    key = key_on(as_far_as_app(browser, letters["noor"], mail_code, "noor@post.example"))
    clock.advance(timedelta(minutes=29, seconds=59))
    assert key_on(browser.get("/activeren/codes-app")) == key
    clock.advance(timedelta(seconds=1))
    page = browser.get("/activeren/codes-app")
    assert page.h1 == "De sleutel is verlopen"
    page = browser.fill()
    assert key_on(page) != key
    browser.fill({"code": app_code(key, clock)}, status=422)


def test_a_clock_that_is_off_is_told_and_not_accepted(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter], mail_code: Callable[[], str], clock: FrozenClock
) -> None:
    browser = visit()
    key = key_on(as_far_as_app(browser, letters["noor"], mail_code, "noor@post.example"))
    telephone = FrozenClock(clock.now() + timedelta(minutes=7))
    page = browser.fill({"code": app_code(key, telephone)}, status=422)
    assert any("loopt niet gelijk" in error for error in page.errors())


def test_who_has_no_mail_address_gets_a_name_to_sign_in_with(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter], database: Database, clock: FrozenClock
) -> None:
    browser = visit()
    claim(browser, letters["daan"])
    page = browser.fill(form="zonder-e-mail")
    name = page.soup.select_one("#inlognaam")
    assert name is not None
    assert re.fullmatch(r"[a-z]{4}[0-9]{4}", name.get_text())
    browser.get("/activeren/wachtwoord")
    page = browser.fill({"password": PASSWORD})
    browser.fill({"code": app_code(key_on(page), clock)})
    assert browser.hand_in(form="overslaan").status_code == 303
    with database.read() as session:
        account = session.scalars(select(Account)).one()
        assert (account.sign_in_name, account.email) == (name.get_text(), None)


def test_parents_who_share_an_address_do_not_share_a_name(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter], mail_code: Callable[[], str], clock: FrozenClock
) -> None:
    noor = visit()
    page = as_far_as_app(noor, letters["noor"], mail_code, "gezin@post.example")
    noor.fill({"code": app_code(key_on(page), clock)})
    noor.hand_in(form="overslaan")
    daan = visit()
    claim(daan, letters["daan"])
    daan.fill({"email": "gezin@post.example"}, form="/e-mail")
    page = daan.fill({"code": mail_code()})
    assert page.h1 == "Schrijf uw inlognaam op"
    assert page.says("Met dit e-mailadres logt al iemand in.")


@pytest.mark.parametrize(
    "typed", ["", "geen adres", "noor@", "a@b@c.nl", "noor@post.example\r\nBcc: x@y.nl", "é" * 300]
)
def test_what_is_no_mail_address_is_said_at_the_field(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter], database: Database, typed: str
) -> None:
    browser = visit()
    claim(browser, letters["noor"])
    page = browser.fill({"email": typed}, form="/e-mail", status=422)
    assert page.errors()
    with database.read() as session:
        assert session.scalar(select(OutboxMail.id)) is None


def test_a_mailed_code_lapses_after_a_quarter_of_an_hour(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter], mail_code: Callable[[], str], clock: FrozenClock
) -> None:
    browser = visit()
    claim(browser, letters["noor"])
    browser.fill({"email": "noor@post.example"}, form="/e-mail")
    clock.advance(timedelta(minutes=15))
    browser.fill({"code": mail_code()}, status=422)


@pytest.mark.parametrize(
    "password", ["kort", "wachtwoord123", "Regenboog2026!", "NoordeWit2017", "aaaaaaaaaaaaaaaa", "x" * 300]
)
def test_a_weak_password_is_refused_in_words(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter], mail_code: Callable[[], str], password: str
) -> None:
    browser = visit()
    claim(browser, letters["noor"])
    browser.fill({"email": "noor@post.example"}, form="/e-mail")
    browser.fill({"code": mail_code()})
    browser.fill({"way": "password"})
    page = browser.fill({"password": password}, status=422)
    assert page.errors()
    assert password not in page.html
