"""Boards with the policy they loaded, and their schools."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id, stored_enum
from parentportal.models.privacy import key, personal, system


class SchoolKind(StrEnum):
    """Ordinary, special primary, special, or special secondary education (trap T38)."""

    PRIMARY = "bao"
    SPECIAL_PRIMARY = "sbo"
    SPECIAL = "so"
    SPECIAL_SECONDARY = "vso"


class Board(Base):
    """A school board: the controller of everything its schools register (AVG 4(7))."""

    __tablename__ = "board"

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    code: Mapped[str] = system(unique=True)
    name: Mapped[str] = system()
    created_at: Mapped[datetime] = system()


class BoardPolicyVersion(Base):
    """The text of one loaded board file; the newest version is the policy in force. Never updated."""

    __tablename__ = "board_policy"
    __table_args__ = (UniqueConstraint("board_id", "version"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    version: Mapped[int] = system()
    source: Mapped[str] = system()
    sha256: Mapped[str] = system()
    loaded_at: Mapped[datetime] = system()


class School(Base):
    """One school of a board; `brin` may be empty until the administration has entered it."""

    __tablename__ = "school"
    __table_args__ = (
        UniqueConstraint("board_id", "name", "place"),
        Index("uq_school_brin_branch", "brin", "branch", unique=True),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    brin: Mapped[str | None] = system()
    branch: Mapped[str] = system(default="")
    name: Mapped[str] = system()
    place: Mapped[str] = system()
    kind: Mapped[SchoolKind] = system(stored_enum(SchoolKind), default=SchoolKind.PRIMARY)
    address: Mapped[str] = system(default="")
    phone: Mapped[str] = system(default="")
    email: Mapped[str] = personal(default="")
    created_at: Mapped[datetime] = system()
