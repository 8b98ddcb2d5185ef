"""What tells an operator whether an installation is well; counts and moments, nothing about people."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from parentportal.models.audit import AuditEvent
from parentportal.models.outbox import OutboxMail


@dataclass(frozen=True, slots=True)
class Outbox:
    """Mail that waits, since when, and how much of it was given up."""

    waiting: int
    due_since: datetime | None
    dead: int


def get_outbox(session: Session) -> Outbox:
    """How the mail stands; a postponed mail counts as due only when its pause is over."""
    waits = OutboxMail.sent_at.is_(None) & OutboxMail.dead_at.is_(None)
    waiting, due_since = session.execute(select(func.count(), func.min(OutboxMail.not_before)).where(waits)).one()
    dead = session.scalar(select(func.count()).where(OutboxMail.dead_at.is_not(None)))
    return Outbox(waiting, due_since, dead or 0)


def find_newest_act(session: Session) -> datetime | None:
    """The moment of the newest row in any audit chain."""
    return session.scalar(select(func.max(AuditEvent.at)))
