"""Mail that waits to be sent, written in the transaction of the act that caused it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id
from parentportal.models.privacy import key, personal, secret, system


class OutboxMail(Base):
    """One mail; `context` holds only what the text needs and never anything about a child (trap T35).

    Codes and links that open something lie in `sealed`. A worker leases a row, sends it under a Message-ID that is made
    from its `id`, and marks it sent, postponed or dead.
    """

    __tablename__ = "outbox_mail"
    __table_args__ = (Index("ix_outbox_mail_due", "sent_at", "dead_at", "not_before"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key()
    adult_id: Mapped[UUID | None] = key()
    to_address: Mapped[str] = personal()
    template: Mapped[str] = system()
    context: Mapped[dict[str, Any]] = personal(JSON, default=dict)
    sealed: Mapped[bytes | None] = secret()
    language: Mapped[str] = personal(default="nl")
    created_at: Mapped[datetime] = system()
    not_before: Mapped[datetime] = system()
    attempts: Mapped[int] = system(default=0)
    lease_until: Mapped[datetime | None] = system()
    sent_at: Mapped[datetime | None] = system()
    dead_at: Mapped[datetime | None] = system()
    last_error: Mapped[str] = system(default="")
