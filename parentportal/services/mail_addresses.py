"""A mail address as somebody typed it, and as it is kept."""

from email_validator import EmailNotValidError, validate_email

from parentportal.reads.sign_in import normal_name
from parentportal.rules.errors import Invalid
from parentportal.rules.sentences import N_


def read(typed: str) -> str:
    """The address in the form that sign-in names have; raises `Invalid` at the field `email` for what is none."""
    try:
        return normal_name(validate_email(typed.strip(), check_deliverability=False).normalized)
    except EmailNotValidError:
        raise Invalid({"email": N_("Vul een e-mailadres in zoals naam@voorbeeld.nl.")}) from None
