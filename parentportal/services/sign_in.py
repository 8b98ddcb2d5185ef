"""Signing in: a password and a second factor, or a passkey; then a session that only its row keeps alive."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.models.base import new_id
from parentportal.models.people import StaffRole
from parentportal.models.sign_in import Account, SessionLevel, SignInSession
from parentportal.outside import clock, codes, passwords
from parentportal.outside.passkeys import Site
from parentportal.reads import sign_in as reads
from parentportal.reads import ways_in
from parentportal.reads.accounts import find_open_account
from parentportal.reads.sign_in import RoleChoice
from parentportal.reads.visitors import token_digest
from parentportal.rules.audit import Event
from parentportal.rules.errors import NotFound
from parentportal.rules.roles import STAFF, Role
from parentportal.rules.second_factors import Purpose, lacks
from parentportal.rules.sign_in import LONGEST_SESSION, second_factor_tries_left
from parentportal.rules.step_ups import Act
from parentportal.services import account_notices, audit, known_devices, passkeys, second_factors, step_ups, throttling
from parentportal.services.passkeys import Outcome, Unproved
from parentportal.services.second_factors import Proof, Refused
from parentportal.services.throttling import Action

#: Between password and code; whoever takes longer starts again.
PASSWORD_STANDS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody comes from: the network, a rough label, and the token of a known device if it has one."""

    network: str
    label: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """A full sign-in: the new token, and the role when there was only one to take."""

    token: str
    role: Role | None
    with_saved_code: bool = False


def with_password(
    database: Database, name: str, password: str, *, network: str, device: str = "", known: str = ""
) -> str | None:
    """Check a password; answers the token that waits for the second factor, or None when name and password differ.

    Looking up, counting and opening are units of their own, because hashing may not happen inside one. Unknown names
    cost the same work and get the same answer (control A04). `known` is the token of this browser, if it has one.
    Raises `TooManyAttempts`.
    """
    who, browser = reads.normal_name(name), Browser(network, device, known)
    with database.read() as session:
        found = reads.find_credentials(session, name, browser.token)
    known_id = found.known_device_id if found else None
    database.write(lambda session: throttling.count(session, Action.PASSWORD, who=who, network=network, known=known_id))
    right = passwords.verify(found.password_hash if found else None, password)
    if found is None or not right:
        account_id = found.account_id if found else None
        database.write(lambda session: _note_failure(session, account_id, who=who, network=network, known=known_id))
        return None
    stale = found.password_hash is not None and passwords.needs_rehash(found.password_hash)
    fresh = passwords.hash(password) if stale else None
    return database.write(lambda session: _open_half(session, found, fresh, who=who, browser=browser))


def _open_half(
    session: Session, found: reads.Credentials, fresh_hash: str | None, *, who: str, browser: Browser
) -> str | None:
    account = find_open_account(session, found.account_id)
    if account is None or account.password_hash != found.password_hash:
        return None
    if fresh_hash:
        account.password_hash = fresh_hash
    throttling.forgive(session, Action.PASSWORD, who=who, network=browser.network, known=found.known_device_id)
    row, token = _add_session(session, account, SessionLevel.PASSWORD, PASSWORD_STANDS, device=browser.label)
    again = reads.find_credentials(session, who, browser.token)
    row.known_device_id = again.known_device_id if again else None
    return token


def _note_failure(session: Session, account_id: UUID | None, *, who: str, network: str, known: UUID | None) -> None:
    """Leave a trace at the board of a known account; an unknown name has no board, but costs as much (control A04)."""
    account = session.get(Account, account_id or new_id())
    board_id, adult_id = (account.board_id, account.adult_id) if account else (new_id(), new_id())
    role = session.scalar(
        select(StaffRole.role).where(StaffRole.board_id == board_id, StaffRole.adult_id == adult_id).limit(1)
    )
    if account is not None:
        record(session, Event.SIGN_IN_FAILED, account, {"step": "password"}, role=role or Role.GUARDIAN)
        return
    session.scalar(select(AuditEvent.number).where(AuditEvent.board_id == board_id).limit(1))
    audit.content_digest(session, who)
    throttling.touch(session, Action.PASSWORD, who=who, network=network, known=known)


def with_code(
    session: Session, token: str, code: str, *, network: str, language: str = "", known: str = ""
) -> Entered | Refused:
    """Take a six-digit code of the codes app; each time step opens once (control A05). Raises `TooManyAttempts`.

    `language` is what was chosen in this browser, if anything: the mails to this account follow it.
    """
    return _second_factor(session, token, Proof(code=code), Browser(network, token=known), language)


def with_recovery_code(
    session: Session, token: str, typed: str, *, network: str, language: str = "", known: str = ""
) -> Entered | Refused:
    """Take a saved code, which then is burned, and tell the owner by mail (control A08). Raises `TooManyAttempts`.

    Whoever gets in so has lost something, and may change the means to sign in at once.
    """
    entered = _second_factor(session, token, Proof(saved_code=typed), Browser(network, token=known), language)
    if isinstance(entered, Refused):
        return entered
    step_ups.note_entered(session, entered.token, Act.WAYS_IN)
    return replace(entered, with_saved_code=True)


def _second_factor(session: Session, token: str, proof: Proof, browser: Browser, language: str) -> Entered | Refused:
    """Answers instead of raising: what was counted must be kept."""
    row = session.scalar(select(SignInSession).where(SignInSession.token_digest == token_digest(session, token)))
    if row is None or row.level is not SessionLevel.PASSWORD or row.expires_at <= clock.now(session):
        return Refused.START_AGAIN
    account = find_open_account(session, row.account_id)
    if account is None or row.stamp != account.stamp:
        return Refused.START_AGAIN
    refused = second_factors.take(
        session, account, proof, network=browser.network, known=row.known_device_id, purpose=Purpose.SIGN_IN
    )
    if refused is None:
        label = row.device
        session.delete(row)
        return _enter(
            session, account, replace(browser, label=label), language, "saved_code" if proof.saved_code else "code"
        )
    row.code_failures += 1
    record(session, Event.SIGN_IN_FAILED, account, {"step": "code"})
    if second_factor_tries_left(row.code_failures) == 0:
        session.delete(row)
        return Refused.START_AGAIN
    return refused


def ask_passkey(session: Session, *, holder: str, site: Site | None, browser: Browser) -> dict[str, Any]:
    """What a browser is asked to sign, before anybody said who they are.

    Each question leaves a row for five minutes, so a network has a budget of them. Raises `TooManyAttempts`, and
    `NotFound` where there are no passkeys.
    """
    known = reads.find_known_device(session, browser.token) if browser.token else None
    throttling.count_question(session, Action.ASK_PASSKEY, network=browser.network, known=known)
    return passkeys.ask_to_prove(session, holder=holder, purpose=Purpose.SIGN_IN, site=site)


def with_passkey(
    session: Session, answer: str, *, holder: str, site: Site | None, browser: Browser, language: str = ""
) -> Entered | Refused:
    """Both factors in one step: the device, and the face, finger or screen lock that opened it (ux 6.2).

    A real key is never slowed down (control A12); what is not real counts against the account it claims to be of.
    """
    outcome = passkeys.prove(session, answer, holder=holder, site=site, purpose=Purpose.SIGN_IN)
    if isinstance(outcome, Outcome):
        return _enter(session, session.get_one(Account, outcome.account_id), browser, language, "passkey")
    if outcome is Unproved.TOO_LATE:
        return Refused.TOO_LATE
    claimed = passkeys.find_owner(session, answer)
    account = session.get(Account, claimed) if claimed else None
    if account is not None:
        throttling.note_failure(session, Action.CODE, who=str(account.id), network=browser.network)
        record(session, Event.SIGN_IN_FAILED, account, {"step": "passkey"})
    return Refused(outcome.value)


def _enter(session: Session, account: Account, browser: Browser, language: str, way: str) -> Entered:
    account.language = language or account.language
    return enter(session, account, device=browser.label, known=browser.token, way=way)


def enter(
    session: Session, account: Account, *, device: str = "", known: str = "", way: str = "code", is_first: bool = False
) -> Entered:
    """Open a full session for somebody who has just shown a second factor, with a token of its own (control S02)."""
    roles = reads.list_roles(session, board_id=account.board_id, adult_id=account.adult_id)
    only = roles[0] if len(roles) == 1 else None
    row, token = _add_session(session, account, SessionLevel.FULL, LONGEST_SESSION, device=device, choice=only)
    row.known_device_id = known_devices.remember(session, account, known, tell=not is_first)
    row.must_add = _must_add(session, account, row.role)
    record(session, Event.SIGN_IN_SUCCEEDED, account, {"with": way}, role=only.role if only else None)
    return Entered(token, only.role if only else None)


def take_role(session: Session, token: str, role: Role, school_id: UUID | None) -> Entered:
    """Go on in another role that this adult has, under a new token; raises `NotFound` for any other role.

    The role that it has already changes nothing.
    """
    found = reads.find_open(session, token)
    if found is None:
        raise NotFound
    roles = reads.list_roles(session, board_id=found.board_id, adult_id=found.adult_id)
    chosen = next((choice for choice in roles if (choice.role, choice.school_id) == (role, school_id)), None)
    if chosen is None:
        raise NotFound
    if (found.role, found.school_id) == (role, school_id):
        return Entered(token, role)
    row = session.get_one(SignInSession, found.id)
    fresh = renew_token(session, row)
    row.role, row.school_id, row.seen_at = chosen.role, chosen.school_id, clock.now(session)
    row.must_add = _must_add(session, session.get_one(Account, found.account_id), chosen.role)
    audit.record(
        session,
        Event.ROLE_CHANGED,
        by=Actor(found.adult_id, chosen.role),
        board_id=found.board_id,
        about=("account", found.account_id),
        detail={"from": found.role.value if found.role else ""},
    )
    return Entered(fresh, chosen.role)


def renew_token(session: Session, row: SignInSession) -> str:
    """Give a session another token, so that every copy of the old one is worth nothing (control S02)."""
    fresh = codes.token()
    row.token_digest = token_digest(session, fresh)
    return fresh


def look_again(session: Session, session_id: UUID) -> None:
    """Whether somebody at work still lacks a way in, after one was added."""
    row = session.get_one(SignInSession, session_id)
    row.must_add = _must_add(session, session.get_one(Account, row.account_id), row.role)


def _must_add(session: Session, account: Account, role: Role | None) -> bool:
    ways = ways_in.count(session, account.id)
    return lacks(ways.number, ways.recovery_codes, staff=role in STAFF)


def end(session: Session, token: str) -> None:
    """Sign out: the row goes, and with it every copy of the cookie (control S03). Unknown tokens are no error."""
    row = session.scalar(select(SignInSession).where(SignInSession.token_digest == token_digest(session, token)))
    if row is None:
        return
    account = session.get_one(Account, row.account_id)
    record(session, Event.SIGN_IN_ENDED, account, {}, role=row.role)
    session.delete(row)


def end_all(session: Session, account_id: UUID, *, but: UUID | None = None) -> None:
    """End every session of an account, half-way ones too, and forget its known devices (control S05).

    `but` is the session in which its owner did this: that one goes on, and its browser stays known.
    """
    session.flush()
    account = session.get_one(Account, account_id)
    account.stamp += 1
    kept = session.get(SignInSession, but) if but else None
    device_id = kept.known_device_id if kept else None
    gone = delete(SignInSession).where(SignInSession.account_id == account_id)
    session.execute(gone.where(SignInSession.id != but) if but else gone)
    known_devices.forget(session, account_id, but=device_id)
    if kept is not None:
        kept.stamp = account.stamp
        known_devices.keep_up(session, account, device_id)


def end_all_of(session: Session, board_id: UUID, adult_id: UUID) -> None:
    """End every session of an adult whose rights became fewer; whoever has no account has none (control S05)."""
    account_id = session.scalar(select(Account.id).where(Account.board_id == board_id, Account.adult_id == adult_id))
    if account_id is not None:
        session.execute(delete(SignInSession).where(SignInSession.account_id == account_id))


def note_seen(session: Session, session_id: UUID) -> None:
    """Somebody is still there. Only updates: a session that was ended meanwhile is not revived (control S04)."""
    session.execute(update(SignInSession).where(SignInSession.id == session_id).values(seen_at=clock.now(session)))


def remove_expired(session: Session) -> int:
    """Throw away the rows of sessions that are over for good; answers how many."""
    gone = session.execute(delete(SignInSession).where(SignInSession.expires_at <= clock.now(session)))
    return gone.rowcount if isinstance(gone, CursorResult) else 0


def _add_session(
    session: Session,
    account: Account,
    level: SessionLevel,
    stands: timedelta,
    *,
    device: str,
    choice: RoleChoice | None = None,
) -> tuple[SignInSession, str]:
    now, token = clock.now(session), codes.token()
    row = SignInSession(
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
    session.add(row)
    return row, token


def record(
    session: Session, event: Event, account: Account, detail: Mapping[str, str], *, role: Role | None = None
) -> None:
    """Add what somebody did with an account to the audit chain."""
    account_notices.record(session, event, account, detail, role=role)
