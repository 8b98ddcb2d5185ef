"""Letters in place of mail, for whoever has no address: they wait at the school until somebody prints them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.models.base import new_id
from parentportal.models.paper_notices import PaperNotice
from parentportal.models.sign_in import Account
from parentportal.outside import clock
from parentportal.reads import sign_in as reads


def queue(session: Session, account: Account, template: str, *, what: str = "") -> bool:
    """Let a letter wait at a school of this adult; False when no school may write to them.

    What already waits is not written twice.
    """
    roles = reads.list_roles(session, board_id=account.board_id, adult_id=account.adult_id)
    school_id = next((choice.school_id for choice in roles if choice.school_id), None)
    if school_id is None:
        return False
    waits = session.scalar(
        select(PaperNotice.id).where(
            PaperNotice.board_id == account.board_id,
            PaperNotice.school_id == school_id,
            PaperNotice.adult_id == account.adult_id,
            PaperNotice.template == template,
            PaperNotice.what == what,
            PaperNotice.printed_at.is_(None),
        )
    )
    if waits is None:
        session.add(
            PaperNotice(
                id=new_id(),
                board_id=account.board_id,
                school_id=school_id,
                adult_id=account.adult_id,
                template=template,
                what=what,
                created_at=clock.now(session),
            )
        )
    return True
