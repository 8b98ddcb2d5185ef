"""A number that looks wrong is kept and marked, for the school must show what it has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parentportal.rules import identity
from parentportal.rules.identity import Checked, Doubt

CHECKS = [
    identity.check_bsn,
    identity.check_education_number,
    identity.check_brin,
    identity.check_postcode,
    identity.check_iban,
    identity.check_phone,
]


@pytest.mark.parametrize(
    ("check", "text", "expected"),
    [
        # 1*9+1*8+1*7+2*6+2*5+2*4+3*3+3*2-3 = 66 = 6 * 11
        (identity.check_bsn, "1112.22.333", Checked("111222333")),
        (identity.check_bsn, "111222334", Checked("111222334", Doubt.CHECK_DIGIT)),
        (identity.check_bsn, "000000000", Checked("000000000", Doubt.CHECK_DIGIT)),
        # 0*9+1*8+2*7+3*6+4*5+5*4+6*3+7*2-2 = 110 = 10 * 11; the leading zero was lost
        (identity.check_bsn, "12345672", Checked("012345672")),
        (identity.check_bsn, "12345", Checked("12345", Doubt.LENGTH)),
        (identity.check_bsn, " onbekend ", Checked("onbekend", Doubt.CHARACTERS)),
        # 1*9+0*8+1*7+2*6+2*5+2*4+3*3+3*2-1 = 60 = 5 * 11 + 5
        (identity.check_education_number, "101222331", Checked("101222331")),
        (identity.check_education_number, "111222333", Checked("111222333", Doubt.CHECK_DIGIT)),
        (identity.check_brin, " 99aa ", Checked("99AA")),
        (identity.check_brin, "99AA01", Checked("99AA01")),
        (identity.check_brin, "9AAA", Checked("9AAA", Doubt.CHARACTERS)),
        (identity.check_brin, "99AA1", Checked("99AA1", Doubt.LENGTH)),
        (identity.check_postcode, "1234 ab", Checked("1234AB")),
        (identity.check_postcode, "1234 SS", Checked("1234 SS", Doubt.CHARACTERS)),
        (identity.check_postcode, "0234 AB", Checked("0234 AB", Doubt.CHARACTERS)),
        (identity.check_postcode, "B-2000", Checked("B-2000", Doubt.LENGTH)),
        (identity.check_iban, "nl91 abna 0417 1643 00", Checked("NL91ABNA0417164300")),
        (identity.check_iban, "NL92ABNA0417164300", Checked("NL92ABNA0417164300", Doubt.CHECK_DIGIT)),
        (identity.check_iban, "bij oma", Checked("bij oma", Doubt.CHARACTERS)),
        (identity.check_phone, "06-1234 5678", Checked("+31612345678")),
        (identity.check_phone, "+32 2 555 12 12", Checked("+3225551212")),
        (identity.check_phone, "07012332332", Checked("07012332332", Doubt.UNKNOWN)),
        (identity.check_phone, "geheim", Checked("geheim", Doubt.CHARACTERS)),
    ],
)
def test_a_value_gets_one_written_form_or_a_doubt(check, text, expected):
    assert check(text) == expected


@given(st.sampled_from(CHECKS), st.text(max_size=40))
def test_no_value_is_ever_refused(check, text):
    found = check(text)
    assert found.doubt is None or found.value == text.strip()


@given(st.sampled_from(CHECKS[:3]), st.integers(0, 10**9))
def test_a_written_form_stays_what_it_is(check, number):
    found = check(str(number))
    if found.doubt is None:
        assert check(found.value) == found


@pytest.mark.parametrize(
    ("value", "shown"),
    [("111222333", "••••••333"), ("NL91ABNA0417164300", "•••••••••••••••300"), ("12345", "•••••"), ("", "")],
)
def test_only_the_last_three_characters_are_shown(value, shown):
    assert identity.masked(value) == shown


@given(st.text(alphabet="0123456789", max_size=30))
def test_a_masked_number_never_shows_more_than_three_digits(value):
    assert sum(char.isdigit() for char in identity.masked(value)) <= 3


def test_values_are_shown_the_way_people_write_them():
    assert identity.show_postcode("1234AB") == "1234 AB"
    assert identity.show_postcode("B-2000") == "B-2000"
    assert identity.show_iban("NL91ABNA0417164300") == "NL91 ABNA 0417 1643 00"
    assert identity.show_phone("+31612345678") == "06 12345678"
    assert identity.show_phone("+3225551212") == "+32 2 555 12 12"
    assert identity.show_phone("07012332332") == "07012332332"
    assert identity.show_phone("geheim") == "geheim"
