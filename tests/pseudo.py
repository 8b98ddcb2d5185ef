"""A language that nobody speaks: every sentence of the template file in brackets, so that other text stands out."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import polib
from babel import Locale
from babel.support import NullTranslations
from bs4 import BeautifulSoup, Comment, Doctype, NavigableString, Tag

CODE = "eo"
"""Babel must know the code; a made-up one has no calendar."""
OPEN, CLOSE = "⟦", "⟧"
READ_ALOUD = ("alt", "title", "aria-label", "placeholder", "data-label", "content")
TEMPLATE_FILE = Path(__file__).parents[1] / "translations" / "messages.pot"
WORD = re.compile(r"[^\W\d_]{2,}")


class PseudoTranslations(NullTranslations):
    """Wraps the sentences that translators get to see, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.known = known_sentences()

    def gettext(self, message: str) -> str:
        return f"{OPEN}{message}{CLOSE}" if message in self.known else message

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        message = singular if n == 1 else plural
        return f"{OPEN}{message}{CLOSE}" if singular in self.known else message

    ugettext = gettext
    ungettext = ngettext


@cache
def known_sentences() -> frozenset[str]:
    return frozenset(entry.msgid for entry in polib.pofile(str(TEMPLATE_FILE)))


@cache
def calendar() -> frozenset[str]:
    """Names of days and months, which the dates of this language bring along."""
    locale = Locale.parse(CODE)
    found = set()
    for names in (locale.days, locale.months):
        for context in names.values():
            for width in context.values():
                found |= {word for name in width.values() for word in WORD.findall(name)}
    return frozenset(found)


def outside(html: str) -> list[str]:
    """The words on a page that stand outside every sentence and are not marked as data.

    Data is what somebody wrote: in `bdi`, in a part with a `lang` or a `dir` of its own, or `translate="no"`. A title
    may repeat what the page marks as data. Dates may stand alone.
    """
    soup = BeautifulSoup(html, "html.parser")
    names = {tag.get_text(" ", strip=True) for tag in soup.find_all("bdi")}
    for tag in soup.find_all(_is_data):
        tag.decompose()
    if soup.title and soup.title.string:
        soup.title.string = re.sub(
            "|".join(map(re.escape, sorted(names - {""}, key=len, reverse=True))) or "$^", "", soup.title.string
        )
    found = list(_stray(_texts(soup)))
    for tag in soup.find_all(True):
        for name in READ_ALOUD:
            if tag.get(name) and tag.name != "meta":
                found += _stray([str(tag[name])])
    return found


def _is_data(tag: Tag) -> bool:
    if tag.name in ("script", "style", "bdi", "textarea", "svg"):
        return True
    if tag.name in ("html", "body"):
        return False
    return (
        tag.get("translate") == "no"
        or tag.get("dir") in ("ltr", "auto")
        or (tag.get("lang") not in (None, CODE) and tag.name != "html")
    )


def _texts(soup: BeautifulSoup) -> Iterator[str]:
    for node in soup.descendants:
        if isinstance(node, NavigableString) and not isinstance(node, Comment | Doctype):
            yield str(node)


def _stray(texts: Iterator[str] | list[str]) -> Iterator[str]:
    """Pieces outside the brackets that hold a word; brackets may open in one piece and close in a later one."""
    depth = 0
    for text in texts:
        kept = []
        for sign in text:
            depth += (sign == OPEN) - (sign == CLOSE)
            if depth == 0 and sign not in (OPEN, CLOSE):
                kept.append(sign)
        piece = "".join(kept)
        if set(WORD.findall(piece)) - calendar():
            yield " ".join(piece.split())
