"""The sentences of each language, read once from the compiled catalogues; Dutch is in the sources themselves."""

from functools import cache
from pathlib import Path

from babel import Locale
from babel.support import NullTranslations, Translations

from parentportal.places import TRANSLATIONS

SOURCE_LANGUAGE = "nl"
LIVE = (SOURCE_LANGUAGE, "en")
"""Languages in which every sentence can be said; only these can be chosen."""


@cache
def translations_of(language: str) -> NullTranslations:
    """The catalogue of a language; raises `FileNotFoundError` for one that was never compiled (`make translations`)."""
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    with _compiled(language).open("rb") as file:
        return Translations(file, domain="messages")


def _compiled(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo"


def find_translation(text: str, language: str) -> str | None:
    """A Dutch sentence in the words of a language; None where that has no words for it."""
    return _strict(language).gettext(text) or None


class _Nothing(NullTranslations):
    """Answers blank where the ordinary translations would hand back the Dutch."""

    def gettext(self, message: str) -> str:
        del message
        return ""


@cache
def _strict(language: str) -> NullTranslations:
    with _compiled(language).open("rb") as file:
        found = Translations(file, domain="messages")
    found.add_fallback(_Nothing())
    return found


def own_name(language: str) -> str:
    """The language in its own words, such as "Nederlands" or "English"."""
    name = Locale.parse(language).get_display_name() or language
    return name[:1].upper() + name[1:]
