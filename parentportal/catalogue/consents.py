"""Consent items with their full wordings, and what is never a question although parents may expect one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from types import MappingProxyType
from typing import NamedTuple

from parentportal.catalogue.fields import fields
from parentportal.catalogue.reading import Entry, bundled, refuse_faults, stamp
from parentportal.catalogue.recipients import recipients
from parentportal.catalogue.vocabulary import purposes, retention
from parentportal.rules.consents import Rule, Subject
from parentportal.rules.tasks import AFTER_WITHDRAWAL, Channel, TaskKind

FAMILIES = frozenset(
    {"image", "occasion", "class_list", "social_media", "exchange", "religion", "newsletter", "alumni"}
)
SECTIONS = {
    "group": "In de groep",
    "internet": "Op internet",
    "contact": "Contactgegevens",
    "organisations": "Andere organisaties",
}
KINDS = frozenset({"standing", "occasion", "after_leaving"})
LEVELS = frozenset({"school", "board"})
SCOPES = frozenset({"school", "board", "group_year", "occasion", "recipient"})
WORDING = (
    *("question", "where", "audience", "duration", "example"),
    *("after_no", "decides", "withdrawal"),
)


@dataclass(frozen=True)
class ConsentItem:
    """One question that stands on its own; nobody's answer is presumed, so silence means no.

    Texts may hold the fields `{name}` (the child), `{organisation}` and `{occasion}`, nothing else.
    `channel` is where it publishes, None where it publishes nothing. `follow_ups` are the tasks a withdrawal
    leaves for the school (trap T13). `printed` says that copies on paper cannot be called back.
    `blocked_by_safety` items are off while a safety flag stands.
    """

    code: str
    version: int
    title: str
    family: str
    section: str
    kind: str
    medium: str
    channel: Channel | None
    level: str
    subject: Subject
    rule: Rule
    scope: str
    explicit: bool
    purpose: str
    retention: str
    fields: tuple[str, ...]
    recipients: tuple[str, ...]
    follow_ups: tuple[TaskKind, ...]
    printed: bool
    blocked_by_safety: bool
    question: str
    where: str
    audience: str
    duration: str
    example: str
    after_no: str
    decides: str
    withdrawal: str

    @property
    def texts(self) -> dict[str, str]:
        """The wording that is kept word for word with every answer."""
        return {"title": self.title} | {name: getattr(self, name) for name in WORDING}


@dataclass(frozen=True)
class NotASwitch:
    """A use without a question, with the reason why there is nothing to choose (trap T5)."""

    code: str
    title: str
    reason: str
    recipient: str


class Cell(NamedTuple):
    """One level and medium, with the words for whose it is and what is shown."""

    level: str
    owner: str
    medium: str
    words: str


class ConsentCatalogue(NamedTuple):
    """The whole file: its version, the questions and what is never a question."""

    version: int
    items: Mapping[str, ConsentItem]
    never: Mapping[str, NotASwitch]


@cache
def consent_catalogue() -> ConsentCatalogue:
    return read_consents(bundled("consent_items.toml"))


def consent_items() -> Mapping[str, ConsentItem]:
    """Every question by its code; a board offers some of them."""
    return consent_catalogue().items


def never_a_switch() -> Mapping[str, NotASwitch]:
    return consent_catalogue().never


def read_consents(file: Entry) -> ConsentCatalogue:
    """The catalogue in `file`; raises CatalogueError naming every fault."""
    version, _ = stamp(file)
    shared = file.entry("shared").values
    images = file.entry("images")
    channels, media, levels = (images.named(key) for key in ("channels", "media", "levels"))
    shots = {letter: (one.text("medium"), one.text("words")) for letter, one in media.items()}
    owners = {level: (one.text("words"), one.text("suffix", "")) for level, one in levels.items()}
    for part in (images, *media.values(), *levels.values()):
        part.done()
    found: dict[str, ConsentItem] = {}
    for (channel, place), (letter, shot), (level, (owner, suffix)) in product(
        channels.items(), shots.items(), owners.items()
    ):
        code = f"BM-{letter}-{channel}{suffix}"
        cell = Cell(level, owner, *shot)
        found[code] = _item(code, _image(place, cell, shared))
    for code, one in file.named("items").items():
        found[code] = _item(code, Entry({**shared, **one.values}, one.place, one.problems))
    never = {}
    for code, one in file.named("never_a_switch").items():
        known = {*recipients(), ""}
        never[code] = NotASwitch(code, one.text("title"), one.text("reason"), one.one_of("recipient", known, ""))
        one.done()
    file.done()
    refuse_faults(file)
    return ConsentCatalogue(version, MappingProxyType(found), MappingProxyType(never))


def _image(place: Entry, cell: Cell, shared: Mapping[str, object]) -> Entry:
    """One cell of the matrix (trap T9), with whole sentences of its own."""
    values: dict[str, object] = {**shared, **place.values}
    for key, value in values.items():
        if isinstance(value, str):
            values[key] = value.replace("{medium}", cell.words).replace("{owner}", cell.owner)
    values |= {"medium": cell.medium, "level": cell.level, "scope": cell.level}
    return Entry(values, place.place, place.problems)


def _item(code: str, one: Entry) -> ConsentItem:
    subject, rule = one.one_of("subject", list(Subject), "child"), one.one_of("rule", list(Rule), "one")
    channel, follow_ups = one.one_of("channel", list(Channel), ""), one.texts("follow_ups", list(TaskKind))
    found = ConsentItem(
        code=code,
        version=one.number("version", 1, lowest=1),
        title=one.text("title"),
        family=one.one_of("family", FAMILIES),
        section=one.one_of("section", SECTIONS),
        kind=one.one_of("kind", KINDS, "standing"),
        medium=one.one_of("medium", {"photo", "video", "both", "none"}, "none"),
        channel=Channel(channel) if channel in list(Channel) else None,
        level=one.one_of("level", LEVELS, "school"),
        subject=Subject(subject) if subject in list(Subject) else Subject.CHILD,
        rule=Rule(rule) if rule in list(Rule) else Rule.ALL,
        scope=one.one_of("scope", SCOPES),
        explicit=one.flag("explicit", False),
        purpose=one.one_of("purpose", purposes()),
        retention=one.one_of("retention", retention()),
        fields=one.texts("fields", fields()),
        recipients=one.texts("recipients", recipients()),
        follow_ups=tuple(TaskKind(kind) for kind in follow_ups if kind in list(TaskKind)),
        printed=one.flag("printed", False),
        blocked_by_safety=one.flag("blocked_by_safety", False),
        **{name: one.text(name) for name in WORDING},
    )
    if found.channel and AFTER_WITHDRAWAL[found.channel] not in found.follow_ups:
        one.fault(f"na een nee hoort bij dit kanaal de taak ‘{AFTER_WITHDRAWAL[found.channel]}’ bij ‘follow_ups’.")
    if found.kind == "occasion" and found.scope not in {"occasion", "recipient"}:
        one.fault("een vraag voor één keer geldt voor één gelegenheid of één organisatie.")
    one.done()
    return found
