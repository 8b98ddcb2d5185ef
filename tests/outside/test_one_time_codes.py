"""The codes of the app agree with the standard, with a second implementation, and are read strictly."""

import base64
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from parentportal.outside import one_time_codes as otc
from tests.one_time_codes import by_cryptography, by_oathtool

NOW = datetime(2026, 3, 4, 12, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
MAKERS = [by_cryptography, by_oathtool] if shutil.which("oathtool") else [by_cryptography]


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_are_the_last_six_digits_of_the_standards_own_examples(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert otc.current_code(RFC_SECRET, at) == code[-6:]
    assert otc.step_of(code[-6:], RFC_SECRET, at) == seconds // 30


@pytest.mark.parametrize("made_elsewhere", MAKERS)
def test_others_make_the_same_codes_and_ours_accepts_them(made_elsewhere: Callable[[str, datetime], str]) -> None:
    for days in range(5):
        secret, at = otc.new_secret(), NOW + timedelta(days=days * 97, seconds=days)
        code = made_elsewhere(secret, at)
        assert code == otc.current_code(secret, at)
        assert otc.step_of(code, secret, at) == int(at.timestamp()) // 30


def test_a_secret_has_160_bits_and_is_new_each_time() -> None:
    made = {otc.new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(len(base64.b32decode(secret)) == 20 for secret in made)


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_present_step_and_its_neighbours_are_accepted(steps: int, accepted: bool) -> None:
    code = otc.current_code(RFC_SECRET, NOW + steps * STEP)
    expected = int(NOW.timestamp()) // 30 + steps if accepted else None
    assert otc.step_of(code, RFC_SECRET, NOW) == expected


@pytest.mark.parametrize(("steps", "hint"), [(0, False), (1, False), (2, True), (-20, True), (20, True), (21, False)])
def test_a_code_from_minutes_away_shows_that_a_clock_is_wrong(steps: int, hint: bool) -> None:
    code = otc.current_code(RFC_SECRET, NOW + steps * STEP)
    assert otc.far_off(code, RFC_SECRET, NOW) is hint


@pytest.mark.parametrize("written", ["{0}", " {0} ", "{1} {2}", "{1}\u00a0{2}", "\t{1}\n{2}"])
def test_blanks_do_not_matter(written: str) -> None:
    code = otc.current_code(RFC_SECRET, NOW)
    assert otc.step_of(written.format(code, code[:3], code[3:]), RFC_SECRET, NOW) is not None


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "12345",
        "1234567",
        "12345a",
        "+12345",
        "-12345",
        "12.345",
        "１２３４５６",
        "١٢٣٤٥٦",
        "²²²²²²",
        "0x1234",
    ],
)
def test_anything_but_six_ascii_digits_is_no_code(wrong: str) -> None:
    assert otc.cleaned(wrong) is None
    assert otc.step_of(wrong, RFC_SECRET, NOW) is None
    assert not otc.far_off(wrong, RFC_SECRET, NOW)


def test_full_width_digits_of_the_right_code_are_refused_and_leading_zeros_kept() -> None:
    at = next(NOW + n * STEP for n in range(200) if otc.current_code(RFC_SECRET, NOW + n * STEP).startswith("0"))
    code = otc.current_code(RFC_SECRET, at)
    assert otc.step_of(code, RFC_SECRET, at) is not None
    assert otc.step_of(code.lstrip("0"), RFC_SECRET, at) is None
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert otc.step_of(wide, RFC_SECRET, at) is None


def test_the_address_for_the_app_names_the_school_and_the_account_and_keeps_odd_signs() -> None:
    address = otc.provisioning_uri(RFC_SECRET, account="noor+sem@example.nl", school="De Regenboog: zuid & noord")
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/Kijkglas De Regenboog zuid & noord:noor+sem@example.nl"
    query = parse_qs(parts.query)
    assert query["secret"] == [RFC_SECRET]
    assert query["issuer"] == ["Kijkglas De Regenboog zuid & noord"]


def test_the_key_is_shown_in_groups_of_four_that_hold_all_of_it() -> None:
    shown = otc.readable_secret(RFC_SECRET)
    assert [len(group) for group in shown.split(" ")] == [4] * 8
    assert shown.replace(" ", "") == RFC_SECRET


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        otc.step_of("123456", RFC_SECRET, NOW.replace(tzinfo=None))
