"""The demo while it is being filled: its database, a clock that is moved by hand, and its people by name."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.db import Database
from parentportal.demo.cast import Cast
from parentportal.models.sign_in import Account
from parentportal.outside.clock import AMSTERDAM, FrozenClock
from parentportal.reads.visitors import find_visitor
from parentportal.rules.roles import Role
from parentportal.services import sign_in

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Town:
    """Everybody's ids by their key in the cast, and the means to act as one of them at a moment in the past weeks."""

    database: Database
    clock: FrozenClock
    today: datetime
    cast: Cast
    board_id: UUID
    schools: Mapping[str, UUID]
    adults: dict[str, UUID] = field(default_factory=dict)
    pupils: dict[str, UUID] = field(default_factory=dict)

    def go_to(self, days_ago: int, hour: int, minute: int = 0) -> None:
        """Move the clock, but never before the second day of this school year: what came before is another year."""
        first = int(self.cast.school_year[:4])
        local = self.today.astimezone(AMSTERDAM)
        moment = datetime.combine(local.date() - timedelta(days=days_ago), time(hour, minute), AMSTERDAM)
        earliest = datetime(first, 8, 2, hour, minute, tzinfo=AMSTERDAM)
        self.clock.set_to(min(max(moment, earliest), self.today))

    def write(self, work: Callable[[Session], T]) -> T:
        """One write unit."""
        return self.database.write(work)

    def act(self, service: Callable[Concatenate[Session, P], T], *args: P.args, **options: P.kwargs) -> T:
        """Run one service in one write unit."""
        return self.database.write(lambda session: service(session, *args, **options))

    @contextmanager
    def visit(self, key: str, role: Role, brin: str | None = None) -> Iterator[Visitor]:
        """Be somebody in a role, as after both factors; signs out at the end."""
        adult_id = self.adults[key]

        def enter(session: Session) -> str:
            account = session.scalars(select(Account).where(Account.adult_id == adult_id)).one()
            return sign_in.enter(session, account, device="demo").token

        token = self.write(enter)
        school_id = self.schools[brin] if brin else None
        with self.database.read() as session:
            visitor = find_visitor(session, token)
        if visitor is None or (visitor.role, visitor.school_id if brin else None) != (role, school_id):
            chosen = token
            token = self.write(lambda session: sign_in.take_role(session, chosen, role, school_id).token)
            with self.database.read() as session:
                visitor = find_visitor(session, token)
        if visitor is None:
            raise LookupError(f"{key} has no role {role}")
        yield visitor
        self.write(lambda session: sign_in.end(session, token))
