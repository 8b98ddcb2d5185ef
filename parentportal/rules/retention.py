"""How long things are kept, and the day on which they must be gone (requirements 7.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from parentportal.rules.terms import add_months


class RetentionClass(StrEnum):
    """The classes of the catalogue; a field without one cannot be saved."""

    R2 = "r2"
    R3 = "r3"
    R5 = "r5"
    R7 = "r7"
    CONSENT_BASED = "rc"
    CONSENT_PROOF = "rt"
    REQUEST_FILE = "rv"
    IDENTITY_COPY = "ri"
    LOG = "rl"
    AUDIT = "audit"
    ALUMNI = "ra"
    END_OF_ENROLMENT = "re"
    """Of use only while the pupil is at school, such as a log-in name or a photo to know somebody by."""
    ARCHIVE_HOLD = "ah"
    LEGAL_HOLD = "lh"


class Start(StrEnum):
    """The event at which the clock of a class starts."""

    LEAVING = "leaving"
    BOOK_YEAR = "book_year"
    END_OF_CONSENT = "end_of_consent"
    LAST_USE = "last_use"
    CLOSING = "closing"
    UPLOAD = "upload"
    EVENT = "event"
    NONE = "none"


@dataclass(frozen=True)
class Keeping:
    """From when and how long a class is kept; `months` None means that no day follows from it."""

    start: Start
    months: int | None = None
    days: int = 0
    disputed_months: int | None = None


KEEPING: Mapping[RetentionClass, Keeping] = {
    RetentionClass.R2: Keeping(Start.LEAVING, 24),
    RetentionClass.R3: Keeping(Start.LEAVING, 36),
    RetentionClass.R5: Keeping(Start.LEAVING, 60),
    RetentionClass.R7: Keeping(Start.BOOK_YEAR, 84),
    RetentionClass.CONSENT_BASED: Keeping(Start.END_OF_CONSENT, 0),
    RetentionClass.CONSENT_PROOF: Keeping(Start.LAST_USE, 60),
    RetentionClass.REQUEST_FILE: Keeping(Start.CLOSING, 24, disputed_months=60),
    RetentionClass.IDENTITY_COPY: Keeping(Start.UPLOAD, 0, days=5),
    RetentionClass.LOG: Keeping(Start.EVENT, 6),
    RetentionClass.AUDIT: Keeping(Start.EVENT, 24),
    RetentionClass.ALUMNI: Keeping(Start.END_OF_CONSENT, 0),
    RetentionClass.END_OF_ENROLMENT: Keeping(Start.LEAVING, 0),
    RetentionClass.ARCHIVE_HOLD: Keeping(Start.NONE),
    RetentionClass.LEGAL_HOLD: Keeping(Start.NONE),
}


def erase_on(
    kind: RetentionClass,
    started_on: date | None,
    *,
    board_months: int | None = None,
    disputed: bool = False,
    held: bool = False,
) -> date | None:
    """The first day on which the data must be gone; None while the clock has not started or is held.

    `started_on` is the day of the class's `Start`: for R2, R3 and R5 the day of leaving, not the end
    of a school year. A board may shorten a class by `board_months`, never lengthen it. `held` is a
    running request, complaint or incident (GDPR articles 5(1)(e) and 17(3)(e)).
    """
    keeping = KEEPING[kind]
    if held or started_on is None or keeping.months is None:
        return None
    if keeping.start is Start.BOOK_YEAR:
        started_on = date(started_on.year + 1, 1, 1)
    months = keeping.disputed_months if disputed and keeping.disputed_months else keeping.months
    if board_months is not None and board_months < months:
        months = board_months
    return add_months(started_on, months) + timedelta(days=keeping.days)
