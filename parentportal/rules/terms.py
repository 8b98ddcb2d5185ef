"""Days and deadlines: what must have happened by when, by the Dutch calendar."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
POLICY_DAYS = 28
"""The board's own promise (seed S2-30): four weeks, always within the legal month."""

PICK_UP_SCHOOL_DAYS = 5
FAST_LANE_SCHOOL_DAYS = 2
REMINDER_DAYS = (14, 7, 3, 1)
NEARLY_LATE_WORKING_DAYS = 5
REOPENING_WEEKS = 6
IDENTITY_PROOF_DAYS = 14
INFORMATION_DAYS = 7
DRAFT_DAYS = 30
SIXTEEN = 16
SIXTEEN_NOTICE_DAYS = 30
SCHOOL_YEAR_STARTS_IN = 8


def local_day(moment: datetime) -> date:
    """The day in Amsterdam at an aware moment; ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(AMSTERDAM).date()


def add_months(day: date, months: int) -> date:
    """The same day number some months later, or the last day of that month when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """Dutch holidays with Good Friday and every 5 May, which the library knows as optional only."""
    return frozenset(holidays.country_holidays("NL", years=year, categories=("public", "optional")))


def is_working_day(day: date) -> bool:
    """A weekday that is no public holiday; school holidays are working days (trap T15)."""
    return day.weekday() < 5 and day not in public_holidays(day.year)


def next_working_day(day: date) -> date:
    """The day itself, or the first working day after it (Regulation 1182/71, article 3(4))."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_school_days(day: date, count: int) -> date:
    """The `count`-th weekday after `day` that is no public holiday; the day itself does not count."""
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1))
    return day


def working_days(first: date, last: date) -> int:
    """How many working days lie from `first` through `last`; 0 when `last` comes first."""
    return sum(is_working_day(first + timedelta(days=n)) for n in range((last - first).days + 1))


@dataclass(frozen=True)
class Terms:
    """All days that follow from one receipt (requirements 10.3, GDPR article 12(3))."""

    received_on: date
    policy_due: date
    """The day the portal plans on and shows."""
    legal_due: date
    legal_due_rolled: date
    """The legal day moved to a working day: information only, never planned on."""
    extension_limit: date
    """The last day when the request was extended in time: three months after receipt."""
    latest_extension_notice: date
    paused_days: int

    def due_on(self, *, extended: bool) -> date:
        """The day to work towards."""
        return self.extension_limit if extended else self.policy_due


def terms_of(received_on: date, *, policy_days: int = POLICY_DAYS, paused_days: int = 0) -> Terms:
    """The terms of a request received on a local day by anyone at school (trap T15).

    `paused_days` are the days spent waiting for a proof of identity; nothing else stops the clock.
    A board may promise fewer days than a month, never more: the legal day is the ceiling.
    """
    pause = timedelta(days=paused_days)
    legal = add_months(received_on, 1) + pause
    policy = min(received_on + timedelta(days=policy_days) + pause, legal)
    return Terms(
        received_on=received_on,
        policy_due=policy,
        legal_due=legal,
        legal_due_rolled=next_working_day(legal),
        extension_limit=add_months(received_on, 3) + pause,
        latest_extension_notice=policy,
        paused_days=paused_days,
    )


class Extension(StrEnum):
    """Whether a request can still be extended."""

    POSSIBLE = "possible"
    TOO_LATE = "too_late"
    ALREADY_EXTENDED = "already_extended"


def extension(terms: Terms, today: date, *, extended: bool) -> Extension:
    """Once, and up to and including the board's own due day (GDPR article 12(3), trap T16)."""
    if extended:
        return Extension.ALREADY_EXTENDED
    return Extension.POSSIBLE if today <= terms.latest_extension_notice else Extension.TOO_LATE


def reminder_days(due_on: date) -> Iterator[date]:
    """The days on which the handler is reminded, first day first."""
    return (due_on - timedelta(days=days) for days in REMINDER_DAYS)


def reminds_on(due_on: date, today: date) -> bool:
    """Whether a reminder goes out today: on the days before, and daily once it is late."""
    return today > due_on or (due_on - today).days in REMINDER_DAYS


class Marker(StrEnum):
    """How a deadline looks in a list."""

    ON_TIME = "on_time"
    NEARLY_LATE = "nearly_late"
    LATE = "late"


def marker(due_on: date, today: date) -> Marker:
    """Nearly late from the fifth-last working day on, the due day included."""
    if today > due_on:
        return Marker.LATE
    near = working_days(today, due_on) <= NEARLY_LATE_WORKING_DAYS
    return Marker.NEARLY_LATE if near else Marker.ON_TIME


def age_on(born_on: date, day: date) -> int:
    """Age in whole years; somebody born on 29 February becomes older on 1 March in a common year."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def birthday(born_on: date, years: int) -> date:
    """The first day on which somebody has that age."""
    try:
        return born_on.replace(year=born_on.year + years)
    except ValueError:
        return date(born_on.year + years, 3, 1)


def sixteenth_birthday(born_on: date) -> date:
    """From 00:00 local time on this day the pupil decides (UAVG article 5)."""
    return birthday(born_on, SIXTEEN)


def sixteen_notice_on(born_on: date) -> date:
    """The day on which pupil and guardians are told what will change (requirements 6.4)."""
    return sixteenth_birthday(born_on) - timedelta(days=SIXTEEN_NOTICE_DAYS)


def decides_alone(born_on: date | None, moment: datetime) -> bool:
    """Whether the pupil is sixteen or older; an unknown birth date counts as younger (UAVG article 5)."""
    return born_on is not None and age_on(born_on, local_day(moment)) >= SIXTEEN


def reopening_until(closed_on: date) -> date:
    """The last day on which a guardian may disagree with a closed case."""
    return closed_on + timedelta(weeks=REOPENING_WEEKS)


def school_year_of(day: date) -> str:
    """The school year as delivered files write it, for instance "2026-2027"; it starts on 1 August."""
    first = day.year if day.month >= SCHOOL_YEAR_STARTS_IN else day.year - 1
    return f"{first}-{first + 1}"
