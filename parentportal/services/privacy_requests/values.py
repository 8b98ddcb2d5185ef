"""Values as a parent types them, brought to the one form in which they are kept and compared."""

from datetime import date

from email_validator import EmailNotValidError, validate_email

from parentportal.catalogue.fields import Field
from parentportal.rules.errors import Invalid
from parentportal.rules.identity import check_phone, check_postcode
from parentportal.rules.names import tidy
from parentportal.rules.sentences import N_

SEXES = ("female", "male", "unspecified", "unknown")
FIELD = "value"


def holds_value(field: Field) -> bool:
    """Whether the portal itself shows and keeps the value, so that a decision can change it here."""
    return field.presence == "value" and field.input != "none"


def canonical(field: Field, text: str, *, today: date) -> str:
    """The kept form of what was typed; raises `Invalid` at "value" with what to do.

    Dates come as ISO. What the portal does not hold itself is described in words, and stays as it was written.
    """
    if not text.strip():
        raise Invalid({FIELD: N_("Vul in wat het moet zijn.")})
    if not holds_value(field):
        return text.strip()
    match field.input:
        case "date":
            return _date(text, today)
        case "phone":
            return _phone(text)
        case "email":
            return _email(text)
        case "postcode":
            return _postcode(text)
        case "sex":
            return _one_of(text, SEXES)
        case "choice":
            return _one_of(text, field.choices)
    return text.strip() if field.input == "long_text" else tidy(text)


def is_same(field: Field, old: str, new: str, *, today: date) -> bool:
    """Whether what was typed is what the school has already, written in another way perhaps."""
    if tidy(old) == tidy(new):
        return True
    if field.input == "phone":
        return _dialled(old) == _dialled(new)
    try:
        return canonical(field, old, today=today) == canonical(field, new, today=today)
    except Invalid:
        return False


def _dialled(text: str) -> str:
    """The digits of a number as from abroad, so that two ways of writing it are one."""
    digits = "".join(sign for sign in text if sign.isdigit() or sign == "+")
    for start in ("+", "00"):
        if digits.startswith(start):
            return digits.removeprefix(start)
    return f"31{digits.removeprefix('0')}"


def _date(text: str, today: date) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid({FIELD: N_("Vul een datum in die bestaat, bijvoorbeeld 27 3 2017.")}) from None
    if day > today:
        raise Invalid({FIELD: N_("Deze datum moet nog komen. Vul een datum in die voorbij is.")})
    return day.isoformat()


def _phone(text: str) -> str:
    checked = check_phone(text)
    if checked.doubt:
        raise Invalid({FIELD: N_("Vul een telefoonnummer in dat bestaat, bijvoorbeeld 06 12 34 56 78.")})
    return checked.value


def _email(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        raise Invalid({FIELD: N_("Vul een e-mailadres in met een apenstaartje, zoals naam@voorbeeld.nl.")}) from None


def _postcode(text: str) -> str:
    checked = check_postcode(text)
    looks_dutch = text.strip()[:4].isdigit() and not text.strip().isdigit()
    if checked.doubt and (looks_dutch or len(text.strip()) > 12):
        raise Invalid({FIELD: N_("Vul een postcode in met vier cijfers en twee letters, zoals 1234 AB.")})
    return checked.value


def _one_of(text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise Invalid({FIELD: N_("Kies een van de antwoorden die er staan.")})
    return text
