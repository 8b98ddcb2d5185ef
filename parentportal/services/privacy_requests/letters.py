"""The answer as the guardian reads it: every part that the law asks for, composed from what was decided."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from parentportal.catalogue import BoardPolicy, fields, refusal_grounds
from parentportal.models.boards import Board
from parentportal.models.privacy_requests import PrivacyRequest, RequestLine
from parentportal.reads.item_rows import system_label
from parentportal.reads.request_items import label_of
from parentportal.rules.errors import NotNow
from parentportal.rules.outcomes import LetterKind, LetterPart, Outcome, missing_in_letter, outcome_of
from parentportal.rules.privacy_requests import Kind
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.services.privacy_requests import cases

MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)

SUMMARIES = {
    Outcome.GRANTED: "Ja. De school doet wat u vroeg.",
    Outcome.PARTLY: "Deels ja. De school doet een deel van wat u vroeg.",
    Outcome.REFUSED: "Nee. De school doet dit niet. Hieronder staat waarom.",
    Outcome.NOT_PRESENT: "De school heeft dit gegeven niet.",
    Outcome.REFERRED: "Hiervoor moet u bij een ander zijn. Hieronder staat bij wie.",
    Outcome.STATEMENT_ADDED: "De school voegt uw mening toe.",
    Outcome.RESTRICTED: "De school gebruikt dit gegeven voorlopig niet.",
    Outcome.NOT_IDENTIFIABLE: "De school kon niet vaststellen wie u bent.",
}
DECIDERS = {Role.TEACHER: "de leerkracht", Role.DIRECTOR: "de directeur", Role.BOARD: "het bestuur"}
COURT = {
    True: (
        "U kunt bezwaar maken bij het bestuur. Dat kan binnen zes weken na dit antwoord. "
        "Daarna kunt u naar de bestuursrechter."
    ),
    False: "U kunt de rechtbank vragen om hierover te beslissen. Doe dat binnen zes weken na dit antwoord.",
    None: (
        "U kunt binnen zes weken naar de rechter. Soms moet u eerst bezwaar maken bij het bestuur. "
        "Vraag het bestuur welke weg voor u geldt."
    ),
}
"""The way to court by what the board is (UAVG articles 34 and 35, trap T29); unknown names both ways."""


@dataclass(frozen=True, slots=True)
class Circumstance:
    """What a letter needs besides the request itself."""

    policy: BoardPolicy
    by: Role
    on: date
    new_date: date | None = None
    reason: str = ""


def compose_decision(
    session: Session, request: PrivacyRequest, lines: Sequence[RequestLine], about: Circumstance
) -> str:
    """The whole answer as stored text; raises `NotNow` when a part that the law asks for is missing."""
    outcomes = [line.outcome for line in lines if line.outcome is not None]
    parts = _frame(session, request, lines, about)
    parts |= {
        LetterPart.SUMMARY: SUMMARIES[outcome_of(outcomes)],
        LetterPart.OUTCOMES: "\n".join(f"{_label(line)}: {_words(line)}" for line in lines),
        LetterPart.REASONS: "\n\n".join(_reason(session, line) for line in lines),
    }
    if any(outcome in (Outcome.GRANTED, Outcome.PARTLY) for outcome in outcomes):
        parts[LetterPart.EXECUTION] = _execution(request, outcomes)
        parts[LetterPart.RECIPIENTS] = f"De school geeft het door aan: {_systems(lines)}."
    _refuse_gaps(parts, LetterKind.DECISION, about.policy, outcomes)
    return _written(parts)


def compose_extension(
    session: Session, request: PrivacyRequest, lines: Sequence[RequestLine], about: Circumstance
) -> str:
    """The notice that the school needs more time: the reason, the new date and the remedies."""
    new_date = about.new_date or request.policy_due_on or about.on
    parts = _frame(session, request, lines, about)
    parts |= {
        LetterPart.SUMMARY: "De school heeft meer tijd nodig voor uw verzoek.",
        LetterPart.REASONS: about.reason,
        LetterPart.NEW_DATE: f"U krijgt uiterlijk op {_day(new_date)} antwoord.",
    }
    _refuse_gaps(parts, LetterKind.EXTENSION, about.policy, [])
    return _written(parts)


def read_letter(text: str) -> Mapping[LetterPart, str]:
    """The parts of a stored letter, in order; nothing for any other text."""
    if not text.startswith("{"):
        return {}
    return {LetterPart(name): words for name, words in json.loads(text).items()}


def _frame(
    session: Session, request: PrivacyRequest, lines: Sequence[RequestLine], about: Circumstance
) -> dict[LetterPart, str]:
    """What every letter says."""
    return {
        LetterPart.ASKED: _asked(request, lines),
        LetterPart.OFFICER: _officer(about.policy),
        LetterPart.REGULATOR: "U kunt een klacht indienen bij de Autoriteit Persoonsgegevens.",
        LetterPart.COURT: COURT[about.policy.is_administrative_body],
        LetterPart.COMPLAINTS: _complaints(about.policy),
        LetterPart.FREE_OF_CHARGE: "Uw verzoek en dit antwoord kosten u niets.",
        LetterPart.DATE: f"{_day(about.on).capitalize()}. Dit besluit nam {DECIDERS[about.by]}.",
        LetterPart.CONTROLLER: _controller(session, request.board_id),
    }


def _asked(request: PrivacyRequest, lines: Sequence[RequestLine]) -> str:
    what = "weg te halen" if request.kind is Kind.ERASURE else "aan te passen"
    return f"U vroeg de school om dit {what}: {', '.join(_label(line) for line in lines)}."


def _controller(session: Session, board_id: UUID) -> str:
    board = session.get_one(Board, board_id)
    return f"{board.name} is verantwoordelijk voor de gegevens."


def _officer(policy: BoardPolicy) -> str:
    mail = f" Het adres is {policy.officer.email}." if policy.officer.email else " De school geeft u het adres."
    return f"U kunt de privacy-adviseur (FG) om hulp vragen.{mail}"


def _complaints(policy: BoardPolicy) -> str:
    text = (
        "Bent u het niet eens met de school? Praat dan eerst met de directeur, of dien een klacht in bij het bestuur."
    )
    if "complaints_committee" in policy.complaint_bodies:
        text += " U kunt ook naar de Landelijke Klachtencommissie (LKC)."
    return text


def _label(line: RequestLine) -> str:
    return label_of(fields()[line.field_code]) if line.field_code in fields() else line.field_code


def _words(line: RequestLine) -> str:
    return {
        Outcome.GRANTED: "ja",
        Outcome.PARTLY: "deels ja",
        Outcome.REFUSED: "nee",
        Outcome.NOT_PRESENT: "de school heeft dit niet",
        Outcome.REFERRED: "een ander gaat hierover",
    }.get(line.outcome or Outcome.REFUSED, "nee")


def _reason(session: Session, line: RequestLine) -> str:
    """Why, for one item: the fixed words of the ground, the school's own reason, the law and the day of erasure."""
    said = []
    if line.ground is not None:
        said.append(refusal_grounds()[line.ground].text)
    if reason := cases.unsealed(session, line, "reason"):
        said.append(reason)
    if evidence := cases.unsealed(session, line, "evidence"):
        said.append(f"Zo is het nagekeken: {evidence}")
    if line.law:
        said.append(f"De wet is: {line.law}.")
    if line.erase_on is not None:
        said.append(f"De school haalt het weg op {_day(line.erase_on)}.")
    if not said:
        said.append("De school heeft uw verzoek nagekeken en is het met u eens.")
    return f"{_label(line)}. {' '.join(said)}"


def _execution(request: PrivacyRequest, outcomes: Sequence[Outcome]) -> str:
    """What happened already: of an erasure in part the portal itself takes nothing away (`executing.carry_out`)."""
    ready = "U ziet bij uw verzoek wanneer dat klaar is."
    if request.kind is not Kind.ERASURE:
        return f"In het portaal ziet u het meteen. De school past ook haar eigen systemen aan. {ready}"
    if Outcome.GRANTED in outcomes:
        return f"Het is in het portaal meteen gebeurd. De school past ook haar eigen systemen aan. {ready}"
    return f"De school past haar eigen systemen aan. {ready}"


def _systems(lines: Sequence[RequestLine]) -> str:
    """Where it lies, as people call it; a line without a system lies in the school's own administration."""
    codes = dict.fromkeys(code for line in lines for code in line.systems.split(","))
    return ", ".join(system_label(code) for code in codes)


def _refuse_gaps(
    parts: Mapping[LetterPart, str], kind: LetterKind, policy: BoardPolicy, outcomes: Sequence[Outcome]
) -> None:
    """Nothing goes out with a part missing.

    A board that has not said yet what it is does not hold up an answer (go-live gaps block nothing): its letter
    names both ways to court.
    """
    gaps = set(missing_in_letter(parts, kind, outcomes=outcomes, is_administrative_body=policy.is_administrative_body))
    if policy.is_administrative_body is None and parts.get(LetterPart.COURT):
        gaps.discard(LetterPart.COURT)
    if gaps:
        raise NotNow(N_("De brief is nog niet compleet. Laat eerst de gegevens van het bestuur en de FG aanvullen."))


def _written(parts: Mapping[LetterPart, str]) -> str:
    order = (LetterPart.SUMMARY, LetterPart.ASKED, LetterPart.OUTCOMES, LetterPart.REASONS, LetterPart.NEW_DATE)
    names = [*order, *(part for part in LetterPart if part not in order)]
    return json.dumps({part.value: parts[part] for part in names if part in parts}, ensure_ascii=False)


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
