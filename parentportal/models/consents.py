"""Consent questions with their exact wordings, and the events by which adults answered them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id, stored_enum
from parentportal.models.privacy import key, personal, secret, system
from parentportal.rules.consents import Answer, Rule, Subject


class Channel(StrEnum):
    """How an answer reached the school (requirements 8.4, `collection_method`)."""

    PORTAL = "portal"
    PAPER = "paper"
    DESK = "desk"
    ENROLMENT = "enrolment"
    IMPORT = "import"


class ConsentItem(Base):
    """One question of one board; `card` is the card it stands on, photo and video being two rows of one card.

    `terms` is the catalogue's data that is not wording: medium, publication channel, level, scope, follow-up tasks.
    """

    __tablename__ = "consent_item"
    __table_args__ = (
        UniqueConstraint("board_id", "code"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked_at_with_by"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    code: Mapped[str] = system()
    card: Mapped[str] = system()
    position: Mapped[int] = system()
    subject: Mapped[Subject] = system(stored_enum(Subject))
    rule: Mapped[Rule] = system(stored_enum(Rule))
    terms: Mapped[dict[str, Any]] = system(JSON, default=dict)
    offered_at: Mapped[datetime] = system()
    retired_at: Mapped[datetime | None] = system()
    revoked_at: Mapped[datetime | None] = system()
    revoked_by_id: Mapped[UUID | None] = key()


class ConsentWording(Base):
    """The exact words of a question in one language; a new version is a new row. Insert only.

    `material` says that answers to earlier versions no longer count (requirements 8.4, "inhoudelijk").
    """

    __tablename__ = "consent_wording"
    __table_args__ = (UniqueConstraint("board_id", "item_id", "language", "version"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    item_id: Mapped[UUID] = key(ForeignKey("consent_item.id"))
    language: Mapped[str] = system()
    version: Mapped[int] = system()
    texts: Mapped[dict[str, Any]] = system(JSON)
    sha256: Mapped[str] = system()
    material: Mapped[bool] = system()
    published_at: Mapped[datetime] = system()


class ConsentEvent(Base):
    """One answer of one adult to one question about one child, on exactly one wording (AVG 7(1)). Insert only.

    `adult_id` is who answered; `recorded_by_id` the member of staff who entered an answer given on paper or in person.
    `digest` is the keyed digest of the row, which the audit chain carries too.
    """

    __tablename__ = "consent_event"
    __table_args__ = (
        Index("ix_consent_event_board_pupil", "board_id", "pupil_id", "item_id"),
        Index("ix_consent_event_board_receipt", "board_id", "receipt_id"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    pupil_id: Mapped[UUID] = key(ForeignKey("pupil.id"))
    item_id: Mapped[UUID] = key(ForeignKey("consent_item.id"))
    adult_id: Mapped[UUID] = key(ForeignKey("adult.id"))
    authority_id: Mapped[UUID | None] = key()
    capacity: Mapped[str] = personal()
    answer: Mapped[Answer] = personal(stored_enum(Answer))
    previous: Mapped[Answer | None] = personal(stored_enum(Answer, "previous"))
    wording_id: Mapped[UUID] = key(ForeignKey("consent_wording.id"))
    language: Mapped[str] = system()
    at: Mapped[datetime] = system()
    channel: Mapped[Channel] = system(stored_enum(Channel))
    received_on: Mapped[date | None] = system()
    recorded_by_id: Mapped[UUID | None] = key()
    receipt_id: Mapped[UUID | None] = key(ForeignKey("consent_receipt.id"))
    session_digest: Mapped[str] = secret(default="")
    child_age: Mapped[int | None] = personal()
    digest: Mapped[str] = system()


class ConsentReceipt(Base):
    """What an adult got after saving; `number` can be read out and does not tell anything."""

    __tablename__ = "consent_receipt"
    __table_args__ = (Index("ix_consent_receipt_board_adult", "board_id", "adult_id"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    number: Mapped[str] = system(unique=True)
    pupil_id: Mapped[UUID] = key(ForeignKey("pupil.id"))
    adult_id: Mapped[UUID] = key(ForeignKey("adult.id"))
    at: Mapped[datetime] = system()


class ConsentHold(Base):
    """Opens when an adult who said no loses authority: the others must say yes again before it counts (6.2)."""

    __tablename__ = "consent_hold"
    __table_args__ = (Index("ix_consent_hold_board_pupil", "board_id", "pupil_id"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    pupil_id: Mapped[UUID] = key(ForeignKey("pupil.id"))
    item_id: Mapped[UUID] = key(ForeignKey("consent_item.id"))
    authority_id: Mapped[UUID] = key()
    opened_at: Mapped[datetime] = system()
    lifted_at: Mapped[datetime | None] = system()
    lifted_by_id: Mapped[UUID | None] = key()
