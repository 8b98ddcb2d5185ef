"""What counts now: the questions of a board and, around each child, the votes, holders, flags and holds."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from parentportal.models.authority import Authority
from parentportal.models.consents import Channel as Way
from parentportal.models.consents import ConsentEvent, ConsentHold, ConsentItem, ConsentWording
from parentportal.models.people import Adult
from parentportal.outside import clock
from parentportal.outside.translations import SOURCE_LANGUAGE
from parentportal.reads.statements import fetch, given, given_list, parsed_once
from parentportal.rules import consents as rules
from parentportal.rules.authority import (
    CAPABILITIES,
    Capability,
    Exposure,
    Link,
    Relation,
    SafetyFlag,
    Status,
    blocks,
    may,
)
from parentportal.rules.consents import (
    NO,
    OWN,
    YES,
    Answer,
    Effective,
    ItemTerms,
    Reason,
    Rule,
    Situation,
    Subject,
    Vote,
)
from parentportal.rules.tasks import Channel, TaskKind
from parentportal.rules.terms import local_day, school_year_of

EXPOSES: Mapping[Channel, Exposure] = {
    Channel.CLASS_LIST: Exposure.NAME_ON_LIST,
    Channel.CLASS_PHOTO: Exposure.CLASS_IMAGE,
    Channel.PARENT_APP: Exposure.CLASS_IMAGE,
    Channel.PARENTS_EVENING: Exposure.CLASS_IMAGE,
}
"""What a channel shows of a child; whatever stands on the class list stands beside the child's name."""

NO_OWN_DATA = frozenset({Relation.INSTITUTION, Relation.SELF})
"""Relations that are not asked about an adult's own telephone number or address."""


def field_of(item_id: UUID) -> str:
    """The name of the field in which a question is answered; `Invalid` speaks about questions by this name."""
    return f"keuze-{item_id}"


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a question in one language, as they stand now."""

    id: UUID
    version: int
    language: str
    texts: Mapping[str, str]

    def says(self, part: str, name: str) -> str:
        """One part of the words about a child of this name."""
        return str(self.texts.get(part, "")).replace("{name}", name)


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a board with what the catalogue says about it."""

    id: UUID
    code: str
    card: str
    position: int
    subject: Subject
    rule: Rule
    offered: bool
    revoked: bool
    terms: Mapping[str, Any]
    wording: Wording
    words: Mapping[UUID, Wording] = field(default_factory=dict)
    """Every wording that may be put to somebody now, one per language; an answer on any of them says the same."""

    @property
    def is_standing(self) -> bool:
        """Whether it is asked of everybody, all the time: not per occasion, and not after leaving."""
        return self.offered and not self.revoked and self.terms["kind"] == "standing"

    @property
    def channel(self) -> Channel | None:
        """Where it publishes; None where it publishes nothing."""
        name = self.terms.get("channel")
        return Channel(name) if name in list(Channel) else None

    @property
    def follow_ups(self) -> tuple[TaskKind, ...]:
        """What stopping it leaves to do."""
        return tuple(TaskKind(kind) for kind in self.terms["follow_ups"] if kind in list(TaskKind))

    def is_blocked(self, flags: Collection[SafetyFlag]) -> bool:
        """Whether a safety flag around the child switches it off, whatever was answered."""
        if not self.terms["blocked_by_safety"]:
            return False
        channel = self.channel
        return blocks(flags, EXPOSES.get(channel, Exposure.PUBLIC_IMAGE) if channel else Exposure.PUBLIC_IMAGE)


@dataclass(frozen=True, slots=True)
class Questions:
    """All questions of a board, retired ones too, and what each wording ever used means."""

    by_id: Mapping[UUID, Question]
    meaning_of: Mapping[UUID, int]

    @property
    def standing(self) -> Sequence[Question]:
        """What is asked of every parent, in the order of the page."""
        return sorted((one for one in self.by_id.values() if one.is_standing), key=lambda one: one.position)


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer as it counts now (`vote`), how it reached the school, on which day it was said, and its receipt."""

    vote: Vote
    way: Way
    said_on: date
    receipt_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """Everything around one child that its consents depend on; `links` maps relations in force to their adults."""

    pupil_id: UUID
    born_on: date | None
    links: Mapping[UUID, UUID] = field(default_factory=dict)
    doubted: frozenset[UUID] = frozenset()
    """Adults whose authority is suspended, or over by date and not yet closed: their no stands, their yes does not."""
    own_id: UUID | None = None
    """The adult row under which a pupil of sixteen decides."""
    flags: frozenset[SafetyFlag] = frozenset()
    holds: Mapping[UUID, date] = field(default_factory=dict)
    """Questions that wait for a new yes, and the Dutch day since when."""
    heard: Mapping[UUID, Sequence[Heard]] = field(default_factory=dict)

    @property
    def holders(self) -> frozenset[UUID]:
        """The adults who decide today."""
        return frozenset(self.links.values())

    def votes(self, item_id: UUID) -> list[Vote]:
        """Every answer to a question that may still matter."""
        return [heard.vote for heard in self.heard.get(item_id, ())]

    def last_of(self, item_id: UUID, adult_id: UUID) -> Heard | None:
        """The standing answer of one adult to a question."""
        own = [heard for heard in self.heard.get(item_id, ()) if heard.vote.holder_id == adult_id]
        standing = rules.newest_votes(heard.vote for heard in own).get(adult_id)
        return next((heard for heard in own if heard.vote is standing), None)

    def _objectors(self, item_id: UUID) -> frozenset[UUID]:
        """Doubted adults who said no: nobody but they, or whoever settles their authority, lifts that."""
        said = {adult_id: self.last_of(item_id, adult_id) for adult_id in self.doubted}
        return frozenset(adult_id for adult_id, heard in said.items() if heard and heard.vote.answer in NO)

    def judge(self, question: Question, at: datetime, *, adult_id: UUID | None = None) -> Effective:
        """Whether a question counts for this child now; about an adult's own data `adult_id` says whose."""
        if question.subject is Subject.ADULT and adult_id not in self.holders:
            return Effective(False, Reason.UNKNOWN)
        situation = Situation(
            at=at,
            holders=self.holders | self._objectors(question.id),
            born_on=self.born_on,
            pupil_id=self.own_id,
            adult_id=adult_id,
            hold_open=question.id in self.holds,
            safety_blocked=question.is_blocked(self.flags),
            revoked=question.revoked,
        )
        terms = ItemTerms(subject=question.subject, rule=question.rule, offered=question.offered)
        return rules.effective(terms, situation, self.votes(question.id))


def is_asked(question: Question, relation: Relation) -> bool:
    """Whether a question is put to somebody in this relation to a child."""
    return question.is_standing and not (question.subject is Subject.ADULT and relation in NO_OWN_DATA)


def list_questions(session: Session, board_id: UUID, *, language: str = SOURCE_LANGUAGE) -> Questions:
    """The questions of a board with their words in a language, in Dutch where that lacks them; one statement.

    A language lacks words too while they translate an older Dutch version.
    """
    rows = fetch(session, _wordings(), board=board_id)
    newest: dict[UUID, dict[str, Row[Any]]] = defaultdict(dict)
    for row in rows:
        newest[row.id][row.language] = row
    return Questions(
        by_id={item_id: _question(words, language) for item_id, words in newest.items()},
        meaning_of={row.wording_id: int(row.texts["meaning"]) for row in rows},
    )


@cache
def _wordings() -> Any:
    return (
        select(
            ConsentItem.id,
            ConsentItem.code,
            ConsentItem.card,
            ConsentItem.position,
            ConsentItem.subject,
            ConsentItem.rule,
            parsed_once(ConsentItem.terms),
            ConsentItem.retired_at,
            ConsentItem.revoked_at,
            ConsentWording.id.label("wording_id"),
            ConsentWording.version,
            ConsentWording.language,
            parsed_once(ConsentWording.texts),
        )
        .join(ConsentWording, ConsentWording.item_id == ConsentItem.id)
        .where(ConsentItem.board_id == given("board"), ConsentWording.board_id == ConsentItem.board_id)
        .order_by(ConsentWording.version)
    )


def _question(newest: Mapping[str, Row[Any]], language: str) -> Question:
    """One question, out of its newest row in each language."""
    row = newest[SOURCE_LANGUAGE]
    words = {
        code: Wording(one.wording_id, one.version, code, one.texts)
        for code, one in newest.items()
        if one is row or one.texts.get("translates") == row.version
    }
    return Question(
        id=row.id,
        code=row.code,
        card=row.card,
        position=row.position,
        subject=row.subject,
        rule=row.rule,
        offered=row.retired_at is None,
        revoked=row.revoked_at is not None,
        terms=row.terms,
        wording=words.get(language, words[SOURCE_LANGUAGE]),
        words={one.id: one for one in words.values()},
    )


def list_around(
    session: Session, board_id: UUID, births: Mapping[UUID, date | None], questions: Questions
) -> dict[UUID, Around]:
    """What stands around each of these children (id to date of birth), in two statements however many they are."""
    now = clock.now(session)
    found = {pupil_id: Around(pupil_id, born_on) for pupil_id, born_on in births.items()}
    relations = defaultdict(list)
    for row in fetch(session, _relations(), board=board_id, pupils=list(births)):
        relations[row.pupil_id].append(row)
    heard: dict[UUID, dict[UUID, list[Heard]]] = defaultdict(lambda: defaultdict(list))
    for row in fetch(session, _answers(), board=board_id, pupils=list(births)):
        question = questions.by_id.get(row.item_id)
        if question is not None:
            heard[row.pupil_id][row.item_id].append(_heard(row, question, questions, now))
    for pupil_id, around in found.items():
        around = _with_relations(around, relations[pupil_id], clock.amsterdam_date(now))
        found[pupil_id] = replace(around, heard=heard[pupil_id])
    return found


@cache
def _relations() -> Any:
    """Every relation of the children, ended ones too because of their flags, with the holds it left open."""
    return (
        select(
            Authority.id,
            Authority.pupil_id,
            func.coalesce(Adult.merged_into_id, Adult.id).label("adult_id"),
            Authority.kind,
            Authority.status,
            Authority.valid_from,
            Authority.valid_until,
            Authority.scope,
            Authority.no_contact,
            Authority.secret_address,
            Authority.no_location,
            ConsentHold.item_id,
            ConsentHold.opened_at,
        )
        .join(Adult, and_(Adult.board_id == Authority.board_id, Adult.id == Authority.adult_id))
        .outerjoin(
            ConsentHold,
            and_(
                ConsentHold.board_id == Authority.board_id,
                ConsentHold.pupil_id == Authority.pupil_id,
                ConsentHold.authority_id == Authority.id,
                ConsentHold.lifted_at.is_(None),
            ),
        )
        .where(Authority.board_id == given("board"), Authority.pupil_id.in_(given_list("pupils")))
    )


def _with_relations(around: Around, rows: Iterable[Row[Any]], today: date) -> Around:
    links: dict[UUID, UUID] = {}
    holds: dict[UUID, date] = {}
    own_id, flags, doubted = None, set(), set()
    for row in rows:
        flags |= {flag for flag in SafetyFlag if getattr(row, flag.value)}
        if row.item_id is not None:
            holds[row.item_id] = clock.amsterdam_date(row.opened_at)
        if row.kind is None:
            continue
        scope = None if row.scope is None else frozenset(word.strip() for word in row.scope.split(",") if word.strip())
        link = Link(row.kind, row.status, row.valid_from, row.valid_until, scope)
        if not may(link, Capability.CONSENT, today):
            if _is_doubted(link, today):
                doubted.add(row.adult_id)
            continue
        if row.kind is Relation.SELF:
            own_id = row.adult_id
        else:
            links[row.id] = row.adult_id
    return replace(
        around,
        links=links,
        doubted=frozenset(doubted),
        own_id=own_id,
        flags=frozenset(flags),
        holds=holds,
    )


def _is_doubted(link: Link, today: date) -> bool:
    over = link.status is Status.CONFIRMED and link.valid_until is not None and link.valid_until <= today
    decides = Capability.CONSENT in CAPABILITIES[link.relation] and link.relation is not Relation.SELF
    return decides and (over or link.status is Status.SUSPENDED)


@cache
def _answers() -> Any:
    """Of each adult, child and question the newest own answer and the newest entry of the school.

    Together they decide as the whole history does (`rules.consents.newest_votes`), however long that is.
    """
    own = ConsentEvent.answer.in_(sorted(OWN))
    series = (ConsentEvent.pupil_id, ConsentEvent.item_id, ConsentEvent.adult_id, own)
    place = func.rank().over(partition_by=series, order_by=ConsentEvent.at.desc()).label("place")
    events = (
        select(
            ConsentEvent.pupil_id,
            ConsentEvent.item_id,
            ConsentEvent.adult_id,
            ConsentEvent.answer,
            ConsentEvent.at,
            ConsentEvent.wording_id,
            ConsentEvent.channel,
            ConsentEvent.received_on,
            ConsentEvent.receipt_id,
            place,
        )
        .where(ConsentEvent.board_id == given("board"), ConsentEvent.pupil_id.in_(given_list("pupils")))
        .subquery()
    )
    told = [column for column in events.c if column.name not in ("adult_id", "place")]
    return (
        select(*told, func.coalesce(Adult.merged_into_id, Adult.id).label("adult_id"))
        .join(Adult, Adult.id == events.c.adult_id)
        .where(Adult.board_id == given("board"), events.c.place == 1)
    )


def _heard(row: Row[Any], question: Question, questions: Questions, now: datetime) -> Heard:
    answer, said_on = row.answer, row.received_on or local_day(row.at)
    if answer in YES and _is_of_another_year(question, said_on, now):
        answer = Answer.EXPIRED
    counts = questions.meaning_of[row.wording_id] >= int(question.terms["meaning"])
    vote = Vote(row.adult_id, answer, row.at, counts)
    return Heard(vote, row.channel, said_on, row.receipt_id)


def _is_of_another_year(question: Question, said_on: date, now: datetime) -> bool:
    """A yes for a class list or group photo ends with its school year (requirements 8.1); a no stays."""
    return question.terms["scope"] == "group_year" and school_year_of(said_on) != school_year_of(local_day(now))
