"""Choosing how to sign in, and what is said to whoever reads the portal inside another app."""

from collections.abc import Callable

import pytest
from flask import Flask

from parentportal.services import throttling
from parentportal.services.invitations import InvitationLetter
from parentportal.web.languages import COOKIE
from parentportal.web.sign_in.browser import device
from tests.activating import claim
from tests.page import Page
from tests.people import People
from tests.visit import BASE, Visit

HINT = "Open deze pagina in Safari of Chrome"
ANDROID_MAIL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UQ1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/150.0 Mobile Safari/537.36"
)
IPHONE_MAIL = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
)
FACEBOOK = f"{IPHONE_MAIL} [FBAN/FBIOS;FBAV/480.0]"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
    "Mobile/15E148 Safari/604.1"
)
CHROME = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Mobile Safari/537.36"
)


def hint_is_open(page: Page) -> bool:
    """Whether somebody without scripts sees the hint."""
    titles = [title for title in page.soup.find_all("h2") if title.get_text(strip=True) == HINT]
    assert len(titles) == 1
    return not any(part.has_attr("hidden") for part in titles[0].parents)


@pytest.mark.parametrize(
    ("agent", "expected"),
    [(ANDROID_MAIL, True), (IPHONE_MAIL, True), (FACEBOOK, True), (SAFARI, False), (CHROME, False), ("", False)],
)
def test_whoever_opens_the_portal_inside_another_app_is_told_what_to_do(
    visit: Callable[[], Visit], people: People, agent: str, expected: bool
) -> None:
    browser = visit()
    browser.client.environ_base["HTTP_USER_AGENT"] = agent
    page = browser.get("/inloggen")
    assert hint_is_open(page) is expected
    assert "https://portaal.example/inloggen" in page.html, "the address to open elsewhere"


@pytest.mark.parametrize(("language", "why"), [("nl", "Het duurde te lang."), ("en", "It took too long.")])
def test_why_a_key_opened_nothing_is_told_in_the_language_of_the_reader(
    visit: Callable[[], Visit], people: People, language: str, why: str
) -> None:
    browser = visit()
    browser.client.set_cookie(COOKIE, language, domain="portaal.example")
    assert browser.get("/inloggen/niet-gelukt?waarom=too_late").says(why)


def test_a_network_that_asks_too_often_is_told_to_wait_or_use_a_password(
    visit: Callable[[], Visit], people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttling, "QUESTIONS_AN_HOUR", 2)
    browser = visit()
    token = str(browser.get("/inloggen").soup.find("input", attrs={"name": "csrf_token"})["value"])
    headers = {"X-CSRFToken": token, "Origin": BASE, "Referer": f"{BASE}/inloggen", "Sec-Fetch-Site": "same-origin"}
    answers = [browser.raw("POST", "/beveiliging/vraag/inloggen", headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    page = browser.get(answers[-1].get_json()["page"])
    assert page.says("Wacht tot het volgende uur")
    assert "Inloggen met wachtwoord en code" in page.links()


@pytest.mark.parametrize(
    ("agent", "label"),
    [(SAFARI, "Safari (iPhone)"), (CHROME, "Chrome (Android)"), ("", ""), ("curl/8", ""), ("X Windows", "Windows")],
)
def test_a_browser_is_recognised_by_a_rough_label_in_no_language(app: Flask, agent: str, label: str) -> None:
    with app.test_request_context("/inloggen", headers={"User-Agent": agent}):
        assert device() == label


def test_a_guardian_chooses_and_may_come_back_on_it(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter]
) -> None:
    daan = visit()
    claim(daan, letters["daan"])
    daan.fill(form="zonder-e-mail")
    page = daan.get("/activeren/verder")
    assert page.h1 == "Hoe wilt u inloggen?"
    assert daan.fill(status=422).errors() == ["Fout: Kies hoe u wilt inloggen."]
    page = daan.fill({"way": "passkey"})
    assert page.h1 == "Inloggen met gezicht, vinger of schermcode"
    daan.get("/activeren/manier")
    assert daan.fill({"way": "password"}).h1 == "Kies een wachtwoord"


def test_an_answer_that_no_passkey_gave_makes_no_account(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter]
) -> None:
    daan = visit()
    claim(daan, letters["daan"])
    daan.fill(form="zonder-e-mail")
    for answer in ("", "geen antwoord", "{}", '{"response": {}}', "x" * 200_000):
        daan.get("/activeren/passkey")
        assert daan.fill({"answer": answer}, status=422).says("Het is niet gelukt.")
    assert daan.get("/activeren/verder").h1 == "Hoe wilt u inloggen?"
