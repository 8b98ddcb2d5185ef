"""Sources of a school, the deliveries they sent and the keys under which they know people."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id, stored_enum
from parentportal.models.privacy import key, personal, special, system


class DeliveryState(StrEnum):
    """A delivery is looked at, then applied by a person or left."""

    PREVIEW = "preview"
    HELD = "held"
    APPLIED = "applied"
    REFUSED = "refused"


class Source(Base):
    """One kind of file of one school, for instance its EDEXML export; remembers what the last one looked like."""

    __tablename__ = "source"
    __table_args__ = (UniqueConstraint("board_id", "school_id", "kind"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    school_id: Mapped[UUID] = key(ForeignKey("school.id"))
    kind: Mapped[str] = system()
    system_name: Mapped[str] = system()
    complete: Mapped[bool] = system(default=True)
    last_delivery_id: Mapped[UUID | None] = key()
    column_set: Mapped[str | None] = system()
    created_at: Mapped[datetime] = system()


class SourceKey(Base):
    """The key under which a source knows a pupil, an adult or a group; never a dummy key."""

    __tablename__ = "source_key"
    __table_args__ = (
        UniqueConstraint("board_id", "source_id", "kind", "value"),
        Index("ix_source_key_board_object", "board_id", "object_id"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    source_id: Mapped[UUID] = key(ForeignKey("source.id"))
    kind: Mapped[str] = system()
    value: Mapped[str] = personal()
    object_id: Mapped[UUID] = key()


class Delivery(Base):
    """One file that was offered; its content is kept sealed until 14 days after it was applied.

    `kind` is the kind of file that was asked for, so that the content can be read again in the same way.
    `counts` and `problems` hold numbers, codes, row numbers and Dutch sentences, never a value or a name.
    `guesses` are the codes of what a person agreed to when the list left a choice; empty and nobody's before.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_board_school", "board_id", "school_id", "received_at"),
        CheckConstraint("(applied_at IS NULL) = (applied_by IS NULL)", name="applied_at_with_by"),
        CheckConstraint("(guesses_at IS NULL) = (guesses_by IS NULL)", name="guesses_at_with_by"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    school_id: Mapped[UUID] = key(ForeignKey("school.id"))
    source_id: Mapped[UUID | None] = key(ForeignKey("source.id"))
    sha256: Mapped[str] = system()
    filename: Mapped[str] = personal()
    size: Mapped[int] = system()
    kind: Mapped[str] = system(default="auto")
    format: Mapped[str] = system(default="")
    version: Mapped[str] = system(default="")
    school_year: Mapped[str | None] = system()
    reference_on: Mapped[date | None] = system()
    made_at: Mapped[datetime | None] = system()
    state: Mapped[DeliveryState] = system(stored_enum(DeliveryState))
    reason: Mapped[str | None] = system()
    counts: Mapped[dict[str, Any]] = system(JSON, default=dict)
    problems: Mapped[list[dict[str, Any]]] = system(JSON, default=list)
    guesses: Mapped[list[str]] = system(JSON, default=list)
    guesses_at: Mapped[datetime | None] = system()
    guesses_by: Mapped[str | None] = system()
    content: Mapped[bytes | None] = special()
    received_at: Mapped[datetime] = system()
    received_by: Mapped[str] = system()
    applied_at: Mapped[datetime | None] = system()
    applied_by: Mapped[str | None] = system()


class UnknownField(Base):
    """A field of a source that the catalogue does not know: counted, its values not kept (formats 11.8)."""

    __tablename__ = "unknown_field"
    __table_args__ = (UniqueConstraint("board_id", "source_id", "path"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    source_id: Mapped[UUID] = key(ForeignKey("source.id"))
    path: Mapped[str] = system()
    count: Mapped[int] = system()
    delivery_id: Mapped[UUID | None] = key()
