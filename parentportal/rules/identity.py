"""Numbers and addresses: what looks wrong about them, their one written form, and what is shown of them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from stdnum import iban as iban_number
from stdnum.exceptions import ValidationError
from stdnum.nl import brin as brin_number
from stdnum.nl import bsn as citizen_number
from stdnum.nl import onderwijsnummer as education_number
from stdnum.nl import postcode as postal_code

DOT = "•"
SHOWN = 3
BSN_LENGTH = 9


class Doubt(StrEnum):
    """Why a value looks wrong: a warning for the school, never a reason to refuse (formats 8)."""

    CHARACTERS = "characters"
    LENGTH = "length"
    CHECK_DIGIT = "check_digit"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Checked:
    """A value in its one written form; a doubtful value is kept as it was delivered, but for the ends."""

    value: str
    doubt: Doubt | None = None


def _blank_free(text: str) -> str:
    return re.sub(r"[\s.\-]", "", text)


def check_bsn(text: str) -> Checked:
    """Nine digits that pass the elfproef; eight digits get their leading zero back (UAVG article 46)."""
    return _check_number(text, lambda digits: bool(citizen_number.is_valid(digits)))


def check_education_number(text: str) -> Checked:
    """Nine digits that begin with 10, with the check of the number DUO gives out."""
    return _check_number(text, lambda digits: bool(education_number.is_valid(digits)))


def _check_number(text: str, is_valid: Callable[[str], bool]) -> Checked:
    plain = _blank_free(text)
    if not (plain.isascii() and plain.isdigit()):
        return Checked(text.strip(), Doubt.CHARACTERS)
    if len(plain) not in {BSN_LENGTH - 1, BSN_LENGTH}:
        return Checked(text.strip(), Doubt.LENGTH)
    digits = plain.zfill(BSN_LENGTH)
    return Checked(digits) if is_valid(digits) else Checked(text.strip(), Doubt.CHECK_DIGIT)


def check_brin(text: str) -> Checked:
    """Two digits and two letters, with or without the two digits of a branch."""
    plain = _blank_free(text).upper()
    if brin_number.is_valid(plain):
        return Checked(plain)
    return Checked(text.strip(), Doubt.LENGTH if len(plain) not in {4, 6} else Doubt.CHARACTERS)


def check_postcode(text: str) -> Checked:
    """Four digits and two letters without a blank; a foreign one is kept with a doubt."""
    plain = _blank_free(text).upper()
    if postal_code.is_valid(plain):
        return Checked(plain)
    return Checked(text.strip(), Doubt.LENGTH if len(plain) != 6 else Doubt.CHARACTERS)


def show_postcode(value: str) -> str:
    """The postcode as people write it; anything that is none is shown unchanged."""
    return f"{value[:4]} {value[4:]}" if postal_code.is_valid(value) else value


def check_iban(text: str) -> Checked:
    """An account number with the right length for its country and the right check digits."""
    plain = _blank_free(text).upper()
    try:
        return Checked(str(iban_number.validate(plain)))
    except ValidationError:
        fits = re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", plain)
        return Checked(text.strip(), Doubt.CHECK_DIGIT if fits else Doubt.CHARACTERS)


def show_iban(value: str) -> str:
    """In groups of four."""
    return " ".join(value[start : start + 4] for start in range(0, len(value), 4))


def check_phone(text: str) -> Checked:
    """A number in the international form (E.164), read as Dutch when it names no country."""
    try:
        number = phonenumbers.parse(text, "NL")
    except phonenumbers.NumberParseException:
        return Checked(text.strip(), Doubt.CHARACTERS)
    if not phonenumbers.is_valid_number(number):
        return Checked(text.strip(), Doubt.UNKNOWN)
    return Checked(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def show_phone(value: str) -> str:
    """As people dial it: a Dutch number without country, another with; unreadable ones unchanged."""
    try:
        number = phonenumbers.parse(value, "NL")
    except phonenumbers.NumberParseException:
        return value
    if not phonenumbers.is_valid_number(number):
        return value
    dutch = number.country_code == phonenumbers.country_code_for_region("NL")
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if dutch else form.INTERNATIONAL)


def masked(value: str) -> str:
    """Only the last three characters; of a value of six or fewer, nothing at all."""
    plain = _blank_free(value)
    shown = plain[-SHOWN:] if len(plain) > 2 * SHOWN else ""
    return DOT * (len(plain) - len(shown)) + shown
