"""Doors that were tried and stayed shut (control U01)."""

from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.rules.audit import Event
from parentportal.services import audit


def note(session: Session, *, endpoint: str, by: Visitor) -> None:
    """Keep that somebody asked for a page that is not for this role or not about an own child."""
    audit.record(
        session,
        Event.ACCESS_DENIED,
        by=by,
        board_id=by.board_id,
        about=("page", None),
        detail={"endpoint": endpoint},
    )
