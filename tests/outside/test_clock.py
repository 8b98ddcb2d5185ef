"""The clock tells aware UTC, stands still when told to, and knows the Dutch calendar day."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from parentportal.outside import clock


def test_the_system_clock_tells_aware_utc_and_moves_forward() -> None:
    first = clock.SystemClock().now()
    second = clock.SystemClock().now()
    assert first.utcoffset() == timedelta(0)
    assert first <= second


def test_a_frozen_clock_stands_still_until_it_is_moved() -> None:
    frozen = clock.FrozenClock(datetime(2026, 3, 4, 23, 30, tzinfo=UTC))
    assert frozen.now() == frozen.now()
    frozen.advance(timedelta(minutes=45))
    assert frozen.now() == datetime(2026, 3, 5, 0, 15, tzinfo=UTC)
    frozen.set_to(datetime(2026, 1, 1, 1, tzinfo=ZoneInfo("Europe/Amsterdam")))
    assert frozen.now() == datetime(2026, 1, 1, tzinfo=UTC)
    assert frozen.now().tzinfo is UTC


def test_a_moment_without_a_time_zone_is_refused() -> None:
    naive = datetime(2026, 3, 4, 12)  # noqa: DTZ001 - the naive moment is what is tested
    with pytest.raises(ValueError, match="time zone"):
        clock.FrozenClock(naive)
    with pytest.raises(ValueError, match="time zone"):
        clock.amsterdam_date(naive)


def test_a_session_tells_the_time_of_its_own_clock() -> None:
    at = datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert clock.now(SimpleNamespace(info={"clock": clock.FrozenClock(at)})) == at


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 4, 22, 59, tzinfo=UTC), date(2026, 3, 4)),
        (datetime(2026, 3, 4, 23, 30, tzinfo=UTC), date(2026, 3, 5)),
        (datetime(2026, 7, 17, 21, 59, tzinfo=UTC), date(2026, 7, 17)),
        (datetime(2026, 7, 17, 22, 0, tzinfo=UTC), date(2026, 7, 18)),
    ],
)
def test_the_calendar_day_is_the_dutch_one_in_winter_and_summer(moment: datetime, day: date) -> None:
    assert clock.amsterdam_date(moment) == day


def test_the_hour_that_happens_twice_stays_two_moments() -> None:
    first = clock.amsterdam_time(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    second = clock.amsterdam_time(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    assert (first.hour, first.minute) == (second.hour, second.minute) == (2, 30)
    assert first.utcoffset() != second.utcoffset()
