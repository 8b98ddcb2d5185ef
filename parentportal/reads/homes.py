"""The first page of a parent: per child how far things are, in a fixed number of statements."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, literal, null, or_, select, type_coerce, union_all
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.consents import ConsentEvent, ConsentHold
from parentportal.models.items import Item
from parentportal.models.people import Adult
from parentportal.models.privacy_requests import PrivacyRequest
from parentportal.outside import clock
from parentportal.reads.children import Child, list_children
from parentportal.reads.consent_standing import Question, Questions, is_asked, list_questions
from parentportal.reads.statements import fetch, given, given_list
from parentportal.rules.authority import Capability
from parentportal.rules.consents import NO, OWN, YES, Vote, newest_votes
from parentportal.rules.privacy_requests import FINAL, State
from parentportal.rules.terms import local_day, school_year_of

WAITING = frozenset({State.IDENTITY_NEEDED, State.INFORMATION_NEEDED})
"""States in which the school waits for the parent."""


@dataclass(frozen=True, slots=True)
class RunningRequest:
    """One running request of the viewer; `due_on` is the day by which the school answers."""

    id: UUID
    pupil_id: UUID | None
    due_on: date | None
    waits_for_parent: bool


@dataclass(frozen=True, slots=True)
class ChildCard:
    """One child on the first page. `changed_at` is None where it could tell what a safety flag hides."""

    child: Child
    may_decide: bool
    answered: int
    asked: int
    requests: Sequence[RunningRequest]
    changed_at: datetime | None

    @property
    def unanswered(self) -> int:
        return self.asked - self.answered if self.may_decide else 0

    @property
    def due_on(self) -> date | None:
        """The first day by which an answer must come."""
        return min((one.due_on for one in self.requests if one.due_on), default=None)


@dataclass(frozen=True, slots=True)
class ParentHome:
    """Everything on a parent's first page; `own_requests` are about the viewer self."""

    cards: Sequence[ChildCard]
    own_requests: Sequence[RunningRequest]


def get_parent_home(session: Session, *, by: Visitor) -> ParentHome:
    """The viewer's children by first name; four statements, however many children and values."""
    children = list_children(session, by, board_id=by.board_id)
    ids = [child.id for child in children]
    questions = list_questions(session, by.board_id, language=by.language)
    given = _own_answers(session, ids, questions, by)
    changed, requests = _changes_and_requests(session, ids, by)
    cards = [
        ChildCard(
            child=child,
            may_decide=Capability.CONSENT in child.may,
            answered=sum((child.id, one.id) in given for one in _asked(child, questions)),
            asked=len(_asked(child, questions)),
            requests=[one for one in requests if one.pupil_id == child.id],
            changed_at=None if child.flags else changed.get(child.id),
        )
        for child in children
    ]
    return ParentHome(cards, [one for one in requests if one.pupil_id is None])


def _asked(child: Child, questions: Questions) -> list[Question]:
    return [one for one in questions.standing if is_asked(one, child.relation)]


def _own_answers(session: Session, ids: Sequence[UUID], questions: Questions, by: Visitor) -> set[tuple[UUID, UUID]]:
    """Child and question for every standing choice of the viewer, as the page Toestemming counts them."""
    rows = fetch(session, _answers_given(), board=by.board_id, adult=by.adult_id, pupils=ids)
    votes: dict[tuple[UUID, UUID], list[Vote]] = defaultdict(list)
    wording: dict[int, Row[Any]] = {}
    for row in rows:
        vote = Vote(by.adult_id, row.answer, row.at)
        votes[row.pupil_id, row.item_id].append(vote)
        wording[id(vote)] = row
    standing = set()
    for place, heard in votes.items():
        newest = newest_votes(heard).get(by.adult_id)
        question = questions.by_id.get(place[1])
        if newest is None or question is None:
            continue
        row = wording[id(newest)]
        if newest.answer in NO or (newest.answer in YES and _still_counts(row, question, questions, session)):
            standing.add(place)
    return standing


def _still_counts(row: Row[Any], question: Question, questions: Questions, session: Session) -> bool:
    """Whether a yes need not be asked again: same meaning, same school year, and nothing on hold."""
    yearly = question.terms["scope"] == "group_year"
    this_year = school_year_of(local_day(clock.now(session)))
    said_on = row.received_on or local_day(row.at)
    if row.on_hold or (yearly and school_year_of(said_on) != this_year):
        return False
    return questions.meaning_of[row.wording_id] >= int(question.terms["meaning"])


@cache
def _answers_given() -> Any:
    hold = (
        select(ConsentHold.id)
        .where(
            ConsentHold.board_id == ConsentEvent.board_id,
            ConsentHold.pupil_id == ConsentEvent.pupil_id,
            ConsentHold.item_id == ConsentEvent.item_id,
            ConsentHold.lifted_at.is_(None),
        )
        .exists()
    )
    return (
        select(
            ConsentEvent.pupil_id,
            ConsentEvent.item_id,
            ConsentEvent.answer,
            ConsentEvent.at,
            ConsentEvent.received_on,
            ConsentEvent.wording_id,
            hold.label("on_hold"),
        )
        .join(Adult, and_(Adult.board_id == ConsentEvent.board_id, Adult.id == ConsentEvent.adult_id))
        .where(
            ConsentEvent.board_id == given("board"),
            ConsentEvent.pupil_id.in_(given_list("pupils")),
            func.coalesce(Adult.merged_into_id, Adult.id) == given("adult"),
            ConsentEvent.answer.in_(sorted(OWN)),
        )
    )


def _changes_and_requests(
    session: Session, ids: Sequence[UUID], by: Visitor
) -> tuple[dict[UUID, datetime], list[RunningRequest]]:
    """When something of each child last changed, and the viewer's running requests; one statement."""
    rows = fetch(session, _changes_with_requests(), board=by.board_id, adult=by.adult_id, pupils=ids)
    changed = {row.id: row.changed_at for row in rows if row.what == "item"}
    requests = [
        RunningRequest(row.id, row.pupil_id, row.due_on, row.state in WAITING) for row in rows if row.what == "request"
    ]
    return changed, requests


@cache
def _changes_with_requests() -> Any:
    changes = (
        select(
            literal("item").label("what"),
            Item.person_id.label("id"),
            type_coerce(null(), PrivacyRequest.pupil_id.type).label("pupil_id"),
            func.max(Item.changed_at).label("changed_at"),
            type_coerce(null(), PrivacyRequest.policy_due_on.type).label("due_on"),
            type_coerce(null(), PrivacyRequest.state.type).label("state"),
        )
        .where(Item.board_id == given("board"), Item.person_id.in_(given_list("pupils")))
        .group_by(Item.person_id)
    )
    running = select(
        literal("request"),
        PrivacyRequest.id,
        PrivacyRequest.pupil_id,
        type_coerce(null(), Item.changed_at.type),
        PrivacyRequest.policy_due_on,
        PrivacyRequest.state,
    ).where(
        PrivacyRequest.board_id == given("board"),
        PrivacyRequest.adult_id == given("adult"),
        PrivacyRequest.state.not_in([State.DRAFT, *FINAL]),
        or_(PrivacyRequest.pupil_id.is_(None), PrivacyRequest.pupil_id.in_(given_list("pupils"))),
    )
    return union_all(changes, running)
