"""Saved codes (noodcodes) made anew by the owner of an account: ten new ones, and the old ones open nothing (A08).

The codes follow from the form that asked for them, the session and the vault, and are not kept: the same form shows
them again for an hour. Whoever works here types one back before they count.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.base import new_id
from parentportal.models.second_factors import RecoveryCode
from parentportal.models.sign_in import Account, SignInSession
from parentportal.models.submissions import Submission
from parentportal.outside import clock, codes, vault
from parentportal.outside.mail_text import SecurityEvent
from parentportal.reads import ways_in as reads
from parentportal.rules.audit import Event
from parentportal.rules.errors import NotNow
from parentportal.rules.second_factors import RECOVERY_CODES
from parentportal.rules.sentences import N_
from parentportal.services import own_account, second_factors, sign_in, submissions
from parentportal.services.own_account import Changed

SHOWN_AGAIN = timedelta(hours=1)
_DERIVED = "recovery codes"
_PLACE = "recovery codes"

PASSWORD_FIRST = N_("Kies eerst een wachtwoord. Noodcodes werken alleen samen met een wachtwoord.")
MADE_BEFORE = N_("Deze noodcodes zijn al eerder gemaakt. Wij laten ze niet nog eens zien. Maak nieuwe noodcodes.")


def make(session: Session, key: UUID, *, by: Visitor) -> Changed | None:
    """Replace the saved codes of a guardian; None when this form did so before.

    `key` is that of the form. Raises `NotNow` without a password; for whoever works here the codes wait for `confirm`.
    """
    account, row = _load(session, by)
    if reads.works_anywhere(session, by=by):
        return None
    return _replace(session, key, account, row, by)


def confirm(session: Session, key: UUID, typed: str, *, by: Visitor) -> Changed | None:
    """Replace the saved codes, for whoever types one of the new ones back; None when it is none of them."""
    account, row = _load(session, by)
    if codes.as_typed(typed) not in _derive(session, key, by):
        return None
    done = _replace(session, key, account, row, by)
    return done or Changed(sign_in.renew_token(session, row), row.must_add)


def list_codes(session: Session, key: UUID, *, by: Visitor) -> tuple[str, ...]:
    """The codes that a form made, while they may still be seen; raises `NotNow` afterwards."""
    _load(session, by)
    made = _derive(session, key, by)
    made_at = session.scalar(
        select(func.min(RecoveryCode.made_at)).where(
            RecoveryCode.board_id == by.board_id,
            RecoveryCode.account_id == by.account_id,
            RecoveryCode.code_digest.in_([_digest(session, by, code) for code in made]),
        )
    )
    is_used = session.get(Submission, key) is not None
    waits = not is_used and reads.works_anywhere(session, by=by)
    if not waits and (made_at is None or clock.now(session) - made_at >= SHOWN_AGAIN):
        raise NotNow(MADE_BEFORE)
    return made


def _load(session: Session, by: Visitor) -> tuple[Account, SignInSession]:
    account, row = own_account.load(session, by=by)
    if account.password_hash is None:
        raise NotNow(PASSWORD_FIRST)
    return account, row


def _replace(session: Session, key: UUID, account: Account, row: SignInSession, by: Visitor) -> Changed | None:
    done: list[Changed] = []

    def work(unit: Session) -> str:
        now = clock.now(unit)
        unit.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
        unit.add_all(
            RecoveryCode(
                id=new_id(),
                board_id=account.board_id,
                account_id=account.id,
                code_digest=_digest(unit, by, code),
                made_at=now,
            )
            for code in _derive(unit, key, by)
        )
        unit.flush()
        event, notice = Event.RECOVERY_CODES_MADE, SecurityEvent.RECOVERY_CODES_MADE
        done.append(own_account.finish(unit, account, row, event, notice, by=by))
        return _PLACE

    submissions.once(session, key, owner=str(by.session_id), endpoint=_PLACE, work=work)
    return done[0] if done else None


def _derive(session: Session, key: UUID, by: Visitor) -> tuple[str, ...]:
    """70 bits each, that only this form, this session and the vault together give."""
    keeper = vault.of(session)
    digests = [keeper.digest(f"{key} {by.session_id} {number}", _DERIVED) for number in range(RECOVERY_CODES)]
    return tuple(
        "".join(codes.ALPHABET[byte % len(codes.ALPHABET)] for byte in digest[: codes.RECOVERY_LENGTH])
        for digest in digests
    )


def _digest(session: Session, by: Visitor, code: str) -> bytes:
    return second_factors.recovery_digest(session, by.account_id, code)
