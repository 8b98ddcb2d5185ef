"""Help at the counter: by the office, never for oneself or the own family, with a colleague where it must."""

from datetime import UTC, datetime, timedelta

import pytest

from parentportal.rules import counter_recoveries as rules
from parentportal.rules.counter_recoveries import Bar, State
from parentportal.rules.roles import Role

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
OFFICE = (Role.ADMINISTRATION, Role.DIRECTOR)


@pytest.mark.parametrize("role", Role)
def test_only_the_office_of_a_school_helps(role):
    assert rules.bar_to_help(role, is_self=False, is_family=False) == (None if role in OFFICE else Bar.ROLE)


def test_the_operator_is_not_somebody_at_the_counter():
    assert rules.bar_to_help(None, is_self=False, is_family=False) is Bar.ROLE


@pytest.mark.parametrize("role", OFFICE)
def test_nobody_helps_oneself_or_the_other_parent(role):
    assert rules.bar_to_help(role, is_self=True, is_family=True) is Bar.SELF
    assert rules.bar_to_help(role, is_self=False, is_family=True) is Bar.FAMILY


@pytest.mark.parametrize(
    ("options", "bar"),
    [
        ({}, None),
        ({"is_self": True}, Bar.SELF),
        ({"is_family": True}, Bar.FAMILY),
        ({"is_asker": True}, Bar.ASKER),
        ({"by_name_only": True}, Bar.NOT_NAMED),
        ({"by_name_only": True, "is_named": True}, None),
        ({"by_name_only": True, "is_named": True, "is_asker": True}, Bar.ASKER),
    ],
)
def test_another_colleague_confirms_and_who_is_known_by_name_only_the_one_who_knows(options, bar):
    plain = dict.fromkeys(("is_self", "is_family", "is_asker", "by_name_only", "is_named"), False)
    assert rules.bar_to_confirm(Role.DIRECTOR, **{**plain, **options}) is bar
    assert rules.bar_to_confirm(Role.TEACHER, **{**plain, **options}) is Bar.ROLE


@pytest.mark.parametrize(
    ("four_eyes", "works_here", "by_name_only", "needed"),
    [
        (False, False, False, False),
        (True, False, False, True),
        (False, True, False, True),
        (False, False, True, True),
    ],
)
def test_a_board_may_do_without_a_colleague_but_never_for_its_own_people(four_eyes, works_here, by_name_only, needed):
    assert rules.needs_second(four_eyes=four_eyes, works_here=works_here, by_name_only=by_name_only) is needed


def test_a_code_stands_half_an_hour_on_screen_and_two_days_on_paper():
    assert rules.code_stands(on_paper=False) == timedelta(minutes=30)
    assert rules.code_stands(on_paper=True) == timedelta(hours=48)
    assert timedelta(hours=24) == rules.COLLEAGUE_WAITS


@pytest.mark.parametrize(
    ("seconds_left", "options", "state"),
    [
        (1, {}, State.WAITING),
        (0, {}, State.LAPSED),
        (1, {"is_confirmed": True}, State.READY),
        (0, {"is_confirmed": True}, State.EXPIRED),
        (0, {"is_confirmed": True, "is_used": True}, State.DONE),
        (1, {"is_stopped": True}, State.STOPPED),
        (0, {"is_confirmed": True, "is_stopped": True}, State.STOPPED),
    ],
)
def test_how_far_a_case_is(seconds_left, options, state):
    plain = dict.fromkeys(("is_stopped", "is_confirmed", "is_used"), False)
    assert rules.state_of(NOW, NOW + timedelta(seconds=seconds_left), **{**plain, **options}) is state
