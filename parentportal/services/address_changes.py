"""Another mail address: proved on the new one, announced and undone on the old one (control A16)."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.address_changes import AddressChange
from parentportal.models.base import new_id
from parentportal.models.sign_in import Account, SignInSession
from parentportal.outside import clock, codes, one_time_codes
from parentportal.outside.mail_text import Mail, SecurityEvent
from parentportal.reads import address_changes as reads
from parentportal.rules.audit import Event
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.sentences import N_
from parentportal.rules.sign_in import is_cautious
from parentportal.services import (
    account_notices,
    mail_addresses,
    new_accounts,
    outbox,
    own_account,
    password_resets,
    sign_in,
    throttling,
)
from parentportal.services.throttling import Action

CODE_STANDS = timedelta(minutes=15)
UNDO_STANDS = timedelta(hours=48)
KEPT = timedelta(days=30)
"""How long a change is kept after it was made, so that the school can help whoever it went wrong for."""
TOO_FRESH = N_("Uw account is kort geleden hersteld. Daarom kunt u uw e-mailadres nu nog niet veranderen.")


@dataclass(frozen=True, slots=True)
class Changed:
    """It is done; the session goes on under another token."""

    token: str = field(repr=False)


def ask(session: Session, typed: str, *, network: str, by: Visitor) -> None:
    """Mail a code to the new address; raises `Invalid`, `NotNow` and `TooManyAttempts`.

    Nothing tells whether somebody else has that address: it is only proved to be the asker's.
    """
    account, _row = own_account.load(session, by=by)
    _refuse_while_cautious(session, account)
    address = mail_addresses.read(typed)
    if account.email_confirmed_at is not None and address == account.email:
        raise Invalid({"email": N_("Dit is al uw e-mailadres. Vul een ander adres in.")})
    throttling.count(session, Action.SEND_MAIL, who=str(account.id), network=network)
    _drop_waiting(session, account)
    now, change_id, code = clock.now(session), new_id(), codes.mail_code()
    session.add(
        AddressChange(
            id=change_id,
            board_id=account.board_id,
            account_id=account.id,
            new_address=address,
            code_digest=reads.code_digest(session, change_id, code),
            created_at=now,
            expires_at=now + CODE_STANDS,
        )
    )
    outbox.queue(
        session,
        Mail.CONFIRM_EMAIL,
        board_id=account.board_id,
        adult_id=account.adult_id,
        to_address=address,
        context={
            "school": account_notices.sender_name(session, account),
            "minutes": str(CODE_STANDS // timedelta(minutes=1)),
        },
        secrets={"code": code},
        language=by.language,
    )


def stop(session: Session, *, by: Visitor) -> None:
    """Forget the address that waits for its code; no error when none does."""
    account, _row = own_account.load(session, by=by)
    _drop_waiting(session, account)


def confirm(session: Session, typed: str, *, network: str, by: Visitor) -> Changed | None:
    """Take the code from the new address, which then is the address; None when it is wrong or too old.

    The same code once more, from a second tap, changes nothing and is no error. Answers instead of raising, since what
    was counted must be kept; only `NotNow` and `TooManyAttempts` are raised.
    """
    account, row = own_account.load(session, by=by)
    _refuse_while_cautious(session, account)
    throttling.count(session, Action.MAIL_CODE, who=str(account.id), network=network)
    code = one_time_codes.cleaned(typed)
    change = reads.find_latest(session, account)
    if code is None or change is None or change.code_digest != reads.code_digest(session, change.id, code):
        return None
    throttling.forgive(session, Action.MAIL_CODE, who=str(account.id), network=network)
    if change.used_at is None:
        _take_over(session, account, change, row, by=by)
    return Changed(sign_in.renew_token(session, row))


def _take_over(session: Session, account: Account, change: AddressChange, row: SignInSession, *, by: Visitor) -> None:
    now = clock.now(session)
    old = account.email if account.email_confirmed_at else None
    change.used_at, change.old_address, change.old_name = now, old, account.sign_in_name
    if old is None:
        account_notices.tell(session, account, SecurityEvent.EMAIL_CHANGED)
    else:
        _announce(session, account, change, old)
    if account.sign_in_name == old:
        account.sign_in_name = new_accounts.free_name(session, change.new_address)
    account.email, account.email_confirmed_at, account.email_changed_at = change.new_address, now, now
    sign_in.end_all(session, account.id, but=row.id)
    password_resets.stop(session, account.id)
    account_notices.record(session, Event.ADDRESS_CHANGED, account, by=by)


def _announce(session: Session, account: Account, change: AddressChange, old: str) -> None:
    """A mail to the old address, with a link that puts it back for two days."""
    token = codes.token()
    change.undo_digest = reads.undo_digest(session, token)
    change.undo_until = clock.now(session) + UNDO_STANDS
    outbox.queue(
        session,
        Mail.ADDRESS_CHANGED,
        board_id=account.board_id,
        adult_id=account.adult_id,
        to_address=old,
        context={
            "school": account_notices.sender_name(session, account),
            "hours": str(UNDO_STANDS // timedelta(hours=1)),
        },
        secrets={"token": token},
        language=account.language,
    )


def undo(session: Session, token: str) -> None:
    """Put the old address and name back, and end every session; once, and then no error. Raises `NotFound`.

    Whatever address came after it goes too, and for a day nobody changes anything far-reaching: whoever did this may
    still hold a second factor.
    """
    found = reads.find_undoing(session, token)
    if found is None:
        raise NotFound
    if found.is_done:
        return
    change = session.get_one(AddressChange, found.id)
    account, now = session.get_one(Account, change.account_id), clock.now(session)
    told = {found.old_address, *([account.email] if account.email else [])}
    for later in _list_since(session, change):
        told.add(later.new_address)
        later.undone_at = now
    _drop_waiting(session, account)
    if change.old_name is not None and account.sign_in_name != change.old_name:
        account.sign_in_name = new_accounts.free_name(session, change.old_name)
    account.email, account.email_confirmed_at, account.email_changed_at = found.old_address, now, now
    account.cautious_until = now + new_accounts.CAUTION
    sign_in.end_all(session, account.id)
    password_resets.stop(session, account.id)
    account_notices.record(session, Event.ADDRESS_RESTORED, account)
    for address in sorted(told):
        account_notices.tell(session, account, SecurityEvent.EMAIL_RESTORED, to=address)


def remove_old(session: Session) -> None:
    """Throw away codes that lapsed, and changes of a month ago with the addresses in them."""
    now = clock.now(session)
    session.execute(delete(AddressChange).where(AddressChange.used_at.is_(None), AddressChange.expires_at <= now))
    session.execute(delete(AddressChange).where(AddressChange.used_at <= now - KEPT))


def _refuse_while_cautious(session: Session, account: Account) -> None:
    if is_cautious(account.cautious_until, clock.now(session)):
        raise NotNow(TOO_FRESH)


def _drop_waiting(session: Session, account: Account) -> None:
    session.execute(
        delete(AddressChange).where(AddressChange.account_id == account.id, AddressChange.used_at.is_(None))
    )


def _list_since(session: Session, change: AddressChange) -> list[AddressChange]:
    """This change and every one after it."""
    return list(
        session.scalars(
            select(AddressChange).where(
                AddressChange.board_id == change.board_id,
                AddressChange.account_id == change.account_id,
                AddressChange.used_at >= change.used_at,
                AddressChange.undone_at.is_(None),
            )
        )
    )
