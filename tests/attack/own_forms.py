"""The forms about one's own ways in, filled in and ready to be sent: `security.*`."""

import re
from uuid import UUID

from sqlalchemy import select
from werkzeug.test import TestResponse

from parentportal.models.second_factors import CodesApp
from parentportal.rules.step_ups import Act
from tests import ways_in
from tests.attack.passkeys import site_of
from tests.attack.portal import Portal
from tests.attack.sending import Sent, form_in, form_on, go_on, mailed
from tests.authenticator import Authenticator
from tests.house.walking import TOKEN
from tests.one_time_codes import by_cryptography
from tests.visit import BASE, Visit

HERE = "/beveiliging"
KEY = re.compile(r'id="sleutel"[^>]*>([^<]+)<')
SAVED = re.compile(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{2}\b")
NEW = "zeven groene kikkers"


def noor(portal: Portal, act: Act = Act.WAYS_IN) -> Visit:
    """Noor's browser, a moment after she showed a second factor for this."""
    return portal.visit_as("noor", proved=(act,))


def code_of(portal: Portal, page: TestResponse) -> str:
    """What an app shows that has just learned the key on a page."""
    found = KEY.search(page.get_data(as_text=True))
    assert found is not None, page.request.path
    return by_cryptography(found.group(1).replace(" ", ""), portal.clock.now())


def new_answer(visit: Visit, page: TestResponse, ask: str, phone: Authenticator) -> str:
    """What a script puts in the form for a passkey that is made."""
    found = TOKEN.search(page.get_data(as_text=True))
    assert found is not None, page.request.path
    headers = {"X-CSRFToken": found.group(1), "Origin": BASE, "Referer": BASE + page.request.path}
    options = visit.raw("POST", ask, headers=headers).get_json()
    return phone.make(options)


def begins_an_app(portal: Portal, _number: int) -> Sent:
    return form_on(noor(portal), f"{HERE}/codes-app", form="/codes-app/sleutel")


def adds_an_app(portal: Portal, number: int) -> Sent:
    begun = begins_an_app(portal, number)
    page = go_on(begun.visit, begun)
    return form_in(begun.visit, page, {"code": code_of(portal, page), "name": "tablet"}, form=f"{HERE}/codes-app")


def removes_an_app(portal: Portal, number: int) -> Sent:
    adds_an_app(portal, number).post()
    with portal.database.read() as session:
        newest = session.scalars(select(CodesApp.id).order_by(CodesApp.made_at.desc(), CodesApp.id.desc())).first()
    return form_on(noor(portal), f"{HERE}/codes-apps/{newest}/weghalen")


def adds_a_passkey(portal: Portal, _number: int) -> Sent:
    visit, path = noor(portal), f"{HERE}/toevoegen/passkey"
    page = visit.raw("GET", path)
    answer = new_answer(visit, page, f"{HERE}/vraag/toevoegen", Authenticator(site_of(portal)))
    return form_in(visit, page, {"answer": answer}, form=path)


def renames_a_passkey(portal: Portal, number: int) -> Sent:
    return form_on(noor(portal), f"{HERE}/sleutels/{_passkey(portal)}/naam", {"name": f"tablet {number}"})


def removes_a_passkey(portal: Portal, _number: int) -> Sent:
    return form_on(noor(portal), f"{HERE}/sleutels/{_passkey(portal)}/weghalen")


def _passkey(portal: Portal) -> UUID:
    return ways_in.give_passkey(portal.database, portal.clock, portal.people.noor)[1]


def changes_the_password(portal: Portal, _number: int) -> Sent:
    return form_on(noor(portal), f"{HERE}/wachtwoord", {"password": NEW})


def makes_codes_anew(portal: Portal, _number: int) -> Sent:
    return form_on(noor(portal), f"{HERE}/noodcodes")


def types_a_code_back(portal: Portal, _number: int) -> Sent:
    """Petra works here: her new codes wait until she shows that she has them."""
    visit = portal.visit_as("petra", proved=(Act.WAYS_IN,))
    page = go_on(visit, form_on(visit, f"{HERE}/noodcodes"))
    (code, *_others) = SAVED.findall(page.get_data(as_text=True))
    return form_in(visit, page, {"code": code}, form="/noodcodes/overgetypt")


def asks_for_another_address(portal: Portal, number: int) -> Sent:
    return form_on(noor(portal, Act.ADDRESS), f"{HERE}/e-mail", {"email": f"noor{number}@post.example"})


def stops_the_change(portal: Portal, number: int) -> Sent:
    asked = asks_for_another_address(portal, number)
    return form_in(asked.visit, go_on(asked.visit, asked), form="/e-mail/stoppen")


def confirms_the_address(portal: Portal, number: int) -> Sent:
    asked = asks_for_another_address(portal, number)
    page = go_on(asked.visit, asked)
    return form_in(asked.visit, page, {"code": mailed(portal, "confirm_email")["code"]}, form="/e-mail/code")


def proves_once_more(portal: Portal, _number: int) -> Sent:
    code = by_cryptography(portal.key_of("noor"), portal.clock.now())
    path = f"{HERE}/bevestigen?naar={HERE}/wachtwoord"
    visit = portal.visit_as("noor")
    return form_in(visit, visit.raw("GET", path), {"proof_code": code}, form=path)


def ends_a_session(portal: Portal, _number: int) -> Sent:
    other = ways_in.session_of(portal.database, portal.token_of("noor"))
    return form_on(portal.visit_as("noor"), f"{HERE}/", form=f"/{other}/uitloggen")


def ends_other_sessions(portal: Portal, _number: int) -> Sent:
    portal.token_of("noor")
    return form_on(portal.visit_as("noor"), f"{HERE}/", form=f"{HERE}/apparaten/uitloggen")
