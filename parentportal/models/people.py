"""Pupils, adults and the staff roles of adults."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id, stored_enum
from parentportal.models.privacy import key, personal, system
from parentportal.rules.roles import Role


class Enrolment(StrEnum):
    """Applicants and pupils whose first day is still to come open nothing for a parent (formats 11.7)."""

    APPLIED = "applied"
    ENROLLED = "enrolled"
    LEFT = "left"
    UNKNOWN = "unknown"


class Pupil(Base):
    """A child as one school sees it; the names and dates here are a projection of its registered items."""

    __tablename__ = "pupil"
    __table_args__ = (Index("ix_pupil_board_school", "board_id", "school_id"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    school_id: Mapped[UUID] = key(ForeignKey("school.id"))
    call_name: Mapped[str] = personal()
    prefix: Mapped[str] = personal(default="")
    surname: Mapped[str] = personal(default="")
    birth_date: Mapped[date | None] = personal()
    enrolment: Mapped[Enrolment] = personal(stored_enum(Enrolment), default=Enrolment.ENROLLED)
    enrolled_on: Mapped[date | None] = personal()
    left_on: Mapped[date | None] = personal()
    missing_since: Mapped[datetime | None] = system()
    created_at: Mapped[datetime] = system()


class Adult(Base):
    """A grown-up known to a board: guardian, member of staff, or both; one row for one person.

    `merged_into_id` is set when a person confirmed that two listed adults are one; the row then only forwards.
    `merged_by_id` is empty when that was the operator.
    """

    __tablename__ = "adult"
    __table_args__ = (
        Index("ix_adult_board", "board_id", "surname"),
        CheckConstraint("(merged_at IS NULL) = (merged_into_id IS NULL)", name="merged_at_with_into"),
        CheckConstraint("merged_by_id IS NULL OR merged_at IS NOT NULL", name="merged_by_with_at"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    first_name: Mapped[str] = personal(default="")
    initials: Mapped[str] = personal(default="")
    prefix: Mapped[str] = personal(default="")
    surname: Mapped[str] = personal()
    email: Mapped[str | None] = personal()
    phone: Mapped[str | None] = personal()
    deceased: Mapped[bool] = personal(default=False)
    organisation: Mapped[bool] = personal(default=False)
    merged_into_id: Mapped[UUID | None] = key(ForeignKey("adult.id"))
    merged_at: Mapped[datetime | None] = system()
    merged_by_id: Mapped[UUID | None] = key()
    created_at: Mapped[datetime] = system()


class StaffRole(Base):
    """A role of an adult at a school, or at the whole board when `school_id` is empty."""

    __tablename__ = "staff_role"
    __table_args__ = (
        Index("ix_staff_role_board_adult", "board_id", "adult_id"),
        Index("ix_staff_role_board_school", "board_id", "school_id", "role"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_at_with_by"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    adult_id: Mapped[UUID] = key(ForeignKey("adult.id"))
    school_id: Mapped[UUID | None] = key(ForeignKey("school.id"))
    role: Mapped[Role] = personal(stored_enum(Role))
    on_leave: Mapped[bool] = personal(default=False)
    granted_at: Mapped[datetime] = system()
    granted_by_id: Mapped[UUID | None] = key()
    ended_at: Mapped[datetime | None] = system()
    ended_by_id: Mapped[UUID | None] = key()
