"""Names as Dutch schools write them: shown, shortened, sorted and compared."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

PREFIX_LIMIT = 10
"""EDEXML cuts a prefix off after ten characters; a cut-off prefix is no change."""

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})


def tidy(text: str) -> str:
    """Composed (NFC), without blanks at the ends, inner blanks collapsed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def comparable(text: str) -> str:
    """The form in which two spellings count as the same."""
    return unicodedata.normalize("NFC", tidy(text).casefold())


def accent_free(text: str) -> str:
    """The comparable form without accents and with one kind of apostrophe: it only ever suggests."""
    apart = unicodedata.normalize("NFKD", comparable(text.translate(_APOSTROPHES)))
    return "".join(char for char in apart if not unicodedata.combining(char))


@dataclass(frozen=True)
class Name:
    """A name in its registered parts; any part may be empty, a pupil may have one name only."""

    first: str = ""
    prefix: str = ""
    last: str = ""

    def display(self) -> str:
        """The name in full, for instance "Lot de Wit"."""
        return tidy(f"{self.first} {self.prefix} {self.last}")

    def with_initial(self) -> str:
        """The short form for lists and subjects, for instance "Sem B."; the prefix is left out."""
        first = tidy(self.first)
        letter = _initial(self.last)
        if not first or not letter:
            return first or self.display()
        return f"{first} {letter}."

    def sort_key(self) -> tuple[str, str, str]:
        """Sorts on the last name without its prefix, accents and apostrophes aside."""
        last = self.last or self.first
        return _letters(last), accent_free(self.first), accent_free(self.prefix)


def _letters(text: str) -> str:
    return "".join(char for char in accent_free(text) if char.isalnum() or char == " ")


def _initial(last: str) -> str:
    """The first letter of a last name; "IJ" is one letter, and "'s-Gravesande" has an S."""
    plain = tidy(last).translate(_APOSTROPHES).lstrip("'- ")
    if plain[:2].casefold() == "ij":
        return "IJ"
    return next((char.upper() for char in plain if char.isalpha()), "")


class Likeness(StrEnum):
    """How alike two spellings are."""

    SAME = "same"
    ALIKE = "alike"
    """Equal but for accents: a suggestion for a person, never a match."""
    DIFFERENT = "different"


def likeness(one: str, other: str) -> Likeness:
    """Compare two parts of names."""
    if comparable(one) == comparable(other):
        return Likeness.SAME
    return Likeness.ALIKE if accent_free(one) == accent_free(other) else Likeness.DIFFERENT


def same_prefix(registered: str, delivered: str) -> bool:
    """Whether two prefixes are the same, one of them perhaps cut off after ten characters."""
    short, long = sorted((comparable(registered), comparable(delivered)), key=len)
    return short == long or (len(long) > PREFIX_LIMIT and short == long[:PREFIX_LIMIT].rstrip())


def same_name(one: Name, other: Name) -> bool:
    """Whether a delivery brings the same name, so that nothing changed."""
    return (
        likeness(one.first, other.first) is Likeness.SAME
        and likeness(one.last, other.last) is Likeness.SAME
        and same_prefix(one.prefix, other.prefix)
    )
