"""Mail to be sent after the commit: a row in the transaction of the act (control D08)."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.models.base import new_id
from parentportal.models.outbox import OutboxMail
from parentportal.models.sign_in import Account
from parentportal.outside import clock


def queue(
    session: Session,
    template: str,
    *,
    board_id: UUID,
    to_address: str,
    context: Mapping[str, str | int],
    adult_id: UUID | None = None,
    language: str = "nl",
) -> OutboxMail:
    """Put one mail in the outbox; `context` must hold nothing about a child or a request (trap T35)."""
    now = clock.now(session)
    mail_id = new_id()
    mail = OutboxMail(
        id=mail_id,
        board_id=board_id,
        adult_id=adult_id,
        to_address=to_address,
        template=template,
        context=dict(context),
        language=language,
        message_id=f"<{mail_id}@kijkglas.invalid>",
        created_at=now,
        not_before=now,
    )
    session.add(mail)
    return mail


def tell(session: Session, adult_id: UUID, *, board_id: UUID, school_name: str, template: str = "news") -> bool:
    """Tell somebody that there is news in the portal; False when that adult has no account with an address."""
    account = session.execute(
        select(Account.email, Account.language).where(
            Account.board_id == board_id,
            Account.adult_id == adult_id,
            Account.email_confirmed_at.is_not(None),
        )
    ).first()
    if account is None or account.email is None:
        return False
    queue(
        session,
        template,
        board_id=board_id,
        adult_id=adult_id,
        to_address=account.email,
        context={"school": school_name},
        language=account.language,
    )
    return True
