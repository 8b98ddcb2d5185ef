"""A sign-in for tests that are about something else: the row and its token, without the way there."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.base import new_id
from parentportal.models.people import Adult
from parentportal.models.second_factors import CodesApp, RecoveryCode
from parentportal.models.sign_in import Account, SessionLevel, SignInSession
from parentportal.outside import codes, one_time_codes, passwords
from parentportal.outside.clock import FrozenClock
from parentportal.reads.visitors import token_digest
from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act
from parentportal.services import second_factors, step_ups

PASSWORD = "dertien paarse fietsbellen"
_HASH: list[str] = []


def open_session(
    database: Database,
    clock: FrozenClock,
    adult_id: UUID,
    role: Role,
    school_id: UUID | None = None,
    *,
    proved: Iterable[Act] = (),
) -> str:
    """A full session in this role, as after both factors; makes the account when there is none. Answers the token.

    Give it to `Visit.sign_in_as`. `school_id` is where staff work, or the school of one of a guardian's children.
    `proved` are the acts for which a second factor was shown just now.
    """
    token = codes.token()
    database.write(lambda session: add_session(session, clock, token, adult_id, role, school_id, proved=proved))
    return token


def add_session(
    session: Session,
    clock: FrozenClock,
    token: str,
    adult_id: UUID,
    role: Role,
    school_id: UUID | None,
    *,
    proved: Iterable[Act] = (),
) -> None:
    """`open_session` for a token that is there already, within a unit of one's own."""
    account = find_or_make_account(session, clock, adult_id)
    session_id = new_id()
    session.add(
        SignInSession(
            id=session_id,
            board_id=account.board_id,
            account_id=account.id,
            token_digest=token_digest(session, token),
            level=SessionLevel.FULL,
            stamp=account.stamp,
            role=role,
            school_id=school_id,
            created_at=clock.now(),
            seen_at=clock.now(),
            expires_at=clock.now() + timedelta(hours=12),
            proved_at=clock.now(),
        )
    )
    session.flush()
    for act in proved:
        step_ups.note(session, account.board_id, session_id, act)


def make_account(database: Database, clock: FrozenClock, adult_id: UUID) -> str:
    """An account with `PASSWORD`, without a session; answers the secret of its codes app."""

    def work(session: Session) -> str:
        account = find_or_make_account(session, clock, adult_id)
        app = second_factors.list_apps(session, account)[0]
        return second_factors.open_key(session, account.id, app.secret)

    return database.write(work)


def find_or_make_account(session: Session, clock: FrozenClock, adult_id: UUID) -> Account:
    """The account of an adult; the sign-in name is the adult's mail address, or `<id>@voorbeeld.example`."""
    found = session.scalar(select(Account).where(Account.adult_id == adult_id))
    if found is not None:
        return found
    adult = session.get_one(Adult, adult_id)
    account_id = new_id()
    email = (adult.email or f"{adult_id.hex[-12:]}@voorbeeld.example").lower()
    account = Account(
        id=account_id,
        board_id=adult.board_id,
        adult_id=adult_id,
        sign_in_name=email,
        email=email,
        email_confirmed_at=clock.now(),
        password_hash=_hash(),
        created_at=clock.now(),
    )
    session.add(account)
    session.flush()
    session.add(
        CodesApp(
            id=account_id,
            board_id=account.board_id,
            account_id=account_id,
            secret=second_factors.seal_key(session, account_id, one_time_codes.new_secret()),
            last_step=0,
            made_at=clock.now(),
        )
    )
    session.flush()
    return account


def add_ways(session: Session, clock: FrozenClock, adult_id: UUID) -> None:
    """What somebody at work needs besides: a second codes app, and a saved code."""
    account = find_or_make_account(session, clock, adult_id)
    secret = second_factors.seal_key(session, account.id, one_time_codes.new_secret())
    digest = second_factors.recovery_digest(session, account.id, codes.recovery_code())
    owner = {"board_id": account.board_id, "account_id": account.id, "made_at": clock.now()}
    session.add(CodesApp(id=new_id(), secret=secret, last_step=0, **owner))
    session.add(RecoveryCode(id=new_id(), code_digest=digest, **owner))


def _hash() -> str:
    """One hash for all accounts of a run: hashing is slow on purpose."""
    if not _HASH:
        _HASH.append(passwords.hash(PASSWORD))
    return _HASH[0]
