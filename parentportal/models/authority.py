"""Who has authority over which child, how that was confirmed, and what must stay hidden."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id, stored_enum
from parentportal.models.privacy import key, personal, system
from parentportal.rules.authority import Evidence, Mark, Relation, Status


class Authority(Base):
    """The relation of one adult to one pupil. A file may make it, only a person confirms it (formats 11.11).

    `kind` is empty until somebody says what the relation is. `declared` is what the source system says about legal
    representation; `relation_word` its word (father, mother). `scope` holds words separated by commas; empty is
    everything, but for the relations in `rules.authority.SCOPED` nothing.
    The safety flags hide things from this adult: see `rules.authority`. Who confirmed, ended or flagged is empty for
    the operator, and an end is without both when the date itself ended the relation.
    """

    __tablename__ = "authority"
    __table_args__ = (
        Index("ix_authority_board_pupil", "board_id", "pupil_id"),
        Index("ix_authority_board_adult", "board_id", "adult_id"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_at IS NOT NULL", name="confirmed_by_with_at"),
        CheckConstraint("(confirmed_at IS NULL) = (evidence IS NULL)", name="confirmed_at_with_evidence"),
        CheckConstraint("confirmed_at IS NULL OR kind IS NOT NULL", name="confirmed_with_kind"),
        CheckConstraint("ended_by_id IS NULL OR ended_at IS NOT NULL", name="ended_by_with_at"),
        CheckConstraint("flagged_by_id IS NULL OR flagged_at IS NOT NULL", name="flagged_by_with_at"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    pupil_id: Mapped[UUID] = key(ForeignKey("pupil.id"))
    adult_id: Mapped[UUID] = key(ForeignKey("adult.id"))
    kind: Mapped[Relation | None] = personal(stored_enum(Relation))
    relation_word: Mapped[str] = personal(default="")
    scope: Mapped[str | None] = personal()
    declared: Mapped[Mark] = personal(stored_enum(Mark), default=Mark.UNKNOWN)
    status: Mapped[Status] = personal(stored_enum(Status), default=Status.UNKNOWN)
    valid_from: Mapped[date | None] = personal()
    valid_until: Mapped[date | None] = personal()
    evidence: Mapped[Evidence | None] = personal(stored_enum(Evidence))
    confirmed_at: Mapped[datetime | None] = system()
    confirmed_by_id: Mapped[UUID | None] = key()
    suspended_reason: Mapped[str] = system(default="")
    ended_at: Mapped[datetime | None] = system()
    ended_by_id: Mapped[UUID | None] = key()
    no_contact: Mapped[bool] = personal(default=False)
    secret_address: Mapped[bool] = personal(default=False)
    no_location: Mapped[bool] = personal(default=False)
    flagged_at: Mapped[datetime | None] = system()
    flagged_by_id: Mapped[UUID | None] = key()
    source_id: Mapped[UUID | None] = key(ForeignKey("source.id"))
    created_at: Mapped[datetime] = system()
