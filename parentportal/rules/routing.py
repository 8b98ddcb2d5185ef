"""Who handles a request: the first rule that fits, and never somebody with an interest in it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from parentportal.rules.privacy_requests import Kind
from parentportal.rules.roles import Role
from parentportal.rules.terms import FAST_LANE_SCHOOL_DAYS, PICK_UP_SCHOOL_DAYS, add_school_days


class Desk(StrEnum):
    """The level at which a request is handled."""

    TEACHER = "teacher"
    DIRECTOR = "director"
    BOARD = "board"
    BOARD_OFFICE = "board_office"
    """The administration of the board: placement, finance, newsletter."""

    @property
    def role(self) -> Role:
        """The role that a handler at this desk has."""
        return {
            Desk.TEACHER: Role.TEACHER,
            Desk.DIRECTOR: Role.DIRECTOR,
            Desk.BOARD: Role.BOARD,
            Desk.BOARD_OFFICE: Role.ADMINISTRATION,
        }[self]


class Why(StrEnum):
    """The rule that chose the desk, in the order in which they are tried (requirements 10.4)."""

    ABOUT_DIRECTOR = "about_director"
    ABOUT_TEACHER = "about_teacher"
    FAST_LANE = "fast_lane"
    WEIGHTY = "weighty"
    BOARD_LEVEL = "board_level"
    POLICY = "policy"
    CHOSEN = "chosen"
    SIMPLE = "simple"
    NO_TEACHER = "no_teacher"
    """Simple, but no teacher of the group is there to take it."""
    OTHERWISE = "otherwise"
    """No rule fits: the director (requirements 10.2)."""


FAST = frozenset({Kind.UNLAWFUL_SPECIAL, Kind.BREACH})
WEIGHTY = frozenset({Kind.ERASURE, Kind.OBJECTION, Kind.RESTRICTION, Kind.PORTABILITY, Kind.INFORMATION_377C})
SIMPLE = frozenset({Kind.RECTIFICATION, Kind.COMPLETION, Kind.QUESTION})


@dataclass(frozen=True)
class Teacher:
    """A teacher of the child's current group, or the substitute of one; `away` is on leave."""

    id: UUID
    away: bool = False


@dataclass(frozen=True)
class RequestFacts:
    """What routing looks at; everything defaults to the plain case."""

    kind: Kind
    teachers: tuple[Teacher, ...] = ()
    director_concerned: bool = False
    """The request is about the director, or the director is a parent or party in it."""
    contested_teachers: frozenset[UUID] = frozenset()
    """Teachers whose own conduct or notes are contested."""
    related_staff: frozenset[UUID] = frozenset()
    """Staff who are a parent or relative in this case."""
    full_copy: bool = False
    special_or_care: bool = False
    authority_disputed: bool = False
    other_guardian_involved: bool = False
    former_pupil: bool = False
    several_systems: bool = False
    child_identity_item: bool = False
    support_dossier: bool = False
    board_level: bool = False
    chose_director: bool = False


@dataclass(frozen=True)
class Route:
    """Where a request goes; `teachers` is filled for the teachers' desk only, all of a duo."""

    desk: Desk
    why: Why
    rule: int
    """The number of the rule in requirements 10.4; 9 when none fits."""
    teachers: tuple[UUID, ...] = ()
    informed: frozenset[Role] = frozenset()
    consults_support: bool = False
    pick_up_school_days: int = PICK_UP_SCHOOL_DAYS


def route(facts: RequestFacts, *, director_kinds: Collection[Kind] = ()) -> Route:
    """The handler by rules 1 to 8; `director_kinds` is the school's policy of what goes to the director.

    Of a duo both teachers get it: the first to pick it up handles it.
    """
    officer = frozenset({Role.OFFICER})
    if facts.director_concerned:
        return Route(Desk.BOARD, Why.ABOUT_DIRECTOR, 1, informed=officer)
    if _teacher_conflict(facts):
        return _director(Why.ABOUT_TEACHER, 2, facts)
    if facts.kind in FAST:
        days = FAST_LANE_SCHOOL_DAYS
        return Route(Desk.DIRECTOR, Why.FAST_LANE, 3, (), officer, _needs_support(facts), pick_up_school_days=days)
    if _is_weighty(facts):
        return _director(Why.WEIGHTY, 4, facts)
    if facts.board_level:
        return Route(Desk.BOARD_OFFICE, Why.BOARD_LEVEL, 5, informed=frozenset({Role.DIRECTOR}))
    if facts.kind in director_kinds:
        return _director(Why.POLICY, 6, facts)
    if facts.chose_director:
        return _director(Why.CHOSEN, 7, facts)
    if facts.kind not in SIMPLE:
        return _director(Why.OTHERWISE, 9, facts)
    present = tuple(teacher.id for teacher in facts.teachers if not teacher.away)
    if not present:
        return _director(Why.NO_TEACHER, 8, facts)
    return Route(Desk.TEACHER, Why.SIMPLE, 8, teachers=present)


def _director(why: Why, rule: int, facts: RequestFacts) -> Route:
    return Route(Desk.DIRECTOR, why, rule, consults_support=_needs_support(facts))


def _teacher_conflict(facts: RequestFacts) -> bool:
    current = {teacher.id for teacher in facts.teachers}
    return bool(facts.contested_teachers) or bool(current & facts.related_staff)


def _needs_support(facts: RequestFacts) -> bool:
    return facts.support_dossier or facts.special_or_care


def _is_weighty(facts: RequestFacts) -> bool:
    return facts.kind in WEIGHTY or any(
        (
            facts.kind is Kind.ACCESS and facts.full_copy,
            facts.special_or_care,
            facts.support_dossier,
            facts.authority_disputed,
            facts.other_guardian_involved,
            facts.former_pupil,
            facts.several_systems,
            facts.child_identity_item,
        )
    )


def has_conflict(
    person_id: UUID,
    *,
    own_children: Collection[UUID] = (),
    child_id: UUID | None = None,
    contested: Collection[UUID] = (),
    deciders_so_far: Collection[UUID] = (),
) -> bool:
    """Whether this person may not handle, nor see, the case (trap T22).

    Nobody handles the case of an own child, one about themselves, or an objection against what they
    decided (Awb article 10:3). `own_children` are the pupils this person has any relation to.
    """
    return (child_id is not None and child_id in own_children) or (
        person_id in contested or person_id in deciders_so_far
    )


class Alarm(StrEnum):
    """Why somebody higher is called in."""

    NOT_PICKED_UP = "not_picked_up"
    TEACHER_AWAY = "teacher_away"
    GROUP_CHANGED = "group_changed"
    DIRECTOR_IDLE = "director_idle"
    NEARLY_DUE = "nearly_due"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Escalation:
    """One call: whom it goes to; `moves` says that the case changes hands."""

    alarm: Alarm
    to: frozenset[Role]
    moves: bool = False


@dataclass(frozen=True)
class CaseClock:
    """What escalation looks at, for one undecided case."""

    desk: Desk
    assigned_on: date
    due_on: date
    picked_up: bool = False
    handler_away: bool = False
    substitute_present: bool = False
    group_changed: bool = False
    last_act_of_director_on: date | None = None
    pick_up_school_days: int = PICK_UP_SCHOOL_DAYS


NEARLY_DUE_DAYS = 3


def pick_up_due(assigned_on: date, school_days: int = PICK_UP_SCHOOL_DAYS) -> date:
    """The last day on which a case is picked up in time; school days are weekdays without holidays."""
    return add_school_days(assigned_on, school_days)


def escalations(case: CaseClock, today: date) -> tuple[Escalation, ...]:
    """Who is called in today; empty while everything goes well (requirements 10.4)."""
    calls = []
    director, upstairs = frozenset({Role.DIRECTOR}), frozenset({Role.BOARD, Role.OFFICER})
    late_pick_up = not case.picked_up and today > pick_up_due(case.assigned_on, case.pick_up_school_days)
    if case.desk is Desk.DIRECTOR:
        if _director_is_idle(case, today):
            calls.append(Escalation(Alarm.DIRECTOR_IDLE, frozenset({Role.BOARD}), moves=True))
    elif late_pick_up:
        calls.append(Escalation(Alarm.NOT_PICKED_UP, director, moves=case.desk is Desk.TEACHER))
    if case.desk is Desk.TEACHER and case.handler_away:
        to = frozenset({Role.TEACHER}) if case.substitute_present else director
        calls.append(Escalation(Alarm.TEACHER_AWAY, to, moves=True))
    if case.desk is Desk.TEACHER and case.group_changed:
        calls.append(Escalation(Alarm.GROUP_CHANGED, frozenset({Role.TEACHER, Role.DIRECTOR}), moves=True))
    if today > case.due_on:
        calls.append(Escalation(Alarm.OVERDUE, upstairs | director))
    elif today >= case.due_on - timedelta(days=NEARLY_DUE_DAYS):
        calls.append(Escalation(Alarm.NEARLY_DUE, frozenset({Role.DIRECTOR, Role.OFFICER})))
    return tuple(calls)


def _director_is_idle(case: CaseClock, today: date) -> bool:
    since = max(case.assigned_on, case.last_act_of_director_on or case.assigned_on)
    return today > add_school_days(since, PICK_UP_SCHOOL_DAYS)
