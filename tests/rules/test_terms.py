"""Deadlines by the Dutch calendar, with the verified table of the requirements."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parentportal.rules import terms
from parentportal.rules.terms import Extension, Marker, terms_of

DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("received", "policy", "legal", "rolled", "limit"),
    [
        ("2026-01-31", "2026-02-28", "2026-02-28", "2026-03-02", "2026-04-30"),
        ("2026-03-05", "2026-04-02", "2026-04-05", "2026-04-07", "2026-06-05"),
        ("2026-03-27", "2026-04-24", "2026-04-27", "2026-04-28", "2026-06-27"),
        ("2026-07-17", "2026-08-14", "2026-08-17", "2026-08-17", "2026-10-17"),
        ("2026-08-31", "2026-09-28", "2026-09-30", "2026-09-30", "2026-11-30"),
        ("2026-11-25", "2026-12-23", "2026-12-25", "2026-12-28", "2027-02-25"),
        ("2027-02-01", "2027-03-01", "2027-03-01", "2027-03-01", "2027-05-01"),
        ("2028-01-30", "2028-02-27", "2028-02-29", "2028-02-29", "2028-04-30"),
    ],
)
def test_a_receipt_fixes_every_later_day(received, policy, legal, rolled, limit):
    found = terms_of(day(received))
    assert found.policy_due == day(policy)
    assert found.legal_due == day(legal)
    assert found.legal_due_rolled == day(rolled)
    assert found.extension_limit == day(limit)
    assert found.latest_extension_notice == day(policy)


def test_late_in_the_evening_by_utc_is_the_next_day_in_amsterdam():
    assert terms.local_day(datetime(2026, 3, 4, 23, 30, tzinfo=UTC)) == day("2026-03-05")
    assert terms.local_day(datetime(2026, 7, 4, 21, 59, tzinfo=UTC)) == day("2026-07-04")
    assert terms.local_day(datetime(2026, 7, 4, 22, 0, tzinfo=UTC)) == day("2026-07-05")


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        terms.local_day(datetime(2026, 3, 4, 23, 30, tzinfo=UTC).replace(tzinfo=None))


def test_extending_works_on_the_due_day_and_not_a_day_later():
    found = terms_of(day("2026-03-05"))
    assert terms.extension(found, day("2026-04-02"), extended=False) is Extension.POSSIBLE
    assert terms.extension(found, day("2026-04-03"), extended=False) is Extension.TOO_LATE
    assert terms.extension(found, day("2026-03-06"), extended=True) is Extension.ALREADY_EXTENDED


def test_an_extended_request_works_towards_its_limit():
    found = terms_of(day("2026-03-05"))
    assert found.due_on(extended=False) == day("2026-04-02")
    assert found.due_on(extended=True) == day("2026-06-05")


def test_waiting_for_a_proof_of_identity_is_added_to_every_term():
    found = terms_of(day("2026-03-05"), paused_days=3)
    assert (found.policy_due, found.legal_due, found.extension_limit) == (
        day("2026-04-05"),
        day("2026-04-08"),
        day("2026-06-08"),
    )


@given(DAYS, st.integers(1, 400), st.integers(0, 14))
def test_a_board_never_promises_more_than_the_law_allows(received, policy_days, paused):
    found = terms_of(received, policy_days=policy_days, paused_days=paused)
    assert received < found.policy_due <= found.legal_due <= found.legal_due_rolled
    assert found.legal_due < found.extension_limit
    assert terms.is_working_day(found.legal_due_rolled)


@given(DAYS)
def test_four_weeks_always_fit_in_the_legal_month(received):
    assert terms_of(received).policy_due == received + timedelta(days=28)


@pytest.mark.parametrize("free", ["2026-04-03", "2026-05-05", "2027-05-05", "2026-04-27", "2026-12-25", "2026-11-21"])
def test_good_friday_liberation_day_and_weekends_are_no_working_days(free):
    assert not terms.is_working_day(day(free))


def test_the_summer_holiday_does_not_stop_the_counting():
    assert terms.is_working_day(day("2026-08-04"))


def test_a_request_assigned_before_easter_is_picked_up_in_the_week_after():
    # Thursday 2 April; Good Friday and Easter Monday do not count: 7, 8, 9, 10 and 13 April do.
    assert terms.add_school_days(day("2026-04-02"), 5) == day("2026-04-13")


@given(DAYS, st.integers(1, 12))
def test_school_days_are_counted_one_by_one(start, count):
    end = terms.add_school_days(start, count)
    assert terms.working_days(start + timedelta(days=1), end) == count
    assert terms.is_working_day(end)


def test_reminders_come_two_weeks_one_week_three_days_and_one_day_before():
    due = day("2026-04-24")
    assert [d.isoformat() for d in terms.reminder_days(due)] == [
        "2026-04-10",
        "2026-04-17",
        "2026-04-21",
        "2026-04-23",
    ]
    assert not terms.reminds_on(due, due)
    assert terms.reminds_on(due, day("2026-04-25"))
    assert terms.reminds_on(due, day("2026-05-30"))


@given(DAYS)
def test_before_the_due_day_there_are_exactly_four_reminders(due):
    before = [due - timedelta(days=n) for n in range(60)]
    assert [d for d in before if terms.reminds_on(due, d)] == list(reversed(list(terms.reminder_days(due))))


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-11-13", Marker.ON_TIME),
        ("2026-11-15", Marker.NEARLY_LATE),
        ("2026-11-16", Marker.NEARLY_LATE),
        ("2026-11-20", Marker.NEARLY_LATE),
        ("2026-11-21", Marker.LATE),
    ],
)
def test_the_last_five_working_days_are_nearly_late(today, expected):
    assert terms.marker(day("2026-11-20"), day(today)) is expected


def test_sem_decides_himself_from_midnight_on_his_sixteenth_birthday():
    born = day("2016-03-10")
    assert not terms.decides_alone(born, datetime(2032, 3, 9, 22, 59, 59, tzinfo=UTC))
    assert terms.decides_alone(born, datetime(2032, 3, 9, 23, 0, tzinfo=UTC))
    assert terms.sixteenth_birthday(born) == day("2032-03-10")
    assert terms.sixteen_notice_on(born) == day("2032-02-09")


def test_a_child_without_a_known_birth_date_counts_as_younger():
    assert not terms.decides_alone(None, datetime(2032, 3, 9, tzinfo=UTC))


def test_a_child_born_on_a_leap_day_becomes_older_on_1_march():
    born = day("2016-02-29")
    assert terms.age_on(born, day("2026-02-28")) == 9
    assert terms.age_on(born, day("2026-03-01")) == 10
    assert terms.birthday(born, 10) == day("2026-03-01")
    assert terms.sixteenth_birthday(born) == day("2032-02-29")


@given(DAYS, st.integers(0, 30))
def test_a_birthday_is_the_first_day_of_an_age(born, years):
    on = terms.birthday(born, years)
    assert terms.age_on(born, on) == years
    assert terms.age_on(born, on - timedelta(days=1)) == years - 1


def test_a_closed_case_can_be_reopened_for_six_weeks():
    assert terms.reopening_until(day("2026-03-02")) == day("2026-04-13")


@pytest.mark.parametrize(
    ("on", "year"), [("2026-07-31", "2025-2026"), ("2026-08-01", "2026-2027"), ("2027-01-01", "2026-2027")]
)
def test_a_school_year_starts_on_1_august(on, year):
    assert terms.school_year_of(day(on)) == year
