"""What a guardian sees of consents: the questions about a child with what counts now, and the receipts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from parentportal.access import Visitor
from parentportal.models.consents import Channel as Way
from parentportal.models.consents import ConsentEvent, ConsentItem, ConsentReceipt, ConsentWording
from parentportal.models.people import Adult
from parentportal.outside import clock
from parentportal.outside.translations import SOURCE_LANGUAGE
from parentportal.reads.children import Child, list_children
from parentportal.reads.consent_standing import (
    Around,
    Heard,
    Question,
    Questions,
    field_of,
    is_asked,
    list_around,
    list_questions,
)
from parentportal.rules.authority import Capability, Hidden, hidden_by
from parentportal.rules.consents import NO, YES, Answer, Reason, Subject
from parentportal.rules.errors import NotFound


class Note(StrEnum):
    """What a guardian is told besides her own choice; never who, when or why of another adult (ux 7.4)."""

    NONE = ""
    OTHER_NO = "other_no"
    OTHER_YES = "other_yes"
    WAITS = "waits"
    NEW_TEXT = "new_text"
    AGAIN = "again"
    NEW_YEAR = "new_year"


@dataclass(frozen=True, slots=True)
class Asked:
    """One question on the page: its words about this child, the own choice ("yes", "no" or None), what counts now."""

    item_id: UUID
    wording_id: UUID
    field: str
    language: str
    question: str
    audience: str
    explanation: Mapping[str, str]
    value: str | None
    said_at: datetime | None
    receipt_id: UUID | None
    on_paper: bool
    counts: bool
    note: Note
    is_image: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One card with one or more questions; photo and video are rows of one card."""

    code: str
    title: str
    rows: Sequence[Asked]


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """The questions about one child."""

    child: Child
    children: Sequence[Child]
    cards: Sequence[Card]

    @property
    def rows(self) -> Sequence[Asked]:
        """Every question, in the order of the page."""
        return [row for card in self.cards for row in card.rows]

    @property
    def open(self) -> Sequence[Asked]:
        """The questions that wait for an answer."""
        return [row for row in self.rows if row.value is None]


@dataclass(frozen=True, slots=True)
class Progress:
    """How many questions about a child are answered; without `may_decide` this guardian has nothing to choose."""

    child: Child
    answered: int
    total: int
    may_decide: bool


EXPLANATION = ("where", "audience", "example", "duration", "after_no", "decides", "withdrawal")


def get_page(session: Session, pupil_id: UUID, *, by: Visitor) -> ConsentPage:
    """The questions about a child whom this guardian may decide for; otherwise `NotFound`."""
    children = list_children(session, by, board_id=by.board_id, capability=Capability.CONSENT)
    child = next((one for one in children if one.id == pupil_id), None)
    if child is None:
        raise NotFound
    questions = list_questions(session, by.board_id, language=by.language)
    around = list_around(session, by.board_id, {child.id: child.birth_date}, questions)[child.id]
    return ConsentPage(child, children, _cards(child, questions, around, by.adult_id, clock.now(session)))


def list_asked(session: Session, pupil_id: UUID, *, by: Visitor) -> Sequence[Question]:
    """Only what is asked about such a child, for a form that comes in; `NotFound` as `get_page` has it."""
    children = list_children(session, by, board_id=by.board_id, capability=Capability.CONSENT)
    relation = next((one.relation for one in children if one.id == pupil_id), None)
    if relation is None:
        raise NotFound
    return [one for one in list_questions(session, by.board_id).standing if is_asked(one, relation)]


def list_progress(session: Session, *, by: Visitor) -> Sequence[Progress]:
    """Every child of this guardian with how far the questions are; four statements however many children."""
    children = list_children(session, by, board_id=by.board_id)
    questions = list_questions(session, by.board_id, language=by.language)
    births = {child.id: child.birth_date for child in children}
    around = list_around(session, by.board_id, births, questions)
    now = clock.now(session)
    found = []
    for child in children:
        rows = [row for card in _cards(child, questions, around[child.id], by.adult_id, now) for row in card.rows]
        answered = sum(row.value is not None for row in rows)
        found.append(Progress(child, answered, len(rows), Capability.CONSENT in child.may))
    return found


def _cards(child: Child, questions: Questions, around: Around, adult_id: UUID, now: datetime) -> Sequence[Card]:
    asked = [question for question in questions.standing if is_asked(question, child.relation)]
    places: dict[str, int] = {}
    for question in asked:
        places.setdefault(question.card, question.position)
    asked.sort(key=lambda question: (places[question.card], question.position))
    cards = []
    for code, group in groupby(asked, key=lambda question: question.card):
        rows = list(group)
        title = str(rows[0].terms["card_title"])
        cards.append(Card(code, title, [_asked(row, around, adult_id, child.call_name, now) for row in rows]))
    return cards


def _asked(question: Question, around: Around, adult_id: UUID, name: str, now: datetime) -> Asked:
    heard = around.last_of(question.id, adult_id)
    value = _value(question, around, heard)
    effective = around.judge(question, now, adult_id=adult_id if question.subject is Subject.ADULT else None)
    wording = question.wording
    return Asked(
        item_id=question.id,
        wording_id=wording.id,
        field=field_of(question.id),
        language=wording.language,
        question=wording.says("question", name),
        audience=wording.says("audience", name),
        explanation={part: wording.says(part, name) for part in EXPLANATION},
        value=value,
        said_at=heard.vote.at if heard and heard.vote.answer in YES | NO else None,
        receipt_id=heard.receipt_id if heard else None,
        on_paper=heard is not None and heard.way is not Way.PORTAL,
        counts=effective.allowed,
        note=_note(question, around, heard, value, effective.reason),
        is_image=question.terms["family"] == "image",
    )


def _value(question: Question, around: Around, heard: Heard | None) -> str | None:
    """The own choice that stands; a yes that is asked again is not shown as chosen, so that saving is an act."""
    if heard is None:
        return None
    if heard.vote.answer in NO:
        return "no"
    asked_again = not heard.vote.wording_counts or question.id in around.holds
    return "yes" if heard.vote.answer in YES and not asked_again else None


def _note(question: Question, around: Around, heard: Heard | None, value: str | None, reason: Reason) -> Note:
    answer = heard.vote.answer if heard else None
    if answer is Answer.EXPIRED:
        return Note.NEW_YEAR
    if value is None and answer in YES:
        return Note.AGAIN if question.id in around.holds else Note.NEW_TEXT
    if around.flags or question.subject is Subject.ADULT:
        return Note.NONE
    if value == "yes" and reason is Reason.OBJECTION:
        return Note.OTHER_NO
    if value == "yes" and reason is Reason.UNKNOWN:
        return Note.WAITS
    return Note.OTHER_YES if value is None and reason is Reason.ALLOWED else Note.NONE


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a receipt; `before` and `after` are "yes", "no" or None. `can_undo` while it is still the last."""

    item_id: UUID
    wording_id: UUID
    question: str
    before: str | None
    after: str | None
    version: int
    language: str
    can_undo: bool
    is_image: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an adult chose at one moment. `recorded_by_school` for an answer on paper or at the desk."""

    id: UUID
    number: str
    at: datetime
    pupil_id: UUID
    call_name: str
    school_name: str
    way: Way
    received_on: date | None
    changes: Sequence[Change]

    @property
    def stopped_images(self) -> bool:
        """Whether images that were allowed no longer are, so that older ones may have to go."""
        return any(one.is_image and one.before == "yes" and one.after == "no" for one in self.changes)


def get_receipt(session: Session, receipt_id: UUID, *, by: Visitor) -> Receipt:
    """An own receipt about a child of whom this guardian still has charge; otherwise `NotFound`."""
    rows = session.execute(
        receipt_query(receipt_id).where(
            ConsentReceipt.board_id == by.board_id, ConsentReceipt.adult_id.in_(own_ids(by))
        )
    ).all()
    children = list_children(session, by, board_id=by.board_id)
    child = next((one for one in children if rows and one.id == rows[0].pupil_id), None)
    if child is None:
        raise NotFound
    school_name = "" if Hidden.SCHOOL in hidden_by(child.flags) else child.school_name
    return make_receipt(rows, child.call_name, school_name)


def own_ids(by: Visitor) -> Any:
    """Under which rows this adult is listed: the own one, and those a person merged into it."""
    return select(Adult.id).where(
        Adult.board_id == by.board_id, or_(Adult.id == by.adult_id, Adult.merged_into_id == by.adult_id)
    )


def receipt_query(receipt_id: UUID) -> Any:
    """The lines of a receipt with their exact words; who may see it is the caller's to add."""
    return (
        select(
            ConsentReceipt.id,
            ConsentReceipt.number,
            ConsentReceipt.at,
            ConsentReceipt.pupil_id,
            ConsentReceipt.adult_id,
            ConsentEvent.item_id,
            ConsentEvent.answer,
            ConsentEvent.previous,
            ConsentEvent.channel,
            ConsentEvent.received_on,
            ConsentEvent.language,
            ConsentItem.terms,
            ConsentItem.retired_at,
            ConsentWording.id.label("wording_id"),
            ConsentWording.version,
            ConsentWording.texts,
            _said_since().label("said_since"),
            _worded_since().label("worded_since"),
        )
        .join(
            ConsentEvent,
            and_(ConsentEvent.board_id == ConsentReceipt.board_id, ConsentEvent.receipt_id == ConsentReceipt.id),
        )
        .join(ConsentItem, ConsentItem.id == ConsentEvent.item_id)
        .join(ConsentWording, ConsentWording.id == ConsentEvent.wording_id)
        .where(ConsentReceipt.id == receipt_id)
        .order_by(ConsentItem.position)
    )


def _said_since() -> ColumnElement[bool]:
    """Whether the same adult answered the same question about the same child later."""
    later = aliased(ConsentEvent)
    return exists().where(
        later.board_id == ConsentEvent.board_id,
        later.pupil_id == ConsentEvent.pupil_id,
        later.item_id == ConsentEvent.item_id,
        later.adult_id == ConsentEvent.adult_id,
        later.at > ConsentEvent.at,
    )


def _worded_since() -> ColumnElement[bool]:
    """Whether the question has newer words in the same language, or newer Dutch words than these translate."""
    newer = aliased(ConsentWording)
    translated = ConsentWording.texts["translates"].as_integer()
    return exists().where(
        newer.board_id == ConsentWording.board_id,
        newer.item_id == ConsentWording.item_id,
        or_(
            and_(newer.language == ConsentWording.language, newer.version > ConsentWording.version),
            and_(newer.language == SOURCE_LANGUAGE, newer.version > translated),
        ),
    )


def make_receipt(rows: Sequence[Row[Any]], call_name: str, school_name: str) -> Receipt:
    """The receipt of which these are the lines."""
    first = rows[0]
    return Receipt(
        id=first.id,
        number=first.number,
        at=first.at,
        pupil_id=first.pupil_id,
        call_name=call_name,
        school_name=school_name,
        way=first.channel,
        received_on=first.received_on,
        changes=[_change(row, call_name) for row in rows],
    )


def _change(row: Row[Any], call_name: str) -> Change:
    return Change(
        item_id=row.item_id,
        wording_id=row.wording_id,
        question=str(row.texts["question"]).replace("{name}", call_name),
        before=_word(row.previous),
        after=_word(row.answer),
        version=row.version,
        language=row.language,
        can_undo=not (row.said_since or row.worded_since or row.retired_at),
        is_image=row.terms["family"] == "image",
    )


def _word(answer: Answer | None) -> str | None:
    return "yes" if answer in YES else "no" if answer in NO else None
