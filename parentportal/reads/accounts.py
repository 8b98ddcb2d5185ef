"""Which accounts may be opened at all: every way in, and every open session, asks here."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Account


def may_sign_in() -> ColumnElement[bool]:
    """The condition on an `Account` row that nobody closed it, and that its owner did not die.

    Somebody with a role at work stays until that role ends: whoever records a death, a list, a colleague, could
    otherwise shut out people whose role they may not end.
    """
    owner, role = aliased(Adult), aliased(StaffRole)
    works = exists().where(
        role.board_id == Account.board_id, role.adult_id == Account.adult_id, role.ended_at.is_(None)
    )
    died = exists().where(owner.board_id == Account.board_id, owner.id == Account.adult_id, owner.deceased)
    return and_(Account.blocked_at.is_(None), or_(~died.correlate(Account), works.correlate(Account)))


def find_open_account(session: Session, account_id: UUID | None) -> Account | None:
    """The account as it is now, unless it may not be signed in to."""
    return session.scalar(select(Account).where(Account.id == account_id, may_sign_in()))
