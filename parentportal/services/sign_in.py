"""Signing in: a password, then a second factor, then a session that only its row in the database keeps alive."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.base import new_id
from parentportal.models.boards import Board
from parentportal.models.people import StaffRole
from parentportal.models.sign_in import Account, RecoveryCode, SessionLevel, SignInSession
from parentportal.outside import clock, codes, one_time_codes, passwords, vault
from parentportal.outside.mail_text import Mail, SecurityEvent
from parentportal.reads import sign_in as reads
from parentportal.reads.sign_in import RoleChoice
from parentportal.reads.visitors import token_digest
from parentportal.rules.audit import Event
from parentportal.rules.errors import NotFound
from parentportal.rules.roles import Role
from parentportal.rules.sign_in import LONGEST_SESSION, second_factor_tries_left
from parentportal.services import audit, outbox, throttling
from parentportal.services.throttling import Action

#: Between password and code; whoever takes longer starts again.
PASSWORD_STANDS = timedelta(minutes=10)
RECOVERY_PURPOSE = "recovery code"


class Refused(StrEnum):
    """Why a second factor opened nothing."""

    WRONG = "wrong"
    CLOCK_OFF = "clock_off"
    START_AGAIN = "start_again"


@dataclass(frozen=True, slots=True)
class Entered:
    """A full sign-in: the new token, and the role when there was only one to take."""

    token: str
    role: Role | None


def with_password(database: Database, name: str, password: str, *, network: str, device: str = "") -> str | None:
    """Check a password; answers the token that waits for the second factor, or None when name and password differ.

    Counting, looking up and opening are units of their own, because hashing may not happen inside one. Unknown names
    cost the same work and get the same answer (control A04). Raises `TooManyAttempts`.
    """
    who = reads.normal_name(name)
    database.write(lambda session: throttling.count(session, Action.PASSWORD, who=who, network=network))
    with database.read() as session:
        found = reads.find_credentials(session, name)
    right = passwords.verify(found.password_hash if found else None, password)
    if found is None or not right:
        account_id = found.account_id if found else None
        database.write(lambda session: _note_failure(session, account_id, who=who, network=network))
        return None
    fresh = passwords.hash(password) if passwords.needs_rehash(found.password_hash) else None
    return database.write(lambda session: _open_half(session, found, fresh, who=who, network=network, device=device))


def _open_half(
    session: Session, found: reads.Credentials, fresh_hash: str | None, *, who: str, network: str, device: str
) -> str | None:
    account = session.get(Account, found.account_id)
    if account is None or account.blocked_at is not None or account.password_hash != found.password_hash:
        return None
    if fresh_hash:
        account.password_hash = fresh_hash
    throttling.forgive(session, Action.PASSWORD, who=who, network=network)
    return _add_session(session, account, SessionLevel.PASSWORD, PASSWORD_STANDS, device=device)


def _note_failure(session: Session, account_id: UUID | None, *, who: str, network: str) -> None:
    """Leave a trace at the board of a known account; an unknown name has no board, but costs as much (control A04)."""
    account = session.get(Account, account_id or new_id())
    board_id, adult_id = (account.board_id, account.adult_id) if account else (new_id(), new_id())
    role = session.scalar(
        select(StaffRole.role).where(StaffRole.board_id == board_id, StaffRole.adult_id == adult_id).limit(1)
    )
    if account is not None:
        _record(session, Event.SIGN_IN_FAILED, account, {"step": "password"}, role=role or Role.GUARDIAN)
        return
    session.scalar(select(AuditEvent.number).where(AuditEvent.board_id == board_id).limit(1))
    audit.content_digest(session, who)
    throttling.touch(session, Action.PASSWORD, who=who, network=network)


def with_code(session: Session, token: str, code: str, *, network: str, language: str = "") -> Entered | Refused:
    """Take a six-digit code of the codes app; each time step opens once (control A05). Raises `TooManyAttempts`.

    `language` is what was chosen in this browser, if anything: the mails to this account follow it.
    """
    return _second_factor(session, token, network, language, lambda account: _take_code(session, account, code))


def with_recovery_code(
    session: Session, token: str, typed: str, *, network: str, language: str = ""
) -> Entered | Refused:
    """Take a saved code, which then is burned, and tell the owner by mail (control A08). Raises `TooManyAttempts`."""
    return _second_factor(
        session, token, network, language, lambda account: _take_recovery_code(session, account, typed)
    )


def _second_factor(
    session: Session, token: str, network: str, language: str, take: Callable[[Account], Refused | None]
) -> Entered | Refused:
    """Both second factors share one budget. Answers instead of raising: what was counted must be kept."""
    row = session.scalar(select(SignInSession).where(SignInSession.token_digest == token_digest(session, token)))
    if row is None or row.level is not SessionLevel.PASSWORD or row.expires_at <= clock.now(session):
        return Refused.START_AGAIN
    account = session.get_one(Account, row.account_id)
    if account.blocked_at is not None or row.stamp != account.stamp:
        return Refused.START_AGAIN
    throttling.count(session, Action.CODE, who=str(account.id), network=network)
    refused = take(account)
    if refused is None:
        throttling.forgive(session, Action.CODE, who=str(account.id), network=network)
        session.delete(row)
        account.language = language or account.language
        return enter(session, account, device=row.device)
    row.code_failures += 1
    _record(session, Event.SIGN_IN_FAILED, account, {"step": "code"})
    if second_factor_tries_left(row.code_failures) == 0:
        session.delete(row)
        return Refused.START_AGAIN
    return refused


def _take_code(session: Session, account: Account, code: str) -> Refused | None:
    now = clock.now(session)
    secret = vault.of(session).open(account.totp_secret, table="account", row=account.id, column="totp_secret")
    step = one_time_codes.step_of(code, secret, now)
    if step is None:
        return Refused.CLOCK_OFF if one_time_codes.far_off(code, secret, now) else Refused.WRONG
    raised = session.execute(
        update(Account)
        .where(Account.id == account.id, Account.totp_last_step < step)
        .values(totp_last_step=step)
        .execution_options(synchronize_session=False)
    )
    return None if _changed_one(raised) else Refused.WRONG


def _take_recovery_code(session: Session, account: Account, typed: str) -> Refused | None:
    burned = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.board_id == account.board_id,
            RecoveryCode.account_id == account.id,
            RecoveryCode.code_digest == recovery_digest(session, account.id, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now(session))
        .execution_options(synchronize_session=False)
    )
    if not _changed_one(burned):
        return Refused.WRONG
    _record(session, Event.RECOVERY_CODE_USED, account, {})
    if account.email and account.email_confirmed_at:
        outbox.queue(
            session,
            Mail.SECURITY_NOTICE,
            board_id=account.board_id,
            adult_id=account.adult_id,
            to_address=account.email,
            context={"school": sender_name(session, account), "what": SecurityEvent.RECOVERY_CODE_USED.value},
            language=account.language,
        )
    return None


def recovery_digest(session: Session, account_id: UUID, typed: str) -> bytes:
    """Under which a recovery code is kept: bound to its account, however it was typed."""
    return vault.of(session).digest(f"{account_id} {codes.as_typed(typed)}", RECOVERY_PURPOSE)


def enter(session: Session, account: Account, *, device: str = "") -> Entered:
    """Open a full session for somebody who has just shown a second factor, with a token of its own (control S02)."""
    roles = reads.list_roles(session, board_id=account.board_id, adult_id=account.adult_id)
    only = roles[0] if len(roles) == 1 else None
    token = _add_session(session, account, SessionLevel.FULL, LONGEST_SESSION, device=device, choice=only)
    _record(session, Event.SIGN_IN_SUCCEEDED, account, {}, role=only.role if only else None)
    return Entered(token, only.role if only else None)


def take_role(session: Session, token: str, role: Role, school_id: UUID | None) -> Entered:
    """Go on in another role that this adult has, under a new token; raises `NotFound` for any other role."""
    found = reads.find_open(session, token)
    if found is None:
        raise NotFound
    roles = reads.list_roles(session, board_id=found.board_id, adult_id=found.adult_id)
    chosen = next((choice for choice in roles if (choice.role, choice.school_id) == (role, school_id)), None)
    if chosen is None:
        raise NotFound
    row = session.get_one(SignInSession, found.id)
    fresh = codes.token()
    row.token_digest = token_digest(session, fresh)
    row.role, row.school_id, row.seen_at = chosen.role, chosen.school_id, clock.now(session)
    audit.record(
        session,
        Event.ROLE_CHANGED,
        by=Actor(found.adult_id, chosen.role),
        board_id=found.board_id,
        about=("account", found.account_id),
        detail={"from": found.role.value if found.role else ""},
    )
    return Entered(fresh, chosen.role)


def end(session: Session, token: str) -> None:
    """Sign out: the row goes, and with it every copy of the cookie (control S03). Unknown tokens are no error."""
    row = session.scalar(select(SignInSession).where(SignInSession.token_digest == token_digest(session, token)))
    if row is None:
        return
    account = session.get_one(Account, row.account_id)
    _record(session, Event.SIGN_IN_ENDED, account, {}, role=row.role)
    session.delete(row)


def end_all(session: Session, account_id: UUID) -> None:
    """End every session of an account, half-way ones too: after a change of factor, role or authority (control S05)."""
    session.execute(update(Account).where(Account.id == account_id).values(stamp=Account.stamp + 1))
    session.execute(delete(SignInSession).where(SignInSession.account_id == account_id))


def note_seen(session: Session, session_id: UUID) -> None:
    """Somebody is still there. Only updates: a session that was ended meanwhile is not revived (control S04)."""
    session.execute(update(SignInSession).where(SignInSession.id == session_id).values(seen_at=clock.now(session)))


def remove_expired(session: Session) -> int:
    """Throw away the rows of sessions that are over for good; answers how many."""
    gone = session.execute(delete(SignInSession).where(SignInSession.expires_at <= clock.now(session)))
    return gone.rowcount if isinstance(gone, CursorResult) else 0


def sender_name(session: Session, account: Account) -> str:
    """Who a mail about the account comes from: a school of this adult, else the board."""
    for choice in reads.list_roles(session, board_id=account.board_id, adult_id=account.adult_id):
        if choice.school_name:
            return choice.school_name
    return session.get_one(Board, account.board_id).name


def _add_session(
    session: Session,
    account: Account,
    level: SessionLevel,
    stands: timedelta,
    *,
    device: str,
    choice: RoleChoice | None = None,
) -> str:
    now, token = clock.now(session), codes.token()
    session.add(
        SignInSession(
            id=new_id(),
            board_id=account.board_id,
            account_id=account.id,
            token_digest=token_digest(session, token),
            level=level,
            stamp=account.stamp,
            role=choice.role if choice else None,
            school_id=choice.school_id if choice else None,
            device=device,
            created_at=now,
            seen_at=now,
            expires_at=now + stands,
            proved_at=now if level is SessionLevel.FULL else None,
            code_failures=0,
        )
    )
    return token


def _record(
    session: Session, event: Event, account: Account, detail: dict[str, str], *, role: Role | None = None
) -> None:
    if role is None:
        roles = reads.list_roles(session, board_id=account.board_id, adult_id=account.adult_id)
        role = roles[0].role if roles else Role.GUARDIAN
    audit.record(
        session,
        event,
        by=Actor(account.adult_id, role),
        board_id=account.board_id,
        about=("account", account.id),
        detail=detail,
    )


def _changed_one(result: object) -> bool:
    return isinstance(result, CursorResult) and result.rowcount == 1
