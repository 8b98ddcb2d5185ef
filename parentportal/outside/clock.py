"""The one place that knows what time it is."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


class Clock(Protocol):
    """Something that tells the time in aware UTC."""

    def now(self) -> datetime: ...


class HasInfo(Protocol):
    """A database session, as far as this room knows one."""

    @property
    def info(self) -> Mapping[Any, Any]: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FrozenClock:
    """A clock for tests and the demo: it stands still until `advance` or `set_to` moves it."""

    def __init__(self, at: datetime) -> None:
        self._at = _in_utc(at)

    def now(self) -> datetime:
        return self._at

    def advance(self, step: timedelta) -> None:
        self._at += step

    def set_to(self, at: datetime) -> None:
        self._at = _in_utc(at)


def now(session: HasInfo) -> datetime:
    """This moment in UTC, by the clock that the session was opened with."""
    clock: Clock = session.info["clock"]
    return clock.now()


def amsterdam_time(moment: datetime) -> datetime:
    """The same moment on a Dutch wall clock; a naive moment raises ValueError."""
    return _in_utc(moment).astimezone(AMSTERDAM)


def amsterdam_date(moment: datetime) -> date:
    """The Dutch calendar day of a moment: the day from which terms are counted."""
    return amsterdam_time(moment).date()


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC)
