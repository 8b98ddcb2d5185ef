"""Getting in when something is lost or forgotten, a second factor once more, and the end of a session."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route

from parentportal.web.demo_pages import PASSWORD
from tests.e2e.device import Device
from tests.e2e.phone import Phone
from tests.e2e.running import Running
from tests.e2e.ways_in import prove, sign_in

RAVI = "ravi@post.example"
NOOR = "noor@post.example"
PETRA = "petra@waterlijn.example"
HANNA = "hanna@waterlijn.example"


@pytest.mark.slow
def test_two_colleagues_at_the_counter_give_ravi_new_means_and_the_old_ones_end(
    demo: Running, new_phone: Callable[..., Phone]
) -> None:
    ravi, petra, hanna = (new_phone(demo.base_url, script=True, name=name) for name in ("ravi", "petra", "hanna"))
    sign_in(demo, ravi, RAVI)
    before = demo.count_mails(RAVI)
    sign_in(demo, petra, PETRA)
    petra_asks(demo, petra)
    sign_in(demo, hanna, HANNA)
    hanna_confirms(demo, hanna)
    petra.tap("Kijk of het klaar is")
    petra.tap("Toon de code")
    code = re.search(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){3}", petra.text)
    assert code is not None
    assert "school" in demo.wait_for_mail(RAVI, beyond=before)
    ravi.open("/mijn/")
    assert ravi.path == "/inloggen", "his open session ended"
    the_old_password_opens_nothing(ravi)
    fresh = new_phone(demo.base_url, script=True, name="fresh")
    Device(fresh)
    fresh.open(f"/activeren/{code.group()}")
    fresh.tap("Verder")
    fresh.choose("Met gezicht, vinger of schermcode")
    fresh.tap("Verder")
    fresh.tap("Maak mijn sleutel")
    fresh.must_read("Uw account is klaar.", "Asha")
    fresh.open("/beveiliging/e-mail")
    fresh.tap("Met gezicht, vinger of schermcode")
    fresh.must_read("Dit kan nu nog niet")
    assert not fresh.can_touch("Stuur mij een code"), "no other address on the day after"
    petra.open("/werk/inloghulp")
    petra.must_read("Weer ingelogd")
    for phone in (ravi, petra, hanna, fresh):
        phone.must_be_fine()


def petra_asks(demo: Running, petra: Phone) -> None:
    petra.tap("Meer")
    petra.tap("Inloghulp")
    petra.write("Zoek op naam", "Sharma")
    petra.tap("Zoeken")
    petra.tap("Nieuw inlogmiddel geven")
    petra.choose("Ik zag een paspoort")
    petra.page.get_by_label("Welke collega kijkt mee?").select_option(label="Hanna Prins")
    petra.choose("Op dit scherm")
    petra.tap("Verder")
    prove(demo, petra, PETRA)
    petra.must_read("Wacht op uw collega", "Er is nog niets veranderd")


def hanna_confirms(demo: Running, hanna: Phone) -> None:
    hanna.open("/werk/inloghulp")
    hanna.must_read("Een collega vraagt u om mee te kijken")
    hanna.tap("Ravi Sharma")
    hanna.tap("Ja, ik bevestig dit")
    prove(demo, hanna, HANNA)
    hanna.must_read("Bevestigd.")
    assert not hanna.can_touch("Toon de code"), "only who asked shows the code"


def the_old_password_opens_nothing(ravi: Phone) -> None:
    ravi.write("E-mailadres of inlognaam", RAVI)
    ravi.write("Wachtwoord", PASSWORD)
    ravi.tap("Verder")
    ravi.must_read("horen niet bij elkaar")


@pytest.mark.slow
@pytest.mark.parametrize("script", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_forgotten_password_takes_a_mail_and_a_code_and_ends_every_session(
    demo: Running, new_phone: Callable[..., Phone], script: bool
) -> None:
    name, fresh = ("femke@post.example" if script else "daan@post.example"), "zeven groene regenlaarzen"
    open_one, phone = new_phone(demo.base_url), new_phone(demo.base_url, script=script)
    sign_in(demo, open_one, name)
    before = demo.count_mails(name)
    phone.open("/inloggen")
    phone.tap("Wachtwoord vergeten?")
    phone.write("E-mailadres", name)
    phone.tap("Stuur mij een link")
    phone.must_read("Kijk in uw mail")
    phone.open(demo.mailed_path(name, "/wachtwoord/", beyond=before))
    phone.write("Code", demo.app_code(demo.secret_of(name)))
    phone.tap("Verder")
    phone.write("Nieuw wachtwoord", fresh)
    phone.tap("Wachtwoord veranderen")
    assert phone.path == "/inloggen", "nobody is signed in by a link"
    open_one.open("/mijn/")
    assert open_one.path == "/inloggen"
    phone.write("E-mailadres of inlognaam", name)
    phone.write("Wachtwoord", fresh)
    phone.tap("Verder")
    phone.write("Code van 6 cijfers", demo.app_code(demo.secret_of(name)))
    phone.tap("Inloggen")
    assert phone.path == "/mijn/"
    phone.must_be_fine()


@pytest.mark.parametrize("script", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_a_number_is_shown_after_a_second_factor_and_a_choice_is_changed_without(
    demo: Running, new_phone: Callable[..., Phone], script: bool
) -> None:
    noor = new_phone(demo.base_url, script=script)
    sign_in(demo, noor, NOOR)
    noor.tap("Gegevens")
    noor.tap("Sem")
    noor.tap("Nummers")
    if noor.can_touch("Toon de gegevens"):
        noor.tap("Toon de gegevens")
    noor.tap("Toon")
    prove(demo, noor, NOOR)
    assert "•" not in noor.page.locator("main").inner_text(), "the number is there in full"
    noor.tap("Toestemming")
    noor.tap("Sem")
    noor.choose("Nee, dat mag niet", within="website")
    noor.tap("Keuzes opslaan")
    assert not noor.reads("Bent u het echt?")
    noor.must_be_fine()


def test_two_minutes_before_the_end_somebody_is_warned_and_may_stay(
    demo: Running, new_phone: Callable[..., Phone]
) -> None:
    """The clock in the browser runs on; the test tells how long the session still lasts, the portal finds the words."""
    noor = new_phone(demo.base_url, script=True)
    sign_in(demo, noor, NOOR)
    noor.page.clock.install()
    noor.open("/mijn/")
    left = [100]

    def tell(route: Route) -> None:
        if route.request.method == "POST":
            left[0] = 1800
            route.continue_()
        else:
            answer = route.fetch()
            route.fulfill(response=answer, body=json.dumps({**answer.json(), "left": left[0]}))

    noor.page.route("**/beveiliging/sessie", tell)
    note = noor.page.locator(".session-note")
    assert not note.count()
    noor.page.clock.fast_forward("28:30")
    note.wait_for(state="visible")
    noor.must_read("U wordt over twee minuten uitgelogd")
    noor.page.get_by_role("button", name="Ik ben er nog").click()
    note.wait_for(state="detached")
    noor.must_be_fine()


def test_what_was_typed_stays_when_the_session_is_over(demo: Running, new_phone: Callable[..., Phone]) -> None:
    noor = new_phone(demo.base_url, script=True)
    sign_in(demo, noor, NOOR)
    noor.page.clock.install()
    noor.open("/mijn/eigen-gegevens")

    def tell(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps({**answer.json(), "left": 0}))

    noor.page.route("**/beveiliging/sessie", tell)
    noor.page.evaluate(
        """() => document.querySelector('main').insertAdjacentHTML('beforeend', '<textarea id="t"></textarea>')"""
    )
    noor.page.locator("#t").fill("Lang verhaal")
    noor.page.clock.fast_forward("28:30")
    noor.page.locator(".session-note").wait_for(state="visible")
    noor.must_read("Wat u typte, staat er nog.")
    assert noor.page.locator("#t").input_value() == "Lang verhaal"


def test_a_telephone_that_wakes_up_too_late_loses_nothing_that_was_typed(
    demo: Running, new_phone: Callable[..., Phone]
) -> None:
    """The page was asleep, so that the portal never gave it the words of the warning."""
    noor = new_phone(demo.base_url, script=True)
    sign_in(demo, noor, NOOR)
    noor.page.clock.install()
    noor.open("/mijn/eigen-gegevens")
    noor.page.route("**/beveiliging/sessie", lambda route: route.fulfill(status=403))
    noor.page.evaluate(
        """() => document.querySelector('main').insertAdjacentHTML('beforeend', '<textarea id="t"></textarea>')"""
    )
    noor.page.locator("#t").fill("Lang verhaal")
    with noor.page.expect_response("**/beveiliging/sessie"):
        noor.page.clock.fast_forward("31:00")
    assert noor.page.evaluate("() => fetch('/livez').then((answer) => answer.ok)")
    assert noor.page.locator("#t").input_value() == "Lang verhaal"
