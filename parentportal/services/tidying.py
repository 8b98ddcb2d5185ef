"""Forgetting what the portal itself no longer needs: the short terms of RL and of the import contract."""

from datetime import timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from parentportal.models.imports import Delivery
from parentportal.models.sign_in import Activation
from parentportal.models.submissions import Submission
from parentportal.outside import clock
from parentportal.services import (
    address_changes,
    known_devices,
    paper_notices,
    passkeys,
    password_resets,
    sign_in,
    throttling,
    ways_in,
)

FORMS = timedelta(days=2)
FILES_AFTER_APPLYING = timedelta(days=14)
FILES_NEVER_APPLIED = timedelta(days=30)

ENTERED = (
    Activation.carrier_digest,
    Activation.sign_in_name,
    Activation.email,
    Activation.email_code_digest,
    Activation.password_hash,
    Activation.totp_secret,
    Activation.recovery_codes,
)
"""What somebody entered on the way to an account, who perhaps never got there."""


def forget(session: Session) -> None:
    """Drop what can no longer count: sessions, tries, form keys, links, codes, and what old letters and files hold."""
    now = clock.now(session)
    sign_in.remove_expired(session)
    throttling.remove_old(session)
    paper_notices.remove_old(session)
    password_resets.remove_old(session)
    address_changes.remove_old(session)
    passkeys.remove_stale(session)
    known_devices.remove_old(session)
    ways_in.forget_lapsed(session)
    session.execute(
        update(Activation)
        .where(Activation.expires_at <= now, or_(*(column.is_not(None) for column in ENTERED)))
        .values({column.key: None for column in ENTERED})
    )
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
