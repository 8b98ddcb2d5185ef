"""Forms about consents, privacy requests and imports that lead to mail, filled in and ready to be sent."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.models.tasks import Task
from parentportal.rules.outcomes import Outcome
from parentportal.rules.privacy_requests import Kind
from parentportal.rules.roles import Role
from parentportal.rules.tasks import TaskKind
from parentportal.services import privacy_requests
from parentportal.services.privacy_requests import LineDecision
from tests.attack.portal import Portal
from tests.attack.school_forms import somebody
from tests.attack.sending import Sent, choices, form_in, form_on
from tests.deliveries import ASHA, LOT, SEM, bring, edexml, look
from tests.services.story import item_id, send, version

FIRST_FILE = date(2026, 9, 1)


def says_about_consents(portal: Portal, _number: int) -> Sent:
    """Daan, who may say no to it, hears that Noor said yes."""
    portal.key_of("daan")
    visit, path = portal.visit_as("noor"), f"/mijn/kinderen/{portal.people.sem}/toestemming"
    page = visit.raw("GET", path)
    return form_in(visit, page, dict.fromkeys(choices(page), "yes"), form=path)


def sends_a_request(portal: Portal, _number: int) -> Sent:
    portal.key_of("ilse")
    visit, noor = portal.visit_as("noor"), somebody(portal, "noor")
    phone = item_id(portal.database, portal.people.sem, "pupil.phone")

    def write(session: Session) -> UUID:
        draft = privacy_requests.start(session, phone, Kind.RECTIFICATION, "0612345678", by=noor)
        privacy_requests.choose_addressee(session, draft, Role.TEACHER.value, by=noor)
        return draft

    return form_on(visit, f"/mijn/verzoeken/{portal.database.write(write)}/nakijken")


def stops_a_request(portal: Portal, _number: int) -> Sent:
    portal.key_of("ilse")
    return form_on(portal.visit_as("noor"), f"/mijn/verzoeken/{_asked(portal, 'pupil.phone', '0612345678')}/stoppen")


def asks_the_guardian(portal: Portal, _number: int) -> Sent:
    request_id = _asked(portal, "pupil.phone", "0612345678")
    _picked_up(portal, request_id, "ilse")
    return form_on(portal.visit_as("ilse"), f"/werk/verzoeken/{request_id}/vragen", {"text": "Sinds wanneer?"})


def decides(portal: Portal, _number: int) -> Sent:
    """Another name for Sem, which Daan hears of as well."""
    portal.key_of("daan")
    request_id = _asked(portal, "pupil.surname", "Bakkers", Role.DIRECTOR)
    path = f"/werk/verzoeken/{request_id}/besluit"
    return form_on(portal.visit_as("hanna"), path, {"line1_outcome": "granted", "line1_reason": "Dat klopt."})


def finishes_the_task(portal: Portal, _number: int) -> Sent:
    """The last one of a request, which the director may close then."""
    portal.key_of("hanna")
    request_id = _granted(portal, "pupil.phone", "0612345678")
    with portal.database.read() as session:
        fixing = select(Task.id).where(Task.request_id == request_id, Task.kind == TaskKind.FIX_SOURCE)
        task = session.scalars(fixing).one()
    return form_on(portal.visit_as("petra"), f"/werk/taken/{task}", {"state": "done", "note": "Aangepast."})


def uses_a_file(portal: Portal, number: int) -> Sent:
    """It holds what Noor asked for and Hanna granted."""
    wrong, right = f"sem{number}@school.example", f"sem.bakker{number}@school.example"
    bring(portal.database, portal.people, _file(wrong, 2 * number), confirm=True)
    _granted(portal, "pupil.email", right)
    report = look(portal.database, portal.people, _file(right, 2 * number + 1))
    return form_on(portal.visit_as("petra"), f"/werk/bestanden/{report.delivery_id}", {"looked": "y"})


def _file(address: str, day: int) -> bytes:
    return edexml({**SEM, "emailadres": address}, LOT, ASHA, on=f"{FIRST_FILE + timedelta(days=day // 20)}")


def _asked(portal: Portal, code: str, value: str, to: Role = Role.TEACHER) -> UUID:
    item = item_id(portal.database, portal.people.sem, code)
    return send(portal.database, somebody(portal, "noor"), {item: value}, to=to)


def _picked_up(portal: Portal, request_id: UUID, name: str) -> None:
    by, seen = somebody(portal, name), version(portal.database, request_id)
    portal.database.write(lambda session: privacy_requests.pick_up(session, request_id, version=seen, by=by))


def _granted(portal: Portal, code: str, value: str) -> UUID:
    request_id = _asked(portal, code, value, Role.DIRECTOR)
    _picked_up(portal, request_id, "hanna")
    by, seen, granted = somebody(portal, "hanna"), version(portal.database, request_id), LineDecision(Outcome.GRANTED)
    portal.database.write(
        lambda session: privacy_requests.decide(session, request_id, {1: granted}, version=seen, by=by)
    )
    return request_id
