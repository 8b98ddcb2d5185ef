"""Forgetting what the portal itself no longer needs: the short terms of RL and of the import contract."""

from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from parentportal.models.imports import Delivery
from parentportal.models.submissions import Submission
from parentportal.outside import clock
from parentportal.services import sign_in, throttling

FORMS = timedelta(days=2)
FILES_AFTER_APPLYING = timedelta(days=14)
FILES_NEVER_APPLIED = timedelta(days=30)


def forget(session: Session) -> None:
    """Drop ended sessions, used form keys, old attempts and the content of deliveries past their term."""
    now = clock.now(session)
    sign_in.remove_expired(session)
    throttling.remove_old(session)
    session.execute(delete(Submission).where(Submission.at <= now - FORMS))
    session.execute(
        update(Delivery)
        .where(Delivery.content.is_not(None), Delivery.applied_at <= now - FILES_AFTER_APPLYING)
        .values(content=None)
    )
    session.execute(
        update(Delivery)
        .where(Delivery.content.is_not(None), Delivery.received_at <= now - FILES_NEVER_APPLIED)
        .values(content=None)
    )
