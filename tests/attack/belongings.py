"""Things of every kind for a family and for a school, made as the product makes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR, Visitor
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.boards import School
from parentportal.models.consents import ConsentItem
from parentportal.models.counter_recoveries import Identity
from parentportal.models.groups import Placement, TeacherAssignment
from parentportal.models.imports import Source
from parentportal.models.items import PersonKind
from parentportal.models.people import StaffRole
from parentportal.models.privacy_requests import RequestLine
from parentportal.models.submissions import Submission
from parentportal.models.tasks import Task
from parentportal.reads import consent_standing
from parentportal.reads.visitors import find_visitor
from parentportal.rules.authority import Relation, Status
from parentportal.rules.privacy_requests import Kind
from parentportal.rules.roles import Role
from parentportal.services import authority, consents, counter_recoveries, imports, privacy_requests
from parentportal.services.authority import EndReason
from tests.attack.portal import Portal
from tests.consents import NO, WEB_PHOTO, YES
from tests.deliveries import edexml
from tests.house.objects import WORDS, Objects, special_at
from tests.people import Settler
from tests.services.story import item_id, send, visitor
from tests.sessions import open_session
from tests.ways_in import give_app, give_passkey, session_of

PLACE, PHONE = "pupil.birth_place", "pupil.phone"

Things = dict[str, object]


@dataclass(frozen=True, slots=True)
class Family:
    """A guardian with a child, and where they are; `canary` is a word that stands in what the school has of them."""

    adult: UUID
    pupil: UUID
    group: UUID
    school: UUID
    board: UUID
    canary: str = ""


@dataclass(frozen=True, slots=True)
class Staff:
    """Who works at a school."""

    director: UUID
    administration: UUID
    teacher: UUID


def enter(portal: Portal, adult: UUID, role: Role, school: UUID | None) -> Visitor:
    """Somebody, signed in."""
    token = open_session(portal.database, portal.clock, adult, role, school)
    with portal.database.read() as session:
        found = find_visitor(session, token)
    assert found is not None
    return found


def settler(session: Session, board: UUID, school: UUID) -> Settler:
    """Writes more rows of a school of the cast."""
    found = Settler(session, board)
    source = session.scalars(select(Source.id).where(Source.school_id == school)).first()
    assert source is not None
    found.source[school] = source
    return found


def move_in(portal: Portal, family: Family, name: str, surname: str, relation: Relation) -> UUID:
    """A guardian more for a child; answers whom."""

    def work(session: Session) -> UUID:
        here = settler(session, family.board, family.school)
        email = f"{name.lower()}@post.example"
        adult = here.adult(name, "", surname, email, "+31612345677", family.school, address__place=family.canary)
        here.authority(family.pupil, adult, relation)
        return adult

    return portal.database.write(work)


def hire(portal: Portal, name: str, surname: str, role: Role, board: UUID, school: UUID | None) -> UUID:
    return portal.database.write(lambda session: Settler(session, board).staff(name, surname, role, school))


def end_authority(portal: Portal, family: Family) -> None:
    """The authority of this guardian over this child is over, from today on."""
    by = visitor(portal.database, portal.people, "petra")
    ended = {"seen": Status.CONFIRMED, "last_day_gone": portal.clock.now().date(), "reason": EndReason.RULING}
    portal.database.write(lambda s: authority.end(s, _authority_of(s, family), **ended, by=by))


def _authority_of(session: Session, family: Family) -> UUID:
    return session.scalars(
        select(Authority.id).where(Authority.adult_id == family.adult, Authority.pupil_id == family.pupil)
    ).one()


def group_of(portal: Portal, pupil: UUID) -> UUID:
    with portal.database.read() as session:
        return session.scalars(select(Placement.group_id).where(Placement.pupil_id == pupil)).one()


def line_of(portal: Portal, request: UUID) -> UUID:
    with portal.database.read() as session:
        return session.scalars(select(RequestLine.id).where(RequestLine.request_id == request)).one()


def private_things(portal: Portal, family: Family) -> Things:
    """What a guardian chose, asked and received about a child, and what opens the account."""
    by = enter(portal, family.adult, Role.GUARDIAN, family.school)
    _register(portal, family)
    photo = photo_of(portal, family.board)
    receipt = [_says(portal, family, photo, choice, by) for choice in (YES, NO)][-1]
    phone, place = (item_id(portal.database, family.pupil, code) for code in (PHONE, PLACE))
    draft = portal.database.write(lambda s: privacy_requests.start(s, phone, Kind.RECTIFICATION, "0612345678", by=by))
    case = send(portal.database, by, {place: "Elders"})
    token = open_session(portal.database, portal.clock, family.adult, Role.GUARDIAN, family.school)
    return {
        "pupil_id": family.pupil,
        "adult_id": family.adult,
        "group_id": family.group,
        "item_id": phone,
        "receipt_id": receipt,
        "request_id": draft,
        "case": case,
        "line_id": line_of(portal, draft),
        "passkey_id": give_passkey(portal.database, portal.clock, family.adult)[1],
        "app_id": give_app(portal.database, portal.clock, family.adult)[1],
        "session_id": session_of(portal.database, token),
        "form_key": _handed_in(portal, f"/mijn/ontvangstbewijs/{receipt}"),
    }


def _register(portal: Portal, family: Family) -> None:
    """What both requests are about, where the school has none of it yet."""

    def work(session: Session) -> None:
        here = settler(session, family.board, family.school)
        here.item(family.pupil, PersonKind.PUPIL, PHONE, "+31123456700", family.school)
        here.item(family.pupil, PersonKind.PUPIL, PLACE, family.canary, family.school)

    if family.canary:
        portal.database.write(work)


def _says(portal: Portal, family: Family, photo: UUID, choice: consents.Choice, by: Visitor) -> UUID | None:
    with portal.database.read() as session:
        asked = consent_standing.list_questions(session, family.board).by_id[photo]
    wording = {photo: asked.wording.id}
    return portal.database.write(lambda s: consents.decide(s, family.pupil, {photo: choice}, wording, by=by))


def _handed_in(portal: Portal, location: str) -> UUID:
    """The key of a form that was handed in from another browser, with where that led."""
    key = new_id()
    row = {"owner": "another browser", "endpoint": "parent.child_consents", "at": portal.clock.now()}
    portal.database.write(lambda session: session.add(Submission(id=key, location=location, **row)))
    return key


def photo_of(portal: Portal, board: UUID) -> UUID:
    with portal.database.read() as session:
        return session.scalars(
            select(ConsentItem.id).where(ConsentItem.board_id == board, ConsentItem.code == WEB_PHOTO)
        ).one()


def school_things(portal: Portal, family: Family, staff: Staff) -> Things:
    """What a school has besides: people in roles, a file, a task, a code at the counter, a form on paper."""
    by = enter(portal, staff.administration, Role.ADMINISTRATION, family.school)
    enter(portal, staff.director, Role.DIRECTOR, family.school)
    delivery = portal.database.write(lambda s: imports.receive(s, family.school, _file(portal, family), by=OPERATOR))
    recovery = portal.database.write(
        lambda s: counter_recoveries.ask(s, family.adult, identity=Identity.DOCUMENT, second_id=staff.director, by=by)
    )
    with portal.database.read() as session:
        return {
            "delivery_id": delivery.delivery_id,
            "recovery_id": recovery,
            "task_id": session.scalar(select(Task.id).where(Task.school_id == family.school)),
            "role_id": session.scalar(select(StaffRole.id).where(StaffRole.adult_id == staff.teacher)),
            "assignment_id": session.scalar(
                select(TeacherAssignment.id).where(TeacherAssignment.adult_id == staff.teacher)
            ),
            "authority_id": _authority_of(session, family),
            "keep_id": family.adult,
            "gone_id": staff.teacher,
            "colleague": staff.teacher,
        }


def _file(portal: Portal, family: Family) -> imports.Parsed:
    with portal.database.read() as session:
        brin = session.get_one(School, family.school).brin
    return imports.parse(edexml(brin=brin), "export.xml", "auto")


def as_objects(portal: Portal, board: UUID, things: Mapping[str, object]) -> Objects:
    """The things by the places in addresses."""
    common = {place: value for place, value in things.items() if place not in ("case", "form_key", "colleague")}
    special = special_at(
        photo=photo_of(portal, board),
        case=things["case"],
        paper=things.get("paper_id", things["receipt_id"]),
        colleague=things.get("colleague", things["adult_id"]),
    )
    return Objects({**common, **WORDS}, special)
