"""Requests about registered data: the case, its lines, and its history."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id, stored_enum
from parentportal.models.privacy import key, personal, special, system
from parentportal.rules.outcomes import Ground, Outcome
from parentportal.rules.privacy_requests import Event, Kind, State
from parentportal.rules.roles import Role


class Visibility(StrEnum):
    """Whether the parent reads an entry of the history; an internal note still belongs to the file."""

    PARENT = "parent"
    STAFF = "staff"


class PrivacyRequest(Base):
    """One request of one adult, about a child or about that adult's own data (`pupil_id` empty).

    Free text is sealed: table "privacy_request", the row's id, the column's name.
    `version` makes a change on a stale page fail instead of overwriting (control D03). `excluded_id` decided before
    and leaves a reopened case to somebody else (Awb 10:3).
    """

    __tablename__ = "privacy_request"
    __table_args__ = (
        Index("ix_privacy_request_board_school", "board_id", "school_id", "state"),
        Index("ix_privacy_request_board_adult", "board_id", "adult_id"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_at_with_by"),
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closed_at_with_by"),
        CheckConstraint("(proposed_at IS NULL) = (proposed_by_id IS NULL)", name="proposed_at_with_by"),
        CheckConstraint("(picked_up_at IS NULL) = (handler_id IS NULL)", name="picked_up_at_with_by"),
        CheckConstraint("(received_at IS NULL) = (policy_due_on IS NULL)", name="received_at_with_due"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    school_id: Mapped[UUID] = key(ForeignKey("school.id"))
    number: Mapped[str] = system(unique=True)
    pupil_id: Mapped[UUID | None] = key(ForeignKey("pupil.id"))
    adult_id: Mapped[UUID] = key(ForeignKey("adult.id"))
    kind: Mapped[Kind] = system(stored_enum(Kind))
    state: Mapped[State] = system(stored_enum(State))
    addressee: Mapped[Role | None] = system(stored_enum(Role))
    handler_role: Mapped[Role | None] = system(stored_enum(Role, "handler_role"))
    handler_id: Mapped[UUID | None] = key()
    group_id: Mapped[UUID | None] = key(ForeignKey("school_group.id"))
    route: Mapped[str] = system(default="")
    about_staff_id: Mapped[UUID | None] = key()
    explanation: Mapped[bytes | None] = special()
    created_at: Mapped[datetime] = system()
    received_at: Mapped[datetime | None] = system()
    policy_due_on: Mapped[date | None] = system()
    legal_due_on: Mapped[date | None] = system()
    state_since: Mapped[datetime] = system()
    extended_at: Mapped[datetime | None] = system()
    picked_up_at: Mapped[datetime | None] = system()
    proposed_at: Mapped[datetime | None] = system()
    proposed_by_id: Mapped[UUID | None] = key()
    decided_at: Mapped[datetime | None] = system()
    decided_by_id: Mapped[UUID | None] = key()
    answered_at: Mapped[datetime | None] = system()
    closed_at: Mapped[datetime | None] = system()
    closed_by_id: Mapped[UUID | None] = key()
    excluded_id: Mapped[UUID | None] = key()
    reminded_on: Mapped[date | None] = system()
    version: Mapped[int] = system(default=1)

    __mapper_args__ = {"version_id_col": version}


class RequestLine(Base):
    """One registered item the request is about, with what it was at that moment and what was decided.

    Sealed texts: table "request_line", the row's id, the column's name.
    `proposal_*` is the draft of who prepares; the parent reads only `outcome`, `ground` and `reason`.
    """

    __tablename__ = "request_line"
    __table_args__ = (Index("ix_request_line_board_request", "board_id", "request_id"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    request_id: Mapped[UUID] = key(ForeignKey("privacy_request.id"))
    position: Mapped[int] = system(default=0)
    person_id: Mapped[UUID] = key()
    item_id: Mapped[UUID | None] = key()
    field_code: Mapped[str] = system()
    systems: Mapped[str] = system(default="")
    old_value: Mapped[bytes | None] = special()
    new_value: Mapped[bytes | None] = special()
    proposal_outcome: Mapped[Outcome | None] = system(stored_enum(Outcome, "proposal_outcome"))
    proposal_ground: Mapped[Ground | None] = system(stored_enum(Ground, "proposal_ground"))
    proposal_reason: Mapped[bytes | None] = special()
    outcome: Mapped[Outcome | None] = system(stored_enum(Outcome))
    ground: Mapped[Ground | None] = system(stored_enum(Ground))
    law: Mapped[str] = system(default="")
    retention_class: Mapped[str] = system(default="")
    erase_on: Mapped[date | None] = system()
    officer_advised: Mapped[bool] = system(default=False)
    evidence: Mapped[bytes | None] = special()
    reason: Mapped[bytes | None] = special()
    decided_value: Mapped[bytes | None] = special()
    executed_at: Mapped[datetime | None] = system()


class RequestEvent(Base):
    """What happened to a request, in order; sealed text: table "request_event", column "text". Insert only."""

    __tablename__ = "request_event"
    __table_args__ = (Index("ix_request_event_board_request", "board_id", "request_id"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    request_id: Mapped[UUID] = key(ForeignKey("privacy_request.id"))
    event: Mapped[Event] = system(stored_enum(Event))
    state: Mapped[State] = system(stored_enum(State))
    at: Mapped[datetime] = system()
    by_id: Mapped[UUID | None] = key()
    by_role: Mapped[Role | None] = personal(stored_enum(Role))
    visibility: Mapped[Visibility] = system(stored_enum(Visibility), default=Visibility.PARENT)
    text: Mapped[bytes | None] = special()
