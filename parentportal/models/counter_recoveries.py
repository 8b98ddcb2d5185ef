"""Help at the counter of a school for somebody who lost every way in."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id, stored_enum
from parentportal.models.privacy import key, personal, system


class Identity(StrEnum):
    """How somebody at the counter was recognised; never a number or a copy (ux 6.7)."""

    DOCUMENT = "document"
    KNOWN = "known"


class CounterRecovery(Base):
    """One case: who asked, who of the colleagues confirmed, and the code that came of it.

    `second_id` is the colleague who is asked to confirm; nobody where the board switched that off. The code follows
    from this row and the vault, and is kept as the digest of its activation alone.
    """

    __tablename__ = "counter_recovery"
    __table_args__ = (
        Index("ix_counter_recovery_board_school", "board_id", "school_id", "asked_at"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name="confirmed_at_with_by"),
        CheckConstraint("(stopped_at IS NULL) = (stopped_by_id IS NULL)", name="stopped_at_with_by"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    school_id: Mapped[UUID] = key(ForeignKey("school.id"))
    account_id: Mapped[UUID] = key(ForeignKey("account.id"))
    adult_id: Mapped[UUID] = key(ForeignKey("adult.id"))
    identity: Mapped[Identity] = personal(stored_enum(Identity))
    on_paper: Mapped[bool] = system(default=False)
    second_id: Mapped[UUID | None] = key()
    asked_at: Mapped[datetime] = system()
    asked_by_id: Mapped[UUID] = key()
    expires_at: Mapped[datetime] = system()
    confirmed_at: Mapped[datetime | None] = system()
    confirmed_by_id: Mapped[UUID | None] = key()
    stopped_at: Mapped[datetime | None] = system()
    stopped_by_id: Mapped[UUID | None] = key()
    activation_id: Mapped[UUID | None] = key(ForeignKey("activation.id"))
