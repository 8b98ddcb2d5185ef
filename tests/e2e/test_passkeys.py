"""Passkeys in a real browser with its own authenticator: made, used, offered, and refused when something is wrong."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Request, Route
from sqlalchemy import select

from parentportal.access import OPERATOR
from parentportal.models.audit import AuditEvent
from parentportal.models.authority import Authority
from parentportal.models.boards import School
from parentportal.models.people import Pupil
from parentportal.services import invitations
from parentportal.services.invitations import InvitationLetter
from tests.e2e.device import Device
from tests.e2e.phone import Phone
from tests.e2e.running import Running

BUTTON = "Inloggen met gezicht, vinger of schermcode"
FAILED = "/inloggen/niet-gelukt"


@pytest.fixture(scope="module")
def letters(demo: Running) -> list[InvitationLetter]:
    """One for each parent of De Regenboog who has no account."""
    with demo.database.read() as session:
        school = session.scalars(select(School.id).where(School.brin == "99AA")).one()
    return demo.database.write(lambda session: invitations.invite_school(session, school, by=OPERATOR))


@pytest.fixture
def owner(demo: Running, letters: list[InvitationLetter], new_phone: Callable[..., Phone]) -> tuple[Phone, Device]:
    """Somebody who just made an account with a passkey alone."""
    letter = letters.pop()
    phone = new_phone(demo.base_url, script=True)
    device = Device(phone)
    activate(demo, phone, letter)
    return phone, device


def activate(demo: Running, phone: Phone, letter: InvitationLetter) -> None:
    with demo.database.read() as session:
        born = session.scalars(
            select(Pupil.birth_date)
            .join(Authority, Authority.pupil_id == Pupil.id)
            .where(Authority.adult_id == letter.adult_id)
        ).first()
    assert born is not None
    phone.open(f"/activeren/{letter.code}")
    phone.tap("Verder")
    phone.write_day(born.isoformat())
    phone.tap("Verder")
    phone.tap("Ik heb geen e-mailadres")
    phone.tap("Ik heb hem opgeschreven")
    phone.choose("Met gezicht, vinger of schermcode")
    phone.tap("Verder")
    phone.tap("Maak mijn sleutel")
    phone.must_read("Uw account is klaar.")
    assert phone.path == "/mijn/"


def offer_nothing(phone: Phone) -> None:
    """Let the browser of this telephone not offer keys by itself from now on: only the button asks."""
    phone.context.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false;")


def keep_answers(phone: Phone) -> list[str]:
    """What this telephone hands in as the answer of a key, from now on."""
    found: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/inloggen/passkey"):
            found.append(parse_qs(request.post_data or "")["answer"][0])

    phone.page.on("request", note)
    return found


def test_a_key_is_made_and_opens_the_portal_in_one_step(demo: Running, owner: tuple[Phone, Device]) -> None:
    phone, device = owner
    (key,) = device.keys()
    assert (key["rpId"], key["isResidentCredential"]) == ("localhost", True)
    offer_nothing(phone)
    phone.tap("Uitloggen")
    phone.open("/inloggen")
    phone.tap(BUTTON)
    assert phone.path == "/mijn/"
    phone.must_be_fine()


def test_the_first_page_offers_the_key_by_itself(demo: Running, owner: tuple[Phone, Device]) -> None:
    phone, _device = owner
    phone.tap("Uitloggen")
    phone.page.goto(f"{demo.base_url}/inloggen", wait_until="commit")
    phone.page.wait_for_url("**/mijn/")
    phone.must_be_fine()


def test_an_answer_that_was_used_opens_nothing(demo: Running, owner: tuple[Phone, Device]) -> None:
    phone, _device = owner
    offer_nothing(phone)
    phone.tap("Uitloggen")
    phone.open("/inloggen")
    answers = keep_answers(phone)
    phone.tap(BUTTON)
    phone.tap("Uitloggen")
    phone.open("/inloggen")
    assert len(answers) == 1
    hand_in(phone, answers[0])
    assert phone.path == FAILED
    phone.must_read("Het duurde te lang.")
    phone.open("/mijn/")
    assert phone.path == "/inloggen"


def hand_in(phone: Phone, answer: str) -> None:
    """Hand in an answer that no device gave just now."""
    with phone.page.expect_navigation():
        phone.page.evaluate(
            """answer => {
                const form = document.querySelector('form[action$="/inloggen/passkey"]');
                form.elements.answer.value = answer;
                form.submit();
            }""",
            answer,
        )


def test_a_copy_of_the_key_is_refused_and_stops_both(
    demo: Running, owner: tuple[Phone, Device], new_phone: Callable[..., Phone]
) -> None:
    phone, device = owner
    (key,) = device.keys()
    offer_nothing(phone)
    phone.tap("Uitloggen")
    phone.open("/inloggen")
    phone.tap(BUTTON)
    thief = new_phone(demo.base_url, script=True)
    offer_nothing(thief)
    thief.open("/inloggen")
    other = Device(thief)
    other.take(key, count=1)
    thief.tap(BUTTON)
    assert thief.path == FAILED
    thief.must_read("Het lijkt of iemand een kopie heeft.")
    with demo.database.read() as session:
        noted = session.scalars(select(AuditEvent.event).order_by(AuditEvent.at.desc()).limit(3)).all()
    assert "passkey:copied" in noted
    for telephone in (thief, phone):
        telephone.open("/inloggen")
        if telephone is phone:
            telephone.tap("Uitloggen")
            telephone.open("/inloggen")
        telephone.tap(BUTTON)
        assert telephone.path == FAILED, "nobody can say which of the two is the copy"


def test_a_key_without_face_finger_or_screen_lock_is_refused(demo: Running, owner: tuple[Phone, Device]) -> None:
    """The page is made to ask for less than the portal wants; the portal sees it."""
    phone, device = owner
    device.recognise(False)
    phone.tap("Uitloggen")

    def weaken(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps({**answer.json(), "userVerification": "discouraged"}))

    phone.page.route("**/vraag/inloggen", weaken)
    phone.page.goto(f"{demo.base_url}/inloggen", wait_until="commit")
    phone.page.wait_for_url("**/niet-gelukt**")
    phone.must_read("Uw telefoon vroeg niet om uw gezicht, vinger of schermcode.")
    phone.open("/mijn/")
    assert phone.path == "/inloggen"


def test_whoever_asks_too_often_is_told_why(demo: Running, owner: tuple[Phone, Device]) -> None:
    phone, _device = owner
    offer_nothing(phone)
    phone.tap("Uitloggen")
    phone.open("/inloggen")
    told = json.dumps({"page": f"{FAILED}?waarom=too_many"})
    phone.page.route(
        "**/vraag/inloggen", lambda route: route.fulfill(status=429, content_type="application/json", body=told)
    )
    phone.tap(BUTTON)
    assert phone.path == FAILED
    phone.must_read("Wacht tot het volgende uur")


def test_whoever_stops_gets_two_ways_on(demo: Running, owner: tuple[Phone, Device]) -> None:
    phone, device = owner
    offer_nothing(phone)
    phone.tap("Uitloggen")
    phone.open("/inloggen")
    device.lose(device.keys()[0])
    phone.tap(BUTTON)
    assert phone.path == FAILED
    phone.must_read("Inloggen is niet gelukt")
    assert phone.can_touch("Probeer het nog eens")
    phone.tap("Inloggen met wachtwoord en code")
    assert phone.path == "/inloggen"
    phone.must_be_fine()


def test_a_browser_without_keys_is_led_to_one_that_has_them(demo: Running, new_phone: Callable[..., Phone]) -> None:
    phone = new_phone(demo.base_url, script=True)
    phone.context.add_init_script("delete window.PublicKeyCredential;")
    phone.open("/inloggen")
    phone.must_read("Open deze pagina in Safari of Chrome", f"{demo.base_url}/inloggen")
    assert not phone.can_touch(BUTTON) or not phone.page.get_by_role("button", name=BUTTON).is_visible()
    phone.must_be_fine()


def test_without_scripts_the_page_asks_for_name_and_password(demo: Running, new_phone: Callable[..., Phone]) -> None:
    phone = new_phone(demo.base_url)
    phone.open("/inloggen")
    assert not phone.page.get_by_role("button", name=BUTTON).is_visible()
    phone.must_read("E-mailadres of inlognaam")
    phone.must_be_fine()
