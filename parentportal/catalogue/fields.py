"""The registered fields: what a page must show of each, and how a request about it is treated."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from parentportal.catalogue.reading import Entry, bundled, refuse_faults, stamp
from parentportal.catalogue.recipients import recipients
from parentportal.catalogue.vocabulary import grounds, purposes, readers, retention

SUBJECTS = ("pupil", "guardian", "subscriber", "visitor")
CLASSES = {"N": "gewoon", "G": "gevoelig", "B": "bijzonder (AVG artikel 9)", "W": "nummer uit de wet"}
OBLIGATIONS = {"compulsory": "wettelijk verplicht", "necessary": "nodig", "voluntary": "niet verplicht"}
SOURCES = {
    "parent": "van u",
    "school": "van school",
    "government": "van overheid",
    "previous_school": "van vorige school",
    "care": "van zorgverlener",
}
DELETIONS = frozenset({"no", "maybe", "yes"})
PRESENCES = frozenset({"value", "elsewhere", "exists_only"})
INPUTS = frozenset({"text", "long_text", "date", "phone", "email", "postcode", "sex", "country", "choice", "none"})


@dataclass(frozen=True)
class Category:
    """One of the twelve cards under “Wat heeft de school?”; a sensitive one is closed at first."""

    code: str
    title: str
    explain: str
    sensitive: bool


@dataclass(frozen=True)
class Fieldset:
    """Fields that a parent sees as one item, such as an address; its parts name it in `part_of`."""

    code: str
    label: str
    category: str


@dataclass(frozen=True)
class Field:
    """One registered field. Every code in it exists; every text is Dutch for a parent.

    `klass` is N, G, B or W; `exception` is the article that lifts the ban of AVG 9 where `klass` is B.
    `deletion` is the outcome to expect of a request while the pupil is enrolled: no, maybe or yes.
    `presence`: the portal shows the value, says that it lies `elsewhere`, or only says that it exists.
    `identity` fields go to the director, for one of two parents could rename or move a child with them.
    `legacy` says why the field has no lawful purpose any more; empty for all others.
    """

    code: str
    subject: str
    label: str
    category: str
    klass: str
    exception: str
    ground: str
    purposes: tuple[str, ...]
    why: str
    readers: tuple[str, ...]
    recipients: tuple[str, ...]
    retention: str
    deletion: str
    obligation: str
    law: str
    population_register: bool
    source: str
    sealed: bool
    masked: bool
    presence: str
    input: str
    choices: tuple[str, ...]
    identity: bool
    legacy: str
    part_of: str


class FieldCatalogue(NamedTuple):
    """The whole file: its version, the cards, the composed items and the fields, in page order."""

    version: int
    categories: Mapping[str, Category]
    fieldsets: Mapping[str, Fieldset]
    fields: Mapping[str, Field]


@cache
def field_catalogue() -> FieldCatalogue:
    return read_fields(bundled("fields.toml"))


def fields() -> Mapping[str, Field]:
    """Every registered field by its code, in the order in which a page shows them."""
    return field_catalogue().fields


def categories() -> Mapping[str, Category]:
    return field_catalogue().categories


def fieldsets() -> Mapping[str, Fieldset]:
    return field_catalogue().fieldsets


@cache
def parts_of(fieldset: str) -> tuple[Field, ...]:
    """The fields that make up one composed item, in the order in which they are printed."""
    return tuple(one for one in fields().values() if one.part_of == fieldset)


def read_fields(file: Entry) -> FieldCatalogue:
    """The catalogue in `file`; raises CatalogueError naming every fault."""
    version, _ = stamp(file)
    cards = {}
    for code, one in file.named("categories").items():
        cards[code] = Category(code, one.text("title"), one.text("explain"), one.flag("sensitive", False))
        one.done()
    sets = {}
    for code, one in file.named("fieldsets").items():
        sets[code] = Fieldset(code, one.text("label"), one.one_of("category", cards))
        one.done()
    profiles = file.named("profiles")
    found = {code: _field(code, one, profiles, cards, sets) for code, one in file.named("fields").items()}
    file.done()
    refuse_faults(file)
    return FieldCatalogue(version, MappingProxyType(cards), MappingProxyType(sets), MappingProxyType(found))


def _with_profile(own: Entry, profiles: Mapping[str, Entry]) -> Entry:
    """The line of a field with what its profile shares; what the line says itself goes first."""
    profile = own.one_of("profile", profiles)
    shared = profiles[profile].values if profile in profiles else {}
    return Entry({**shared, **own.values}, own.place, own.problems, own.asked)


def _field(
    code: str,
    own: Entry,
    profiles: Mapping[str, Entry],
    cards: Mapping[str, Category],
    sets: Mapping[str, Fieldset],
) -> Field:
    one = _with_profile(own, profiles)
    subject = code.partition(".")[0]
    if subject not in SUBJECTS:
        one.fault(f"de code begint niet met een van: {', '.join(SUBJECTS)}.")
    found = Field(
        code=code,
        subject=subject,
        label=one.text("label"),
        category=one.one_of("category", cards),
        klass=one.one_of("class", CLASSES),
        exception=one.text("exception", ""),
        ground=one.one_of("ground", grounds()),
        purposes=one.texts("purposes", purposes()),
        why=one.text("why"),
        readers=one.texts("readers", readers()),
        recipients=one.texts("recipients", recipients()),
        retention=one.one_of("retention", retention()),
        deletion=one.one_of("deletion", DELETIONS),
        obligation=one.one_of("obligation", OBLIGATIONS),
        law=one.text("law", ""),
        population_register=one.flag("population_register", False),
        source=one.one_of("source", SOURCES),
        sealed=one.flag("sealed", False),
        masked=one.flag("masked", False),
        presence=one.one_of("presence", PRESENCES, "value"),
        input=one.one_of("input", INPUTS, "text"),
        choices=one.texts("choices", required=False),
        identity=one.flag("identity", False),
        legacy=one.text("legacy", ""),
        part_of=one.one_of("part_of", sets, ""),
    )
    _check(found, one)
    one.done()
    return found


def _check(found: Field, one: Entry) -> None:
    """What the single keys cannot say: the rules that tie them together."""
    if not found.purposes:
        one.fault("een veld zonder doel mag niet. Noem bij ‘purposes’ minstens één doel.")
    if not found.readers:
        one.fault("niemand kan dit lezen. Noem bij ‘readers’ minstens één lezer.")
    if found.klass == "B" and not found.exception:
        one.fault("een bijzonder gegeven vraagt een uitzondering van AVG artikel 9. Vul ‘exception’ in.")
    if found.klass in {"B", "W"} and not found.sealed:
        one.fault("dit gegeven moet versleuteld worden bewaard. Zet ‘sealed’ op true.")
    if found.obligation == "compulsory" and not found.law:
        one.fault("een verplicht gegeven vraagt een wet. Vul ‘law’ in.")
    if found.obligation == "voluntary" and found.deletion != "yes":
        one.fault('wat niet verplicht is, mag altijd weg. Zet ‘deletion’ op "yes".')
    if (found.input == "choice") != bool(found.choices):
        one.fault('‘choices’ hoort bij invoer "choice", en alleen daarbij.')
    if found.legacy and found.deletion != "yes":
        one.fault('een gegeven zonder reden mag altijd weg. Zet ‘deletion’ op "yes".')
    if found.ground in grounds() and not grounds()[found.ground].lawful and not found.legacy:
        one.fault("de grond is vervallen. Leg bij ‘legacy’ uit waarom.")
