"""What is told on paper to somebody without a mail address."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id
from parentportal.models.privacy import key, personal, system


class PaperNotice(Base):
    """One letter that waits to be printed at a school; as empty of content as the mail that it stands for (trap T35).

    `template` and `what` are those of the mail. The same news is not written twice while the first still waits.
    """

    __tablename__ = "paper_notice"
    __table_args__ = (
        Index("ix_paper_notice_board_school", "board_id", "school_id", "printed_at"),
        CheckConstraint("(printed_at IS NULL) = (printed_by_id IS NULL)", name="printed_at_with_by"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    school_id: Mapped[UUID] = key(ForeignKey("school.id"))
    adult_id: Mapped[UUID] = key(ForeignKey("adult.id"))
    template: Mapped[str] = system()
    what: Mapped[str] = personal(default="")
    created_at: Mapped[datetime] = system()
    printed_at: Mapped[datetime | None] = system()
    printed_by_id: Mapped[UUID | None] = key()
