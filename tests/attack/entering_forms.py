"""The forms on the way in, filled in and ready to be sent: activation, signing in and out, a new password."""

from datetime import timedelta

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from parentportal.access import OPERATOR
from parentportal.models.base import new_id
from parentportal.models.people import StaffRole
from parentportal.models.sign_in import Account
from parentportal.rules.roles import Role
from parentportal.services import invitations, password_resets, staff
from tests import ways_in
from tests.attack.own_forms import SAVED, code_of, confirms_the_address, new_answer
from tests.attack.passkeys import site_of
from tests.attack.portal import Portal
from tests.attack.school_forms import given_help
from tests.attack.sending import Sent, choices, form_in, form_on, go_on, mailed
from tests.authenticator import Authenticator
from tests.one_time_codes import by_cryptography
from tests.sessions import PASSWORD
from tests.visit import BASE, Visit

ASHA_BORN = {"born-day": "12", "born-month": "1", "born-year": "2017"}
LAPSED = timedelta(minutes=31)


def hands_in_a_letter(portal: Portal, _number: int) -> Sent:
    visit, code = portal.visit(), _letter(portal)
    return form_on(visit, f"/activeren/{code}")


def _letter(portal: Portal) -> str:
    """The code on Ravi's letter."""
    letters = portal.database.write(
        lambda session: invitations.invite_school(session, portal.people.regenboog, by=OPERATOR)
    )
    return next(letter.code for letter in letters if letter.adult.startswith("Ravi"))


def tells_the_birth_date(portal: Portal, number: int) -> Sent:
    begun = hands_in_a_letter(portal, number)
    return form_in(begun.visit, go_on(begun.visit, begun), ASHA_BORN, form="/geboortedatum")


def gives_an_address(portal: Portal, number: int) -> Sent:
    return form_in(*_at_address(portal, number), {"email": f"ravi{number}@post.example"}, form="/activeren/e-mail")


def has_no_address(portal: Portal, number: int) -> Sent:
    return form_in(*_at_address(portal, number), form="/zonder-e-mail")


def _at_address(portal: Portal, number: int) -> tuple[Visit, TestResponse]:
    begun = tells_the_birth_date(portal, number)
    return begun.visit, go_on(begun.visit, begun)


def types_the_mailed_code(portal: Portal, number: int) -> Sent:
    asked = gives_an_address(portal, number)
    page = go_on(asked.visit, asked)
    return form_in(asked.visit, page, {"code": mailed(portal, "confirm_email")["code"]}, form="/e-mail/code")


def makes_the_first_passkey(portal: Portal, number: int) -> Sent:
    visit = _with_a_name(portal, number)
    page = visit.raw("GET", "/activeren/passkey")
    answer = new_answer(visit, page, "/beveiliging/vraag/activeren", Authenticator(site_of(portal)))
    return form_in(visit, page, {"answer": answer}, form="/activeren/passkey")


def _with_a_name(portal: Portal, number: int) -> Visit:
    nameless = has_no_address(portal, number)
    go_on(nameless.visit, nameless)
    return nameless.visit


def chooses_a_password(portal: Portal, number: int) -> Sent:
    return form_on(_with_a_name(portal, number), "/activeren/wachtwoord", {"password": PASSWORD})


def types_the_first_code(portal: Portal, number: int) -> Sent:
    chosen = chooses_a_password(portal, number)
    return _first_code(portal, chosen.visit, go_on(chosen.visit, chosen))


def _first_code(portal: Portal, visit: Visit, page: TestResponse) -> Sent:
    return form_in(visit, page, {"code": code_of(portal, page)}, form="/activeren/codes-app")


def renews_the_key(portal: Portal, number: int) -> Sent:
    chosen = chooses_a_password(portal, number)
    go_on(chosen.visit, chosen)
    portal.clock.advance(LAPSED)
    return form_on(chosen.visit, "/activeren/codes-app", form="/codes-app/nieuw")


def keeps_the_codes(portal: Portal, number: int) -> Sent:
    """The last step of a new colleague: the account is there afterwards."""
    added = portal.database.write(
        lambda session: staff.add(
            session,
            portal.people.waterlijn,
            portal.people.regenboog,
            role=Role.SUPPORT,
            name=f"Bo Voorbeeld{number}",
            email=f"bo{number}@waterlijn.example",
            by=OPERATOR,
        )
    )
    assert added.letter is not None
    visit = portal.visit()
    page = go_on(visit, form_on(visit, added.letter.url(BASE).removeprefix(BASE)))
    asked = form_in(visit, page, {"email": f"bo{number}@waterlijn.example"}, form="/activeren/e-mail")
    go_on(visit, asked)
    go_on(visit, form_on(visit, "/activeren/e-mail/code", {"code": mailed(portal, "confirm_email")["code"]}))
    return _types_one_back(portal, visit)


def _types_one_back(portal: Portal, visit: Visit) -> Sent:
    page = go_on(visit, form_on(visit, "/activeren/wachtwoord", {"password": PASSWORD}))
    page = go_on(visit, _first_code(portal, visit, page))
    return form_in(visit, page, {"code": SAVED.findall(page.get_data(as_text=True))[0]}, form="/activeren/noodcodes")


def finishes_after_help(portal: Portal, _number: int) -> Sent:
    """Noor got a code at the counter, and does without saved codes."""
    visit = portal.visit()
    go_on(visit, form_on(visit, f"/activeren/{given_help(portal)[1]}"))
    page = go_on(visit, form_on(visit, "/activeren/wachtwoord", {"password": PASSWORD}))
    return form_in(visit, go_on(visit, _first_code(portal, visit, page)), form="/activeren/overslaan")


def gives_the_password(portal: Portal, _number: int) -> Sent:
    portal.key_of("noor")
    return form_on(portal.visit(), "/inloggen", {"name": "noor@post.example", "password": PASSWORD})


def gives_the_code(portal: Portal, number: int) -> Sent:
    begun = gives_the_password(portal, number)
    code = by_cryptography(portal.key_of("noor"), portal.clock.now())
    return form_in(begun.visit, go_on(begun.visit, begun), {"code": code}, form="/inloggen/code")


def gives_a_saved_code(portal: Portal, number: int) -> Sent:
    begun = gives_the_password(portal, number)
    go_on(begun.visit, begun)
    (code,) = ways_in.give_codes(portal.database, portal.clock, portal.people.noor, 1)
    return form_on(begun.visit, "/inloggen/noodcode", {"code": code})


def signs_in_with_a_passkey(portal: Portal, _number: int) -> Sent:
    phone, _row = ways_in.give_passkey(portal.database, portal.clock, portal.people.noor)
    return _proves(portal.visit(), phone)


def signs_in_with_a_copy(portal: Portal, _number: int) -> Sent:
    """With an old copy of a key that its owner used since."""
    phone, _row = ways_in.give_passkey(portal.database, portal.clock, portal.people.noor)
    copy = phone.copy()
    for _ in range(2):
        assert _proves(portal.visit(), phone).post().status_code == 303
    return _proves(portal.visit(), copy)


def _proves(visit: Visit, phone: Authenticator) -> Sent:
    page = visit.raw("GET", "/inloggen")
    form = form_in(visit, page, form="/inloggen/passkey")
    headers = {"X-CSRFToken": form.data["csrf_token"], "Origin": BASE, "Referer": f"{BASE}/inloggen"}
    options = visit.raw("POST", "/beveiliging/vraag/inloggen", headers=headers).get_json()
    form.data["answer"] = phone.prove(options)
    return form


def takes_another_role(portal: Portal, _number: int) -> Sent:
    """Bas, who is also in the administration."""
    people = portal.people

    def give(session: Session) -> None:
        session.add(
            StaffRole(
                id=new_id(),
                board_id=people.waterlijn,
                adult_id=people.bas,
                school_id=people.regenboog,
                role=Role.ADMINISTRATION,
                granted_at=portal.clock.now(),
            )
        )

    portal.database.write(give)
    visit = portal.visit_as("bas")
    page = visit.raw("GET", "/rol")
    wanted = next(value for value in choices(page)["role"] if value.startswith(Role.ADMINISTRATION))
    return form_in(visit, page, {"role": wanted}, form="/rol")


def asks_for_a_reset(portal: Portal, _number: int) -> Sent:
    portal.key_of("noor")
    return form_on(portal.visit(), "/wachtwoord-vergeten", {"name": "noor@post.example"})


def asks_for_a_reset_without_password(portal: Portal, number: int) -> Sent:
    """Noor signs in with a passkey alone."""
    asked = asks_for_a_reset(portal, number)
    ways_in.give_passkey(portal.database, portal.clock, portal.people.noor)

    def forget(session: Session) -> None:
        account: Account = ways_in.account_of(session, portal.people.noor)
        account.password_hash = None

    portal.database.write(forget)
    return asked


def proves_for_a_reset(portal: Portal, number: int) -> Sent:
    asks_for_a_reset(portal, number).post()
    portal.database.write(password_resets.work_off)
    visit = portal.visit()
    code = by_cryptography(portal.key_of("noor"), portal.clock.now())
    return form_on(visit, f"/wachtwoord/{mailed(portal, 'password_reset')['token']}", {"code": code})


def chooses_another_password(portal: Portal, number: int) -> Sent:
    proved = proves_for_a_reset(portal, number)
    page = go_on(proved.visit, proved)
    return form_in(proved.visit, page, {"password": "zeven trage ijsvogels zwaaien"}, form="/wachtwoord/kiezen")


def puts_the_address_back(portal: Portal, number: int) -> Sent:
    confirmed = confirms_the_address(portal, number)
    go_on(confirmed.visit, confirmed)
    return form_on(portal.visit(), f"/adres-terug/{mailed(portal, 'address_changed')['token']}")


def signs_out(portal: Portal, _number: int) -> Sent:
    return form_on(portal.visit_as("noor"), "/rol", form="/uitloggen")
