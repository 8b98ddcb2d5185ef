"""Takes a file in: read to its end, checked, compared and kept sealed; nothing of it reaches the school's data yet."""

import base64
import hashlib
import json
import zlib
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, TypeGuard
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from parentportal import sources
from parentportal.access import OPERATOR, Actor, Visitor
from parentportal.models.base import new_id
from parentportal.models.imports import Delivery, DeliveryState, Source
from parentportal.outside import clock, vault
from parentportal.reads import boards
from parentportal.reads.imports import asked_of, sentence_of, warnings_of
from parentportal.rules.audit import Event
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.imports import Reason, is_other_school
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.services import audit
from parentportal.services.imports import reporting
from parentportal.services.imports.known import get_school_row
from parentportal.services.imports.planning import Plan, differences, make_plan
from parentportal.services.imports.reporting import Report
from parentportal.sources import Refused
from parentportal.sources.delivery import Delivery as Delivered
from parentportal.sources.delivery import Level, Problem
from parentportal.sources.guesses import QUESTION_OF, Question

MOST_PROBLEMS = 5000
MOST_DIFFERENCES = 1000
EDEXML = "edexml"


@dataclass(frozen=True)
class Parsed:
    """A file that was read to its end with these guesses: either `delivered` or `refused` is there."""

    filename: str
    content: bytes
    sha256: str
    kind: str
    delivered: Delivered | None
    refused: Refused | None
    confirmed: frozenset[str] = frozenset()


def parse(content: bytes, filename: str, kind: str = "auto", *, confirmed: AbstractSet[str] = frozenset()) -> Parsed:
    """Read a file. Touches no database, so it may take its time; raises ValueError for a kind that does not exist.

    `confirmed` are the guesses that a person agreed to, of `sources.guesses.GUESSES`.
    """
    name = "".join(sign for sign in PurePath(filename).name if sign.isprintable())[:200] or "bestand"
    digest = hashlib.sha256(content).hexdigest()
    try:
        delivered = sources.read(content, name, kind, confirmed=confirmed)
    except Refused as refused:
        return Parsed(name, content, digest, kind, None, refused, frozenset(confirmed))
    return Parsed(name, content, digest, kind, delivered, None, frozenset(confirmed))


def receive(session: Session, school_id: UUID, parsed: Parsed, *, by: Actor, asks_again: bool = False) -> Report:
    """Keep the file and say what it would change; writes nothing else. Raises `NotFound` for another's school.

    A file that was applied already changes nothing, unless it now comes with guesses that nobody agreed to then, or,
    with `asks_again`, when it left questions open. Raises `Invalid` for a guess that this file does not ask.
    """
    school = get_school(session, school_id, by=by)
    if parsed.delivered is None:
        return _refuse(session, school, parsed, by=by)
    check_guesses(parsed)
    delivered = parsed.delivered
    number = f"{school.brin or ''}{school.branch}"
    if (
        delivered.school.brin
        and school.brin
        and is_other_school(delivered.school.brin, delivered.school.branch or "", number)
    ):
        return _refuse(session, school, parsed, by=by)
    source = _source(session, school, delivered)
    last = session.get(Delivery, source.last_delivery_id) if source.last_delivery_id else None
    if is_known(last, parsed.sha256, parsed.confirmed) and not (asks_again and _left_open(last)):
        return no_change(last, parsed.filename)
    plan = make_plan(session, school, source, delivered, last)
    row = _row(session, school, source, parsed, by=by)
    describe(row, plan)
    session.flush()
    audit.record(
        session,
        Event.DELIVERY_RECEIVED,
        by=by,
        board_id=school.board_id,
        about=("delivery", row.id),
        detail={"format": row.format, "reason": row.reason},
    )
    keep_guesses(session, row, parsed, by=by)
    return report_of(row, reporting.PREVIEW)


def reopen(session: Session, delivery_id: UUID, *, by: Actor, confirmed: AbstractSet[str] | None = None) -> Parsed:
    """The kept file, read again with the guesses that were agreed to, or with these instead.

    Raises `NotNow` when its content is no longer kept.
    """
    row = get_delivery(session, delivery_id, by=by)
    if row.content is None:
        raise NotNow(N_("Dit bestand is niet meer bewaard. Lever het opnieuw in."))
    packed = vault.of(session).open(row.content, table="delivery", row=row.id, column="content")
    guesses = frozenset(row.guesses) if confirmed is None else confirmed
    return parse(zlib.decompress(base64.b64decode(packed)), row.filename, row.kind, confirmed=guesses)


def get_school(session: Session, school_id: UUID, *, by: Actor) -> Row[Any]:
    """The school, if this administrator or operator may bring files to it; otherwise `NotFound`."""
    school = get_school_row(session, school_id)
    if school is None or not _may_bring(by, school.id):
        raise NotFound
    return school


def get_delivery(session: Session, delivery_id: UUID, *, by: Actor) -> Delivery:
    """The delivery, if this administrator or operator may use it; otherwise `NotFound`."""
    row = session.get(Delivery, delivery_id)
    if row is None or not _may_bring(by, row.school_id):
        raise NotFound
    return row


def check_guesses(parsed: Parsed) -> None:
    """Raises `Invalid` for a guess that the file does not ask, and for two answers to one question."""
    asked = {one.question for one in parsed.delivered.asked} if parsed.delivered else set()
    answered: set[Question | None] = set()
    for code in sorted(parsed.confirmed):
        question = QUESTION_OF.get(code)
        if question not in asked:
            sentence = N_("Dit bestand vraagt niet om deze keuze: %(code)s. Laat die keuze weg.", code=code)
            raise Invalid({"guesses": sentence})
        if question in answered:
            raise Invalid({"guesses": N_("U koos twee antwoorden op dezelfde vraag. Kies er één.")})
        answered.add(question)


def keep_guesses(session: Session, row: Delivery, parsed: Parsed, *, by: Actor) -> None:
    """Note on the row what was agreed to, by whom and when; nothing when it is so already."""
    if frozenset(row.guesses) == parsed.confirmed:
        return
    row.guesses = sorted(parsed.confirmed)
    row.guesses_at, row.guesses_by = (clock.now(session), name_of(by)) if row.guesses else (None, None)
    session.flush()
    audit.record(
        session,
        Event.DELIVERY_GUESSED,
        by=by,
        board_id=row.board_id,
        about=("delivery", row.id),
        detail={"guesses": " ".join(row.guesses)},
    )


def is_known(last: Delivery | None, sha256: str, guesses: AbstractSet[str]) -> TypeGuard[Delivery]:
    """Whether the last applied file is this one, read with at least these guesses."""
    return last is not None and last.sha256 == sha256 and guesses <= frozenset(last.guesses)


def _left_open(last: Delivery) -> bool:
    return any(one.accepted is None for one in asked_of(last.counts, last.guesses))


def _may_bring(by: Actor, school_id: UUID) -> bool:
    if by == OPERATOR:
        return True
    return isinstance(by, Visitor) and by.role is Role.ADMINISTRATION and by.school_id == school_id


def _refuse(session: Session, school: Row[Any], parsed: Parsed, *, by: Actor) -> Report:
    """Note that a file was refused and why; its content is not kept."""
    if parsed.refused is not None:
        reason, message, line = parsed.refused.reason.value, parsed.refused.message, parsed.refused.line
    else:
        reason, message, line = Reason.OTHER_SCHOOL.value, reporting.OTHER_SCHOOL, None
    row = _new_row(session, school, parsed, by=by)
    row.state, row.reason = DeliveryState.REFUSED, reason
    problem = Problem(Level.REFUSE, reason, message, line)
    row.counts = {"message": reporting.stored_sentence(problem)}
    row.problems = [reporting.stored_problem(problem)]
    session.add(row)
    session.flush()
    audit.record(
        session,
        Event.DELIVERY_REFUSED,
        by=by,
        board_id=school.board_id,
        about=("delivery", row.id),
        detail={"reason": reason},
    )
    return report_of(row, reporting.REFUSED)


def _source(session: Session, school: Row[Any], delivered: Delivered) -> Source:
    kind = EDEXML if delivered.format == EDEXML else delivered.kind.value
    source = session.scalar(
        select(Source).where(Source.board_id == school.board_id, Source.school_id == school.id, Source.kind == kind)
    )
    if source is None:
        source = Source(
            id=new_id(),
            board_id=school.board_id,
            school_id=school.id,
            kind=kind,
            system_name=_system_of(session, school),
            complete=True,
            created_at=clock.now(session),
        )
        session.add(source)
        session.flush()
    return source


def _system_of(session: Session, school: Row[Any]) -> str:
    """The system that holds the administration of the school; empty when the board's file leaves a choice."""
    try:
        policy = boards.get_policy_of_board(session, school.board_id)
    except NotFound:
        return ""
    found = [one.code for one in policy.systems if "names" in one.categories]
    return found[0] if len(found) == 1 else ""


def _new_row(session: Session, school: Row[Any], parsed: Parsed, *, by: Actor) -> Delivery:
    return Delivery(
        id=new_id(),
        board_id=school.board_id,
        school_id=school.id,
        sha256=parsed.sha256,
        filename=parsed.filename,
        size=len(parsed.content),
        kind=parsed.kind,
        state=DeliveryState.PREVIEW,
        received_at=clock.now(session),
        received_by=name_of(by),
        counts={},
        problems=[],
        guesses=[],
    )


def _row(session: Session, school: Row[Any], source: Source, parsed: Parsed, *, by: Actor) -> Delivery:
    """The row of this file; files of the same source that were never applied are overtaken and forgotten."""
    waiting = session.scalars(
        select(Delivery).where(
            Delivery.board_id == school.board_id,
            Delivery.source_id == source.id,
            Delivery.state.in_((DeliveryState.PREVIEW, DeliveryState.HELD)),
            Delivery.content.is_not(None),
        )
    ).all()
    same = [row for row in waiting if row.sha256 == parsed.sha256 and row.kind == parsed.kind]
    for row in waiting:
        if row not in same[:1]:
            row.content = None
    if same:
        same[0].received_at, same[0].received_by = clock.now(session), name_of(by)
        return same[0]
    row = _new_row(session, school, parsed, by=by)
    row.source_id = source.id
    packed = base64.b64encode(zlib.compress(parsed.content)).decode("ascii")
    row.content = vault.of(session).seal(packed, table="delivery", row=row.id, column="content")
    session.add(row)
    return row


def describe(row: Delivery, plan: Plan) -> None:
    """Write on the row what the plan would do, without a value or a name."""
    delivered, counts = plan.delivery, plan.counts()
    row.format, row.version = delivered.format, delivered.version or ""
    row.school_year = delivered.school_year
    row.reference_on, row.made_at = delivered.reference_date, delivered.created_at
    row.state = DeliveryState.HELD if plan.reasons else DeliveryState.PREVIEW
    row.reason = plan.reasons[0].value if plan.reasons else None
    row.counts = {
        **counts,
        "reasons": [reason.value for reason in plan.reasons],
        "differences": differences(plan, most=MOST_DIFFERENCES),
        "warnings": reporting.stored_warnings(plan.problems),
        "unknown": [[one.path, one.count] for one in delivered.unknown_fields],
        "problems": len(plan.problems),
        "asked": [[one.question.value, one.count, list(one.lines)] for one in delivered.asked],
        "fingerprint": fingerprint(plan),
    }
    row.problems = [reporting.stored_problem(problem) for problem in plan.problems[:MOST_PROBLEMS]]


def fingerprint(plan: Plan) -> str:
    """Tells whether a plan is still the one that somebody looked at."""
    seen = [plan.counts(), [reason.value for reason in plan.reasons], len(plan.problems)]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:32]


def report_of(row: Delivery, outcome: str, *, moved: bool = False) -> Report:
    """The row as a report with this outcome."""
    reasons = [Reason(reason) for reason in row.counts.get("reasons", ())]
    return Report(
        delivery_id=row.id,
        filename=row.filename,
        outcome=outcome,
        reason=row.reason if outcome != reporting.APPLIED else None,
        message=sentence_of(row.counts["message"])
        if "message" in row.counts
        else reporting.message_of(outcome, reasons),
        counts={subject: row.counts.get(subject, reporting.NOTHING[subject]) for subject in reporting.SUBJECTS},
        warnings=[reporting.Warned(*one) for one in warnings_of(row.counts)],
        asked=asked_of(row.counts, row.guesses),
        moved=moved,
        line=row.problems[0]["line"] if outcome == reporting.REFUSED else None,
    )


def no_change(last: Delivery, filename: str) -> Report:
    """The same file again: everything in it is as it was (formats 11.9)."""
    counts = {}
    for subject in reporting.SUBJECTS:
        before = last.counts.get(subject, {})
        same = sum(before.get(name, 0) for name in ("new", "changed", "left", "unchanged"))
        counts[subject] = {**reporting.NOTHING[subject], "unchanged": same}
    message = reporting.message_of(reporting.NO_CHANGE, ())
    return Report(last.id, filename, reporting.NO_CHANGE, None, message, counts)


def name_of(by: Actor) -> str:
    """Who brought or applied a file, as the row keeps it."""
    return str(by.adult_id) if by.adult_id else "operator"
