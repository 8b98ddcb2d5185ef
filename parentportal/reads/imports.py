"""Files that were brought to a school, as administration and director read them: never a value from inside."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.catalogue import fields
from parentportal.models.imports import Delivery, DeliveryState
from parentportal.models.people import Adult, Pupil
from parentportal.rules.errors import NotFound
from parentportal.rules.names import Name
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.sources.guesses import Asked, Question, accepted

MOST_DELIVERIES = 50
FIRST = 50
READERS = frozenset({Role.ADMINISTRATION, Role.DIRECTOR})


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One file in the list."""

    id: UUID
    filename: str
    format: str
    state: DeliveryState
    reason: str | None
    received_at: datetime
    applied_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """One remark, with the row in the file it is about."""

    code: str
    message: str
    line: int | None
    field: str


@dataclass(frozen=True, slots=True)
class DifferenceLine:
    """One child who is not unchanged: who, what happens, and which fields; never their values."""

    what: str
    name: str
    line: int | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """One file with what it would do or did; `kinds` are its remarks, those of one kind together.

    `asked` is what the file leaves to a person, with what was agreed to; `guesses_by` is who did so.
    """

    id: UUID
    filename: str
    format: str
    version: str
    school_year: str | None
    reference_on: date | None
    state: DeliveryState
    reason: str | None
    reasons: tuple[str, ...]
    message: str
    counts: Mapping[str, Mapping[str, int]]
    settled: Mapping[str, int]
    suspended: int
    received_at: datetime
    received_by: str
    applied_at: datetime | None
    applied_by: str
    is_kept: bool
    asked: tuple[Asked, ...]
    guesses: frozenset[str]
    guesses_at: datetime | None
    guesses_by: str
    kinds: tuple[tuple[int, str], ...]
    problems: tuple[ProblemLine, ...]
    problem_count: int
    differences: tuple[DifferenceLine, ...]
    difference_count: int
    unknown: tuple[tuple[str, int], ...]

    @property
    def may_apply(self) -> bool:
        """Whether this file still waits to be applied."""
        return self.state in (DeliveryState.PREVIEW, DeliveryState.HELD) and self.is_kept


def list_deliveries(session: Session, *, by: Visitor) -> Sequence[DeliveryLine]:
    """The last files of the visitor's school, newest first; one statement."""
    rows = session.execute(
        select(
            Delivery.id,
            Delivery.filename,
            Delivery.format,
            Delivery.state,
            Delivery.reason,
            Delivery.received_at,
            Delivery.applied_at,
        )
        .where(Delivery.board_id == by.board_id, Delivery.school_id == _school_of(by))
        .order_by(Delivery.received_at.desc(), Delivery.id.desc())
        .limit(MOST_DELIVERIES)
    )
    return [DeliveryLine(*row) for row in rows]


def get_delivery(session: Session, delivery_id: UUID, *, by: Visitor) -> DeliveryPage:
    """One file of the visitor's school, otherwise `NotFound`; three statements."""
    row = _row(session, delivery_id, by)
    counts: dict[str, Any] = row.counts
    differences = counts.get("differences", [])
    names = _names_of_pupils(session, [one["pupil"] for one in differences[:FIRST] if one["pupil"]], by)
    people = _names_of_adults(session, [row.received_by, row.applied_by, row.guesses_by], by)
    return DeliveryPage(
        id=row.id,
        filename=row.filename,
        format=row.format,
        version=row.version,
        school_year=row.school_year,
        reference_on=row.reference_on,
        state=row.state,
        reason=row.reason,
        reasons=tuple(counts.get("reasons", ())),
        message=sentence_of(counts["message"]) if "message" in counts else "",
        counts={name: counts[name] for name in ("pupils", "guardians", "groups", "items") if name in counts},
        settled=counts.get("settled", {}),
        suspended=counts.get("suspended", 0),
        received_at=row.received_at,
        received_by=people.get(row.received_by, ""),
        applied_at=row.applied_at,
        applied_by=people.get(row.applied_by or "", ""),
        is_kept=row.is_kept,
        asked=asked_of(counts, row.guesses),
        guesses=frozenset(row.guesses),
        guesses_at=row.guesses_at,
        guesses_by=people.get(row.guesses_by or "", ""),
        kinds=tuple((count, sentence) for _, count, sentence in warnings_of(counts)),
        problems=tuple(_problem(one) for one in row.problems[:FIRST]),
        problem_count=counts.get("problems", len(row.problems)),
        differences=tuple(_difference(one, names) for one in differences[:FIRST]),
        difference_count=len(differences),
        unknown=tuple((path, count) for path, count in counts.get("unknown", ())),
    )


def list_problems(session: Session, delivery_id: UUID, *, by: Visitor) -> Sequence[ProblemLine]:
    """Every remark that was kept about one file of the visitor's school; `NotFound` for another's."""
    return [_problem(one) for one in _row(session, delivery_id, by).problems]


def sentence_of(stored: Mapping[str, Any] | str) -> str:
    """A stored sentence, to be said in any language; what was stored before that was possible is Dutch alone."""
    if isinstance(stored, str):
        return stored
    return N_(stored["text"], **stored["values"]) if "text" in stored else str(stored["message"])


def warnings_of(counts: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """Kinds of remarks as a delivery keeps them: code, how often, and the sentence."""
    return [
        (one[0], one[1], sentence_of(one[2]))
        if isinstance(one, list)
        else (one["code"], one["count"], sentence_of(one))
        for one in counts.get("warnings", ())
    ]


def asked_of(counts: Mapping[str, Any], guesses: Collection[str]) -> tuple[Asked, ...]:
    """What a delivery leaves to a person, with what was agreed to; nothing for files of before that was kept."""
    agreed = frozenset(guesses)
    found = [(Question(question), count, lines) for question, count, lines in counts.get("asked", ())]
    return tuple(Asked(one, count, tuple(lines), accepted(one, agreed)) for one, count, lines in found)


def _school_of(by: Visitor) -> UUID:
    if by.role not in READERS:
        raise NotFound
    return by.school_id


def _row(session: Session, delivery_id: UUID, by: Visitor) -> Any:
    row = session.execute(
        select(
            Delivery.id,
            Delivery.filename,
            Delivery.format,
            Delivery.version,
            Delivery.school_year,
            Delivery.reference_on,
            Delivery.state,
            Delivery.reason,
            Delivery.counts,
            Delivery.problems,
            Delivery.received_at,
            Delivery.received_by,
            Delivery.applied_at,
            Delivery.applied_by,
            Delivery.guesses,
            Delivery.guesses_at,
            Delivery.guesses_by,
            Delivery.content.is_not(None).label("is_kept"),
        ).where(Delivery.board_id == by.board_id, Delivery.school_id == _school_of(by), Delivery.id == delivery_id)
    ).first()
    if row is None:
        raise NotFound
    return row


def _problem(one: Mapping[str, Any]) -> ProblemLine:
    return ProblemLine(one["code"], sentence_of(one), one["line"], one["field"] or "")


def _difference(one: Mapping[str, Any], names: Mapping[str, str]) -> DifferenceLine:
    known = fields()
    labels = tuple(known[code].label if code in known else code for code in one["fields"])
    return DifferenceLine(one["what"], names.get(one["pupil"] or "", ""), one["line"], labels)


def _names_of_pupils(session: Session, ids: Sequence[str], by: Visitor) -> dict[str, str]:
    rows = session.execute(
        select(Pupil.id, Pupil.call_name, Pupil.prefix, Pupil.surname).where(
            Pupil.board_id == by.board_id, Pupil.id.in_([UUID(one) for one in ids])
        )
    )
    return {str(row.id): Name(row.call_name, row.prefix, row.surname).display() for row in rows}


def _names_of_adults(session: Session, ids: Sequence[str | None], by: Visitor) -> dict[str, str]:
    wanted = [UUID(one) for one in ids if one and one != "operator"]
    rows = session.execute(
        select(Adult.id, Adult.first_name, Adult.initials, Adult.prefix, Adult.surname).where(
            Adult.board_id == by.board_id, Adult.id.in_(wanted)
        )
    )
    return {str(row.id): Name(row.first_name or row.initials, row.prefix, row.surname).display() for row in rows}
