"""A request about someone's data: its kinds, its states and who may take the next step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from parentportal.rules.roles import STAFF, Role
from parentportal.rules.terms import reopening_until


class Kind(StrEnum):
    """What is asked (requirements 10.1; GDPR articles 15 to 21)."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    COMPLETION = "completion"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    PORTABILITY = "portability"
    WITHDRAWAL_FOLLOW_UP = "withdrawal_follow_up"
    UNLAWFUL_SPECIAL = "unlawful_special"
    REMOVE_PUBLICATION = "remove_publication"
    QUESTION = "question"
    INFORMATION_377C = "information_377c"
    PARENT_IMAGE = "parent_image"
    """Another parent shared images: mediation and house rules, no duty of a controller (trap T39)."""
    BREACH = "breach"
    COMPLAINT = "complaint"

    @property
    def has_clock(self) -> bool:
        """Whether the month of GDPR article 12(3) runs; the others have a track of their own."""
        return self not in WITHOUT_CLOCK


WITHOUT_CLOCK = frozenset({Kind.QUESTION, Kind.INFORMATION_377C, Kind.PARENT_IMAGE, Kind.BREACH, Kind.COMPLAINT})

ERASING = frozenset({Kind.ERASURE, Kind.UNLAWFUL_SPECIAL, Kind.REMOVE_PUBLICATION})
"""Kinds whose execution a second person confirms, because it cannot be undone (requirements 10.2)."""


class State(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    ASSIGNED = "assigned"
    IDENTITY_NEEDED = "identity_needed"
    """The only state in which the clock stands still."""
    IN_PROGRESS = "in_progress"
    INFORMATION_NEEDED = "information_needed"
    PROPOSED = "proposed"
    DECIDED = "decided"
    EXECUTING = "executing"
    SETTLED = "settled"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    OBJECTION_PENDING = "objection_pending"

    def may_become(self, new: "State") -> bool:
        """Whether some event leads from this state to another."""
        return new in NEXT[self]

    @property
    def is_final(self) -> bool:
        """Whether nothing is left to do; only disagreeing or a new fact reopens."""
        return self in FINAL


class Event(StrEnum):
    """What happens to a request; every one leaves a row in its history."""

    SAVE = "save"
    SUBMIT = "submit"
    REGISTER = "register"
    ROUTE = "route"
    REASSIGN = "reassign"
    DOUBT_IDENTITY = "doubt_identity"
    ACCEPT_PROOF = "accept_proof"
    MISS_PROOF = "miss_proof"
    PICK_UP = "pick_up"
    ASK = "ask"
    ANSWER = "answer"
    STOP_WAITING = "stop_waiting"
    PROPOSE = "propose"
    RETURN = "return"
    ACCEPT = "accept"
    DECIDE = "decide"
    EXTEND = "extend"
    CONVERT = "convert"
    MERGE = "merge"
    SPLIT = "split"
    WITHDRAW = "withdraw"
    EXECUTE = "execute"
    SEND_LETTER = "send_letter"
    FINISH = "finish"
    CLOSE = "close"
    DISAGREE = "disagree"
    OBJECT = "object"
    FIND_NEW_FACT = "find_new_fact"
    NOTE = "note"
    """Somebody at school wrote something down; it changes nothing."""


@dataclass(frozen=True)
class Step:
    """One allowed step; no roles means that only the portal itself takes it."""

    event: Event
    to: State
    roles: frozenset[Role] = frozenset()


PARENT = frozenset({Role.GUARDIAN})
DECIDERS = frozenset({Role.DIRECTOR, Role.BOARD})
"""The director; the board for a case about a director (trap T22)."""
HANDLERS = DECIDERS | {Role.TEACHER, Role.ADMINISTRATION}
PROPOSERS = frozenset({Role.TEACHER, Role.SUPPORT, Role.ADMINISTRATION})
REGISTRARS = STAFF - {Role.OFFICER, Role.TECHNICAL}
NOBODY: frozenset[Role] = frozenset()

UNDECIDED = frozenset(
    {
        State.SUBMITTED,
        State.ASSIGNED,
        State.IDENTITY_NEEDED,
        State.IN_PROGRESS,
        State.INFORMATION_NEEDED,
        State.PROPOSED,
        State.REOPENED,
        State.OBJECTION_PENDING,
    }
)
FINAL = frozenset({State.CLOSED, State.WITHDRAWN})

START: tuple[Step, ...] = (
    Step(Event.SAVE, State.DRAFT, PARENT),
    Step(Event.SUBMIT, State.SUBMITTED, PARENT),
    Step(Event.REGISTER, State.SUBMITTED, REGISTRARS),
)
"""How a request begins; a parent may submit without saving first."""

_STEPS: Mapping[State, tuple[Step, ...]] = {
    State.DRAFT: (Step(Event.SAVE, State.DRAFT, PARENT), Step(Event.SUBMIT, State.SUBMITTED, PARENT)),
    State.SUBMITTED: (
        Step(Event.ROUTE, State.ASSIGNED),
        Step(Event.DOUBT_IDENTITY, State.IDENTITY_NEEDED, DECIDERS),
    ),
    State.ASSIGNED: (
        Step(Event.PICK_UP, State.IN_PROGRESS, HANDLERS),
        Step(Event.DOUBT_IDENTITY, State.IDENTITY_NEEDED, DECIDERS),
    ),
    State.IDENTITY_NEEDED: (
        Step(Event.ACCEPT_PROOF, State.ASSIGNED, DECIDERS),
        Step(Event.MISS_PROOF, State.DECIDED, DECIDERS),
    ),
    State.IN_PROGRESS: (
        Step(Event.ASK, State.INFORMATION_NEEDED, HANDLERS),
        Step(Event.PROPOSE, State.PROPOSED, PROPOSERS),
        Step(Event.DECIDE, State.DECIDED, DECIDERS | {Role.TEACHER}),
    ),
    State.INFORMATION_NEEDED: (
        Step(Event.ANSWER, State.IN_PROGRESS, PARENT),
        Step(Event.STOP_WAITING, State.IN_PROGRESS),
    ),
    State.PROPOSED: (
        Step(Event.RETURN, State.IN_PROGRESS, DECIDERS),
        Step(Event.ACCEPT, State.DECIDED, DECIDERS),
    ),
    State.DECIDED: (Step(Event.EXECUTE, State.EXECUTING), Step(Event.SEND_LETTER, State.SETTLED)),
    State.EXECUTING: (Step(Event.FINISH, State.SETTLED, HANDLERS),),
    State.SETTLED: (Step(Event.CLOSE, State.CLOSED, DECIDERS),),
    State.CLOSED: (
        Step(Event.DISAGREE, State.REOPENED, PARENT),
        Step(Event.OBJECT, State.OBJECTION_PENDING, PARENT),
        Step(Event.FIND_NEW_FACT, State.REOPENED, DECIDERS),
    ),
    State.WITHDRAWN: (),
    State.REOPENED: (Step(Event.PICK_UP, State.IN_PROGRESS, DECIDERS),),
    State.OBJECTION_PENDING: (Step(Event.PICK_UP, State.IN_PROGRESS, DECIDERS),),
}


def _anywhere(state: State) -> tuple[Step, ...]:
    """What may happen in every state that waits for a decision."""
    if state not in UNDECIDED:
        return ()
    same = (Event.EXTEND, Event.CONVERT, Event.MERGE, Event.SPLIT)
    return (
        *(Step(event, state, DECIDERS) for event in same),
        Step(Event.REASSIGN, state, DECIDERS),
        Step(Event.WITHDRAW, State.WITHDRAWN, PARENT),
    )


STEPS: Mapping[State, tuple[Step, ...]] = {state: _STEPS[state] + _anywhere(state) for state in State}
"""Every step there is (requirements 10.2). The officer is in none of them: advice, never a decision (T21)."""

NEXT: Mapping[State, frozenset[State]] = {state: frozenset(step.to for step in steps) for state, steps in STEPS.items()}


def step_for(state: State | None, event: Event, role: Role | None) -> Step | None:
    """The step that an event is for this role, or None when it may not; state None is a new request.

    `role` None is the portal itself. That the person is the handler of this case, or the guardian who
    sent it, is for the caller to check; so are the guards of `outcomes` and `may_grant_simply`.
    """
    steps = START if state is None else STEPS[state]
    for step in steps:
        if step.event is event and (role in step.roles or (role is None and _is_automatic(step))):
            return step
    return None


def _is_automatic(step: Step) -> bool:
    """Steps without roles, and a hand-over by the rules of escalation."""
    return not step.roles or step.event is Event.REASSIGN


def events_for(state: State, role: Role) -> frozenset[Event]:
    """What a role may do with a request in this state."""
    return frozenset(step.event for step in STEPS[state] if role in step.roles)


def may_doubt_identity(*, times_doubted: int, signed_in_with_two_factors: bool) -> bool:
    """Once per request, and not when a session with two factors proved it (GDPR article 12(6), trap T23)."""
    return times_doubted == 0 and not signed_in_with_two_factors


def earliest_receipt(received: Iterable[datetime]) -> datetime:
    """The receipt that counts after converting, merging or splitting; ValueError for none at all."""
    return min(received)


class Disagreement(StrEnum):
    """What a parent who disagrees with a closed case can still do here."""

    REOPEN = "reopen"
    OBJECT = "object"
    """The board is an administrative body: an objection by the Awb (UAVG article 34)."""
    TOO_LATE = "too_late"


def disagreement(closed_on: date, today: date, *, is_administrative_body: bool) -> Disagreement:
    """Within six weeks after closing; which way depends on the board (trap T29)."""
    if today > reopening_until(closed_on):
        return Disagreement.TOO_LATE
    return Disagreement.OBJECT if is_administrative_body else Disagreement.REOPEN


def may_grant_simply(
    role: Role,
    kind: Kind,
    *,
    policy_on: bool,
    in_full: bool,
    own_contact_item: bool,
    evident_typing_error: bool,
    child_identity_item: bool,
) -> bool:
    """Whether a teacher may grant a correction without the director (requirements 10.4).

    Only in full, and only the requester's own contact data or an evident typing error. Never a child's
    name, sex, birth date, nationality, address or school: one parent could rename or move it.
    """
    if role is not Role.TEACHER or not policy_on or not in_full or child_identity_item:
        return False
    return kind in {Kind.RECTIFICATION, Kind.COMPLETION} and (own_contact_item or evident_typing_error)


def may_decide(role: Role, *, simple_grant: bool) -> bool:
    """The director or the board; a teacher for a simple grant alone (requirements 10.2)."""
    return role in DECIDERS or (role is Role.TEACHER and simple_grant)


def tells_other_holder(*, child_identity_item: bool, holders_live_apart: bool) -> bool:
    """Whether the other holder gets a notice that a child's identity data were corrected."""
    return child_identity_item and holders_live_apart
