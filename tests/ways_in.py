"""Means to sign in for tests that are about something else: passkeys, apps and saved codes, straight in the tables."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.base import new_id
from parentportal.models.second_factors import CodesApp, RecoveryCode
from parentportal.models.sign_in import Account, SignInSession
from parentportal.outside import codes, one_time_codes, passkeys
from parentportal.outside.clock import FrozenClock
from parentportal.outside.passkeys import Site
from parentportal.reads.visitors import token_digest
from parentportal.services import passkeys as services
from parentportal.services import second_factors
from tests.authenticator import Authenticator
from tests.sessions import find_or_make_account

SITE = Site("portaal.example", "https://portaal.example")


def give_passkey(
    database: Database, clock: FrozenClock, adult_id: UUID, name: str = "Mijn telefoon", *, synced: bool = False
) -> tuple[Authenticator, UUID]:
    """A passkey in a telephone of its own, and its id here."""
    phone = Authenticator(SITE, synced)

    def work(session: Session) -> UUID:
        account = find_or_make_account(session, clock, adult_id)
        challenge = passkeys.new_challenge()
        asked = passkeys.to_make(SITE, challenge, owner=adult_id, name=account.sign_in_name, shown_as="Noor")
        made = passkeys.check_new(SITE, phone.make(asked), challenge)
        return services.keep(session, account, made, name=name).id

    return phone, database.write(work)


def give_app(database: Database, clock: FrozenClock, adult_id: UUID, name: str = "") -> tuple[str, UUID]:
    """One more codes app: its key, and its id."""
    key = one_time_codes.new_secret()

    def work(session: Session) -> UUID:
        account = find_or_make_account(session, clock, adult_id)
        app = CodesApp(
            id=new_id(),
            board_id=account.board_id,
            account_id=account.id,
            secret=second_factors.seal_key(session, account.id, key),
            last_step=0,
            name=name,
            made_at=clock.now(),
        )
        session.add(app)
        session.flush()
        return app.id

    return key, database.write(work)


def give_codes(database: Database, clock: FrozenClock, adult_id: UUID, number: int = 10) -> Sequence[str]:
    """Saved codes as they would be on paper."""
    made = [codes.recovery_code() for _ in range(number)]

    def work(session: Session) -> None:
        account = find_or_make_account(session, clock, adult_id)
        for code in made:
            digest = second_factors.recovery_digest(session, account.id, code)
            session.add(
                RecoveryCode(
                    id=new_id(),
                    board_id=account.board_id,
                    account_id=account.id,
                    code_digest=digest,
                    made_at=clock.now(),
                )
            )

    database.write(work)
    return made


def session_of(database: Database, token: str) -> UUID:
    """The session behind a token."""
    with database.read() as session:
        digest = token_digest(session, token)
        return session.scalars(select(SignInSession.id).where(SignInSession.token_digest == digest)).one()


def account_of(session: Session, adult_id: UUID) -> Account:
    return session.scalars(select(Account).where(Account.adult_id == adult_id)).one()
