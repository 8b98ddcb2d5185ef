"""Another mail address on its way: what waits for its code, and what a link on the old address still undoes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.address_changes import AddressChange
from parentportal.models.sign_in import Account
from parentportal.outside import clock, vault
from parentportal.reads.accounts import may_sign_in

CODE_PURPOSE = "address code"
UNDO_PURPOSE = "address undo"


@dataclass(frozen=True, slots=True)
class Standing:
    """The visitor's own address as it is, and the one that waits for its code if there is one."""

    email: str | None
    sign_in_name: str
    waiting: str | None
    waiting_until: datetime | None

    @property
    def signs_in_with_email(self) -> bool:
        return self.email == self.sign_in_name


@dataclass(frozen=True, slots=True)
class Undoing:
    """What a link on the old address is about; `is_done` when it was followed already."""

    id: UUID
    old_address: str
    sign_in_name: str
    is_done: bool


def get_standing(session: Session, *, by: Visitor) -> Standing:
    """The address of the visitor's account; two statements."""
    account = session.get_one(Account, by.account_id)
    latest = find_latest(session, account)
    waiting = latest if latest and latest.used_at is None else None
    return Standing(
        email=account.email if account.email_confirmed_at else None,
        sign_in_name=account.sign_in_name,
        waiting=waiting.new_address if waiting else None,
        waiting_until=waiting.expires_at if waiting else None,
    )


def find_latest(session: Session, account: Account) -> AddressChange | None:
    """What a code belongs to: the newest change within its quarter of an hour, used or not.

    Each new one drops the one that waited, so what waits for its code is always the newest.
    """
    return session.scalar(
        select(AddressChange)
        .where(
            AddressChange.board_id == account.board_id,
            AddressChange.account_id == account.id,
            AddressChange.undone_at.is_(None),
            AddressChange.expires_at > clock.now(session),
        )
        .order_by(AddressChange.created_at.desc(), AddressChange.id.desc())
        .limit(1)
    )


def find_undoing(session: Session, token: str) -> Undoing | None:
    """What the link with this token undoes; None when it is none of ours, too old, or overtaken."""
    row = session.execute(
        select(AddressChange.id, AddressChange.old_address, AddressChange.undone_at, Account.sign_in_name)
        .join(Account, Account.id == AddressChange.account_id)
        .where(
            AddressChange.undo_digest == undo_digest(session, token),
            AddressChange.undo_until > clock.now(session),
            AddressChange.old_address.is_not(None),
            may_sign_in(),
        )
    ).first()
    return Undoing(row.id, row.old_address, row.sign_in_name, row.undone_at is not None) if row else None


def code_digest(session: Session, change_id: UUID, code: str) -> bytes:
    """Under which the mailed code is kept: bound to its change."""
    return vault.of(session).digest(f"{change_id} {code}", CODE_PURPOSE)


def undo_digest(session: Session, token: str) -> bytes:
    return vault.of(session).digest(token, UNDO_PURPOSE)
