"""Languages: Dutch is the source; templates are compiled once per language (performance.md 2.1)."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from flask import g, request, url_for
from jinja2 import FileSystemLoader, StrictUndefined
from markupsafe import Markup

from parentportal.outside.clock import AMSTERDAM
from parentportal.outside.translations import LIVE, SOURCE_LANGUAGE, own_name, translations_of
from parentportal.places import TEMPLATES
from parentportal.rules.sentences import N_, Sentence
from parentportal.web.folding import FoldingEnvironment

COOKIE = "taal"
ONE_YEAR = 31_536_000


class Tongue(NamedTuple):
    """One language that can be chosen, and where."""

    code: str
    name: str
    url: str
    current: bool


@cache
def environment_of(language: str) -> FoldingEnvironment:
    """The templates of one language; a sentence without values is translated when its template is compiled."""
    environment = FoldingEnvironment(
        translations_of(language).gettext,
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
    environment.filters["said"] = lambda text: say_in(text, language)
    environment.filters["bdi"] = bdi
    environment.filters["join_words"] = lambda words: format_list(list(words), locale=language)
    environment.filters["day"] = lambda value: long_day(value, language)
    environment.filters["short_day"] = lambda value: short_day(value, language)
    environment.filters["moment"] = lambda value: moment(value, language)
    environment.filters["hour"] = lambda value: hour(value, language)
    return environment


def choose(preferred: str = "") -> str:
    """The language of this request: chosen in this browser, else of the account, else what the browser asks for."""
    for wanted in (request.cookies.get(COOKIE, ""), preferred):
        if wanted in LIVE:
            return wanted
    return request.accept_languages.best_match(LIVE) or SOURCE_LANGUAGE


def chosen_here() -> str:
    """The language that somebody chose in this browser; empty when nobody did."""
    wanted = request.cookies.get(COOKIE, "")
    return wanted if wanted in LIVE else ""


def this_language() -> str:
    return g.get("language") or SOURCE_LANGUAGE


def write_dutch() -> None:
    """The rest of this answer is a sheet for others to read, in Dutch whatever the language of who prints it."""
    g.language = SOURCE_LANGUAGE


def elsewhere(*sentences: str) -> list[tuple[str, str]]:
    """Sentences in every other language there is: its code and the words."""
    others = [code for code in LIVE if code != this_language()]
    return [(code, " ".join(say_in(sentence, code) for sentence in sentences)) for code in others]


def tongues() -> list[Tongue]:
    """Every language to choose from, each leading back to this page."""
    return [
        Tongue(
            code,
            own_name(code),
            url_for("public.choose_language", language=code, naar=request.path),
            code == this_language(),
        )
        for code in LIVE
    ]


def translate(text: str, **values: Any) -> str:
    """One sentence in the language of this request; named placeholders only."""
    said = say_in(text, this_language())
    return said % values if values else said


def translate_many(one: str, many: str, number: int) -> str:
    """A sentence with a number in it, as `%(num)s`."""
    return translations_of(this_language()).ngettext(one, many, number) % {"num": number}


def say_in(text: str, language: str) -> str:
    """A sentence of the catalogues, or one that carries its own values; any other text as it is."""
    if isinstance(text, Sentence):
        values = {name: say_in(value, language) for name, value in text.values.items()}
        said = translations_of(language).gettext(text.msgid)
        return said % values if values else said
    return translations_of(language).gettext(text) if text and isinstance(text, str) else text


def say_all(texts: Iterable[str]) -> list[str]:
    """Sentences, each in the language of this request."""
    return [say_in(text, this_language()) for text in texts]


def bdi(data: object) -> Markup:
    """What somebody wrote, set apart from the sentences around it: a name may run in another direction."""
    return Markup("<bdi>{}</bdi>").format(data)


def one_of(words: Iterable[str]) -> str:
    """ "ParnasSys of Cito"; empty for no words."""
    return format_list(list(words), style="or", locale=this_language())


def in_dutch() -> Markup:
    """The attribute of a piece of Dutch; nothing on a page that is Dutch itself."""
    return Markup("") if this_language() == SOURCE_LANGUAGE else Markup(' lang="nl"')


def yes_or_no(value: str) -> str:
    """A stored "yes" or "no" in the language of this request; anything else as it is."""
    return {"yes": translate("ja"), "no": translate("nee")}.get(value, value)


def long_day(value: date | datetime, language: str = "") -> str:
    """ "dinsdag 3 november 2026", on the Dutch calendar."""
    return _written(_day_of(value), "EEEE d MMMM y", language or this_language())


def short_day(value: date | datetime, language: str = "") -> str:
    """ "3 nov 2026"."""
    return _written(_day_of(value), "d MMM y", language or this_language())


def hour(value: datetime, language: str = "") -> str:
    """ "20:14"."""
    return format_time(value.astimezone(AMSTERDAM), "HH:mm", locale=language or this_language())


def moment(value: datetime, language: str = "") -> str:
    """ "dinsdag 3 november 2026, 20:14 uur"."""
    return say_in(
        N_("%(day)s, %(hour)s uur", day=long_day(value, language), hour=hour(value, language)),
        language or this_language(),
    )


@lru_cache(maxsize=4096)
def _written(day: date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=language)


def _day_of(value: date | datetime) -> date:
    return value.astimezone(AMSTERDAM).date() if isinstance(value, datetime) else value
