"""What is decided on a request, on which grounds, and what may be missing before it can go out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from parentportal.rules.privacy_requests import Kind


class Outcome(StrEnum):
    """The decision on one item, and derived from all items on the request."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"
    STATEMENT_ADDED = "statement_added"
    RESTRICTED = "restricted"
    NOT_PRESENT = "not_present"
    REFERRED = "referred"
    NOT_IDENTIFIABLE = "not_identifiable"


FAVOURABLE = frozenset({Outcome.GRANTED, Outcome.PARTLY, Outcome.STATEMENT_ADDED, Outcome.RESTRICTED})
"""Outcomes after which something must be carried out."""

NEEDS_GROUND = frozenset({Outcome.REFUSED, Outcome.PARTLY})


def outcome_of(items: Collection[Outcome]) -> Outcome:
    """The outcome of a whole request; ValueError when nothing is decided.

    Equal outcomes keep their name; a mix with anything granted is partly; a mix without is a refusal
    when any item is refused, so that no letter promises something that nobody got.
    """
    if not items:
        raise ValueError("a request needs at least one decided item")
    distinct = set(items)
    if len(distinct) == 1:
        return distinct.pop()
    if distinct & FAVOURABLE:
        return Outcome.PARTLY
    order = (Outcome.REFUSED, Outcome.REFERRED, Outcome.NOT_IDENTIFIABLE)
    return next(outcome for outcome in order if outcome in distinct)


def needs_execution(items: Collection[Outcome]) -> bool:
    """Whether a decided request goes on to tasks, or straight to its letter."""
    return any(item in FAVOURABLE for item in items)


class Ground(StrEnum):
    """The closed list of grounds to refuse, wholly or partly (requirements 10.2)."""

    LEGAL_DUTY = "legal_duty"
    PUBLIC_TASK = "public_task"
    ARCHIVE = "archive"
    LEGAL_CLAIM = "legal_claim"
    FREE_EXPRESSION = "free_expression"
    PUBLIC_HEALTH = "public_health"
    PROVED_RIGHT = "proved_right"
    PROFESSIONAL_JUDGEMENT = "professional_judgement"
    RIGHTS_OF_OTHERS = "rights_of_others"
    CHILD_SAFETY = "child_safety"
    WORKING_NOTE = "working_note"
    COMPELLING_GROUNDS = "compelling_grounds"
    UNFOUNDED = "unfounded"
    EXCESSIVE = "excessive"
    NOT_ENTITLED = "not_entitled"
    NOT_APPLICABLE = "not_applicable"


NEEDS_ADVICE = frozenset({Ground.UNFOUNDED, Ground.EXCESSIVE, Ground.NOT_ENTITLED, Ground.CHILD_SAFETY})
"""The officer's advice is recorded before these are used."""

NEEDS_LAW = frozenset({Ground.LEGAL_DUTY})
"""Names the law, a retention class and the day of erasure, which is then planned (trap T19)."""

NEEDS_EVIDENCE = frozenset({Ground.PROVED_RIGHT})

OFFERS_STATEMENT = frozenset({Ground.PROFESSIONAL_JUDGEMENT})
"""The judgement stays; the guardian may add a statement that travels with it (trap T18)."""

ALWAYS = frozenset({Ground.UNFOUNDED, Ground.EXCESSIVE, Ground.NOT_ENTITLED})
_ERASURE = frozenset(
    {
        Ground.LEGAL_DUTY,
        Ground.PUBLIC_TASK,
        Ground.ARCHIVE,
        Ground.LEGAL_CLAIM,
        Ground.FREE_EXPRESSION,
        Ground.PUBLIC_HEALTH,
    }
)
_CORRECTION = frozenset({Ground.PROVED_RIGHT, Ground.PROFESSIONAL_JUDGEMENT})
_ACCESS = frozenset({Ground.RIGHTS_OF_OTHERS, Ground.CHILD_SAFETY, Ground.WORKING_NOTE})

GROUNDS: Mapping[Kind, frozenset[Ground]] = {
    Kind.ACCESS: ALWAYS | _ACCESS,
    Kind.RECTIFICATION: ALWAYS | _CORRECTION,
    Kind.COMPLETION: ALWAYS | _CORRECTION,
    Kind.ERASURE: ALWAYS | _ERASURE,
    Kind.RESTRICTION: ALWAYS | _CORRECTION | {Ground.LEGAL_CLAIM, Ground.COMPELLING_GROUNDS},
    Kind.OBJECTION: ALWAYS | {Ground.COMPELLING_GROUNDS, Ground.LEGAL_CLAIM},
    Kind.PORTABILITY: ALWAYS | {Ground.NOT_APPLICABLE, Ground.RIGHTS_OF_OTHERS},
    Kind.WITHDRAWAL_FOLLOW_UP: ALWAYS | _ERASURE,
    Kind.UNLAWFUL_SPECIAL: ALWAYS | _ERASURE,
    Kind.REMOVE_PUBLICATION: ALWAYS | _ERASURE,
    Kind.QUESTION: frozenset(),
    Kind.INFORMATION_377C: ALWAYS | _ACCESS,
    Kind.PARENT_IMAGE: frozenset(),
    Kind.BREACH: frozenset(),
    Kind.COMPLAINT: frozenset(),
}
"""Which grounds exist for a kind (GDPR articles 12(5), 15(4), 17(3), 18, 20, 21(1); UAVG article 41)."""


@dataclass(frozen=True)
class Refusal:
    """Why one item is refused or partly refused."""

    ground: Ground
    motivation: str = ""
    officer_advised: bool = False
    law: str = ""
    retention_class: str = ""
    erase_on: date | None = None
    evidence: str = ""
    statement_offered: bool = False


class Gap(StrEnum):
    """What a decision on an item still lacks."""

    GROUND = "ground"
    MOTIVATION = "motivation"
    OFFICER_ADVICE = "officer_advice"
    LAW = "law"
    RETENTION_CLASS = "retention_class"
    ERASE_ON = "erase_on"
    EVIDENCE = "evidence"
    STATEMENT_OFFER = "statement_offer"


def missing_in_decision(kind: Kind, outcome: Outcome, refusal: Refusal | None) -> list[Gap]:
    """What must be filled in before this decision on one item can be taken; empty means complete."""
    if outcome not in NEEDS_GROUND:
        return []
    if refusal is None or refusal.ground not in GROUNDS[kind]:
        return [Gap.GROUND]
    ground = refusal.ground
    checks = {
        Gap.MOTIVATION: bool(refusal.motivation.strip()),
        Gap.OFFICER_ADVICE: ground not in NEEDS_ADVICE or refusal.officer_advised,
        Gap.LAW: ground not in NEEDS_LAW or bool(refusal.law.strip()),
        Gap.RETENTION_CLASS: ground not in NEEDS_LAW or bool(refusal.retention_class.strip()),
        Gap.ERASE_ON: ground not in NEEDS_LAW or refusal.erase_on is not None,
        Gap.EVIDENCE: ground not in NEEDS_EVIDENCE or bool(refusal.evidence.strip()),
        Gap.STATEMENT_OFFER: ground not in OFFERS_STATEMENT or refusal.statement_offered,
    }
    return [gap for gap, filled in checks.items() if not filled]


class LetterPart(StrEnum):
    """What a letter to a guardian says (GDPR articles 12 and 19, UAVG articles 34 to 36)."""

    ASKED = "asked"
    OUTCOMES = "outcomes"
    REASONS = "reasons"
    NEW_DATE = "new_date"
    EXECUTION = "execution"
    RECIPIENTS = "recipients"
    OFFICER = "officer"
    REGULATOR = "regulator"
    COURT = "court"
    COMPLAINTS = "complaints"
    FREE_OF_CHARGE = "free_of_charge"
    DATE = "date"
    CONTROLLER = "controller"
    SUMMARY = "summary"


class LetterKind(StrEnum):
    """Which letter is sent."""

    DECISION = "decision"
    EXTENSION = "extension"


def missing_in_letter(
    parts: Mapping[LetterPart, str],
    kind: LetterKind,
    *,
    outcomes: Collection[Outcome] = (),
    is_administrative_body: bool | None,
) -> list[LetterPart]:
    """The parts a letter still lacks, blank ones included; empty means that it may be sent.

    While the board has not said whether it is an administrative body, the way to court cannot be
    right, whatever the text says (trap T29).
    """
    needed = set(LetterPart)
    if kind is LetterKind.EXTENSION:
        needed -= {LetterPart.OUTCOMES, LetterPart.EXECUTION, LetterPart.RECIPIENTS}
    else:
        needed -= {LetterPart.NEW_DATE}
        if not needs_execution(outcomes):
            needed -= {LetterPart.EXECUTION, LetterPart.RECIPIENTS}
    missing = {part for part in needed if not parts.get(part, "").strip()}
    if is_administrative_body is None:
        missing.add(LetterPart.COURT)
    return [part for part in LetterPart if part in missing]


class CloseGap(StrEnum):
    """What keeps a case from being closed (trap T20)."""

    LETTER = "letter"
    TASKS = "tasks"
    NOTICES = "notices"
    RESTRICTION = "restriction"
    EVIDENCE = "evidence"
    RECONCILIATION = "reconciliation"
    SECOND_PERSON = "second_person"


@dataclass(frozen=True)
class CaseFacts:
    """How far a case is, as the close guard looks at it."""

    letter_delivered: bool
    open_tasks: int
    open_notices: int
    restriction_settled: bool
    """No restriction, one that stays on purpose, or one lifted after notice (GDPR article 18(3))."""
    evidence_sealed: bool
    reconciliation_planned: bool
    """Planned, or nothing was changed in a source system."""
    second_person_confirmed: bool = True
    """For what cannot be undone: see `privacy_requests.ERASING`."""


def missing_to_close(facts: CaseFacts) -> list[CloseGap]:
    """What must still happen before the director can close (GDPR articles 5(2), 12 and 19)."""
    checks = {
        CloseGap.LETTER: facts.letter_delivered,
        CloseGap.TASKS: facts.open_tasks == 0,
        CloseGap.NOTICES: facts.open_notices == 0,
        CloseGap.RESTRICTION: facts.restriction_settled,
        CloseGap.EVIDENCE: facts.evidence_sealed,
        CloseGap.RECONCILIATION: facts.reconciliation_planned,
        CloseGap.SECOND_PERSON: facts.second_person_confirmed,
    }
    return [gap for gap, settled in checks.items() if not settled]
