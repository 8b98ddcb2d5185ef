"""The chain of audit rows: who did which act when; no names, no values, no free text, no foreign keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id
from parentportal.models.privacy import key, system


class AuditEvent(Base):
    """One act. `board_id` names the chain; each row carries a keyed hash over itself and the row before it.

    `detail` holds codes and counts only. `content_digest` is the keyed digest of what was decided, where that must
    be provable.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        UniqueConstraint("board_id", "number"),
        UniqueConstraint("board_id", "previous_hash"),
        Index("ix_audit_event_board_about", "board_id", "about_id"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key()
    number: Mapped[int] = system()
    event: Mapped[str] = system()
    at: Mapped[datetime] = system()
    by_id: Mapped[UUID | None] = key()
    by_role: Mapped[str] = system()
    about_kind: Mapped[str] = system()
    about_id: Mapped[UUID | None] = key()
    pupil_id: Mapped[UUID | None] = key(index=True)
    detail: Mapped[dict[str, Any]] = system(JSON, default=dict)
    content_digest: Mapped[str] = system(default="")
    previous_hash: Mapped[str] = system()
    row_hash: Mapped[str] = system()
