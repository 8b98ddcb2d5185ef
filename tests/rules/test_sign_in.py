"""Guessing gets slower, never impossible; a session ends by the clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parentportal.rules import sign_in
from parentportal.rules.sign_in import SessionState

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 5), (6, 10), (7, 20), (8, 40), (9, 80), (10, 900), (11, 900), (100000, 900)],
)
def test_the_wait_grows_from_the_fifth_failure_and_is_never_for_good(failures, seconds):
    assert sign_in.wait_after(failures) == timedelta(seconds=seconds)


def test_guessing_from_many_places_slows_strangers_but_not_the_device_of_noor():
    assert sign_in.wait_after(0, 30) == timedelta(0)
    assert sign_in.wait_after(0, 31) == timedelta(seconds=30)
    assert sign_in.wait_after(0, 41) == timedelta(seconds=60)
    assert sign_in.wait_after(0, 5000) == timedelta(minutes=15)
    assert sign_in.wait_after(0, 5000, known_device=True) == timedelta(0)
    assert sign_in.wait_after(10, 5000, known_device=True) == timedelta(minutes=15)


@given(st.integers(0, 500), st.integers(0, 500), st.booleans())
def test_no_number_of_failures_locks_anybody_out_for_longer_than_a_quarter_of_an_hour(here, all_, known):
    wait = sign_in.wait_after(here, all_, known_device=known)
    assert timedelta(0) <= wait <= timedelta(minutes=15)
    assert wait <= sign_in.wait_after(here + 1, all_ + 1, known_device=known)


def test_a_sign_in_has_five_tries_for_the_second_factor():
    assert [sign_in.second_factor_tries_left(used) for used in range(7)] == [5, 4, 3, 2, 1, 0, 0]


@pytest.mark.parametrize(
    ("began", "seen", "staff", "state"),
    [
        (60, 29, False, SessionState.ALIVE),
        (60, 30, False, SessionState.IDLE),
        (60, 14, True, SessionState.ALIVE),
        (60, 15, True, SessionState.IDLE),
        (719, 1, False, SessionState.ALIVE),
        (720, 1, False, SessionState.TOO_OLD),
        (720, 1, True, SessionState.TOO_OLD),
    ],
)
def test_a_session_ends_when_idle_and_after_twelve_hours(began, seen, staff, state):
    minutes = timedelta(minutes=1)
    assert sign_in.session_state(NOW - began * minutes, NOW - seen * minutes, NOW, staff=staff) is state


def test_caution_lasts_until_its_last_second():
    until = NOW + timedelta(hours=24)
    assert sign_in.is_cautious(until, NOW)
    assert sign_in.is_cautious(until, until - timedelta(seconds=1))
    assert not sign_in.is_cautious(until, until)
    assert not sign_in.is_cautious(None, NOW)
