"""Which accounts may be opened at all: every way in, and every open session, asks here."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session, aliased

from parentportal.models.people import Adult
from parentportal.models.sign_in import Account


def may_sign_in() -> ColumnElement[bool]:
    """The condition on an `Account` row that nobody closed it, and that its owner is alive."""
    owner = aliased(Adult)
    died = exists().where(owner.board_id == Account.board_id, owner.id == Account.adult_id, owner.deceased)
    return and_(Account.blocked_at.is_(None), ~died.correlate(Account))


def find_open_account(session: Session, account_id: UUID | None) -> Account | None:
    """The account as it is now, unless it may not be signed in to."""
    return session.scalar(select(Account).where(Account.id == account_id, may_sign_in()))
