"""Reads a board file: closed lists, known codes and the limits that no board may pass."""

import json
import re
from collections.abc import Collection

from parentportal.catalogue.consents import consent_items
from parentportal.catalogue.fields import SUBJECTS, categories, fields
from parentportal.catalogue.policy import (
    AGREEMENT_PARTS,
    AUDIENCES,
    CLASS_LIST_PARTS,
    COMPLAINT_BODIES,
    DECISIONS,
    DOCUMENT_KINDS,
    DOCUMENT_STATES,
    GMR_STATES,
    HOUSE_RULES,
    IDENTITY_CHECKS,
    MOST_CARDS,
    MOST_REPLY_DAYS,
    PLACES,
    READER_SCOPES,
    ROUTES,
    SCHOOL_KINDS,
    SWITCHES,
    BoardPolicy,
    Card,
    ClassList,
    Contact,
    Document,
    HouseRule,
    NamedField,
    NamedPurpose,
    Officer,
    ProcessorTerms,
    ReaderPolicy,
    RoutePolicy,
    SchoolEntry,
    Statement,
    SystemUse,
)
from parentportal.catalogue.reading import FOLDER, Entry, parse, refuse_faults
from parentportal.catalogue.recipients import CONTRACT_STATES, COVENANT_STATES, recipients, systems
from parentportal.catalogue.vocabulary import purposes, readers

_CODE = re.compile(r"[a-z][a-z0-9-]*")
_BRIN = re.compile(r"[0-9]{2}[A-Z]{2}")
_BRANCH = re.compile(r"[0-9]{2}")


def bundled_boards() -> list[str]:
    """Codes of the boards that come with the product, in alphabetical order."""
    return sorted(path.stem for path in (FOLDER / "boards").glob("*.toml"))


def board_text(code: str) -> str:
    """The text of a board file that comes with the product; raises KeyError for any other code."""
    if code not in bundled_boards():
        raise KeyError(code)
    return (FOLDER / "boards" / f"{code}.toml").read_text(encoding="utf-8")


def default_board_text(code: str, name: str) -> str:
    """A board file with the default policy, for a board that has not written its own yet."""
    head = "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in (("code", code), ("name", name))
    )
    return head + (FOLDER / "default_board.toml").read_text(encoding="utf-8")


def load_board(text: str, place: str = "bestuursbestand") -> BoardPolicy:
    """The policy in `text`; raises CatalogueError with every fault, each with its place in the file."""
    file = parse(text, place)
    policy = _board(file)
    _check(policy, file)
    file.done()
    refuse_faults(file)
    return policy


def _board(file: Entry) -> BoardPolicy:
    items = consent_items()
    return BoardPolicy(
        code=file.text("code"),
        name=file.text("name"),
        version=file.number("version", lowest=1),
        statement=_statement(file.entry("statement")),
        schools=tuple(_school(one) for one in file.entries("schools")),
        documents=tuple(_document(one) for one in file.entries("documents")),
        systems=tuple(_system(one) for one in file.entries("systems")),
        routing=_routing(file.entry("routing")),
        reply_days=file.number("reply_days", MOST_REPLY_DAYS, lowest=1, highest=MOST_REPLY_DAYS),
        identity_check=file.one_of("identity_check", IDENTITY_CHECKS, "portal"),
        cards=tuple(_card(one) for one in file.entries("cards")),
        occasion_items=file.texts("occasion_items", items, required=False),
        after_leaving_items=file.texts("after_leaving_items", items, required=False),
        consent_place=file.one_of("consent_place", PLACES, "unknown"),
        readers=_readers(file.entry("readers")),
        class_list=_class_list(file.entry("class_list")),
        religion=file.one_of("religion", SWITCHES),
        levels=file.texts("levels", {"school", "board"}),
        purposes=tuple(_purpose(one) for one in file.entries("purposes")),
        named_fields=tuple(_named_field(one) for one in file.entries("named_fields")),
        processors=file.texts("processors", _kinds({"processor"})),
        processor_terms=_processor_terms(file.entry("processor_terms")),
        recipients=file.texts("recipients", _kinds({"legal", "internal", "consent", "public"})),
        subjects=file.texts("subjects", SUBJECTS),
        house_rules=tuple(_house_rule(one) for one in file.entries("house_rules")),
        officer=_officer(file.entry("officer")),
        contact=_contact(file.entry("contact")),
        is_administrative_body=_yes_no_unknown(file, "is_administrative_body"),
        complaint_bodies=file.texts("complaint_bodies", COMPLAINT_BODIES),
        counter_recovery_four_eyes=file.flag("counter_recovery_four_eyes", True),
        counter_recovery_reason=file.text("counter_recovery_reason", ""),
        decided=frozenset(file.texts("decided", DECISIONS, required=False)),
    )


def _kinds(kinds: Collection[str]) -> frozenset[str]:
    return frozenset(code for code, one in recipients().items() if one.kind in kinds)


def _yes_no_unknown(one: Entry, key: str) -> bool | None:
    return {"yes": True, "no": False}.get(one.one_of(key, {"yes", "no", "unknown"}))


def _statement(one: Entry) -> Statement:
    found = Statement(one.text("source"), one.text("title"), one.text("published_label", ""), one.day("effective_from"))
    one.done()
    return found


def _school(one: Entry) -> SchoolEntry:
    brin, branch = one.text("brin", ""), one.text("branch", "")
    if brin and not _BRIN.fullmatch(brin):
        one.fault(f"‘brin’ is ‘{brin}’. Een BRIN heeft twee cijfers en twee hoofdletters, zoals 99AA.")
    if branch and not _BRANCH.fullmatch(branch):
        one.fault(f"‘branch’ is ‘{branch}’. Een vestiging heeft twee cijfers, zoals 00.")
    found = SchoolEntry(
        one.text("name"), one.text("place", ""), one.one_of("kind", SCHOOL_KINDS, "bao"), brin or None, branch
    )
    one.done()
    return found


def _document(one: Entry) -> Document:
    found = Document(
        kind=one.one_of("kind", DOCUMENT_KINDS),
        title=one.text("title"),
        owner=one.one_of("owner", {"board", "school"}),
        per_school=one.flag("per_school", False),
        state=one.one_of("state", DOCUMENT_STATES),
        published_label=one.text("published_label", ""),
        effective_from=one.day("effective_from"),
        gmr_status=one.one_of("gmr_status", GMR_STATES),
        to_review=one.text("to_review", ""),
        url=one.text("url", ""),
    )
    one.done()
    return found


def _system(one: Entry) -> SystemUse:
    found = SystemUse(
        one.one_of("code", systems()),
        one.text("holds"),
        one.texts("categories", categories()),
        one.text("one_of", ""),
    )
    one.done()
    return found


def _routing(one: Entry) -> RoutePolicy:
    found = RoutePolicy(
        one.one_of("formal", ROUTES),
        one.one_of("simple", ROUTES),
        one.one_of("written_consent_change", ROUTES, "teacher_or_director"),
        one.flag("simple_grant", True),
    )
    one.done()
    return found


def _card(one: Entry) -> Card:
    found = Card(one.text("code"), one.text("title"), one.texts("items", consent_items()))
    if not found.items:
        one.fault("een kaart zonder vraag kan niet. Noem bij ‘items’ minstens één vraag.")
    one.done()
    return found


def _readers(one: Entry) -> ReaderPolicy:
    codes = one.texts("codes", readers())
    roles = frozenset(readers()[code].role for code in codes if code in readers())
    found = ReaderPolicy(codes, roles, one.one_of("scope", READER_SCOPES), one.text("as_stated"))
    one.done()
    return found


def _class_list(one: Entry) -> ClassList:
    found = ClassList(
        one.one_of("state", SWITCHES),
        one.flag("per_school", False),
        one.texts("parts", CLASS_LIST_PARTS, required=False),
    )
    if (found.state == "on") != bool(found.parts):
        one.fault("‘parts’ hoort bij een klassenlijst die aan staat, en alleen daarbij.")
    one.done()
    return found


def _purpose(one: Entry) -> NamedPurpose:
    found = NamedPurpose(one.one_of("purpose", purposes()), one.text("as_stated"))
    one.done()
    return found


def _named_field(one: Entry) -> NamedField:
    found = NamedField(one.one_of("subject", SUBJECTS), one.text("as_stated"), one.texts("fields", fields()))
    if not found.fields:
        one.fault("deze regel noemt geen gegeven. Noem bij ‘fields’ minstens één veld.")
    one.done()
    return found


def _processor_terms(one: Entry) -> ProcessorTerms:
    found = ProcessorTerms(
        one.one_of("agreements", CONTRACT_STATES),
        one.texts("covers", AGREEMENT_PARTS, required=False),
        one.one_of("covenant", COVENANT_STATES, "unknown"),
        one.flag("public_register", False),
        one.text("restricted_to", ""),
    )
    one.done()
    return found


def _house_rule(one: Entry) -> HouseRule:
    found = HouseRule(one.one_of("code", HOUSE_RULES), one.texts("audiences", AUDIENCES))
    one.done()
    return found


def _officer(one: Entry) -> Officer:
    found = Officer(
        one.flag("appointed"),
        one.flag("external", False),
        one.text("employer_kind", ""),
        one.text("email", ""),
        one.text("phone", ""),
    )
    one.done()
    return found


def _contact(one: Entry) -> Contact:
    keys = ("visiting_address", "postal_address", "phone", "email", "url")
    found = Contact(*(one.text(key, "") for key in keys))
    one.done()
    return found


def _check(policy: BoardPolicy, file: Entry) -> None:
    """What the single keys cannot say."""
    if policy.code and not _CODE.fullmatch(policy.code):
        file.fault("‘code’ mag alleen kleine letters, cijfers en streepjes hebben.")
    if len(policy.cards) > MOST_CARDS:
        file.fault(f"er zijn {len(policy.cards)} kaarten. Meer dan {MOST_CARDS} vragen naast elkaar mag niet.")
    if not policy.readers.codes:
        file.fault("niemand mag lezen. Noem bij ‘readers’ minstens één rol.")
    _unique([one.code for one in policy.cards], "kaart", file)
    _unique([one.code for one in policy.systems], "systeem", file)
    _unique([f"{one.name}, {one.place}" for one in policy.schools], "school", file)
    _unique([f"{one.brin}{one.branch}" for one in policy.schools if one.brin], "BRIN", file)
    _unique(list(policy.items), "vraag", file)
    _check_questions(policy, file)
    if policy.counter_recovery_four_eyes == bool(policy.counter_recovery_reason):
        file.fault("‘counter_recovery_reason’ hoort bij ‘counter_recovery_four_eyes’ op false, en alleen daarbij.")
    for document in policy.documents:
        if document.state == "in_force" and document.gmr_status == "not_asked":
            file.fault(f"‘{document.title}’ geldt al, maar de GMR is niet gevraagd. Vul ‘gmr_status’ in.")


def _check_questions(policy: BoardPolicy, file: Entry) -> None:
    """Every question stands in the list of its own kind, at a level of this board, and where it is on."""
    lists = {
        "standing": [code for card in policy.cards for code in card.items],
        "occasion": list(policy.occasion_items),
        "after_leaving": list(policy.after_leaving_items),
    }
    for kind, codes in lists.items():
        for code in codes:
            item = consent_items().get(code)
            if item is None:
                continue
            if item.kind != kind:
                file.fault(f"vraag ‘{code}’ staat in de verkeerde lijst. Deze vraag is van soort ‘{item.kind}’.")
            if item.level not in policy.levels:
                file.fault(f"vraag ‘{code}’ hoort bij niveau ‘{item.level}’, maar dat staat niet bij ‘levels’.")
    listed = {code for code in lists["standing"] if code in CLASS_LIST_PARTS}
    if listed != set(policy.class_list.parts):
        file.fault("de vragen voor de klassenlijst en ‘parts’ zijn niet gelijk. Maak ze gelijk.")
    if ("REL" in lists["standing"]) != (policy.religion == "on"):
        file.fault('vraag ‘REL’ hoort bij ‘religion’ op "on", en alleen daarbij.')


def _unique(names: list[str], what: str, file: Entry) -> None:
    for name in sorted({name for name in names if names.count(name) > 1}):
        file.fault(f"{what} ‘{name}’ staat er twee keer. Haal er één weg.")
