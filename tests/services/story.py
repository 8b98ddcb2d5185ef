"""Short ways for tests to bring a request to where their story begins."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import SchoolCard, Visitor
from parentportal.db import Database
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.boards import Board, School
from parentportal.models.items import Item
from parentportal.models.privacy_requests import PrivacyRequest
from parentportal.outside import clock
from parentportal.rules.authority import Evidence, Relation, Status
from parentportal.rules.privacy_requests import Kind
from parentportal.rules.roles import Role
from parentportal.services import privacy_requests
from tests.people import ROLES_OF, People

START = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


def visitor(database: Database, people: People, name: str, role: Role | None = None) -> Visitor:
    """Somebody of the cast, as the guard would hand them to a service."""
    own_role, school = ROLES_OF.get(name, (role or Role.GUARDIAN, "regenboog"))
    with database.read() as session:
        place = session.get_one(School, getattr(people, school)) if school else None
        board_id = place.board_id if place else people.waterlijn
        board = session.get_one(Board, board_id)
        now = clock.now(session)
        card = SchoolCard(place.id, place.name, place.place, place.address, place.phone, place.email) if place else None
        return Visitor(
            adult_id=getattr(people, name),
            role=role or own_role,
            session_id=people.sem,
            account_id=people.sem,
            board_id=board_id,
            board_name=board.name,
            policy_id=None,
            school=card,
            name=name.title(),
            language="nl",
            theme="",
            proved_at=now,
            seen_at=now,
            has_more_roles=False,
        )


def item_id(database: Database, person_id: UUID, code: str) -> UUID:
    """The id of one registered item."""
    with database.read() as session:
        found = session.scalar(select(Item.id).where(Item.person_id == person_id, Item.field_code == code))
        assert found is not None, code
        return found


def item(session: Session, person_id: UUID, code: str) -> Item | None:
    return session.scalar(select(Item).where(Item.person_id == person_id, Item.field_code == code))


def send(
    database: Database, by: Visitor, items: dict[UUID, str], kind: Kind = Kind.RECTIFICATION, to: Role = Role.TEACHER
) -> UUID:
    """A sent request about these items, each with what it must be."""

    def work(session: Session) -> UUID:
        request_id = None
        for one, value in items.items():
            request_id = privacy_requests.start(session, one, kind, value, by=by, draft_id=request_id)
        assert request_id is not None
        privacy_requests.choose_addressee(session, request_id, to.value, by=by)
        return privacy_requests.send(session, request_id, by=by)

    return database.write(work)


def get(database: Database, request_id: UUID) -> PrivacyRequest:
    """The request as it is now, loose from its session."""
    with database.read() as session:
        request = session.get_one(PrivacyRequest, request_id)
        session.expunge(request)
        return request


def version(database: Database, request_id: UUID) -> int:
    return get(database, request_id).version


def tie(database: Database, pupil_id: UUID, adult_id: UUID, board_id: UUID) -> None:
    """Make somebody of the school a guardian of the child too."""

    def work(session: Session) -> None:
        session.add(
            Authority(
                id=new_id(),
                board_id=board_id,
                pupil_id=pupil_id,
                adult_id=adult_id,
                kind=Relation.JOINT,
                status=Status.CONFIRMED,
                evidence=Evidence.ENROLMENT,
                confirmed_at=START,
                confirmed_by_id=new_id(),
                created_at=START,
            )
        )

    database.write(work)
