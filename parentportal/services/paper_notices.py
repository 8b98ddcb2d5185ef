"""Letters in place of mail, for whoever has no address: they wait at the school until somebody prints them."""

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.base import new_id
from parentportal.models.paper_notices import PaperNotice
from parentportal.models.sign_in import Account
from parentportal.outside import clock
from parentportal.reads import sign_in as reads
from parentportal.reads.paper_notices import waits_at_school
from parentportal.rules.audit import Event
from parentportal.services import audit

KEPT = timedelta(days=30)
"""For so long it is known that a letter was printed."""


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


def print_waiting(session: Session, *, by: Visitor) -> int:
    """Everything that waits at the visitor's school counts as printed from now on; answers how many letters.

    All of one call carry the same moment: they are the batch that `reads.paper_notices.list_printed` shows.
    """
    waiting = session.scalars(select(PaperNotice.id).where(*waits_at_school(by))).all()
    if waiting:
        session.execute(
            update(PaperNotice)
            .where(*waits_at_school(by))
            .values(printed_at=clock.now(session), printed_by_id=by.adult_id)
        )
        audit.record(
            session,
            Event.PAPER_NOTICES_PRINTED,
            by=by,
            board_id=by.board_id,
            about=("school", by.school_id),
            detail={"letters": len(waiting)},
        )
    return len(waiting)


def remove_old(session: Session) -> None:
    """Forget what was printed long ago; what waits stays."""
    session.execute(delete(PaperNotice).where(PaperNotice.printed_at <= clock.now(session) - KEPT))
