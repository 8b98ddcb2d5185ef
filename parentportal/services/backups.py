"""What must not come back with a restored backup: erased values, and sessions that ended since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from parentportal.access import OPERATOR
from parentportal.models.boards import Board
from parentportal.models.items import Item, Tombstone
from parentportal.models.people import Adult
from parentportal.models.sign_in import SignInSession
from parentportal.rules.audit import Event
from parentportal.services import audit
from parentportal.services.privacy_requests.executing import PROJECTIONS, forget_values


@dataclass(frozen=True, slots=True)
class Erasure:
    """One value that was erased, as its tombstone tells: never the value itself."""

    id: UUID
    board_id: UUID
    person_id: UUID
    field_code: str
    digest: bytes | None
    line_id: UUID | None
    erased_at: datetime
    erased_by_id: UUID | None


def list_erasures(session: Session) -> Sequence[Erasure]:
    """Every erasure that the database knows of; take it before the database is replaced."""
    columns = [getattr(Tombstone, name) for name in Erasure.__dataclass_fields__]
    return [Erasure(*row) for row in session.execute(select(*columns))]


def finish_restoring(session: Session, erasures: Sequence[Erasure]) -> int:
    """Erase again what was erased after the backup was made, and end every session; answers how many values.

    Erasures of boards that the backup does not know are left out (control D12).
    """
    boards = set(session.scalars(select(Board.id)))
    known = set(session.scalars(select(Tombstone.id)))
    missing = [one for one in erasures if one.id not in known and one.board_id in boards]
    for one in missing:
        session.add(Tombstone(**{name: getattr(one, name) for name in Erasure.__dataclass_fields__}))
        gone = delete(Item).where(
            Item.board_id == one.board_id, Item.person_id == one.person_id, Item.field_code == one.field_code
        )
        gone = gone if one.digest is None else gone.where(Item.digest == one.digest)
        erased = session.scalars(gone.returning(Item.id)).all()
        forget_values(session, one.board_id, erased)
        if erased and one.field_code in PROJECTIONS:
            repeated = update(Adult).where(Adult.board_id == one.board_id, Adult.id == one.person_id)
            session.execute(repeated.values({PROJECTIONS[one.field_code]: None}))
    session.execute(delete(SignInSession))
    for board_id in sorted(boards):
        again = sum(one.board_id == board_id for one in missing)
        audit.record(
            session,
            Event.DATABASE_RESTORED,
            by=OPERATOR,
            board_id=board_id,
            about=("board", board_id),
            detail={"erased_again": again},
        )
    return len(missing)
