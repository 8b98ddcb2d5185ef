"""Groups of a school year, who sits in them and who teaches them, with dates."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id, stored_enum
from parentportal.models.privacy import key, personal, system


class GroupKind(StrEnum):
    """A pupil has one home group and any number of combined groups."""

    HOME = "home"
    COMBINED = "combined"


class Group(Base):
    """A group lives at most one school year; its name comes back in another row the year after."""

    __tablename__ = "school_group"
    __table_args__ = (
        UniqueConstraint("board_id", "school_id", "school_year", "kind", "name"),
        Index("ix_school_group_board_school", "board_id", "school_id", "school_year"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    school_id: Mapped[UUID] = key(ForeignKey("school.id"))
    school_year: Mapped[str] = system()
    kind: Mapped[GroupKind] = system(stored_enum(GroupKind), default=GroupKind.HOME)
    name: Mapped[str] = system()
    year_group: Mapped[str | None] = system()
    created_at: Mapped[datetime] = system()


class Placement(Base):
    """A pupil sits in a group from a day until, and not including, another day."""

    __tablename__ = "placement"
    __table_args__ = (
        Index("ix_placement_board_pupil", "board_id", "pupil_id"),
        Index("ix_placement_board_group", "board_id", "group_id"),
        UniqueConstraint("board_id", "pupil_id", "group_id", "starts_on"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates_in_order"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    pupil_id: Mapped[UUID] = key(ForeignKey("pupil.id"))
    group_id: Mapped[UUID] = key(ForeignKey("school_group.id"))
    starts_on: Mapped[date] = personal()
    ends_on: Mapped[date | None] = personal()


class TeacherAssignment(Base):
    """A teacher has a group from a day until, and not including, another day; made by a person, never by a file."""

    __tablename__ = "teacher_assignment"
    __table_args__ = (
        Index("ix_teacher_assignment_board_adult", "board_id", "adult_id"),
        Index("ix_teacher_assignment_board_group", "board_id", "group_id"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates_in_order"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    adult_id: Mapped[UUID] = key(ForeignKey("adult.id"))
    group_id: Mapped[UUID] = key(ForeignKey("school_group.id"))
    starts_on: Mapped[date] = personal()
    ends_on: Mapped[date | None] = personal()
    assigned_at: Mapped[datetime] = system()
    assigned_by_id: Mapped[UUID | None] = key()
