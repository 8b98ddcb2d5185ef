"""Passkeys and codes apps of one's own account: added, renamed and removed by their owner alone."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.base import new_id
from parentportal.models.second_factors import CodesApp, Passkey, PendingApp
from parentportal.models.sign_in import Account
from parentportal.outside import clock, one_time_codes
from parentportal.outside.mail_text import SecurityEvent
from parentportal.outside.passkeys import Site
from parentportal.reads import ways_in as reads
from parentportal.rules.audit import Event
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.second_factors import MOST_APPS, MOST_PASSKEYS, Purpose
from parentportal.rules.sentences import N_
from parentportal.services import own_account, passkeys, second_factors, throttling
from parentportal.services.own_account import Changed
from parentportal.services.passkeys import Unproved
from parentportal.services.second_factors import Refused
from parentportal.services.throttling import Action

APP_STANDS = timedelta(minutes=30)
MOST_NAME = 60

ENOUGH_PASSKEYS = N_("U heeft al %(most)s sleutels. Haal er eerst een weg.", most=MOST_PASSKEYS)
ENOUGH_APPS = N_("U heeft al %(most)s codes-apps. Haal er eerst een weg.", most=MOST_APPS)
PASSWORD_FIRST = N_("Kies eerst een wachtwoord. Een codes-app werkt alleen samen met een wachtwoord.")


def ask_passkey(session: Session, *, site: Site | None, by: Visitor) -> dict[str, Any]:
    """What the browser is asked for one more passkey; raises `NotNow` when there are enough of them."""
    account, _row = own_account.load(session, by=by)
    _refuse_more_passkeys(session, account)
    return passkeys.ask_to_make(
        session,
        holder=str(by.session_id),
        purpose=Purpose.ADD,
        site=site,
        owner=by.adult_id,
        name=account.sign_in_name,
        shown_as=account.sign_in_name,
    )


def add_passkey(session: Session, answer: str, *, name: str, site: Site | None, by: Visitor) -> Changed | Unproved:
    """Keep the passkey that this session's browser made; its challenge is used up either way."""
    account, row = own_account.load(session, by=by)
    _refuse_more_passkeys(session, account)
    made = passkeys.check_new(session, answer, holder=str(by.session_id), purpose=Purpose.ADD, site=site)
    if isinstance(made, Unproved):
        return made
    passkeys.keep(session, account, made, name=name[:MOST_NAME])
    return own_account.finish(session, account, row, Event.PASSKEY_ADDED, SecurityEvent.MEANS_ADDED, by=by)


def rename_passkey(session: Session, passkey_id: UUID, name: str, *, by: Visitor) -> None:
    """Call a passkey by a name of the owner's own; raises `Invalid` for none."""
    if not name.strip():
        raise Invalid({"name": N_("Vul een naam in waaraan u de sleutel herkent.")})
    _own_passkey(session, passkey_id, by).name = name.strip()[:MOST_NAME]


def remove_passkey(session: Session, passkey_id: UUID, *, site: Site | None, by: Visitor) -> Changed:
    """Let a passkey open nothing any more; raises `NotNow` when too few ways in would be left.

    One that the portal stopped, or that works nowhere for want of a site, is no way in and may always go.
    """
    account, row = own_account.load(session, by=by)
    found = _own_passkey(session, passkey_id, by)
    if found.stopped_at is None and site is not None:
        own_account.refuse_last(session, site=site, by=by)
    session.delete(found)
    session.flush()
    return own_account.finish(session, account, row, Event.PASSKEY_REMOVED, SecurityEvent.MEANS_REMOVED, by=by)


def begin_app(session: Session, *, by: Visitor) -> None:
    """Make the key that an app must learn; one that still stands stays as it is, so that a reload changes nothing.

    Raises `NotNow` without a password, and when there are enough apps.
    """
    account, row = own_account.load(session, by=by)
    _refuse_more_apps(session, account)
    now = clock.now(session)
    pending = session.scalar(select(PendingApp).where(PendingApp.session_id == row.id))
    if pending is not None and pending.expires_at > now:
        return
    if pending is None:
        pending = PendingApp(id=new_id(), board_id=account.board_id, session_id=row.id)
        session.add(pending)
    pending.secret = second_factors.seal_key(session, account.id, one_time_codes.new_secret())
    pending.expires_at = now + APP_STANDS


def add_app(session: Session, code: str, *, name: str, network: str, by: Visitor) -> Changed | Refused:
    """Keep the app that shows the right code for the pending key; `START_AGAIN` when that key is over.

    Answers instead of raising, since what was counted must be kept; raises `TooManyAttempts`, and `NotNow` as above.
    """
    account, row = own_account.load(session, by=by)
    _refuse_more_apps(session, account)
    now = clock.now(session)
    pending = session.scalar(select(PendingApp).where(PendingApp.session_id == row.id, PendingApp.expires_at > now))
    if pending is None:
        return Refused.START_AGAIN
    who, known = str(account.id), row.known_device_id
    throttling.count(session, Action.CODE, who=who, network=network, known=known)
    key = second_factors.open_key(session, account.id, pending.secret)
    step = one_time_codes.step_of(code, key, now)
    if step is None:
        return Refused.CLOCK_OFF if one_time_codes.far_off(code, key, now) else Refused.WRONG
    throttling.forgive(session, Action.CODE, who=who, network=network, known=known)
    session.add(
        CodesApp(
            id=new_id(),
            board_id=account.board_id,
            account_id=account.id,
            secret=pending.secret,
            last_step=step,
            name=name.strip()[:MOST_NAME],
            made_at=now,
        )
    )
    session.delete(pending)
    session.flush()
    return own_account.finish(session, account, row, Event.CODES_APP_ADDED, SecurityEvent.MEANS_ADDED, by=by)


def remove_app(session: Session, app_id: UUID, *, site: Site | None, by: Visitor) -> Changed:
    """Let the codes of an app open nothing any more; raises `NotNow` when too few ways in would be left.

    With the last app goes a password that nothing is left to use with: only saved codes would have been.
    """
    account, row = own_account.load(session, by=by)
    found = session.scalar(
        select(CodesApp).where(
            CodesApp.board_id == by.board_id, CodesApp.account_id == by.account_id, CodesApp.id == app_id
        )
    )
    if found is None:
        raise NotFound
    own_account.refuse_last(session, site=site, by=by)
    session.delete(found)
    session.flush()
    drops = reads.count(session, account.id).password_is_idle
    if drops:
        account.password_hash = None
    detail = {"password": "removed"} if drops else None
    return own_account.finish(
        session, account, row, Event.CODES_APP_REMOVED, SecurityEvent.MEANS_REMOVED, by=by, detail=detail
    )


def _own_passkey(session: Session, passkey_id: UUID, by: Visitor) -> Passkey:
    found = session.scalar(
        select(Passkey).where(
            Passkey.board_id == by.board_id, Passkey.account_id == by.account_id, Passkey.id == passkey_id
        )
    )
    if found is None:
        raise NotFound
    return found


def _refuse_more_passkeys(session: Session, account: Account) -> None:
    if reads.count(session, account.id).passkeys >= MOST_PASSKEYS:
        raise NotNow(ENOUGH_PASSKEYS)


def _refuse_more_apps(session: Session, account: Account) -> None:
    counted = reads.count(session, account.id)
    if not counted.has_password:
        raise NotNow(PASSWORD_FIRST)
    if counted.apps >= MOST_APPS:
        raise NotNow(ENOUGH_APPS)


def forget_lapsed(session: Session) -> None:
    """Throw away the keys that no app learned in time."""
    session.execute(delete(PendingApp).where(PendingApp.expires_at <= clock.now(session)))
