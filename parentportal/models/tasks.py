"""Work that a decision or a withdrawal leaves for the school."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id, stored_enum
from parentportal.models.privacy import key, special, system
from parentportal.rules.roles import Role
from parentportal.rules.tasks import TaskKind, TaskState


class Task(Base):
    """One thing to do outside the portal, with its proof (AVG 19, trap T13).

    `note` is sealed: table "task", the row's id, column "note". `checked_at` is the last import that compared.
    """

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_board_school", "board_id", "school_id", "state"),
        Index("ix_task_board_request", "board_id", "request_id"),
        CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name="done_at_with_by"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    school_id: Mapped[UUID] = key(ForeignKey("school.id"))
    kind: Mapped[TaskKind] = system(stored_enum(TaskKind))
    state: Mapped[TaskState] = system(stored_enum(TaskState))
    role: Mapped[Role] = system(stored_enum(Role), default=Role.ADMINISTRATION)
    pupil_id: Mapped[UUID | None] = key(ForeignKey("pupil.id"))
    person_id: Mapped[UUID | None] = key()
    consent_item_id: Mapped[UUID | None] = key(ForeignKey("consent_item.id"))
    request_id: Mapped[UUID | None] = key(ForeignKey("privacy_request.id"))
    line_id: Mapped[UUID | None] = key(ForeignKey("request_line.id"))
    field_code: Mapped[str] = system(default="")
    system_name: Mapped[str] = system(default="")
    created_at: Mapped[datetime] = system()
    due_on: Mapped[date] = system()
    checked_at: Mapped[datetime | None] = system()
    checked_delivery_id: Mapped[UUID | None] = key()
    done_at: Mapped[datetime | None] = system()
    done_by_id: Mapped[UUID | None] = key()
    note: Mapped[bytes | None] = special()
