"""Forms that come in twice, with the cookies of the first answer: one act, one mail, one line in the log (D06)."""

from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.base import new_id
from parentportal.models.outbox import OutboxMail
from parentportal.models.people import StaffRole
from parentportal.outside.clock import FrozenClock
from parentportal.rules.audit import Event
from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act
from parentportal.services.invitations import InvitationLetter
from tests import one_time_codes
from tests.activating import SEM_BORN, scan
from tests.page import Page
from tests.people import People
from tests.sessions import make_account
from tests.visit import BASE, Visit
from tests.ways_in import give_passkey


def events(database: Database, event: Event) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).where(AuditEvent.event == event)) or 0


def mails(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(OutboxMail)) or 0


def test_another_password_is_chosen_once(proved: Callable[[str], Visit], database: Database) -> None:
    noor = proved("noor")
    noor.get("/beveiliging/wachtwoord")
    first = noor.hand_in({"password": "zeven groene kikkers"})
    second = noor.hand_in({"password": "zeven groene kikkers"})
    assert (first.status_code, second.status_code) == (303, 303)
    assert events(database, Event.PASSWORD_CHANGED) == 1
    assert mails(database) == 1
    assert noor.get("/mijn/").h1, "and she is still in"


def test_a_second_factor_that_was_shown_is_not_wrong_the_second_time(
    visit_as: Callable[..., Visit], database: Database, clock: FrozenClock, people: People
) -> None:
    noor = visit_as("noor")
    noor.get("/beveiliging/wachtwoord")
    shown = {"proof_code": one_time_codes.app_code(make_account(database, clock, people.noor), clock.now())}
    first = noor.hand_in(shown)
    second = noor.hand_in(shown)
    assert first.location == second.location == "/beveiliging/wachtwoord"
    assert events(database, Event.STEP_UP_FAILED) == 0
    assert noor.raw("GET", "/beveiliging/bevestigen?naar=/beveiliging/wachtwoord").status_code == 303


def test_an_address_gets_one_code_for_one_form(
    visit: Callable[[], Visit], letters: dict[str, InvitationLetter], database: Database
) -> None:
    browser = visit()
    scan(browser, letters["noor"])
    browser.fill(form="activeren")
    browser.fill(SEM_BORN)
    first = browser.hand_in({"email": "noor@post.example"}, form="/e-mail")
    second = browser.hand_in({"email": "noor@post.example"}, form="/e-mail")
    assert first.location == second.location == "/activeren/e-mail/code"
    assert mails(database) == 1


def test_the_role_that_somebody_has_already_is_no_other_role(
    visit_as: Callable[..., Visit], database: Database, clock: FrozenClock, people: People
) -> None:
    def give(session: Session) -> None:
        role = {"role": Role.ADMINISTRATION, "school_id": people.regenboog, "granted_at": clock.now()}
        session.add(StaffRole(id=new_id(), board_id=people.waterlijn, adult_id=people.bas, **role))

    database.write(give)
    bas = visit_as("bas")
    page = bas.get("/rol")
    wanted = next(str(radio["value"]) for radio in page.main.select("input") if "administration" in str(radio["value"]))
    first = bas.hand_in({"role": wanted}, form="/rol")
    again = bas.get("/rol")
    second = bas.hand_in({"role": wanted}, form="/rol")
    assert again.h1
    assert first.location == second.location
    assert events(database, Event.ROLE_CHANGED) == 1


def test_a_passkey_that_proves_nothing_signs_nobody_out(
    visit_as: Callable[..., Visit], database: Database, clock: FrozenClock, people: People
) -> None:
    give_passkey(database, clock, people.noor)
    noor = visit_as("noor")
    token = str(noor.get("/beveiliging/").soup.select_one("input[name=csrf_token]")["value"])
    data = {"csrf_token": token, "answer": "", "idempotency_key": str(new_id())}
    answer = noor.raw("POST", "/inloggen/passkey", data=data, headers={"Referer": f"{BASE}/inloggen"})
    assert answer.location.startswith("/inloggen/niet-gelukt")
    assert isinstance(noor.get("/mijn/"), Page)
    assert noor.page is not None
    assert noor.page.answer.request.path == "/mijn/", "still in, as before"
    assert events(database, Event.SIGN_IN_ENDED) == 0


def test_a_passkey_opens_the_portal_in_place_of_who_was_signed_in(
    visit_as: Callable[..., Visit], database: Database, clock: FrozenClock, people: People
) -> None:
    phone, _row = give_passkey(database, clock, people.ravi)
    browser = visit_as("noor", proved=[Act.WAYS_IN])
    token = str(browser.get("/beveiliging/").soup.select_one("input[name=csrf_token]")["value"])
    headers = {"Referer": f"{BASE}/inloggen", "X-CSRFToken": token}
    options = browser.raw("POST", "/beveiliging/vraag/inloggen", headers=headers).get_json()
    data = {"csrf_token": token, "answer": phone.prove(options), "idempotency_key": str(new_id())}
    assert browser.raw("POST", "/inloggen/passkey", data=data, headers=headers).location == "/mijn/"
    assert events(database, Event.SIGN_IN_ENDED) == 1
