"""Every Dutch text of the catalogue that a parent can read: the message ids that translations need."""

from collections.abc import Collection, Iterator, Mapping
from typing import BinaryIO

from parentportal.catalogue.boards import board_text, bundled_boards, default_board_text, load_board
from parentportal.catalogue.consents import SECTIONS, consent_items, never_a_switch
from parentportal.catalogue.fields import CLASSES, OBLIGATIONS, SOURCES, categories, fields, fieldsets
from parentportal.catalogue.policy import DECISIONS
from parentportal.catalogue.recipients import recipients
from parentportal.catalogue.vocabulary import grounds, purposes, readers, refusal_grounds, retention

CARDS = (
    "De klassenfoto",
    "De klassenlijst",
    "Foto’s en video’s in de ouderapp",
    "Foto’s en video’s op sociale media van de school",
    "Foto’s in de schoolgids",
)
"""Usual titles of cards, besides those in the files that come along: who uses these has them in every language."""


def sentences() -> Iterator[tuple[str, str]]:
    """Pairs of place and text, in the order of the files; a text may come more than once, a blank one never."""
    for place, texts in _places():
        for text in texts:
            if text:
                yield place, text


def extract(
    fileobj: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, str]
) -> Iterator[tuple[int, None, str, list[str]]]:
    """The texts as pybabel takes them; pyproject lets it call this once, at the file of consent questions."""
    del fileobj, keywords, comment_tags, options
    for _place, text in sentences():
        yield 0, None, text, []


def _places() -> Iterator[tuple[str, tuple[str, ...]]]:
    for card in categories().values():
        yield f"card {card.code}", (card.title, card.explain)
    for block in fieldsets().values():
        yield f"block {block.code}", (block.label,)
    for field in fields().values():
        yield f"field {field.code}", (field.label, field.why, field.legacy, *field.choices)
    for words in (CLASSES, OBLIGATIONS, SOURCES):
        yield "badge", tuple(words.values())
    for purpose in purposes().values():
        yield f"purpose {purpose.code}", (purpose.label, purpose.text)
    for ground in grounds().values():
        yield f"ground {ground.code}", (ground.label, ground.text)
    for term in retention().values():
        yield f"term {term.code}", (term.label, term.sentence)
    for reader in readers().values():
        yield f"reader {reader.code}", (reader.label, reader.sees, reader.not_sees)
    for one in recipients().values():
        yield f"recipient {one.code}", (one.name, one.does, one.limit, *(part.note for part in one.data_sets))
    for refusal in refusal_grounds().values():
        yield f"refusal {refusal.ground.value}", (refusal.label, refusal.text)
    yield "section", tuple(SECTIONS.values())
    yield "open question", tuple(DECISIONS.values())
    for item in consent_items().values():
        yield f"question {item.code}", tuple(item.texts.values())
    yield "card of a board", CARDS
    for text in (default_board_text("a", "A"), *(board_text(code) for code in bundled_boards())):
        yield "card of a board", tuple(card.title for card in load_board(text).cards)
    for fixed in never_a_switch().values():
        yield f"no switch {fixed.code}", (fixed.title, fixed.reason)
