"""What is said about a new password that would be among the first to be guessed."""

from collections.abc import Iterable

from parentportal.outside import passwords
from parentportal.outside.passwords import Weakness
from parentportal.rules.errors import Invalid
from parentportal.rules.sentences import N_

_WEAK = {
    Weakness.TOO_SHORT: N_(
        "Kies een wachtwoord van ten minste %(least)s tekens. Een paar woorden achter elkaar werkt goed.",
        least=passwords.LEAST,
    ),
    Weakness.TOO_LONG: N_("Gebruik niet meer dan %(most)s tekens.", most=passwords.MOST),
    Weakness.COMMON: N_("Dit wachtwoord is makkelijk te raden. Kies een paar woorden die niet bij elkaar horen."),
    Weakness.ABOUT_YOU: N_("Dit wachtwoord lijkt op uw naam, uw school of het portaal. Kies andere woorden."),
}


def refuse_weak(password: str, *, own_words: Iterable[str]) -> None:
    """Raise `Invalid` at the field `password`, unless it may be used; `own_words`: those of its owner."""
    weakness = passwords.weakness_of(password, own_words=own_words)
    if weakness is not None:
        raise Invalid({"password": _WEAK[weakness]})
