"""What a school has registered about a person: one row an item, with where it came from and what became of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id, stored_enum
from parentportal.models.privacy import key, personal, special, system


class PersonKind(StrEnum):
    """Whose item it is."""

    PUPIL = "pupil"
    ADULT = "adult"


class Origin(StrEnum):
    """Who gave the value to the school (AVG 14(2)(f))."""

    PARENT = "parent"
    SCHOOL = "school"
    GOVERNMENT = "government"
    PREVIOUS_SCHOOL = "previous_school"
    CARE = "care"


class Presence(StrEnum):
    """Absence from a file is never deletion: a value is current, lapsed or missed (formats 11.7)."""

    CURRENT = "current"
    LAPSED = "lapsed"
    MISSING = "missing"


class Item(Base):
    """One registered value of one person.

    The key starts with board and person, so that all items of a child lie together on disk. `value` holds the canonical
    text; a field that the catalogue seals has it in `sealed` instead (table "item", the row's id, column "sealed").
    `digest` is the vault's keyed digest of the canonical text (purpose "item") and serves comparison only.
    `decided_*` is the value of a granted correction for as long as the source system has not taken it over (trap T17).
    """

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("id"),
        UniqueConstraint("board_id", "person_id", "field_code", "ordinal"),
        CheckConstraint("(value IS NULL) <> (sealed IS NULL)", name="one_of_value_and_sealed"),
        {"sqlite_with_rowid": False},
    )

    board_id: Mapped[UUID] = key(ForeignKey("board.id"), primary_key=True)
    person_id: Mapped[UUID] = key(primary_key=True)
    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    person_kind: Mapped[PersonKind] = system(stored_enum(PersonKind))
    field_code: Mapped[str] = system()
    ordinal: Mapped[int] = system(default=0)
    value: Mapped[str | None] = personal()
    sealed: Mapped[bytes | None] = special()
    digest: Mapped[bytes] = special()
    scheme: Mapped[str | None] = system()
    origin: Mapped[Origin] = system(stored_enum(Origin))
    source_id: Mapped[UUID | None] = key(ForeignKey("source.id"))
    system_name: Mapped[str] = system()
    delivery_id: Mapped[UUID | None] = key()
    registered_at: Mapped[datetime] = system()
    changed_at: Mapped[datetime] = system()
    seen_at: Mapped[datetime] = system()
    presence: Mapped[Presence] = system(stored_enum(Presence), default=Presence.CURRENT)
    marked_secret: Mapped[bool] = personal(default=False)
    disputed: Mapped[bool] = personal(default=False)
    decided_value: Mapped[str | None] = personal()
    decided_sealed: Mapped[bytes | None] = special()
    decided_line_id: Mapped[UUID | None] = key()


class ItemChange(Base):
    """A value that was replaced, lapsed or erased: digests and moments, never the value. Insert only."""

    __tablename__ = "item_change"
    __table_args__ = (Index("ix_item_change_board_person", "board_id", "person_id"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    person_id: Mapped[UUID] = key()
    item_id: Mapped[UUID] = key()
    field_code: Mapped[str] = system()
    old_digest: Mapped[bytes | None] = special()
    new_digest: Mapped[bytes | None] = special()
    delivery_id: Mapped[UUID | None] = key()
    at: Mapped[datetime] = system()


class Tombstone(Base):
    """Keeps an erased value from coming back with the next import (traps T17, T40).

    `digest` is of the erased text; when it is empty no value at all of this field may return.
    """

    __tablename__ = "tombstone"
    __table_args__ = (Index("ix_tombstone_board_person", "board_id", "person_id", "field_code"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    person_id: Mapped[UUID] = key()
    field_code: Mapped[str] = system()
    digest: Mapped[bytes | None] = special()
    line_id: Mapped[UUID | None] = key()
    erased_at: Mapped[datetime] = system()
    erased_by_id: Mapped[UUID | None] = key()
