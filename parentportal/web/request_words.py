"""Words for requests: kinds, desks, outcomes and what happened, for parents and for staff."""

from datetime import date

from babel import Locale
from babel.dates import format_date

from parentportal.catalogue.fields import Field, fieldsets
from parentportal.reads.privacy_requests import Case, Line
from parentportal.reads.request_items import show_value
from parentportal.rules.outcomes import LetterPart, Outcome
from parentportal.rules.privacy_requests import ERASING, Event, Kind
from parentportal.rules.roles import Role
from parentportal.web.languages import this_language, yes_or_no
from parentportal.web.languages import translate as _


def label(field: Field) -> str:
    """The name of a field, in the reader's language where it is known."""
    if field.part_of in fieldsets():
        return _("%(block)s: %(part)s", block=_(fieldsets()[field.part_of].label), part=_(field.label).lower())
    return _(field.label)


def show(field: Field, value: str | None, *, covered: bool = False) -> str:
    """A kept value as this reader writes it; `covered` leaves only the end of a masked one."""
    if field.input == "date" and value:
        try:
            return format_date(date.fromisoformat(value), "d MMMM y", locale=this_language())
        except ValueError:
            return value
    if field.input == "country" and value:
        return str(Locale.parse(this_language()).territories.get(value, value))
    if field.code == "guardian.deceased" and value:
        return yes_or_no(value)
    text = show_value(field, value, covered=covered)
    return _(text) if text and field.input in ("sex", "choice") else text


def kind_name(kind: Kind) -> str:
    """What is asked, in two words."""
    return _("Iets weghalen") if kind in ERASING else _("Iets aanpassen")


def subject(case: Case) -> str:
    """What a request is about, in one line: the fields and whose they are."""
    names = ", ".join(label(line.field) for line in case.lines)
    return _("%(names)s van %(who)s", names=names, who=case.who) if case.who else names


def desk_name(case: Case) -> str:
    """Who has it now, by role; a parent never reads a name here."""
    return place_name(case.desk, case.group_name)


def place_name(role: Role | None, group_name: str) -> str:
    """A desk in words."""
    if role is Role.TEACHER:
        return _("de leerkracht van groep %(group)s", group=group_name) if group_name else _("de leerkracht")
    return _("het bestuur") if role is Role.BOARD else _("de directeur")


def who_did(role: Role | None) -> str:
    """A role of the school at the head of a message."""
    if role is Role.TEACHER:
        return _("De leerkracht")
    return _("Het bestuur") if role is Role.BOARD else _("De directeur")


def outcome_name(outcome: Outcome | None, *, staff: bool = False) -> str:
    """An outcome in words."""
    if outcome is None:
        return ""
    for_parent = {
        Outcome.GRANTED: _("Ja, wij doen dit"),
        Outcome.PARTLY: _("Deels ja"),
        Outcome.REFUSED: _("Nee, met uitleg"),
        Outcome.NOT_PRESENT: _("De school heeft dit niet"),
        Outcome.REFERRED: _("Een ander gaat hierover"),
    }
    for_staff = {
        Outcome.GRANTED: _("Toewijzen"),
        Outcome.PARTLY: _("Deels toewijzen"),
        Outcome.REFUSED: _("Afwijzen"),
        Outcome.NOT_PRESENT: _("De school heeft dit niet"),
        Outcome.REFERRED: _("Een ander gaat hierover"),
    }
    return (for_staff if staff else for_parent).get(outcome, outcome.value)


def outcome_badge(outcome: Outcome | None) -> str:
    """The badge that goes with an outcome."""
    return {Outcome.GRANTED: "granted", Outcome.PARTLY: "partly_granted"}.get(outcome or Outcome.REFUSED, "refused")


def old_value(line: Line, *, covered: bool = False) -> str:
    """What the school had, as people write it; the portal does not hold every value."""
    if not line.old:
        return _("De waarde staat niet in het portaal")
    return show(line.field, line.old, covered=covered)


def event_words(event: Event, role: Role | None) -> tuple[str, str]:
    """Icon and sentence for something that happened; empty for what goes without saying."""
    who = who_did(role)
    return {
        Event.SUBMIT: ("inbox", _("Verzoek verstuurd")),
        Event.ROUTE: ("arrow", _("Het verzoek ging naar wie het behandelt")),
        Event.REASSIGN: ("arrow", _("Iemand anders op school behandelt het verzoek nu")),
        Event.PICK_UP: ("person", _("%(who)s is met het verzoek begonnen", who=who)),
        Event.STOP_WAITING: ("hourglass", _("De school gaat verder zonder antwoord")),
        Event.PROPOSE: ("persons", _("%(who)s deed een voorstel", who=who)),
        Event.RETURN: ("back", _("%(who)s gaf het voorstel terug", who=who)),
        Event.ACCEPT: ("tick", _("%(who)s besloot", who=who)),
        Event.DECIDE: ("tick", _("%(who)s besloot", who=who)),
        Event.EXTEND: ("hourglass", _("%(who)s nam meer tijd", who=who)),
        Event.EXECUTE: ("settings", _("De school voert het uit")),
        Event.FINISH: ("tick", _("Alles is uitgevoerd")),
        Event.CLOSE: ("tick", _("Het verzoek is klaar")),
        Event.WITHDRAW: ("stop", _("Het verzoek is gestopt")),
        Event.DISAGREE: ("back", _("Het verzoek is opnieuw geopend")),
        Event.OBJECT: ("back", _("Er is bezwaar gemaakt")),
        Event.FIND_NEW_FACT: ("back", _("De school opende het verzoek opnieuw")),
    }.get(event, ("", ""))


def part_name(part: LetterPart) -> str:
    """The heading of a part of the answer."""
    return {
        LetterPart.SUMMARY: _("Het antwoord"),
        LetterPart.ASKED: _("Wat u vroeg"),
        LetterPart.OUTCOMES: _("Wat de school doet"),
        LetterPart.REASONS: _("Waarom"),
        LetterPart.NEW_DATE: _("Nieuwe datum"),
        LetterPart.EXECUTION: _("Wanneer het gebeurt"),
        LetterPart.RECIPIENTS: _("Wie het te horen krijgt"),
        LetterPart.OFFICER: _("Hulp van de privacy-adviseur (FG)"),
        LetterPart.REGULATOR: _("Klacht bij de toezichthouder"),
        LetterPart.COURT: _("Bezwaar of rechter"),
        LetterPart.COMPLAINTS: _("Klacht bij de school"),
        LetterPart.FREE_OF_CHARGE: _("Kosten"),
        LetterPart.DATE: _("Datum van dit antwoord"),
        LetterPart.CONTROLLER: _("Wie verantwoordelijk is"),
    }[part]
