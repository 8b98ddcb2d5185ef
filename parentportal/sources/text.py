"""Values as they stand in files, brought into one form."""

import re
import unicodedata
from datetime import date, datetime
from zoneinfo import ZoneInfo

from stdnum import iban
from stdnum.nl import bsn, onderwijsnummer, postcode

MOJIBAKE = re.compile("\N{REPLACEMENT CHARACTER}|\\?|Ã[\x80-\xbf\u2018-\u2122]|Ä[\xb0\xb1]|Å[\x80-\xbf\u0178]")
ECKID = re.compile(r"https://ketenid\.nl/\d{6}/[0-9a-f]{128}")
NAME_FIELDS = ("surname", "call_name", "first_name", "first_names", "prefix")
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")
# Signs that nobody sees and that steer a terminal or turn the order of a line; white space is not among them.
_STEERING = re.compile("[\x00-\x08\x0e-\x1b\x7f\u202a-\u202e\u2066-\u2069]")


def clean(text: str | None) -> str | None:
    """NFC, trimmed, runs of white space as one space, without steering signs; nothing left reads as None."""
    if text is None:
        return None
    if not text.isprintable():
        text = _STEERING.sub("", text)
    return " ".join(unicodedata.normalize("NFC", text).split()) or None


def iso_date(text: str | None) -> date | None:
    """An XML date, with or without its time zone; None when it is no date. Raises nothing."""
    if text is None or not re.fullmatch(r"\d{4}-\d{2}-\d{2}(Z|[+-]\d{2}:\d{2}|T.*)?", text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def moment(text: str | None) -> datetime | None:
    """An XML dateTime; without a zone it is Dutch time. None when it is no moment."""
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read.replace(tzinfo=_AMSTERDAM) if read.tzinfo is None else read


def looks_garbled(field_code: str, text: str) -> bool:
    """A name with signs of a wrong character set in it."""
    return field_code.partition(".")[2] in NAME_FIELDS and MOJIBAKE.search(text) is not None


def passes_check(field_code: str, text: str, scheme: str | None = None) -> bool:
    """The check digit or form that belongs to this field; True for a field without one."""
    match field_code.partition(".")[2], scheme:
        case "bsn", "rijksregisternummer":
            return re.fullmatch(r"\d{11}", text) is not None
        case "bsn", _:
            return len(text) == 9 and bool(bsn.is_valid(text))
        case "education_number", _:
            return bool(onderwijsnummer.is_valid(text))
        case "bsn_last4", _:
            return re.fullmatch(r"\d{4}", text) is not None
        case "eckid", _:
            return ECKID.fullmatch(text) is not None
        case "address.postcode", "nl":
            return bool(postcode.is_valid(text))
        case "address.postcode", "be":
            return re.fullmatch(r"[1-9]\d{3}", text) is not None
        case "iban", _:
            return bool(iban.is_valid(text))
        case "email", _:
            return re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text) is not None
    return True
