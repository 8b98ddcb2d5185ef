"""What follows when a consent starts or stops counting, whatever made it so: tasks, holds, word to the others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.consents import ConsentHold
from parentportal.models.people import Adult, Pupil
from parentportal.outside import clock
from parentportal.reads.boards import get_policy_of_board
from parentportal.reads.consent_standing import Around, Question, Questions, list_around, list_questions
from parentportal.reads.statements import fetch, given
from parentportal.rules.audit import Event
from parentportal.rules.consents import Effective, Reason, Subject, needs_withdrawal_tasks, opens_hold
from parentportal.rules.errors import NotFound
from parentportal.rules.tasks import AFTER_WITHDRAWAL, NewTask, TaskKind, after_withdrawal, due_on
from parentportal.services import audit, tasks

NOBODY_TO_TELL = frozenset({"public", "class_parents"})
"""Recipients that cannot be written to."""
UNKNOWN_PLACE = "unknown"
NEVER_ASKED = Effective(False, Reason.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts for one child at one moment; compare two of them to see what an act changed."""

    board_id: UUID
    school_id: UUID
    pupil_id: UUID
    questions: Questions
    around: Around
    values: Mapping[tuple[UUID, UUID | None], Effective]
    """By question, and by adult for what each adult decides about their own data."""


def standing(session: Session, board_id: UUID, pupil_id: UUID) -> Standing:
    """What counts for a child now. Take it before an act, and give it to `follow` after."""
    rows = fetch(session, _pupil(), board=board_id, pupil=pupil_id)
    if not rows:
        raise NotFound
    pupil = rows[0]
    questions = list_questions(session, board_id)
    around = list_around(session, board_id, {pupil_id: pupil.birth_date}, questions)[pupil_id]
    return Standing(board_id, pupil.school_id, pupil_id, questions, around, _values(session, questions, around))


@cache
def _pupil() -> Any:
    return select(Pupil.school_id, Pupil.birth_date).where(Pupil.board_id == given("board"), Pupil.id == given("pupil"))


def follow(session: Session, before: Standing) -> bool:
    """Leave the tasks for all that changed since `before`; True when something about the child itself did."""
    after = list_around(session, before.board_id, {before.pupil_id: before.around.born_on}, before.questions)
    return _leave_tasks(session, before, _values(session, before.questions, after[before.pupil_id]))


def close_authority(session: Session, authority: Authority, by: Actor, *, doubted: bool = False) -> None:
    """Let the consents of a child follow when a relation ends; call it in the unit that ends the relation.

    A no of whoever leaves opens a hold: the others must say yes again before the question counts. A yes simply
    stops counting, which may leave tasks (requirements 6.2). Nothing happens while the same adult holds authority
    over the child by another relation. `by` is who ended it; `doubted` says that the relation was suspended, so that
    a yes did not count any more but a no did.
    """
    session.flush()
    leaving = session.scalar(
        select(Adult.merged_into_id).where(Adult.board_id == authority.board_id, Adult.id == authority.adult_id)
    )
    leaving = leaving or authority.adult_id
    now = standing(session, authority.board_id, authority.pupil_id)
    others = {link: adult for link, adult in now.around.links.items() if link != authority.id}
    if leaving in others.values():
        return
    opened = _open_holds(session, now, authority, leaving)
    if opened:
        audit.record(
            session,
            Event.CONSENT_HELD,
            by=by,
            board_id=authority.board_id,
            about=("authority", authority.id),
            pupil_id=authority.pupil_id,
            detail={"questions": len(opened)},
        )
    if doubted:
        before = replace(now.around, links=others, doubted=now.around.doubted | {leaving})
    else:
        before = replace(now.around, links={**others, authority.id: leaving})
    after = replace(now.around, links=others, holds={**now.around.holds, **opened})
    was = replace(now, around=before, values=_values(session, now.questions, before))
    _leave_tasks(session, was, _values(session, now.questions, after))


def _open_holds(session: Session, now: Standing, authority: Authority, leaving: UUID) -> dict[UUID, date]:
    """Open a hold on every question about the child to which the leaving adult said no; answers those, with today."""
    opened: dict[UUID, date] = {}
    for question in now.questions.by_id.values():
        last = now.around.last_of(question.id, leaving)
        if last is None or not opens_hold(last.vote.answer):
            continue
        if question.subject is not Subject.CHILD or question.id in now.around.holds:
            continue
        opened[question.id] = clock.amsterdam_date(clock.now(session))
        session.add(
            ConsentHold(
                id=new_id(),
                board_id=authority.board_id,
                pupil_id=authority.pupil_id,
                item_id=question.id,
                authority_id=authority.id,
                opened_at=clock.now(session),
            )
        )
    session.flush()
    return opened


def _values(session: Session, questions: Questions, around: Around) -> dict[tuple[UUID, UUID | None], Effective]:
    at = clock.now(session)
    return {
        (question.id, adult_id): around.judge(question, at, adult_id=adult_id)
        for question in questions.by_id.values()
        for adult_id in _about(question, around)
    }


def _about(question: Question, around: Around) -> Iterator[UUID | None]:
    if question.subject is Subject.CHILD:
        yield None
    else:
        yield from sorted({heard.vote.holder_id for heard in around.heard.get(question.id, ())})


def _leave_tasks(session: Session, was: Standing, values: Mapping[tuple[UUID, UUID | None], Effective]) -> bool:
    """Tasks for each question that stopped counting, word for the school's systems for each that changed (T13)."""
    place = get_policy_of_board(session, was.board_id).consent_place
    today = clock.amsterdam_date(clock.now(session))
    changed_child = False
    for (item_id, adult_id), after in values.items():
        before = was.values.get((item_id, adult_id), NEVER_ASKED)
        if before.allowed == after.allowed:
            continue
        question = was.questions.by_id[item_id]
        changed_child = changed_child or adult_id is None
        stopped = needs_withdrawal_tasks(before, after)
        for new in _tasks_of(question, place, today, stopped=stopped):
            origin = tasks.Origin(
                was.board_id, was.school_id, pupil_id=was.pupil_id, person_id=adult_id, consent_item_id=item_id
            )
            tasks.add(session, new, origin)
    return changed_child


def _tasks_of(question: Question, place: str, today: date, *, stopped: bool) -> Iterator[NewTask]:
    kept_elsewhere = TaskKind.FORWARD_PREFERENCE in question.follow_ups and place != UNKNOWN_PLACE
    systems = (place,) if kept_elsewhere else ()
    channel = question.channel
    yield from after_withdrawal(channel if stopped else None, preference_systems=systems, on=today)
    if not stopped:
        return
    done = {TaskKind.FORWARD_PREFERENCE, AFTER_WITHDRAWAL[channel] if channel else None}
    for kind in question.follow_ups:
        if kind in done:
            continue
        targets = [code for code in question.terms["recipients"] if code not in NOBODY_TO_TELL]
        for target in targets or [""]:
            yield NewTask(kind, target, due_on(kind, today))
