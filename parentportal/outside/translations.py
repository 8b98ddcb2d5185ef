"""The sentences of each language, read once from the compiled catalogues; Dutch is in the sources themselves."""

from functools import cache

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
    compiled = TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo"
    with compiled.open("rb") as file:
        return Translations(file, domain="messages")


def own_name(language: str) -> str:
    """The language in its own words, such as "Nederlands" or "English"."""
    name = Locale.parse(language).get_display_name() or language
    return name[:1].upper() + name[1:]
