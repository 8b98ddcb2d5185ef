"""Mag dit?: for a group and a purpose, who may not and who may; without reasons and without any parent."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.groups import Group, Placement, TeacherAssignment
from parentportal.models.people import Adult, Enrolment, Pupil
from parentportal.outside import clock
from parentportal.reads.consent_standing import Around, Question, Questions, list_around, list_questions
from parentportal.rules.consents import Subject
from parentportal.rules.errors import NotFound
from parentportal.rules.names import Name
from parentportal.rules.roles import Role
from parentportal.rules.tasks import Channel
from parentportal.rules.terms import school_year_of


@dataclass(frozen=True, slots=True)
class Purpose:
    """One thing that may or may not be done with a child; `medium` is "photo", "video", "both" or "none"."""

    item_id: UUID
    code: str
    title: str
    card: str
    channel: Channel | None
    medium: str
    level: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group that this member of staff may look at."""

    id: UUID
    name: str
    pupils: int


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One child by first name and initial, with an answer for each purpose in the order of the sheet."""

    name: str
    allowed: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole group: what holds at `at`."""

    group: GroupRow
    purposes: Sequence[Purpose]
    rows: Sequence[SheetRow]
    at: datetime

    def split(self, item_id: UUID) -> tuple[Purpose, Sequence[str], Sequence[str]]:
        """One purpose, with the names of who may not and of who may; `NotFound` for a purpose not on the sheet."""
        for place, purpose in enumerate(self.purposes):
            if purpose.item_id == item_id:
                no = [row.name for row in self.rows if not row.allowed[place]]
                return purpose, no, [row.name for row in self.rows if row.allowed[place]]
        raise NotFound


@dataclass(frozen=True, slots=True)
class Sheets:
    """Where a member of staff chooses: groups and purposes."""

    groups: Sequence[GroupRow]
    purposes: Sequence[Purpose]


SEES_ALL_GROUPS = frozenset({Role.DIRECTOR, Role.ADMINISTRATION})


def list_sheets(session: Session, *, by: Visitor) -> Sheets:
    """The groups of this moment that are this teacher's, or all of the school for whoever runs it."""
    questions = list_questions(session, by.board_id)
    return Sheets(_groups(session, by), [_purpose(question) for question in _about_children(questions)])


def get_sheet(session: Session, group_id: UUID, *, by: Visitor) -> Sheet:
    """What counts for each child of a group now, in four statements; `NotFound` for a group of somebody else."""
    group, pupils = group_with_pupils(session, group_id, by)
    questions = list_questions(session, by.board_id)
    around = _around(session, by, pupils, questions)
    at = clock.now(session)
    asked = _about_children(questions)
    rows = [
        SheetRow(pupil.name, tuple(around[pupil.id].judge(question, at).allowed for question in asked))
        for pupil in pupils
    ]
    return Sheet(group, [_purpose(question) for question in asked], rows, at)


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One child in full with, per question, the word that other systems need."""

    pupil_name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """The consents that count in a group, for the administration."""

    group: GroupRow
    titles: Sequence[str]
    rows: Sequence[ExportRow]
    at: datetime


def get_export(session: Session, group_id: UUID, *, by: Visitor) -> Export:
    """The list of a group for systems such as ParnasSys: JA or NEE, and for an adult's own data the adults' names."""
    if by.role not in SEES_ALL_GROUPS:
        raise NotFound
    group, pupils = group_with_pupils(session, group_id, by)
    questions = list_questions(session, by.board_id)
    around = _around(session, by, pupils, questions)
    names = _adult_names(session, by.board_id, around)
    at = clock.now(session)
    asked = questions.standing
    rows = [
        ExportRow(pupil.full_name, tuple(_cell(question, around[pupil.id], at, names) for question in asked))
        for pupil in pupils
    ]
    return Export(group, [question.wording.texts["title"] for question in asked], rows, at)


@dataclass(frozen=True, slots=True)
class Seated:
    """A child in a group; `name` is the short form for lists."""

    id: UUID
    name: str
    full_name: str
    born_on: date | None


def _around(session: Session, by: Visitor, pupils: Sequence[Seated], questions: Questions) -> dict[UUID, Around]:
    return list_around(session, by.board_id, {pupil.id: pupil.born_on for pupil in pupils}, questions)


def _about_children(questions: Questions) -> list[Question]:
    """What a teacher asks herself with a camera or a list in hand: about the child, of this moment."""
    return [question for question in questions.standing if question.subject is Subject.CHILD]


def _purpose(question: Question) -> Purpose:
    return Purpose(
        item_id=question.id,
        code=question.code,
        title=question.wording.texts["title"],
        card=str(question.terms["card_title"]),
        channel=question.channel,
        medium=str(question.terms["medium"]),
        level=str(question.terms["level"]),
    )


def _may_see(by: Visitor, today: date) -> ColumnElement[bool]:
    """The groups of this school year that this visitor works with today."""
    here = and_(
        Group.board_id == by.board_id, Group.school_id == by.school_id, Group.school_year == school_year_of(today)
    )
    if by.role in SEES_ALL_GROUPS:
        return here
    taught = exists().where(
        TeacherAssignment.board_id == Group.board_id,
        TeacherAssignment.group_id == Group.id,
        TeacherAssignment.adult_id == by.adult_id,
        TeacherAssignment.starts_on <= today,
        or_(TeacherAssignment.ends_on.is_(None), TeacherAssignment.ends_on > today),
    )
    return and_(here, taught)


def _seated(today: date) -> ColumnElement[bool]:
    return and_(
        Placement.board_id == Group.board_id,
        Placement.group_id == Group.id,
        Placement.starts_on <= today,
        or_(Placement.ends_on.is_(None), Placement.ends_on > today),
    )


def _groups(session: Session, by: Visitor) -> Sequence[GroupRow]:
    today = clock.amsterdam_date(clock.now(session))
    rows = session.execute(
        select(Group.id, Group.name, func.count(Pupil.id))
        .outerjoin(Placement, _seated(today))
        .outerjoin(Pupil, and_(Pupil.id == Placement.pupil_id, Pupil.enrolment == Enrolment.ENROLLED))
        .where(_may_see(by, today))
        .group_by(Group.id, Group.name)
        .order_by(Group.name)
    )
    return [GroupRow(*row) for row in rows]


def group_with_pupils(session: Session, group_id: UUID, by: Visitor) -> tuple[GroupRow, Sequence[Seated]]:
    """A group of this moment with its children by name; `NotFound` for a group that is not this visitor's."""
    today = clock.amsterdam_date(clock.now(session))
    rows = session.execute(
        select(
            Group.id.label("group_id"),
            Group.name.label("group_name"),
            Pupil.id,
            Pupil.call_name,
            Pupil.prefix,
            Pupil.surname,
            Pupil.birth_date,
        )
        .outerjoin(Placement, _seated(today))
        .outerjoin(Pupil, and_(Pupil.id == Placement.pupil_id, Pupil.enrolment == Enrolment.ENROLLED))
        .where(Group.id == group_id, _may_see(by, today))
    ).all()
    if not rows:
        raise NotFound
    names = {row.id: Name(row.call_name, row.prefix, row.surname) for row in rows if row.id is not None}
    short = Counter(name.with_initial() for name in names.values())
    pupils = [_seat(row.id, names[row.id], row.birth_date, short) for row in rows if row.id is not None]
    pupils.sort(key=lambda pupil: (pupil.name.casefold(), pupil.full_name.casefold(), pupil.id))
    return GroupRow(rows[0].group_id, rows[0].group_name, len(pupils)), pupils


def _seat(pupil_id: UUID, name: Name, born_on: date | None, short: Counter[str]) -> Seated:
    """Two children with the same first name and initial are told apart by their whole name."""
    own = name.with_initial()
    return Seated(pupil_id, own if short[own] == 1 else name.display(), name.display(), born_on)


def _adult_names(session: Session, board_id: UUID, around: dict[UUID, Around]) -> dict[UUID, str]:
    holders = {adult_id for one in around.values() for adult_id in one.holders}
    rows = session.execute(
        select(Adult.id, Adult.first_name, Adult.initials, Adult.prefix, Adult.surname).where(
            Adult.board_id == board_id, Adult.id.in_(holders)
        )
    )
    return {row.id: Name(row.first_name or row.initials, row.prefix, row.surname).display() for row in rows}


def _cell(question: Question, around: Around, at: datetime, names: dict[UUID, str]) -> str:
    if question.subject is Subject.CHILD:
        return "JA" if around.judge(question, at).allowed else "NEE"
    agreed = sorted(_agreed(question, around, at, names))
    return "JA: " + ", ".join(agreed) if agreed else "NEE"


def _agreed(question: Question, around: Around, at: datetime, names: dict[UUID, str]) -> Iterator[str]:
    for adult_id in around.holders:
        if around.judge(question, at, adult_id=adult_id).allowed:
            yield names[adult_id]
