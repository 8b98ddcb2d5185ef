"""What is done while the right to it is withdrawn: who, which form, and what ends it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Account
from parentportal.rules.authority import Status
from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act
from parentportal.services import authority, sign_in, staff
from parentportal.services.authority import EndReason
from tests.activating import app_code, key_on
from tests.attack.belongings import hire
from tests.attack.portal import Portal
from tests.authenticator import Authenticator
from tests.one_time_codes import by_cryptography
from tests.services.story import item_id, send, visitor
from tests.visit import BASE, Visit
from tests.ways_in import SITE

OTHER = "Dirk"
Send = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Race:
    """Who does what, and what is withdrawn meanwhile; `open` goes to the page, and answers what hands its form in."""

    who: str
    proved: tuple[Act, ...]
    what: str
    open: Callable[[Portal, Visit], Send]
    withdraw: Callable[[Portal, Session], object]


def settle(portal: Portal) -> None:
    """Accounts for all who race, and a second director, so that a director's role can end."""
    for name in ("noor", "petra", "hanna"):
        portal.key_of(name)
    hire(portal, OTHER, "Tweede", Role.DIRECTOR, portal.people.waterlijn, portal.people.regenboog)


def _consent(portal: Portal, visit: Visit) -> Send:
    page = visit.get(f"/mijn/kinderen/{portal.people.sem}/toestemming")
    form = next(form for form in page.forms() if form.find("input", attrs={"type": "radio"}))
    names = {str(radio["name"]) for radio in form.find_all("input", attrs={"type": "radio"})}
    return partial(visit.hand_in, dict.fromkeys(names, "yes"), form=str(form["action"]))


def _role(portal: Portal, visit: Visit) -> Send:
    visit.get("/werk/medewerkers/toevoegen")
    person = {"name": "Kim Voorbeeld", "email": "kim@waterlijn.example", "role": "support"}
    return partial(visit.hand_in, person, form="/werk/medewerkers/toevoegen")


def _decision(portal: Portal, visit: Visit) -> Send:
    place = item_id(portal.database, portal.people.sem, "pupil.birth_place")
    noor = visitor(portal.database, portal.people, "noor")
    path = f"/werk/verzoeken/{send(portal.database, noor, {place: 'Winterveen'}, to=Role.DIRECTOR)}/besluit"
    visit.get(path)
    return partial(visit.hand_in, {"line1_outcome": "granted"}, form=path)


def _step_up(portal: Portal, visit: Visit) -> Send:
    visit.get("/beveiliging/bevestigen?naar=/beveiliging/wachtwoord")
    code = by_cryptography(portal.key_of("noor"), portal.clock.now())
    return partial(visit.hand_in, {"proof_code": code}, form="/beveiliging/bevestigen")


def _new_password(portal: Portal, visit: Visit) -> Send:
    visit.get("/beveiliging/wachtwoord")
    return partial(visit.hand_in, {"password": "zeven groene kikkers"}, form="/beveiliging/wachtwoord")


def _passkey(portal: Portal, visit: Visit) -> Send:
    path = "/beveiliging/toevoegen/passkey"
    page = visit.get(path)
    ask = str(page.soup.select_one("[data-passkey]")["data-ask"])
    token = str(page.form("/passkey").find("input", attrs={"name": "csrf_token"})["value"])
    headers = {"X-CSRFToken": token, "Origin": BASE, "Referer": BASE + path, "Sec-Fetch-Site": "same-origin"}
    answer = Authenticator(SITE).make(visit.raw("POST", ask, headers=headers).get_json())
    return partial(visit.hand_in, {"answer": answer}, form="/passkey")


def _codes_app(portal: Portal, visit: Visit) -> Send:
    visit.get("/beveiliging/codes-app")
    page = visit.fill(form="/codes-app/sleutel")
    code = app_code(key_on(page), portal.clock)
    return partial(visit.hand_in, {"code": code, "name": "Tweede"}, form="/beveiliging/codes-app")


def _account(portal: Portal, session: Session) -> Account:
    return session.scalars(select(Account).where(Account.adult_id == portal.people.noor)).one()


def _end_authority(portal: Portal, session: Session) -> None:
    authority.end(
        session,
        portal.people.noor_of_sem,
        seen=Status.CONFIRMED,
        last_day_gone=portal.clock.now().date(),
        reason=EndReason.RULING,
        by=visitor(portal.database, portal.people, "petra"),
    )


def _end_role_of(name: str, portal: Portal, session: Session) -> None:
    """By the other director, of whom the log then speaks."""
    row = session.scalars(select(StaffRole).where(StaffRole.adult_id == portal.person(name))).one()
    director = session.scalars(select(Adult.id).where(Adult.first_name == OTHER)).one()
    staff.end_role(session, row.id, by=replace(visitor(portal.database, portal.people, "hanna"), adult_id=director))


def _end_sessions(portal: Portal, session: Session) -> None:
    sign_in.end_all(session, _account(portal, session).id)


def _block(portal: Portal, session: Session) -> None:
    account = _account(portal, session)
    account.blocked_at, account.blocked_by_id = portal.clock.now(), portal.people.hanna


MEANS = (Act.WAYS_IN,)
RACES = (
    Race("noor", (), "consent, authority ended", _consent, _end_authority),
    Race("petra", (Act.ROLES,), "role given, own role ended", _role, partial(_end_role_of, "petra")),
    Race("hanna", (), "case decided, own role ended", _decision, partial(_end_role_of, "hanna")),
    Race("noor", (), "second factor, sessions ended", _step_up, _end_sessions),
    Race("noor", MEANS, "password, sessions ended", _new_password, _end_sessions),
    Race("noor", MEANS, "passkey added, sessions ended", _passkey, _end_sessions),
    Race("noor", MEANS, "codes app added, sessions ended", _codes_app, _end_sessions),
    Race("noor", (), "consent, account blocked", _consent, _block),
)
