"""The counter of a school in tests: who asks, who looks along, what is left of somebody's ways in."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from parentportal.db import Database
from parentportal.models.counter_recoveries import Identity
from parentportal.models.second_factors import CodesApp
from parentportal.models.sign_in import Account, SignInSession
from parentportal.outside.clock import FrozenClock
from parentportal.reads import counter_recoveries as reads
from parentportal.rules.counter_recoveries import State
from parentportal.services import activation, counter_recoveries
from tests.consents import School
from tests.people import WATERLIJN, People

REASON = "Onze school heeft één medewerker op kantoor."
ALONE = WATERLIJN.replace(
    "version = 1\n",
    f'version = 2\ncounter_recovery_four_eyes = false\ncounter_recovery_reason = "{REASON}"\n',
    1,
)


class Counter:
    """The counter of De Regenboog: `counter.ask("petra", "noor")`, `counter.confirm("hanna", case)`."""

    def __init__(self, database: Database, clock: FrozenClock, people: People) -> None:
        self.database, self.clock, self.people = database, clock, people
        self.school = School(database, clock, people)

    def ask(self, asker: str, helped: str, *, second: str | None = "hanna", **options: Any) -> UUID:
        given = {
            "identity": Identity.DOCUMENT,
            "second_id": getattr(self.people, second) if second else None,
            "by": self.school.visitor(asker),
            **options,
        }
        adult_id = getattr(self.people, helped)
        return self.database.write(lambda session: counter_recoveries.ask(session, adult_id, **given))

    def confirm(self, name: str, case: UUID) -> UUID:
        by = self.school.visitor(name)
        return self.database.write(lambda session: counter_recoveries.confirm(session, case, by=by))

    def stop(self, name: str, case: UUID) -> None:
        by = self.school.visitor(name)
        self.database.write(lambda session: counter_recoveries.stop(session, case, by=by))

    def code(self, name: str, case: UUID) -> str:
        by = self.school.visitor(name)
        with self.database.read() as session:
            return reads.get_code(session, reads.get_case(session, case, by=by), by=by)

    def state(self, case: UUID) -> State:
        by = self.school.visitor("petra")
        with self.database.read() as session:
            return reads.get_case(session, case, by=by).state

    def claims(self, code: str) -> bool:
        """Whether this code begins an activation."""
        return (
            self.database.write(
                lambda session: activation.claim(session, code, None, network=f"198.51.100.{len(code)}/32")
            )
            is not None
        )

    def ways_in(self, name: str) -> tuple[bool, int, int]:
        """Password, codes apps and sessions that an account has left."""
        with self.database.read() as session:
            account = session.scalars(select(Account).where(Account.adult_id == getattr(self.people, name))).one()
            apps = session.scalar(select(func.count()).where(CodesApp.account_id == account.id)) or 0
            open_ = session.scalar(select(func.count()).where(SignInSession.account_id == account.id)) or 0
            return account.password_hash is not None, apps, open_
