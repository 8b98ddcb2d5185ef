"""A request of Noor about Sem goes from step to step, and nobody takes a step that is not theirs."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parentportal.rules import privacy_requests as requests
from parentportal.rules.privacy_requests import NEXT, STEPS, Disagreement, Event, Kind, State
from parentportal.rules.roles import Role


def reachable(start: State) -> set[State]:
    found, queue = {start}, [start]
    while queue:
        for state in NEXT[queue.pop()] - found:
            found.add(state)
            queue.append(state)
    return found


def test_every_state_has_its_row():
    assert set(STEPS) == set(State)
    assert set(NEXT) == set(State)


def test_every_state_can_be_reached_from_a_draft():
    assert reachable(State.DRAFT) == set(State)


@pytest.mark.parametrize("state", State)
def test_from_every_state_a_final_one_can_be_reached(state):
    assert reachable(state) & requests.FINAL


def test_a_closed_case_can_only_be_reopened_and_a_withdrawn_one_stays_withdrawn():
    assert NEXT[State.CLOSED] == {State.REOPENED, State.OBJECTION_PENDING}
    assert NEXT[State.WITHDRAWN] == frozenset()
    assert [state for state in State if state.is_final] == [State.CLOSED, State.WITHDRAWN]


def test_no_event_means_two_things_in_one_state():
    for steps in (requests.START, *STEPS.values()):
        events = [step.event for step in steps]
        assert len(events) == len(set(events))


def test_a_request_travels_from_noor_to_the_closing_by_hanna():
    journey = [
        (Event.SAVE, Role.GUARDIAN, State.DRAFT),
        (Event.SUBMIT, Role.GUARDIAN, State.SUBMITTED),
        (Event.ROUTE, None, State.ASSIGNED),
        (Event.PICK_UP, Role.TEACHER, State.IN_PROGRESS),
        (Event.ASK, Role.TEACHER, State.INFORMATION_NEEDED),
        (Event.ANSWER, Role.GUARDIAN, State.IN_PROGRESS),
        (Event.PROPOSE, Role.TEACHER, State.PROPOSED),
        (Event.ACCEPT, Role.DIRECTOR, State.DECIDED),
        (Event.EXECUTE, None, State.EXECUTING),
        (Event.FINISH, Role.ADMINISTRATION, State.SETTLED),
        (Event.CLOSE, Role.DIRECTOR, State.CLOSED),
    ]
    state = None
    for event, role, expected in journey:
        step = requests.step_for(state, event, role)
        assert step is not None, f"{role} cannot {event} in {state}"
        assert step.to is expected
        assert state is None or state.may_become(expected)
        state = step.to


@pytest.mark.parametrize("state", State)
def test_the_officer_never_decides_and_never_closes(state):
    # Hugo Maas advises: GDPR article 38(6), trap T21.
    assert requests.events_for(state, Role.OFFICER) == frozenset()
    assert requests.events_for(state, Role.TECHNICAL) == frozenset()


def test_only_the_director_or_the_board_closes():
    may = {role for role in Role if requests.step_for(State.SETTLED, Event.CLOSE, role)}
    assert may == {Role.DIRECTOR, Role.BOARD}


@pytest.mark.parametrize("event", [Event.EXTEND, Event.CONVERT, Event.MERGE, Event.SPLIT])
@pytest.mark.parametrize("state", sorted(requests.UNDECIDED))
def test_the_director_may_extend_or_convert_while_nothing_is_decided(state, event):
    step = requests.step_for(state, event, Role.DIRECTOR)
    assert step is not None
    assert step.to is state
    assert requests.step_for(state, event, Role.TEACHER) is None


@pytest.mark.parametrize("state", State)
def test_noor_may_withdraw_until_the_decision(state):
    may = requests.step_for(state, Event.WITHDRAW, Role.GUARDIAN) is not None
    assert may is (state in requests.UNDECIDED)


def test_a_parent_cannot_play_the_portal():
    assert requests.step_for(State.SUBMITTED, Event.ROUTE, Role.GUARDIAN) is None
    assert requests.step_for(State.DECIDED, Event.SEND_LETTER, Role.DIRECTOR) is None
    assert requests.step_for(State.SETTLED, Event.CLOSE, None) is None


def test_a_case_on_paper_is_registered_by_staff_and_not_by_the_officer():
    assert requests.step_for(None, Event.REGISTER, Role.ADMINISTRATION)
    assert requests.step_for(None, Event.REGISTER, Role.TEACHER)
    assert requests.step_for(None, Event.REGISTER, Role.OFFICER) is None
    assert requests.step_for(None, Event.REGISTER, Role.GUARDIAN) is None


@given(st.lists(st.tuples(st.sampled_from(Event), st.one_of(st.none(), st.sampled_from(Role))), max_size=40))
def test_whatever_people_try_nothing_is_decided_without_a_decider_or_a_teacher(tries):
    state, history = None, []
    for event, role in tries:
        step = requests.step_for(state, event, role)
        if step is not None:
            history.append((event, role))
            assert state is None or step.to in NEXT[state]
            state = step.to
    if state is State.CLOSED:
        assert any(event is Event.CLOSE and role in requests.DECIDERS for event, role in history)
    if state is State.DECIDED:
        assert history[-1][1] in requests.DECIDERS | {Role.TEACHER}


@pytest.mark.parametrize("kind", Kind)
def test_questions_and_reports_have_no_legal_clock(kind):
    tracks = {"question", "information_377c", "parent_image", "breach", "complaint"}
    assert kind.has_clock is (kind.value not in tracks)


def test_a_converted_question_keeps_its_first_receipt():
    first, second = datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)
    assert requests.earliest_receipt([second, first]) == first


def test_who_signed_in_with_two_factors_is_not_asked_who_they_are():
    assert not requests.may_doubt_identity(times_doubted=0, signed_in_with_two_factors=True)
    assert requests.may_doubt_identity(times_doubted=0, signed_in_with_two_factors=False)
    assert not requests.may_doubt_identity(times_doubted=1, signed_in_with_two_factors=False)


@pytest.mark.parametrize(
    ("today", "administrative", "expected"),
    [
        (date(2026, 4, 13), False, Disagreement.REOPEN),
        (date(2026, 4, 13), True, Disagreement.OBJECT),
        (date(2026, 4, 14), True, Disagreement.TOO_LATE),
    ],
)
def test_disagreeing_is_possible_for_six_weeks(today, administrative, expected):
    found = requests.disagreement(date(2026, 3, 2), today, is_administrative_body=administrative)
    assert found is expected


GRANT = {
    "policy_on": True,
    "in_full": True,
    "own_contact_item": True,
    "evident_typing_error": False,
    "child_identity_item": False,
}


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({}, True),
        ({"own_contact_item": False, "evident_typing_error": True}, True),
        ({"own_contact_item": False}, False),
        ({"policy_on": False}, False),
        ({"in_full": False}, False),
        ({"child_identity_item": True}, False),
        ({"child_identity_item": True, "evident_typing_error": True}, False),
    ],
)
def test_ilse_grants_only_a_simple_correction(changes, allowed):
    assert requests.may_grant_simply(Role.TEACHER, Kind.RECTIFICATION, **(GRANT | changes)) is allowed


@pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.RECTIFICATION, Kind.COMPLETION}))
def test_ilse_never_grants_anything_else(kind):
    assert not requests.may_grant_simply(Role.TEACHER, kind, **GRANT)


@pytest.mark.parametrize("role", Role)
def test_who_may_decide(role):
    assert requests.may_decide(role, simple_grant=False) is (role in {Role.DIRECTOR, Role.BOARD})
    assert requests.may_decide(role, simple_grant=True) is (role in {Role.DIRECTOR, Role.BOARD, Role.TEACHER})


def test_daan_hears_it_when_the_name_of_sem_is_corrected():
    assert requests.tells_other_holder(child_identity_item=True, holders_live_apart=True)
    assert not requests.tells_other_holder(child_identity_item=True, holders_live_apart=False)
    assert not requests.tells_other_holder(child_identity_item=False, holders_live_apart=True)
