"""Mail that was given up: who missed it, and why, for the people of a school who can do something about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.authority import Authority
from parentportal.models.outbox import OutboxMail
from parentportal.models.people import Adult, Pupil, StaffRole
from parentportal.rules.names import Name

MOST_SHOWN = 200


class Fault(StrEnum):
    """Why a mail was given up, as far as somebody at school can act on it."""

    ADDRESS = "address"
    REFUSED = "recipient"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One adult at one address that did not get mail; `number` of mails, the last given up at `at`."""

    name: str
    address: str
    number: int
    at: datetime
    fault: Fault


def list_dead(session: Session, *, by: Visitor) -> Sequence[DeadLetter]:
    """Per person and address what was given up, newest first, at most `MOST_SHOWN`; one statement."""
    rows = session.execute(
        select(
            Adult.first_name,
            Adult.initials,
            Adult.prefix,
            Adult.surname,
            OutboxMail.to_address,
            func.count(OutboxMail.id).label("number"),
            func.max(OutboxMail.dead_at).label("at"),
            func.max(OutboxMail.last_error).label("reason"),
        )
        .join(Adult, and_(Adult.board_id == OutboxMail.board_id, Adult.id == OutboxMail.adult_id))
        .where(*is_dead_at_school(by))
        .group_by(Adult.id, Adult.first_name, Adult.initials, Adult.prefix, Adult.surname, OutboxMail.to_address)
        .order_by(func.max(OutboxMail.dead_at).desc())
        .limit(MOST_SHOWN)
    )
    return [
        DeadLetter(
            name=Name(row.first_name or row.initials, row.prefix, row.surname).display(),
            address=row.to_address,
            number=row.number,
            at=row.at,
            fault=_fault(row.reason),
        )
        for row in rows
    ]


def is_dead_at_school(by: Visitor) -> Sequence[ColumnElement[Any]]:
    """Given up, and written to a guardian of a pupil or a member of staff of the visitor's school."""
    guardian = (
        select(Authority.adult_id)
        .join(Pupil, Pupil.id == Authority.pupil_id)
        .where(Authority.board_id == by.board_id, Pupil.school_id == by.school_id)
    )
    staff = select(StaffRole.adult_id).where(
        StaffRole.board_id == by.board_id, StaffRole.school_id == by.school_id, StaffRole.ended_at.is_(None)
    )
    return (
        OutboxMail.board_id == by.board_id,
        OutboxMail.dead_at.is_not(None),
        or_(OutboxMail.adult_id.in_(guardian), OutboxMail.adult_id.in_(staff)),
    )


def _fault(reason: str) -> Fault:
    """`reason` is what the mailer said: a word and, where a server answered, its code."""
    word = reason.partition(" ")[0]
    return Fault(word) if word in {Fault.ADDRESS, Fault.REFUSED} else Fault.OTHER
