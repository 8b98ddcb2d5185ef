"""What schools register, ask, keep and pass on, and how boards differ: data with versions, read once."""

from parentportal.catalogue.boards import board_text, bundled_boards, default_board_text, load_board
from parentportal.catalogue.consents import ConsentItem, NotASwitch, consent_items, never_a_switch
from parentportal.catalogue.fields import Category, Field, Fieldset, categories, fields, fieldsets, parts_of
from parentportal.catalogue.policy import BoardPolicy
from parentportal.catalogue.reading import CatalogueError
from parentportal.catalogue.recipients import Recipient, recipients, systems
from parentportal.catalogue.sentences import sentences
from parentportal.catalogue.vocabulary import (
    Ground,
    Purpose,
    Reader,
    RefusalGround,
    Retention,
    grounds,
    purposes,
    readers,
    refusal_grounds,
    retention,
)

__all__ = [
    "BoardPolicy",
    "CatalogueError",
    "Category",
    "ConsentItem",
    "Field",
    "Fieldset",
    "Ground",
    "NotASwitch",
    "Purpose",
    "Reader",
    "Recipient",
    "RefusalGround",
    "Retention",
    "board_text",
    "bundled_boards",
    "categories",
    "consent_items",
    "default_board_text",
    "fields",
    "fieldsets",
    "grounds",
    "load_board",
    "never_a_switch",
    "parts_of",
    "purposes",
    "readers",
    "recipients",
    "refusal_grounds",
    "retention",
    "sentences",
    "systems",
]
