"""Whether a consent counts now: computed from what each person said, never stored as a yes or no."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from parentportal.rules.terms import decides_alone


class Answer(StrEnum):
    """What happened to one person's consent for one item (requirements 8.4, ISO/IEC TS 27560)."""

    GIVEN = "given"
    RENEWED = "renewed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"
    ASKED = "asked"
    DEFERRED = "deferred"
    REVOKED = "revoked"
    """By the school, never by a parent."""
    EXPIRED = "expired"
    INVALID = "invalid"
    ENDED = "ended"


YES = frozenset({Answer.GIVEN, Answer.RENEWED})
"""Only these permit processing (trap T31)."""

NO = frozenset({Answer.REFUSED, Answer.WITHDRAWN, Answer.OBJECTED})
"""Any of these by a holder of authority beats every yes (trap T2)."""

OWN = YES | NO | {Answer.DEFERRED}
"""What only the person concerned can say; everything else is recorded by the school."""


class Choice(StrEnum):
    """What a person picks on the screen; `answer_to` makes it an answer."""

    YES = "yes"
    NO = "no"
    OBJECT = "object"
    LATER = "later"
    """No opinion for now; the only way, next to a yes, to lift one's own no."""


class Rule(StrEnum):
    """How many holders of authority must say yes."""

    ONE = "one"
    ALL = "all"


class Subject(StrEnum):
    """Whose data the item is about, and so who decides."""

    CHILD = "child"
    ADULT = "adult"


class Reason(StrEnum):
    """Why an item counts or not; all that staff sees besides yes or no."""

    ALLOWED = "allowed"
    NOT_OFFERED = "not_offered"
    REVOKED = "revoked"
    SAFETY = "safety"
    SIXTEEN = "sixteen"
    UNKNOWN = "unknown"
    UNCONFIRMED = "unconfirmed"
    """Somebody said yes, but on a wording that no longer counts or was never known."""
    RECONFIRM = "reconfirm"
    OBJECTION = "objection"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ItemTerms:
    """The terms under which an item is asked; `occasion_ends` makes it a consent for one occasion (T10)."""

    subject: Subject = Subject.CHILD
    rule: Rule = Rule.ONE
    offered: bool = True
    occasion_ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """One answer of one person; `wording_counts` is False when the text has changed in substance since."""

    holder_id: UUID
    answer: Answer
    at: datetime
    wording_counts: bool = True


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything around a child, at one moment, that a consent depends on."""

    at: datetime
    holders: frozenset[UUID] = frozenset()
    """Who holds active authority at that moment and within whose scope the item falls."""
    born_on: date | None = None
    pupil_id: UUID | None = None
    adult_id: UUID | None = None
    """The adult whose own data an item with subject adult is about."""
    hold_open: bool = False
    safety_blocked: bool = False
    revoked: bool = False
    unreachable: frozenset[UUID] = frozenset()
    """Holders that a director, with a recorded reason, does not wait for; their no still counts."""


@dataclass(frozen=True, slots=True)
class Effective:
    """Whether the school may act on the item, and why."""

    allowed: bool
    reason: Reason


ALLOWED = Effective(True, Reason.ALLOWED)


def newest_votes(votes: Iterable[Vote]) -> dict[UUID, Vote]:
    """The standing answer of each person, in whatever order the history is given.

    What the school records (asked, expired, invalid) can end a yes, never somebody's no: only who
    objected, or a court, lifts it (BW 1:253i, trap T2). Of two answers at the same moment, a no stands.
    """
    standing: dict[UUID, Vote] = {}
    for vote in sorted(votes, key=_strictest_last):
        before = standing.get(vote.holder_id)
        if vote.answer in OWN or before is None or before.answer not in NO:
            standing[vote.holder_id] = vote
    return standing


def effective(item: ItemTerms, situation: Situation, votes: Iterable[Vote]) -> Effective:
    """Whether the item counts now (requirements 6.2; GDPR articles 6(1)(a) and 7, BW 1:253i).

    `votes` is the whole history, or of each person the answer that `newest_votes` keeps; answers of
    people who hold no authority are ignored.
    """
    if not item.offered:
        return _no(Reason.NOT_OFFERED)
    if situation.revoked:
        return _no(Reason.REVOKED)
    if situation.safety_blocked:
        return _no(Reason.SAFETY)
    standing = newest_votes(votes)
    if item.subject is Subject.ADULT:
        return _by_one(item, situation, standing, situation.adult_id, otherwise=Reason.UNKNOWN)
    if decides_alone(situation.born_on, situation.at):
        return _by_one(item, situation, standing, situation.pupil_id, otherwise=Reason.SIXTEEN)
    return _by_holders(item, situation, standing)


def _strictest_last(vote: Vote) -> tuple[datetime, bool, bool, str, bool]:
    return vote.at, vote.answer in NO, vote.answer not in YES, vote.answer, not vote.wording_counts


def _no(reason: Reason) -> Effective:
    return Effective(False, reason)


def _is_over(item: ItemTerms, situation: Situation) -> bool:
    return item.occasion_ends is not None and situation.at >= item.occasion_ends


def _by_one(
    item: ItemTerms,
    situation: Situation,
    standing: dict[UUID, Vote],
    person_id: UUID | None,
    *,
    otherwise: Reason,
) -> Effective:
    vote = standing.get(person_id) if person_id else None
    if vote is not None and vote.answer in NO:
        return _no(Reason.OBJECTION)
    if vote is None or vote.answer not in YES:
        return _no(otherwise)
    if not vote.wording_counts:
        return _no(Reason.UNCONFIRMED)
    return _no(Reason.EXPIRED) if _is_over(item, situation) else ALLOWED


def _by_holders(item: ItemTerms, situation: Situation, standing: dict[UUID, Vote]) -> Effective:
    if not situation.holders:
        return _no(Reason.UNKNOWN)
    if situation.hold_open:
        return _no(Reason.RECONFIRM)
    own = [standing[holder] for holder in situation.holders if holder in standing]
    if any(vote.answer in NO for vote in own):
        return _no(Reason.OBJECTION)
    agreed = {vote.holder_id for vote in own if vote.answer in YES}
    counted = {vote.holder_id for vote in own if vote.answer in YES and vote.wording_counts}
    if counted and _is_over(item, situation):
        return _no(Reason.EXPIRED)
    if _suffices(item.rule, counted, situation):
        return ALLOWED
    return _no(Reason.UNCONFIRMED if _suffices(item.rule, agreed, situation) else Reason.UNKNOWN)


def _suffices(rule: Rule, agreed: Collection[UUID], situation: Situation) -> bool:
    """All of nobody is no consent: at least one yes is needed under either rule."""
    if not agreed:
        return False
    return rule is Rule.ONE or (situation.holders - situation.unreachable).issubset(agreed)


def answer_to(
    choice: Choice, last: Answer | None, *, wording_counts: bool = True, hold_open: bool = False
) -> Answer | None:
    """What a person's choice is recorded as, after their own last answer; None when it changes nothing.

    A second click or a replayed form is no change. A yes on top of a yes is one only when the text
    changed in substance or the school waits for a reconfirmation.
    """
    if choice is Choice.YES:
        if last in YES:
            return Answer.RENEWED if hold_open or not wording_counts else None
        return Answer.RENEWED if last is Answer.EXPIRED else Answer.GIVEN
    if choice is Choice.LATER:
        return None if last in YES or last is Answer.DEFERRED else Answer.DEFERRED
    if last in NO:
        return None
    if choice is Choice.OBJECT:
        return Answer.OBJECTED
    return Answer.WITHDRAWN if last in YES else Answer.REFUSED


def needs_withdrawal_tasks(before: Effective, after: Effective) -> bool:
    """Whether what was published or passed on must now be taken back, whatever the reason (trap T13)."""
    return before.allowed and not after.allowed


def opens_hold(last_answer_of_leaving_holder: Answer | None) -> bool:
    """Whether the others must say yes again now that this holder lost authority (requirements 6.2)."""
    return last_answer_of_leaving_holder in NO


def closes_hold(answer: Answer, *, said_on: date, opened_on: date) -> bool:
    """Whether this answer of a remaining holder ends a hold: a yes from before it opened knew nothing of it.

    `said_on` is the day on which paper came in, not the day it was entered.
    """
    return answer in YES and said_on >= opened_on


def informs_other_holders(answer: Answer, *, safety_flag: bool, board_informs: bool = True) -> bool:
    """Whether the other holders get the neutral notice that lets them object; never with a safety flag."""
    return answer in YES and board_informs and not safety_flag


def disagree_since(votes: Iterable[Vote], holders: Collection[UUID]) -> datetime | None:
    """Since when holders contradict each other: the moment of the later side's first standing answer.

    None while they agree. The director talks with both when it lasts (requirements 6.2).
    """
    own = [vote for vote in newest_votes(votes).values() if vote.holder_id in holders]
    yes = [vote.at for vote in own if vote.answer in YES]
    no = [vote.at for vote in own if vote.answer in NO]
    return max(min(yes), min(no)) if yes and no else None
