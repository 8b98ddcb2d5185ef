"""Signing in and out, and staying signed in."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from parentportal.models.sign_in import SignInSession
from parentportal.outside import clock


def note_seen(session: Session, session_id: UUID) -> None:
    """Keep that a session was used just now; a session that ended meanwhile stays ended (control S04)."""
    session.execute(
        update(SignInSession).where(SignInSession.id == session_id).values(seen_at=clock.now(session))
    )
