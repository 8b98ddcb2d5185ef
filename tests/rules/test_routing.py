"""A request finds the right desk, and never the desk of somebody with an interest in it."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parentportal.rules import routing
from parentportal.rules.privacy_requests import Kind
from parentportal.rules.roles import Role
from parentportal.rules.routing import Alarm, CaseClock, Desk, RequestFacts, Teacher, Why

ILSE, BAS, SEM = UUID(int=1), UUID(int=2), UUID(int=3)
PLAIN = RequestFacts(Kind.RECTIFICATION, (Teacher(ILSE),))


@pytest.mark.parametrize(
    ("facts", "desk", "rule"),
    [
        (replace(PLAIN, director_concerned=True), Desk.BOARD, 1),
        (replace(PLAIN, director_concerned=True, contested_teachers=frozenset({ILSE})), Desk.BOARD, 1),
        (replace(PLAIN, contested_teachers=frozenset({ILSE})), Desk.DIRECTOR, 2),
        (replace(PLAIN, related_staff=frozenset({ILSE})), Desk.DIRECTOR, 2),
        (replace(PLAIN, kind=Kind.UNLAWFUL_SPECIAL), Desk.DIRECTOR, 3),
        (replace(PLAIN, kind=Kind.BREACH), Desk.DIRECTOR, 3),
        (replace(PLAIN, kind=Kind.ERASURE), Desk.DIRECTOR, 4),
        (replace(PLAIN, kind=Kind.OBJECTION), Desk.DIRECTOR, 4),
        (replace(PLAIN, kind=Kind.RESTRICTION), Desk.DIRECTOR, 4),
        (replace(PLAIN, kind=Kind.PORTABILITY), Desk.DIRECTOR, 4),
        (replace(PLAIN, kind=Kind.INFORMATION_377C), Desk.DIRECTOR, 4),
        (replace(PLAIN, kind=Kind.ACCESS, full_copy=True), Desk.DIRECTOR, 4),
        (replace(PLAIN, special_or_care=True), Desk.DIRECTOR, 4),
        (replace(PLAIN, authority_disputed=True), Desk.DIRECTOR, 4),
        (replace(PLAIN, other_guardian_involved=True), Desk.DIRECTOR, 4),
        (replace(PLAIN, former_pupil=True), Desk.DIRECTOR, 4),
        (replace(PLAIN, several_systems=True), Desk.DIRECTOR, 4),
        (replace(PLAIN, child_identity_item=True), Desk.DIRECTOR, 4),
        (replace(PLAIN, board_level=True), Desk.BOARD_OFFICE, 5),
        (replace(PLAIN, chose_director=True), Desk.DIRECTOR, 7),
        (PLAIN, Desk.TEACHER, 8),
        (replace(PLAIN, kind=Kind.COMPLETION), Desk.TEACHER, 8),
        (replace(PLAIN, kind=Kind.QUESTION), Desk.TEACHER, 8),
        (replace(PLAIN, kind=Kind.COMPLAINT), Desk.DIRECTOR, 9),
        (replace(PLAIN, kind=Kind.PARENT_IMAGE), Desk.DIRECTOR, 9),
    ],
)
def test_the_first_rule_that_fits_decides(facts, desk, rule):
    found = routing.route(facts)
    assert (found.desk, found.rule) == (desk, rule)


def test_a_school_may_send_formal_requests_to_the_director():
    found = routing.route(PLAIN, director_kinds={Kind.RECTIFICATION})
    assert (found.desk, found.rule) == (Desk.DIRECTOR, 6)
    assert routing.route(replace(PLAIN, kind=Kind.QUESTION), director_kinds={Kind.RECTIFICATION}).rule == 8


def test_a_case_about_hanna_goes_to_the_board_and_hugo_hears_of_it():
    found = routing.route(replace(PLAIN, director_concerned=True))
    assert found.informed == {Role.OFFICER}


def test_the_fast_lane_is_two_school_days_with_the_officer():
    found = routing.route(replace(PLAIN, kind=Kind.UNLAWFUL_SPECIAL))
    assert found.pick_up_school_days == 2
    assert found.informed == {Role.OFFICER}


def test_the_board_office_tells_the_director():
    assert routing.route(replace(PLAIN, board_level=True)).informed == {Role.DIRECTOR}


def test_both_teachers_of_a_duo_get_the_request():
    duo = replace(PLAIN, teachers=(Teacher(ILSE), Teacher(BAS)))
    assert routing.route(duo).teachers == (ILSE, BAS)
    away = replace(PLAIN, teachers=(Teacher(ILSE, away=True), Teacher(BAS)))
    assert routing.route(away).teachers == (BAS,)


@pytest.mark.parametrize("teachers", [(), (Teacher(ILSE, away=True),)])
def test_without_a_teacher_present_the_director_handles_it(teachers):
    found = routing.route(replace(PLAIN, teachers=teachers))
    assert (found.desk, found.why) == (Desk.DIRECTOR, Why.NO_TEACHER)


def test_the_care_coordinator_is_consulted_about_care():
    assert routing.route(replace(PLAIN, support_dossier=True)).consults_support
    assert not routing.route(replace(PLAIN, chose_director=True)).consults_support


FLAGS = [
    "director_concerned", "full_copy", "special_or_care", "authority_disputed", "other_guardian_involved",
    "former_pupil", "several_systems", "child_identity_item", "support_dossier", "board_level", "chose_director",
]  # fmt: skip
FACTS = st.builds(
    RequestFacts,
    st.sampled_from(Kind),
    teachers=st.lists(
        st.builds(Teacher, st.sampled_from([ILSE, BAS]), st.booleans()), max_size=2, unique_by=lambda t: t.id
    ).map(tuple),
    contested_teachers=st.frozensets(st.sampled_from([ILSE, BAS]), max_size=1),
    related_staff=st.frozensets(st.sampled_from([ILSE, BAS]), max_size=1),
    **{flag: st.booleans() for flag in FLAGS},
)


@given(FACTS, st.frozensets(st.sampled_from(Kind)))
def test_a_teacher_never_gets_a_case_with_an_interest_in_it(facts, director_kinds):
    found = routing.route(facts, director_kinds=director_kinds)
    assert bool(found.teachers) is (found.desk is Desk.TEACHER)
    assert not set(found.teachers) & (facts.contested_teachers | facts.related_staff)
    if facts.director_concerned:
        assert found.desk.role is Role.BOARD
    if found.desk is Desk.TEACHER:
        assert facts.kind in routing.SIMPLE
        assert not any((facts.special_or_care, facts.child_identity_item))


def test_nobody_handles_the_case_of_an_own_child_or_an_own_decision():
    assert routing.has_conflict(ILSE, own_children={SEM}, child_id=SEM)
    assert routing.has_conflict(ILSE, contested={ILSE})
    assert routing.has_conflict(ILSE, deciders_so_far={ILSE})
    assert not routing.has_conflict(ILSE, own_children={SEM}, child_id=UUID(int=9), contested={BAS})
    assert not routing.has_conflict(ILSE, own_children={SEM}, child_id=None)


# Assigned on Monday 2 November 2026: five school days end on Monday 9 November.
CASE = CaseClock(Desk.TEACHER, date(2026, 11, 2), due_on=date(2026, 11, 30))


def alarms(case: CaseClock, day: int) -> list[Alarm]:
    return [call.alarm for call in routing.escalations(case, date(2026, 11, day))]


def test_what_ilse_does_not_pick_up_in_five_school_days_goes_to_hanna():
    assert routing.pick_up_due(CASE.assigned_on) == date(2026, 11, 9)
    assert alarms(CASE, 9) == []
    assert alarms(CASE, 10) == [Alarm.NOT_PICKED_UP]
    assert alarms(replace(CASE, picked_up=True), 10) == []
    assert alarms(replace(CASE, pick_up_school_days=2), 5) == [Alarm.NOT_PICKED_UP]


@pytest.mark.parametrize(("substitute", "to"), [(True, Role.TEACHER), (False, Role.DIRECTOR)])
def test_an_absent_teacher_is_replaced(substitute, to):
    case = replace(CASE, picked_up=True, handler_away=True, substitute_present=substitute)
    (call,) = routing.escalations(case, date(2026, 11, 3))
    assert (call.alarm, call.to, call.moves) == (Alarm.TEACHER_AWAY, {to}, True)


def test_after_the_summer_an_open_case_moves_to_the_new_teacher():
    (call,) = routing.escalations(replace(CASE, group_changed=True, picked_up=True), date(2026, 11, 3))
    assert call.alarm is Alarm.GROUP_CHANGED
    assert Role.DIRECTOR in call.to


def test_a_silent_director_is_replaced_by_the_board():
    case = replace(CASE, desk=Desk.DIRECTOR)
    assert alarms(case, 9) == []
    assert alarms(case, 10) == [Alarm.DIRECTOR_IDLE]
    assert alarms(replace(case, last_act_of_director_on=date(2026, 11, 6)), 10) == []


def test_three_days_before_the_due_day_director_and_officer_are_told():
    case = replace(CASE, picked_up=True)
    assert alarms(case, 26) == []
    assert alarms(case, 27) == [Alarm.NEARLY_DUE]
    assert alarms(case, 30) == [Alarm.NEARLY_DUE]
    (call,) = routing.escalations(case, date(2026, 12, 1))
    assert call.alarm is Alarm.OVERDUE
    assert call.to == {Role.DIRECTOR, Role.BOARD, Role.OFFICER}
