"""Everything kept has a last day, counted from the event that the class names."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parentportal.rules.retention import KEEPING, RetentionClass, Start, erase_on

LEFT = date(2026, 7, 17)


@pytest.mark.parametrize(
    ("kind", "gone_on"),
    [
        (RetentionClass.R2, date(2028, 7, 17)),
        (RetentionClass.R3, date(2029, 7, 17)),
        (RetentionClass.R5, date(2031, 7, 17)),
        (RetentionClass.R7, date(2034, 1, 1)),
        (RetentionClass.CONSENT_BASED, LEFT),
        (RetentionClass.CONSENT_PROOF, date(2031, 7, 17)),
        (RetentionClass.REQUEST_FILE, date(2028, 7, 17)),
        (RetentionClass.IDENTITY_COPY, date(2026, 7, 22)),
        (RetentionClass.LOG, date(2027, 1, 17)),
        (RetentionClass.AUDIT, date(2028, 7, 17)),
        (RetentionClass.ALUMNI, LEFT),
        (RetentionClass.ARCHIVE_HOLD, None),
        (RetentionClass.LEGAL_HOLD, None),
    ],
)
def test_each_class_has_its_own_last_day(kind, gone_on):
    assert erase_on(kind, LEFT) == gone_on


def test_every_class_is_in_the_table():
    assert set(KEEPING) == set(RetentionClass)


def test_a_disputed_request_file_is_kept_five_years():
    assert erase_on(RetentionClass.REQUEST_FILE, LEFT, disputed=True) == date(2031, 7, 17)


def test_a_dispute_does_not_lengthen_a_dossier():
    assert erase_on(RetentionClass.R2, LEFT, disputed=True) == erase_on(RetentionClass.R2, LEFT)


@pytest.mark.parametrize("kind", RetentionClass)
def test_a_running_case_or_a_child_still_at_school_suspends_the_erasure(kind):
    assert erase_on(kind, LEFT, held=True) is None
    assert erase_on(kind, None) is None


@given(st.sampled_from(RetentionClass), st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 200))
def test_a_board_may_shorten_and_never_lengthen(kind, started_on, months):
    usual = erase_on(kind, started_on)
    if usual is None:
        assert KEEPING[kind].start is Start.NONE
    else:
        chosen = erase_on(kind, started_on, board_months=months)
        assert chosen is not None
        assert started_on <= chosen <= usual
