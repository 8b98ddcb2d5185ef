"""Who gets data: suppliers that work for the school, and those who receive by law or with consent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from parentportal.catalogue.reading import Entry, bundled, refuse_faults, stamp
from parentportal.catalogue.vocabulary import grounds

KINDS = frozenset({"processor", "legal", "internal", "consent", "public"})
CONTRACT_STATES = frozenset({"yes", "no", "unknown", "not_needed"})
COVENANT_STATES = frozenset({"participant", "supporter", "none", "unknown"})


@dataclass(frozen=True)
class Element:
    """One element of a data set in the words of its publisher, and the registered field it is."""

    as_stated: str
    field: str


@dataclass(frozen=True)
class DataSet:
    """One dated version of what a recipient gets (trap T28).

    `still_valid` is "yes" or "unconfirmed": an old statement is no proof of what is sent today.
    """

    dated: date
    source: str
    still_valid: str
    note: str
    elements: tuple[Element, ...]
    not_exchanged: tuple[str, ...]


@dataclass(frozen=True)
class Recipient:
    """An organisation that gets data. `consent_item` is set where a parent decides first.

    A processor works on the school's instruction: parents see it without a switch (trap T6).
    `holds_data` is true for a system in which the school keeps its own registration.
    """

    code: str
    name: str
    kind: str
    does: str
    ground: str
    law: str
    limit: str
    contract: str
    covenant: str
    restricted_to: str
    consent_item: str
    holds_data: bool
    data_sets: tuple[DataSet, ...]


@cache
def recipients() -> Mapping[str, Recipient]:
    file = bundled("recipients.toml")
    stamp(file)
    found = {code: _recipient(code, one) for code, one in file.named("recipients").items()}
    file.done()
    refuse_faults(file)
    return MappingProxyType(found)


def systems() -> frozenset[str]:
    """Codes of the systems in which schools keep their registration."""
    return frozenset(code for code, one in recipients().items() if one.holds_data)


def _recipient(code: str, one: Entry) -> Recipient:
    kind = one.one_of("kind", KINDS)
    found = Recipient(
        code,
        one.text("name"),
        kind,
        one.text("does"),
        one.one_of("ground", grounds()),
        one.text("law", ""),
        one.text("limit"),
        one.one_of("contract", CONTRACT_STATES, "unknown" if kind == "processor" else "not_needed"),
        one.one_of("covenant", COVENANT_STATES, "unknown" if kind == "processor" else "none"),
        one.text("restricted_to", ""),
        one.text("consent_item", ""),
        one.flag("holds_data", False),
        tuple(_data_set(part) for part in one.entries("data_sets")),
    )
    if kind == "consent" and not found.consent_item:
        one.fault("deze ontvanger krijgt alleen iets met toestemming, maar ‘consent_item’ ontbreekt.")
    if kind == "legal" and not found.law:
        one.fault("deze ontvanger krijgt iets door de wet, maar ‘law’ ontbreekt. Noem de wet.")
    one.done()
    return found


def _data_set(one: Entry) -> DataSet:
    day = one.day("dated")
    if day is None:
        one.fault("‘dated’ ontbreekt. Vul in van welke datum deze set is.")
    elements = []
    for part in one.entries("elements"):
        elements.append(Element(part.text("as_stated"), part.text("field")))
        part.done()
    found = DataSet(
        day or date.min,
        one.text("source"),
        one.one_of("still_valid", {"yes", "unconfirmed"}),
        one.text("note", ""),
        tuple(elements),
        one.texts("not_exchanged", required=False),
    )
    one.done()
    return found
