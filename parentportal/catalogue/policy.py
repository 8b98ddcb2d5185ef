"""The policy of one board: what differs between boards, as typed data."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from parentportal.catalogue.recipients import recipients
from parentportal.rules.privacy_requests import WITHOUT_CLOCK, Kind
from parentportal.rules.roles import Role

MOST_REPLY_DAYS = 28
"""Four weeks never pass the legal month (AVG 12(3), seed S2-30)."""
MOST_CARDS = 8

SCHOOL_KINDS = frozenset({"bao", "sbo", "so", "vso"})
DOCUMENT_STATES = frozenset({"in_force", "in_development", "withdrawn"})
DOCUMENT_KINDS = frozenset(
    {"privacy_statement", "privacy_regulations", "conduct_handbook", "officer_page", "policy_page"}
)
GMR_STATES = frozenset({"not_asked", "asked", "agreed", "refused", "unknown"})
ROUTES = frozenset({"teacher_or_director", "director"})
IDENTITY_CHECKS = frozenset({"portal", "desk", "masked_copy"})
SWITCHES = frozenset({"on", "off", "undecided"})
PLACES = frozenset({"klasbord", "parnassys", "unknown"})
READER_SCOPES = frozenset({"own_school", "board"})
COMPLAINT_BODIES = frozenset({"school", "board", "complaints_committee", "regulator"})
CLASS_LIST_PARTS = frozenset({"KL-NAAM", "KL-ADRES", "KL-TEL", "KL-EMAIL"})
AGREEMENT_PARTS = frozenset({"security", "backup", "storage", "purpose_limit", "confidentiality"})
HOUSE_RULES = frozenset({"restrained_filming", "no_sharing_school_photos", "think_before_sharing"})
AUDIENCES = frozenset({"guardians", "pupils", "staff"})

DECISIONS = {
    "administrative_body": "Is het bestuur een bestuursorgaan? De brief bij een nee hangt hiervan af.",
    "routing": "Wie krijgt welk verzoek, en mag een leerkracht een kleine fout zelf verbeteren?",
    "consent_rule": "Is bij elke vraag één ja genoeg, of moeten alle ouders ja zeggen?",
    "channels": "Welke kanalen gebruikt de school voor beelden, en hoe heten de diensten?",
    "retention": "Hoe lang blijven bewijs van toestemming, verzoeken en logboeken?",
    "systems": "Welke systemen gebruikt elke school, en wie beheert ze?",
    "recipients": "Wie krijgt gegevens, en op welke grond?",
    "class_list": "Maakt de school een klassenlijst?",
    "religion": "Legt de school geloof of levensovertuiging vast?",
    "officer": "Wie is de FG, hoe is die te bereiken, en wie vervangt de directeur?",
    "complaint_bodies": "Bij welke klachtencommissie is het bestuur aangesloten?",
    "fields_to_drop": "Welke gegevens vraagt de school niet meer?",
    "desk_recovery": "Wie helpt ouders op school als zij hun telefoon kwijt zijn?",
    "impact_assessment": "Is de DPIA klaar, en heeft de (G)MR ingestemd?",
    "languages": "In welke talen leest een ouder het portaal?",
    "neutral_notice": "Krijgt de andere ouder een neutraal bericht na een keuze?",
}
"""What board and FG decide before going live (requirements 11.4), as the question that stays open."""


@dataclass(frozen=True)
class Statement:
    """The published privacy statement; its date is text, for one board published an impossible one (T36)."""

    source: str
    title: str
    published_label: str
    effective_from: date | None


@dataclass(frozen=True)
class SchoolEntry:
    """A school as the board file names it. `brin` is None where the statement gives none: `school add` completes it."""

    name: str
    place: str
    kind: str
    brin: str | None
    branch: str


@dataclass(frozen=True)
class Document:
    """A policy document. `per_school` says that every school's own site carries it (S2-59).

    `to_review` says in words what in it is out of date; `url` is blank where no address is known.
    """

    kind: str
    title: str
    owner: str
    per_school: bool
    state: str
    published_label: str
    effective_from: date | None
    gmr_status: str
    to_review: str
    url: str


@dataclass(frozen=True)
class SystemUse:
    """A system in which schools keep data. Of systems with the same `one_of`, each school uses one."""

    code: str
    holds: str
    categories: tuple[str, ...]
    one_of: str


@dataclass(frozen=True)
class RoutePolicy:
    """Who gets what: `formal` for requests that need a decision, `simple` for questions and small mistakes."""

    formal: str
    simple: str
    written_consent_change: str
    simple_grant: bool

    @property
    def director_kinds(self) -> frozenset[Kind]:
        """Kinds that the policy sends to the director (requirements 10.4, rule 6): the formal ones, or none."""
        return frozenset(Kind) - WITHOUT_CLOCK if self.formal == "director" else frozenset()


@dataclass(frozen=True)
class Card:
    """One card of questions; photo and video are rows of one card."""

    code: str
    title: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class ClassList:
    """Whether schools make a list, and of which separately chosen parts; `per_school` leaves it to each."""

    state: str
    per_school: bool
    parts: tuple[str, ...]


@dataclass(frozen=True)
class ReaderPolicy:
    """Who may read dossiers according to the statement; roles that are not in it are denied."""

    codes: tuple[str, ...]
    roles: frozenset[Role]
    scope: str
    as_stated: str


@dataclass(frozen=True)
class NamedField:
    """A line of the statement's own list of data, and the registered fields it stands for."""

    subject: str
    as_stated: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class NamedPurpose:
    """A purpose in the statement, in short, and the purpose of the catalogue it is."""

    purpose: str
    as_stated: str


@dataclass(frozen=True)
class Officer:
    """The FG by office, never by name. Blank mail and phone mean that the statement gives none."""

    appointed: bool
    external: bool
    employer_kind: str
    email: str
    phone: str


@dataclass(frozen=True)
class Contact:
    """How the board is reached; blank where the statement does not say."""

    visiting_address: str
    postal_address: str
    phone: str
    email: str
    url: str


@dataclass(frozen=True)
class ProcessorTerms:
    """What the statement promises about suppliers: instructions to them, never a question to parents (T6).

    `restricted_to` names the one purpose they may use data for; blank where the statement names none.
    """

    agreements: str
    covers: tuple[str, ...]
    covenant: str
    public_register: bool
    restricted_to: str


@dataclass(frozen=True)
class HouseRule:
    """A rule of conduct for images, and for whom it is."""

    code: str
    audiences: tuple[str, ...]


@dataclass(frozen=True)
class Gap:
    """A decision that board and FG still have to take; nothing is blocked by it (design 9)."""

    code: str
    question: str


@dataclass(frozen=True, eq=False)
class BoardPolicy:
    """Everything in which one board differs from another. It is compared by identity, so that it can be a key.

    `is_administrative_body` is None while unknown; it picks the text on remedies (UAVG 34, trap T29).
    `cards` are the standing questions, `occasion_items` those asked per occasion or organisation, and
    `after_leaving_items` those asked when a child has left. `levels` says where the
    statement uses pupils' data: at school only, or at the board's organisation too (S4-01).
    `counter_recovery_reason` says why a board does without a second colleague at the counter; the FG reads it.
    `processors` and `recipients` are those it names; who gets data by law comes on top, see `receives`.
    """

    code: str
    name: str
    version: int
    statement: Statement
    schools: tuple[SchoolEntry, ...]
    documents: tuple[Document, ...]
    systems: tuple[SystemUse, ...]
    routing: RoutePolicy
    reply_days: int
    identity_check: str
    cards: tuple[Card, ...]
    occasion_items: tuple[str, ...]
    after_leaving_items: tuple[str, ...]
    consent_place: str
    readers: ReaderPolicy
    class_list: ClassList
    religion: str
    levels: tuple[str, ...]
    purposes: tuple[NamedPurpose, ...]
    named_fields: tuple[NamedField, ...]
    processors: tuple[str, ...]
    processor_terms: ProcessorTerms
    recipients: tuple[str, ...]
    subjects: tuple[str, ...]
    house_rules: tuple[HouseRule, ...]
    officer: Officer
    contact: Contact
    is_administrative_body: bool | None
    complaint_bodies: tuple[str, ...]
    counter_recovery_four_eyes: bool
    counter_recovery_reason: str
    decided: frozenset[str]

    @property
    def items(self) -> tuple[str, ...]:
        """Codes of every question this board asks, standing ones first."""
        standing = tuple(code for card in self.cards for code in card.items)
        return standing + self.occasion_items + self.after_leaving_items

    def systems_holding(self, category: str) -> tuple[str, ...]:
        """Codes of the systems that hold a card of fields; of those with the same `one_of` a school has one."""
        return tuple(one.code for one in self.systems if category in one.categories)

    @cached_property
    def named_field_codes(self) -> frozenset[str]:
        """Every field the statement names: a parent must see a row for each (S4-A1)."""
        return frozenset(code for line in self.named_fields for code in line.fields)

    @cached_property
    def receives(self) -> tuple[str, ...]:
        """Everybody who gets data: named by the statement, or by the law for every school (requirements 7.3)."""
        by_law = tuple(code for code, one in recipients().items() if one.kind == "legal")
        return tuple(dict.fromkeys(self.processors + self.recipients + by_law))

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """What is still to decide, in the order of requirements 11.4."""
        settled = set(self.decided)
        if self.is_administrative_body is not None:
            settled.add("administrative_body")
        if self.class_list.state != "undecided":
            settled.add("class_list")
        if self.religion != "undecided":
            settled.add("religion")
        if "complaints_committee" in self.complaint_bodies:
            settled.add("complaint_bodies")
        return tuple(Gap(code, question) for code, question in DECISIONS.items() if code not in settled)
