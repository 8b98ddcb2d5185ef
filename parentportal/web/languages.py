"""Languages: Dutch is the source; templates are compiled once per language (performance.md 2.1)."""

from datetime import date, datetime
from functools import cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.support import NullTranslations, Translations
from flask import g
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from parentportal.outside.clock import AMSTERDAM
from parentportal.places import TEMPLATES, TRANSLATIONS

SOURCE = "nl"
LIVE = (SOURCE,)
"""Languages whose parent pages are complete and read by a person; only these can be chosen."""


@cache
def translations_of(language: str) -> NullTranslations:
    if language == SOURCE:
        return NullTranslations()
    return Translations.load(TRANSLATIONS, [language])


@cache
def environment_of(language: str) -> Environment:
    """The templates of one language; gettext is bound when they are compiled, not looked up for each string."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.install_gettext_translations(translations_of(language), newstyle=True)  # type: ignore[attr-defined]  # from the extension
    locale = Locale.parse(language)
    environment.globals["locale"] = locale
    environment.filters["join_words"] = lambda words: format_list(list(words), locale=language)
    environment.filters["day"] = lambda value: long_day(value, language)
    environment.filters["short_day"] = lambda value: short_day(value, language)
    environment.filters["moment"] = lambda value: moment(value, language)
    environment.filters["hour"] = lambda value: hour(value, language)
    return environment


def this_language() -> str:
    chosen: str = g.get("language", SOURCE)
    return chosen


def translate(text: str, **values: Any) -> str:
    """One sentence in the language of this request; named placeholders only."""
    translated = translations_of(this_language()).gettext(text)
    return translated % values if values else translated


def translate_many(one: str, many: str, number: int) -> str:
    """A sentence with a number in it, as `%(num)s`."""
    return translations_of(this_language()).ngettext(one, many, number) % {"num": number}


def yes_or_no(value: str) -> str:
    """A stored "yes" or "no" in the language of this request; anything else as it is."""
    return {"yes": translate("ja"), "no": translate("nee")}.get(value, value)


def long_day(value: date | datetime, language: str = SOURCE) -> str:
    """ "dinsdag 3 november 2026", on the Dutch calendar."""
    return format_date(_day_of(value), "EEEE d MMMM y", locale=language)


def short_day(value: date | datetime, language: str = SOURCE) -> str:
    """ "3 nov 2026"."""
    return format_date(_day_of(value), "d MMM y", locale=language)


def hour(value: datetime, language: str = SOURCE) -> str:
    """ "20:14"."""
    return format_time(value.astimezone(AMSTERDAM), "HH:mm", locale=language)


def moment(value: datetime, language: str = SOURCE) -> str:
    """ "dinsdag 3 november 2026, 20:14 uur"."""
    return f"{long_day(value, language)}, {hour(value, language)} uur"


def _day_of(value: date | datetime) -> date:
    return value.astimezone(AMSTERDAM).date() if isinstance(value, datetime) else value
