"""Browsers that were signed in with both factors: nobody who guesses elsewhere slows their owners down (control A12).

A known device replaces no factor. The browser keeps one token for all its accounts; each account keeps its digest.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from parentportal.models.base import new_id
from parentportal.models.sign_in import Account, KnownDevice
from parentportal.outside import clock
from parentportal.outside.mail_text import SecurityEvent
from parentportal.reads.sign_in import device_digest
from parentportal.services import account_notices

KEPT = timedelta(days=365)


def remember(session: Session, account: Account, token: str, *, tell: bool) -> UUID | None:
    """Note that this account was opened here; with `tell` its owner hears of a browser that is new.

    None for a browser that keeps no token. What was known before a change of means counts as new.
    """
    if not token:
        return None
    now, digest = clock.now(session), device_digest(session, token)
    row = session.scalar(
        select(KnownDevice).where(KnownDevice.account_id == account.id, KnownDevice.token_digest == digest)
    )
    if row is None:
        row = KnownDevice(
            id=new_id(),
            board_id=account.board_id,
            account_id=account.id,
            token_digest=digest,
            stamp=account.stamp,
            created_at=now,
            seen_at=now,
        )
        session.add(row)
        session.flush()
        if tell:
            account_notices.tell(session, account, SecurityEvent.NEW_DEVICE)
    row.stamp, row.seen_at = account.stamp, now
    return row.id


def forget(session: Session, account_id: UUID, *, but: UUID | None = None) -> None:
    """No browser is known any more, but the one that is named."""
    gone = delete(KnownDevice).where(KnownDevice.account_id == account_id)
    session.execute(gone.where(KnownDevice.id != but) if but else gone)


def keep_up(session: Session, account: Account, device_id: UUID | None) -> None:
    """The browser at which its owner changed the means stays known, while the others do not."""
    row = session.get(KnownDevice, device_id) if device_id else None
    if row is not None and row.account_id == account.id:
        row.stamp = account.stamp


def remove_old(session: Session) -> None:
    """Forget browsers that were not seen for a year: their cookie is gone by then too."""
    session.execute(delete(KnownDevice).where(KnownDevice.seen_at <= clock.now(session) - KEPT))
