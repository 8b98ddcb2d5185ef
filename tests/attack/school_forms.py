"""The forms of the office about who gets in, filled in and ready to be sent: colleagues, letters, the counter."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR, Visitor
from parentportal.models.counter_recoveries import Identity
from parentportal.models.people import StaffRole
from parentportal.models.sign_in import Account
from parentportal.outside.mail_text import Mail
from parentportal.reads import counter_recoveries as reads
from parentportal.reads.visitors import find_visitor
from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act
from parentportal.services import counter_recoveries, paper_notices, staff
from tests.attack.portal import Portal
from tests.attack.sending import Sent, form_on
from tests.ways_in import account_of

STAFF, LETTERS, DESK = "/werk/medewerkers", "/werk/brieven", "/werk/inloghulp"


def adds_staff(portal: Portal, number: int) -> Sent:
    """The director hears of it."""
    portal.key_of("hanna")
    visit = portal.visit_as("petra", proved=(Act.ROLES,))
    values = {"name": f"Kim Voorbeeld{number}", "email": f"kim{number}@waterlijn.example", "role": "support"}
    return form_on(visit, f"{STAFF}/toevoegen", values)


def gives_a_role(portal: Portal, number: int) -> Sent:
    """As above, for somebody who works here already."""
    portal.key_of("hanna")
    values = {"colleague": str(_colleague(portal, number)), "role": "teacher", "groups": ["5"]}
    return form_on(portal.visit_as("petra", proved=(Act.ROLES,)), f"{STAFF}/rol-geven", values)


def _colleague(portal: Portal, number: int) -> UUID:
    return portal.database.write(
        lambda session: (
            staff.add(
                session,
                portal.people.waterlijn,
                portal.people.regenboog,
                role=Role.SUPPORT,
                name=f"Jip Voorbeeld{number}",
                email=f"jip{number}@waterlijn.example",
                with_letter=False,
                by=OPERATOR,
            ).adult_id
        )
    )


def ends_a_role(portal: Portal, number: int) -> Sent:
    return form_on(portal.visit_as("hanna"), f"{STAFF}/{_role_of(portal, _colleague(portal, number))}/stoppen")


def _role_of(portal: Portal, adult_id: UUID) -> UUID:
    with portal.database.read() as session:
        return session.scalars(select(StaffRole.id).where(StaffRole.adult_id == adult_id)).one()


def notes_leave(portal: Portal, _number: int) -> Sent:
    return form_on(portal.visit_as("petra"), STAFF, form=f"/{_role_of(portal, portal.people.bas)}/afwezig")


def prints_staff_letters(portal: Portal, _number: int) -> Sent:
    return form_on(portal.visit_as("petra"), f"{LETTERS}/medewerkers", form="/printen")


def makes_a_staff_letter_anew(portal: Portal, _number: int) -> Sent:
    """In place of an earlier letter, which then stops working."""
    return _anew(portal, f"{LETTERS}/medewerkers/{portal.people.bas}")


def withdraws_a_staff_letter(portal: Portal, _number: int) -> Sent:
    return _withdrawn(portal, f"{LETTERS}/medewerkers/{portal.people.bas}")


def prints_letters(portal: Portal, _number: int) -> Sent:
    """A whole group of guardians is invited."""
    return form_on(portal.visit_as("petra"), f"{LETTERS}/{portal.people.group5}", form="/printen")


def makes_a_letter_anew(portal: Portal, _number: int) -> Sent:
    return _anew(portal, f"{LETTERS}/{portal.people.group5}/{portal.people.ravi}")


def withdraws_a_letter(portal: Portal, _number: int) -> Sent:
    return _withdrawn(portal, f"{LETTERS}/{portal.people.group5}/{portal.people.ravi}")


def _anew(portal: Portal, path: str) -> Sent:
    visit = portal.visit_as("petra")
    form_on(visit, path, form="/printen").post()
    return form_on(visit, path, form="/printen")


def _withdrawn(portal: Portal, path: str) -> Sent:
    visit = portal.visit_as("petra")
    form_on(visit, path, form="/printen").post()
    return form_on(visit, f"{path}/intrekken")


def prints_notices(portal: Portal, _number: int) -> Sent:
    portal.key_of("noor")

    def wait(session: Session) -> None:
        account: Account = account_of(session, portal.people.noor)
        paper_notices.queue(session, account, Mail.NEWS)

    portal.database.write(wait)
    return form_on(portal.visit_as("petra"), f"{LETTERS}/berichten", form="/berichten/printen")


def asks_for_help(portal: Portal, _number: int) -> Sent:
    portal.key_of("noor")
    portal.key_of("hanna")
    visit = portal.visit_as("petra", proved=(Act.RECOVERY,))
    values = {"identity": "document", "second": str(portal.people.hanna), "place": "screen"}
    return form_on(visit, f"{DESK}/personen/{portal.people.noor}", values)


def confirms_help(portal: Portal, _number: int) -> Sent:
    visit = portal.visit_as("hanna", proved=(Act.RECOVERY,))
    return form_on(visit, f"{DESK}/{_case(portal, somebody(portal, 'petra'))}", form="/bevestigen")


def stops_help(portal: Portal, _number: int) -> Sent:
    """After the code was given, which then opens nothing."""
    case, _code = given_help(portal)
    return form_on(portal.visit_as("petra"), f"{DESK}/{case}", form="/stoppen")


def given_help(portal: Portal) -> tuple[UUID, str]:
    """The case of Noor, who stands at the counter with this code."""
    hanna, petra = somebody(portal, "hanna"), somebody(portal, "petra")
    case = _case(portal, petra)
    portal.database.write(lambda session: counter_recoveries.confirm(session, case, by=hanna))
    with portal.database.read() as session:
        return case, reads.get_code(session, reads.get_case(session, case, by=petra), by=petra)


def _case(portal: Portal, petra: Visitor) -> UUID:
    portal.key_of("noor")
    people = portal.people
    return portal.database.write(
        lambda session: counter_recoveries.ask(
            session, people.noor, identity=Identity.DOCUMENT, second_id=people.hanna, by=petra
        )
    )


def somebody(portal: Portal, name: str) -> Visitor:
    token = portal.token_of(name)
    with portal.database.read() as session:
        found = find_visitor(session, token)
    assert found is not None
    return found
