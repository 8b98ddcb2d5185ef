"""One's own account: what every change of its means has in common (S02, S05, A17), its password and its sessions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.db import Database
from parentportal.models.sign_in import Account, KnownDevice, SessionLevel, SignInSession
from parentportal.outside import passwords
from parentportal.outside.mail_text import SecurityEvent
from parentportal.outside.passkeys import Site
from parentportal.reads import ways_in as reads
from parentportal.reads.accounts import find_open_account
from parentportal.reads.own_words import list_own_words
from parentportal.rules.audit import Event
from parentportal.rules.errors import NotFound, NotNow
from parentportal.rules.second_factors import may_lose_one
from parentportal.rules.sentences import N_
from parentportal.services import account_notices, new_passwords, sign_in

LAST_WAY = N_("Dit is uw laatste manier om in te loggen. Voeg eerst een andere toe. Haal deze daarna weg.")
LAST_TWO = N_("Wie op school werkt, houdt twee manieren om in te loggen. Voeg eerst een andere toe.")


@dataclass(frozen=True, slots=True)
class Changed:
    """It is done; the session goes on under another token. `must_add`: somebody at work still lacks something."""

    token: str = field(repr=False)
    must_add: bool


def load(session: Session, *, by: Visitor) -> tuple[Account, SignInSession]:
    """The visitor's own account and session as they are now; `NotFound` when the session ended meanwhile."""
    row = session.get(SignInSession, by.session_id)
    account = find_open_account(session, by.account_id)
    if row is None or account is None:
        raise NotFound
    if row.account_id != account.id or row.level is not SessionLevel.FULL or row.stamp != account.stamp:
        raise NotFound
    return account, row


def finish(
    session: Session,
    account: Account,
    row: SignInSession,
    event: Event,
    notice: SecurityEvent,
    *,
    by: Visitor,
    detail: Mapping[str, str] | None = None,
) -> Changed:
    """Note and tell what changed, end every other session, forget every other known device, and go on anew here."""
    account_notices.record(session, event, account, detail, by=by)
    account_notices.tell_every_address(session, account, notice)
    sign_in.end_all(session, account.id, but=row.id)
    sign_in.look_again(session, row.id)
    return Changed(sign_in.renew_token(session, row), row.must_add)


def refuse_last(session: Session, *, site: Site | None, by: Visitor) -> None:
    """Raise `NotNow` when one way in less would leave too few of those that work."""
    staff = reads.works_anywhere(session, by=by)
    if not may_lose_one(reads.count(session, by.account_id).working(site), staff=staff):
        raise NotNow(LAST_TWO if staff else LAST_WAY)


def hash_password(database: Database, password: str, *, by: Visitor) -> str:
    """What is kept of another password, for `choose_password`; raises `Invalid` for a weak one.

    Hashing is slow on purpose, and so never happens inside a write unit.
    """
    with database.read() as session:
        account, _row = load(session, by=by)
        own_words = list_own_words(session, account)
    new_passwords.refuse_weak(password, own_words=own_words)
    return passwords.hash(password)


def choose_password(session: Session, hashed: str, *, by: Visitor) -> Changed:
    """Take another password, or a first one, as `hash_password` gave it."""
    account, row = load(session, by=by)
    account.password_hash = hashed
    session.flush()
    return finish(session, account, row, Event.PASSWORD_CHANGED, SecurityEvent.PASSWORD_CHANGED, by=by)


def end_session(session: Session, session_id: UUID, *, by: Visitor) -> None:
    """Sign out another browser, which is then no known device any more; `NotFound` for one's own and anybody else's.

    It only protects, and so asks for no fresh second factor. The history tells it; a mail is sent only for all at once.
    """
    account, own = load(session, by=by)
    gone = session.scalar(
        select(SignInSession).where(
            SignInSession.board_id == by.board_id,
            SignInSession.account_id == by.account_id,
            SignInSession.id == session_id,
            SignInSession.id != own.id,
        )
    )
    if gone is None:
        raise NotFound
    device_id = gone.known_device_id
    session.delete(gone)
    session.flush()
    if device_id is not None and device_id != own.known_device_id:
        session.execute(delete(KnownDevice).where(KnownDevice.account_id == account.id, KnownDevice.id == device_id))
    account_notices.record(session, Event.SESSIONS_ENDED, account, {"which": "one"}, by=by)


def end_other_sessions(session: Session, *, by: Visitor) -> Changed:
    """Sign out every browser but this one; no other is a known device any more.

    The owner hears of it by mail, for whoever took one session over could do this to keep the owner out.
    """
    account, row = load(session, by=by)
    others = select(SignInSession.id).where(SignInSession.account_id == account.id, SignInSession.id != row.id)
    if session.scalar(others.limit(1)) is not None:
        account_notices.tell_every_address(session, account, SecurityEvent.SESSIONS_ENDED)
    sign_in.end_all(session, account.id, but=row.id)
    account_notices.record(session, Event.SESSIONS_ENDED, account, {"which": "others"}, by=by)
    return Changed(sign_in.renew_token(session, row), row.must_add)
