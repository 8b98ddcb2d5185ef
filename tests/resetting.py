"""What tests about a forgotten password share: asking, the mail that comes of it, and the second factor."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.base import new_id
from parentportal.models.outbox import OutboxMail
from parentportal.models.sign_in import Account
from parentportal.outside import one_time_codes
from parentportal.outside.clock import FrozenClock
from parentportal.services import new_accounts, outbox, password_resets
from parentportal.services.second_factors import Refused
from parentportal.services.sign_in import Browser

NOOR, NOBODY = "noor@post.example", "niemand@post.example"
HOME = Browser("192.0.2.10/32")
HERE, THERE = "this browser", "another browser"
NEW = "zeven trage ijsvogels zwaaien"


def wish(database: Database, name: str = NOOR, browser: Browser = HOME) -> None:
    database.write(lambda session: password_resets.wish(session, name, browser=browser, language="nl"))


def mailed(database: Database) -> Sequence[tuple[str, str, str]]:
    """Each mail in the outbox: which, to whom, and the token in it."""
    with database.read() as session:
        mails = session.scalars(select(OutboxMail).order_by(OutboxMail.created_at, OutboxMail.id))
        return [(mail.template, mail.to_address, outbox.values_of(session, mail).get("token", "")) for mail in mails]


def ask(database: Database, name: str = NOOR) -> str:
    """Ask for a link and let the worker mail it; answers its token."""
    wish(database, name)
    database.write(password_resets.work_off)
    return mailed(database)[-1][2]


def prove(database: Database, token: str, code: str, holder: str = HERE) -> Refused | None:
    return database.write(lambda session: password_resets.prove(session, token, holder, code, browser=HOME))


def app_code(key: str, clock: FrozenClock) -> str:
    return one_time_codes.current_code(key, clock.now())


def proved(database: Database, clock: FrozenClock, key: str) -> str:
    token = ask(database)
    assert prove(database, token, app_code(key, clock)) is None
    return token


def change(database: Database, adult_id: UUID, work: Callable[[Session, Account], None]) -> None:
    def on_account(session: Session) -> None:
        work(session, session.scalars(select(Account).where(Account.adult_id == adult_id)).one())

    database.write(on_account)


def count_of(database: Database, table: type) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def events(database: Database, event: str) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).where(AuditEvent.event == event)) or 0


def password_of(database: Database, adult_id: UUID) -> str | None:
    with database.read() as session:
        return session.scalar(select(Account.password_hash).where(Account.adult_id == adult_id))


def blocked(session: Session, account: Account) -> None:
    account.blocked_at, account.blocked_by_id = account.created_at, new_id()


def nothing_to_sign_in_with(session: Session, account: Account) -> None:
    new_accounts.drop_means(session, account)
