"""What a relation between an adult and a child gives, and what a safety flag takes away."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from parentportal.rules.terms import add_months


class Relation(StrEnum):
    """What somebody is to a child (requirements 6.1; BW 1:245, 1:251, 1:253i, 1:265e, 1:377c)."""

    JOINT = "joint"
    JOINT_SEPARATED = "joint_separated"
    SOLE = "sole"
    WITHOUT = "without"
    """A parent without authority: only the information request of BW 1:377c."""
    LEGAL_GUARDIAN = "legal_guardian"
    INSTITUTION = "institution"
    """A certified institution, within a recorded scope."""
    UNDER_SUPERVISION = "under_supervision"
    """A parent whose authority in school matters was shifted to an institution: sees, does not decide."""
    MANDATED = "mandated"
    """A foster parent, stepparent or grandparent with a written mandate, within its scope."""
    CARER = "carer"
    """The same without a mandate."""
    SELF = "self"
    """The pupil, from sixteen on, and every adult former pupil."""


class Capability(StrEnum):
    """What a relation can open."""

    VIEW = "view"
    CONSENT = "consent"
    REQUEST = "request"


EVERYTHING = frozenset(Capability)
CAPABILITIES: Mapping[Relation, frozenset[Capability]] = {
    Relation.JOINT: EVERYTHING,
    Relation.JOINT_SEPARATED: EVERYTHING,
    Relation.SOLE: EVERYTHING,
    Relation.WITHOUT: frozenset(),
    Relation.LEGAL_GUARDIAN: EVERYTHING,
    Relation.INSTITUTION: EVERYTHING,
    Relation.UNDER_SUPERVISION: frozenset({Capability.VIEW}),
    Relation.MANDATED: EVERYTHING,
    Relation.CARER: frozenset(),
    Relation.SELF: EVERYTHING,
}

SCOPED = frozenset({Relation.INSTITUTION, Relation.MANDATED})
"""Relations that give nothing outside a recorded scope."""


class Status(StrEnum):
    """How sure the school is; only confirmed opens anything."""

    UNKNOWN = "unknown"
    CONFIRMED = "confirmed"
    ENDED = "ended"
    SUSPENDED = "suspended"
    """An import or a person contradicted it; closed until somebody looks."""


class Evidence(StrEnum):
    """The kind of proof that was seen; the paper itself is not kept."""

    ENROLMENT = "enrolment"
    DECLARATION = "declaration"
    REGISTER = "register"
    RULING = "ruling"
    MANDATE = "mandate"
    DELIVERY = "delivery"
    """Every listed holder marked in a delivery: enough for confirming a family in bulk."""
    BIRTH_DATE = "birth_date"


EVIDENCE: Mapping[Relation, frozenset[Evidence]] = {
    Relation.JOINT: frozenset(
        {Evidence.ENROLMENT, Evidence.DECLARATION, Evidence.REGISTER, Evidence.RULING, Evidence.DELIVERY}
    ),
    Relation.JOINT_SEPARATED: frozenset({Evidence.ENROLMENT, Evidence.DECLARATION, Evidence.REGISTER, Evidence.RULING}),
    Relation.SOLE: frozenset({Evidence.REGISTER, Evidence.RULING}),
    Relation.WITHOUT: frozenset(Evidence),
    Relation.LEGAL_GUARDIAN: frozenset({Evidence.RULING, Evidence.REGISTER}),
    Relation.INSTITUTION: frozenset({Evidence.RULING}),
    Relation.UNDER_SUPERVISION: frozenset({Evidence.RULING}),
    Relation.MANDATED: frozenset({Evidence.MANDATE, Evidence.RULING}),
    Relation.CARER: frozenset(Evidence),
    Relation.SELF: frozenset({Evidence.BIRTH_DATE}),
}
"""Which proof fits which relation (requirements 6.1)."""


@dataclass(frozen=True)
class Link:
    """One relation as far as deciding needs it; `valid_until` is the first day without it.

    `scope` None is everything, but for a relation in `SCOPED` it is nothing.
    """

    relation: Relation
    status: Status
    valid_from: date | None = None
    valid_until: date | None = None
    scope: frozenset[str] | None = None


def is_active(link: Link, on: date) -> bool:
    """Whether a confirmed relation is in force; it ends at 00:00 of `valid_until` (trap T30)."""
    begun = link.valid_from is None or link.valid_from <= on
    ended = link.valid_until is not None and link.valid_until <= on
    return link.status is Status.CONFIRMED and begun and not ended


def may(link: Link, capability: Capability, on: date, *, scope: str | None = None) -> bool:
    """Whether the relation opens a capability that day, within a named scope when one is asked."""
    if not is_active(link, on) or capability not in CAPABILITIES[link.relation]:
        return False
    if link.scope is None:
        return link.relation not in SCOPED
    return bool(link.scope) if scope is None else scope in link.scope


class SafetyFlag(StrEnum):
    """A danger recorded with a relation; it protects the child and the other adult from that person."""

    NO_CONTACT = "no_contact"
    SECRET_ADDRESS = "secret_address"
    NO_LOCATION = "no_location"


class Hidden(StrEnum):
    """What a flag hides from the adult it is about."""

    ADDRESS = "address"
    CONTACT = "contact"
    SCHOOL = "school"
    GROUP = "group"
    PHOTO_LIST = "photo_list"
    CLASS_LIST = "class_list"


HIDES: Mapping[SafetyFlag, frozenset[Hidden]] = {
    SafetyFlag.NO_CONTACT: frozenset({Hidden.ADDRESS, Hidden.CONTACT, Hidden.CLASS_LIST}),
    SafetyFlag.SECRET_ADDRESS: frozenset({Hidden.ADDRESS, Hidden.CONTACT, Hidden.CLASS_LIST}),
    SafetyFlag.NO_LOCATION: frozenset(Hidden),
}


def hidden_by(flags: Collection[SafetyFlag]) -> frozenset[Hidden]:
    """Everything these flags together hide, from the very next page on (requirements 6.1)."""
    return frozenset().union(*(HIDES[flag] for flag in flags))


class Exposure(StrEnum):
    """What a consent item would show of a child to people outside school."""

    NAME_ON_LIST = "name_on_list"
    ADDRESS_ON_LIST = "address_on_list"
    PHONE_ON_LIST = "phone_on_list"
    PUBLIC_IMAGE = "public_image"
    CLASS_IMAGE = "class_image"
    NOTHING = "nothing"


BLOCKS: Mapping[SafetyFlag, frozenset[Exposure]] = {
    SafetyFlag.NO_CONTACT: frozenset({Exposure.NAME_ON_LIST, Exposure.ADDRESS_ON_LIST}),
    SafetyFlag.SECRET_ADDRESS: frozenset({Exposure.NAME_ON_LIST, Exposure.ADDRESS_ON_LIST}),
    SafetyFlag.NO_LOCATION: frozenset(
        {Exposure.NAME_ON_LIST, Exposure.ADDRESS_ON_LIST, Exposure.PUBLIC_IMAGE, Exposure.CLASS_IMAGE}
    ),
}


def blocks(flags: Collection[SafetyFlag], exposure: Exposure) -> bool:
    """Whether an item is switched off for safety, whatever was answered.

    `flags` are those of all relations of the child, ended and unconfirmed ones too: danger comes just
    as well from somebody without authority.
    """
    return any(exposure in BLOCKS[flag] for flag in flags)


class Mark(StrEnum):
    """What a delivery says about somebody's authority."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    CONTRADICTORY = "contradictory"


@dataclass(frozen=True)
class Family:
    """The listed adults of one child, each with an address (None when missing) and a mark."""

    addresses: tuple[str | None, ...]
    marks: tuple[Mark, ...]
    flags: frozenset[SafetyFlag] = frozenset()


def may_confirm_in_bulk(family: Family) -> bool:
    """One address, no flag, everybody marked: all others are confirmed one by one (requirements 6.1)."""
    one_address = len(set(family.addresses)) == 1 and bool(family.addresses[0])
    all_marked = bool(family.marks) and all(mark is Mark.YES for mark in family.marks)
    return one_address and all_marked and not family.flags


def status_after_delivery(status: Status, mark: Mark) -> Status:
    """A delivery that says no suspends access at once; one that says yes never opens it (T30)."""
    contradicts = status is Status.CONFIRMED and mark in {Mark.NO, Mark.CONTRADICTORY}
    return Status.SUSPENDED if contradicts else status


STALE_MONTHS = 12


def is_stale(confirmed_on: date | None, today: date) -> bool:
    """Not reconfirmed for the length of a school year: listed for the administration, still in force."""
    return confirmed_on is None or today >= add_months(confirmed_on, STALE_MONTHS)
