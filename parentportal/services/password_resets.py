"""A forgotten password: asked for by anybody, mailed by the worker, and never without the second factor (A13)."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.base import new_id
from parentportal.models.password_resets import PasswordReset, ResetWish
from parentportal.models.sign_in import Account
from parentportal.outside import clock, codes, one_time_codes, passwords
from parentportal.outside.mail_text import Mail, SecurityEvent
from parentportal.reads import own_words, ways_in
from parentportal.reads import password_resets as reads
from parentportal.reads.accounts import may_sign_in
from parentportal.reads.password_resets import OpenReset
from parentportal.reads.sign_in import find_credentials, normal_name
from parentportal.rules.audit import Event
from parentportal.rules.errors import NotFound
from parentportal.rules.second_factors import Purpose
from parentportal.services import account_notices, new_passwords, outbox, second_factors, sign_in, throttling
from parentportal.services.second_factors import Proof, Refused
from parentportal.services.sign_in import Browser
from parentportal.services.throttling import Action

LINK_STANDS = timedelta(minutes=30)
HOLD = timedelta(hours=48)
"""After another mail address nobody gets a link there: time for whoever has the old one to notice (NIST 63B)."""
MOST_WISHES = 200
MOST_ACCOUNTS = 5
"""So many may share one mail address and each get a mail for it."""


def wish(session: Session, typed: str, *, browser: Browser, language: str) -> None:
    """Note that somebody asked; known and unknown names leave the same rows. Raises `TooManyAttempts`."""
    name = normal_name(typed)
    found = find_credentials(session, name, browser.token)
    known = found.known_device_id if found else None
    throttling.count(session, Action.RESET, who=name, network=browser.network, known=known)
    session.add(ResetWish(id=new_id(), name=name, language=language, created_at=clock.now(session)))


def work_off(session: Session) -> None:
    """Look up who asked, and mail those who can be helped; however often a name was asked for, once."""
    wishes = session.scalars(select(ResetWish).order_by(ResetWish.created_at, ResetWish.id).limit(MOST_WISHES)).all()
    for name, language in {wish.name: wish.language for wish in wishes}.items():
        for account in _list_accounts(session, name):
            _answer(session, account, language)
    if wishes:
        session.execute(delete(ResetWish).where(ResetWish.id.in_([wish.id for wish in wishes])))


def prove(session: Session, token: str, holder: str, typed: str, *, browser: Browser) -> Refused | None:
    """Take a code of the app or a saved code; None when it was right, or was so in this browser before.

    Raises `NotFound` for a link that opens nothing, and `TooManyAttempts`.
    """
    found = _get_open(session, token, holder)
    if found.is_proved:
        return None
    account = session.get_one(Account, found.account_id)
    refused = second_factors.take(
        session,
        account,
        Proof(code=typed) if one_time_codes.cleaned(typed) else Proof(saved_code=typed),
        network=browser.network,
        known=reads.find_known_device(session, account.id, browser.token),
        purpose=Purpose.SIGN_IN,
    )
    if refused is not None:
        account_notices.record(session, Event.SIGN_IN_FAILED, account, {"step": "code", "with": "reset"})
        return refused
    row = session.get_one(PasswordReset, found.id)
    row.token_digest, row.proved_at = reads.bound_digest(session, token, holder), clock.now(session)
    return None


def choose(database: Database, token: str, holder: str, password: str) -> None:
    """Set the password and end every session; the same form once more changes nothing and raises nothing.

    Raises `Invalid` for a weak password and `NotFound` for a link that opens nothing. The password is hashed between
    two units, never inside one.
    """
    with database.read() as session:
        found = reads.find_open(session, token, holder)
        words = _own_words(session, found)
        before = None if found else reads.find_hash_after(session, token, holder)
    if found is None or not found.is_proved:
        _refuse_unless_done(before, password)
        return
    new_passwords.refuse_weak(password, own_words=words)
    hashed = passwords.hash(password)
    if not database.write(lambda session: _change(session, token, holder, hashed)):
        with database.read() as session:
            before = reads.find_hash_after(session, token, holder)
        _refuse_unless_done(before, password)


def _refuse_unless_done(before: str | None, password: str) -> None:
    if before is None or not passwords.verify(before, password):
        raise NotFound


def _own_words(session: Session, found: OpenReset | None) -> Sequence[str]:
    return own_words.list_own_words(session, session.get_one(Account, found.account_id)) if found else ()


def _change(session: Session, token: str, holder: str, hashed: str) -> bool:
    found = reads.find_open(session, token, holder)
    if found is None or not found.is_proved:
        return False
    session.get_one(PasswordReset, found.id).used_at = clock.now(session)
    account = session.get_one(Account, found.account_id)
    account.password_hash = hashed
    sign_in.end_all(session, account.id)
    stop(session, account.id)
    account_notices.record(session, Event.PASSWORD_CHANGED, account, {"with": "reset"})
    account_notices.tell_every_address(session, account, SecurityEvent.PASSWORD_CHANGED)
    return True


def stop(session: Session, account_id: UUID) -> None:
    """No link that was mailed opens anything any more."""
    now = clock.now(session)
    session.execute(
        update(PasswordReset)
        .where(PasswordReset.account_id == account_id, PasswordReset.used_at.is_(None), PasswordReset.expires_at > now)
        .values(expires_at=now)
    )


def remove_old(session: Session) -> None:
    """Throw away links that lapsed, and wishes that nobody worked off in time."""
    now = clock.now(session)
    session.execute(delete(PasswordReset).where(PasswordReset.expires_at <= now))
    session.execute(delete(ResetWish).where(ResetWish.created_at <= now - LINK_STANDS))


def _get_open(session: Session, token: str, holder: str) -> OpenReset:
    found = reads.find_open(session, token, holder)
    if found is None:
        raise NotFound
    return found


def _list_accounts(session: Session, name: str) -> Sequence[Account]:
    """Accounts that this name or confirmed address opens, and whose address has not just been changed."""
    settled_before = clock.now(session) - HOLD
    return session.scalars(
        select(Account)
        .where(
            or_(Account.sign_in_name == name, Account.email == name),
            and_(Account.email.is_not(None), Account.email_confirmed_at.is_not(None)),
            or_(Account.email_changed_at.is_(None), Account.email_changed_at <= settled_before),
            may_sign_in(),
        )
        .order_by(Account.created_at, Account.id)
        .limit(MOST_ACCOUNTS)
    ).all()


def _answer(session: Session, account: Account, language: str) -> None:
    """A link for whoever can show a second factor with it; for whoever signs in with passkeys, how that goes."""
    ways = ways_in.count(session, account.id)
    if ways.has_password and (ways.apps or ways.recovery_codes):
        _mail(session, account, Mail.PASSWORD_RESET, language, _new_link(session, account))
    elif ways.passkeys:
        _mail(session, account, Mail.NO_PASSWORD, language, None)


def _new_link(session: Session, account: Account) -> str:
    stop(session, account.id)
    now, token = clock.now(session), codes.token()
    session.add(
        PasswordReset(
            id=new_id(),
            board_id=account.board_id,
            account_id=account.id,
            token_digest=reads.token_digest(session, token),
            stamp=account.stamp,
            made_at=now,
            expires_at=now + LINK_STANDS,
        )
    )
    account_notices.record(session, Event.PASSWORD_RESET_ASKED, account)
    return token


def _mail(session: Session, account: Account, mail: Mail, language: str, token: str | None) -> None:
    context = {"school": account_notices.sender_name(session, account)}
    if token is not None:
        context["minutes"] = str(LINK_STANDS // timedelta(minutes=1))
    outbox.queue(
        session,
        mail,
        board_id=account.board_id,
        adult_id=account.adult_id,
        to_address=account.email or "",
        context=context,
        secrets={"token": token} if token else None,
        language=language,
    )
