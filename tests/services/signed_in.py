"""Somebody who is signed in and changes the own account, for tests of services; and what others notice of it."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.outbox import OutboxMail
from parentportal.models.second_factors import CodesApp, Passkey
from parentportal.outside.clock import FrozenClock
from parentportal.reads import ways_in as reads
from parentportal.reads.visitors import find_visitor
from parentportal.rules.roles import Role
from parentportal.services import ways_in
from parentportal.services.own_account import Changed
from parentportal.services.second_factors import Refused
from tests.people import ROLES_OF, People
from tests.sessions import open_session
from tests.ways_in import account_of

T = TypeVar("T")
HOME = "192.0.2.10/32"


class Person:
    """Somebody of the cast who is signed in; `do` runs one service as this person, and goes on with the new token."""

    def __init__(self, database: Database, clock: FrozenClock, people: People, name: str, role: Role | None = None):
        self.database, self.clock = database, clock
        self.adult_id: UUID = getattr(people, name)
        own, school = ROLES_OF[name]
        self.school_id = getattr(people, school) if school else None
        self.role = role or own
        self.token = open_session(database, clock, self.adult_id, self.role, self.school_id)
        self.by = self.visitor()

    def visitor(self, token: str = "") -> Visitor:
        with self.database.read() as session:
            found = find_visitor(session, token or self.token)
        assert found is not None
        return found

    def is_in(self, token: str = "") -> bool:
        with self.database.read() as session:
            return find_visitor(session, token or self.token) is not None

    def elsewhere(self) -> str:
        """Signed in once more, in another browser."""
        return open_session(self.database, self.clock, self.adult_id, self.role, self.school_id)

    def do(self, service: Callable[..., T], *args: Any, **options: Any) -> T:
        done = self.database.write(lambda session: service(session, *args, **options, by=self.by))
        if isinstance(done, Changed):
            self.token = done.token
        return done

    def count(self) -> reads.Count:
        with self.database.read() as session:
            return reads.count(session, account_of(session, self.adult_id).id)

    def ids(self, table: type[Passkey] | type[CodesApp]) -> list[UUID]:
        with self.database.read() as session:
            account_id = account_of(session, self.adult_id).id
            return list(session.scalars(select(table.id).where(table.account_id == account_id).order_by(table.made_at)))

    def learn_app(self) -> str:
        """The key that the pending app must learn."""
        self.do(ways_in.begin_app)
        with self.database.read() as session:
            pending = reads.find_pending_key(session, by=self.by)
        assert pending is not None
        return pending.key

    def add_app(self, code: str) -> Changed | Refused:
        return self.do(ways_in.add_app, code, name="Werktelefoon", network=HOME)

    def change(self, work: Callable[[Session], object]) -> None:
        self.database.write(work)


def events(database: Database, *, about: UUID | None = None) -> list[str]:
    with database.read() as session:
        found = select(AuditEvent.event).where(AuditEvent.about_kind == "account").order_by(AuditEvent.number)
        return list(session.scalars(found.where(AuditEvent.about_id == about) if about else found))


def notices(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        rows = session.scalars(select(OutboxMail).where(OutboxMail.template == "security_notice"))
        return [(row.to_address, str(row.context["what"])) for row in rows]


def number_of(database: Database, table: type[Any]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0
