"""Purposes, grounds, retention classes, readers and refusal grounds: the words every field refers to."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from parentportal.catalogue.reading import bundled, refuse_faults, stamp
from parentportal.rules.outcomes import Ground as RefusalCode
from parentportal.rules.retention import RetentionClass
from parentportal.rules.roles import Role

REMEDIES = frozenset({"officer", "complaint", "regulator", "objection_or_court", "statement"})


@dataclass(frozen=True)
class Purpose:
    """Why data are used. `under` is the heading it falls under; a heading has itself there (S2-18)."""

    code: str
    label: str
    text: str
    under: str
    ground: str


@dataclass(frozen=True)
class Ground:
    """What makes a use lawful, in plain Dutch, with the article for print.

    `lawful` is false for a ground that has ended: such data may only be removed (trap T27).
    `open_to_public_body` is false where a public authority may not rely on it (AVG 6(1)).
    """

    code: str
    label: str
    text: str
    article: str
    lawful: bool
    open_to_public_body: bool


@dataclass(frozen=True)
class Retention:
    """How long data stay, in words for a parent; `rule` holds the term itself and what starts it.

    `board_decides` marks a proposed term that the board confirms at set-up (requirements 11.4).
    `hold` suspends erasure as long as it applies.
    """

    code: str
    rule: RetentionClass
    label: str
    sentence: str
    board_decides: bool
    hold: bool
    source: str


@dataclass(frozen=True)
class Reader:
    """Who at the school or board can read, as parents see it in the access matrix."""

    code: str
    role: Role
    label: str
    sees: str
    not_sees: str


@dataclass(frozen=True)
class RefusalGround:
    """A reason to say no, in words for the parent, with what the parent can still do.

    What each ground needs before it may be used is in `parentportal.rules.outcomes`.
    """

    ground: RefusalCode
    reference: str
    label: str
    text: str
    remedies: tuple[str, ...]


@cache
def grounds() -> Mapping[str, Ground]:
    file = bundled("grounds.toml")
    stamp(file)
    found = {}
    for code, one in file.named("grounds").items():
        found[code] = Ground(
            code,
            one.text("label"),
            one.text("text"),
            one.text("article"),
            one.flag("lawful", True),
            one.flag("open_to_public_body", True),
        )
        one.done()
    file.done()
    refuse_faults(file)
    return MappingProxyType(found)


@cache
def purposes() -> Mapping[str, Purpose]:
    file = bundled("purposes.toml")
    stamp(file)
    tables = file.named("purposes")
    headings = {code for code, one in tables.items() if not one.has("under")}
    found = {}
    for code, one in tables.items():
        found[code] = Purpose(
            code,
            one.text("label"),
            one.text("text"),
            one.one_of("under", headings, code),
            one.one_of("ground", grounds()),
        )
        one.done()
    file.done()
    refuse_faults(file)
    return MappingProxyType(found)


@cache
def retention() -> Mapping[str, Retention]:
    file = bundled("retention.toml")
    stamp(file)
    found = {}
    for code, one in file.named("retention").items():
        rule = one.one_of("rule", [kind.value for kind in RetentionClass], code)
        found[code] = Retention(
            code,
            RetentionClass(rule) if rule in list(RetentionClass) else RetentionClass.LEGAL_HOLD,
            one.text("label"),
            one.text("sentence"),
            one.flag("board_decides", False),
            one.flag("hold", False),
            one.text("source"),
        )
        one.done()
    file.done()
    refuse_faults(file)
    return MappingProxyType(found)


@cache
def readers() -> Mapping[str, Reader]:
    """Every reader but the guardian, who sees what is about the own child or the adult themself."""
    file = bundled("roles.toml")
    stamp(file)
    found = {}
    for code, one in file.named("roles").items():
        role = one.one_of("role", [role.value for role in Role])
        found[code] = Reader(
            code,
            Role(role) if role in list(Role) else Role.TECHNICAL,
            one.text("label"),
            one.text("sees"),
            one.text("not_sees"),
        )
        one.done()
    file.done()
    refuse_faults(file)
    return MappingProxyType(found)


@cache
def refusal_grounds() -> Mapping[RefusalCode, RefusalGround]:
    """A text for every ground there is."""
    file = bundled("refusal_grounds.toml")
    stamp(file)
    tables = file.named("refusal_grounds")
    found = {}
    for code in RefusalCode:
        if code not in tables:
            file.fault(f"grond ‘{code}’ heeft geen tekst. Vul die in.")
            continue
        found[code] = RefusalGround(
            code,
            tables[code].text("reference"),
            tables[code].text("label"),
            tables[code].text("text"),
            tables[code].texts("remedies", REMEDIES),
        )
        tables.pop(code).done()
    for name in tables:
        file.fault(f"grond ‘{name}’ bestaat niet. Haal die weg.")
    file.done()
    refuse_faults(file)
    return MappingProxyType(found)
