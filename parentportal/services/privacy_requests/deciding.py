"""Deciding a request: an outcome for every line, what follows from it, and the answer to the guardian."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from uuid import UUID

from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.catalogue import BoardPolicy, fields, retention
from parentportal.models.privacy_requests import PrivacyRequest, RequestLine, Visibility
from parentportal.outside import clock
from parentportal.reads import boards
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.outcomes import (
    NEEDS_GROUND,
    NEEDS_LAW,
    Gap,
    Ground,
    Outcome,
    Refusal,
    missing_in_decision,
    needs_execution,
)
from parentportal.rules.privacy_requests import DECIDERS, Event, Kind, State, may_grant_simply
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.rules.terms import Extension, extension, local_day, terms_of
from parentportal.services.privacy_requests import cases, executing, handling, letters, values
from parentportal.services.privacy_requests.handling import CHOICES

EXTENSION_REASONS = {"complex": N_("Het verzoek is ingewikkeld."), "many": N_("Er zijn veel verzoeken tegelijk.")}
TYPING_ERROR = 0.75
"""From this likeness on, a changed word counts as an evident typing error."""
MESSAGES = {
    Gap.GROUND: N_("Kies de grond. Zonder grond mag de school geen nee zeggen."),
    Gap.MOTIVATION: N_("Schrijf op waarom. De ouder leest dit."),
    Gap.OFFICER_ADVICE: N_("Vraag eerst advies aan de privacy-adviseur (FG). Vink het daarna aan."),
    Gap.LAW: N_("Vul de wet in die de school verplicht om dit te bewaren."),
    Gap.RETENTION_CLASS: N_("Kies de bewaartermijn die hier geldt."),
    Gap.ERASE_ON: N_("Vul de dag in waarop de school dit weghaalt."),
    Gap.EVIDENCE: N_("Schrijf op hoe bleek dat het gegeven klopt."),
}
NAMES = {Gap.MOTIVATION: "reason", Gap.OFFICER_ADVICE: "advised", Gap.ERASE_ON: "erase_on"}


@dataclass(frozen=True, slots=True)
class LineDecision:
    """The decision on one line; `value` is what it becomes where a correction is granted in part."""

    outcome: Outcome | None
    ground: Ground | None = None
    reason: str = ""
    law: str = ""
    retention_class: str = ""
    erase_on: date | None = None
    evidence: str = ""
    officer_advised: bool = False
    value: str = ""


def decide(
    session: Session, request_id: UUID, decisions: Mapping[int, LineDecision], *, version: int, by: Visitor
) -> None:
    """Decide on every line; keys are the positions of the lines.

    Corrections count in the portal at once, erased items are gone from it for good, and tasks are made for the source
    systems. Raises `Invalid` at "line<n>_<field>" for what a decision still lacks (GDPR article 12(4), trap T19).
    """
    if by.role not in DECIDERS:
        raise NotFound
    request = cases.for_staff(session, request_id, by, version)
    lines = cases.lines_of(session, request)
    checked = {line.position: decisions.get(line.position, LineDecision(None)) for line in lines}
    problems: dict[str, str] = {}
    for line in lines:
        problems |= _faults(session, request, line, checked[line.position])
    if problems:
        raise Invalid(problems)
    if request.state in (State.ASSIGNED, State.REOPENED, State.OBJECTION_PENDING):
        cases.take(session, request, Event.PICK_UP, by=by)
        handling.assign(session, request, by)
    for line in lines:
        _write_outcome(session, request, line, checked[line.position])
    _finish(session, request, lines, by)


def grant_simply(session: Session, request_id: UUID, *, version: int, by: Visitor) -> None:
    """Grant a small correction in full, as a teacher may where the board allows it (requirements 10.4).

    Raises `NotFound` where the director must decide.
    """
    request = cases.for_staff(session, request_id, by, version)
    lines = cases.lines_of(session, request)
    changes = [
        (line.field_code, cases.unsealed(session, line, "old_value"), cases.unsealed(session, line, "new_value"))
        for line in lines
    ]
    if not may_grant(boards.get_policy_of_board(session, request.board_id), by.role, request.kind, changes):
        raise NotFound
    if request.state is not State.IN_PROGRESS:
        raise NotNow(N_("Pak het verzoek eerst op."))
    for line in lines:
        _write_outcome(session, request, line, LineDecision(Outcome.GRANTED))
    _finish(session, request, lines, by)


def may_grant(policy: BoardPolicy, role: Role, kind: Kind, changes: Sequence[tuple[str, str, str]]) -> bool:
    """Whether this role may grant the whole request without the director.

    `changes` holds for every line the field, what the school has, and what it must be.
    """
    return bool(changes) and all(
        may_grant_simply(
            role,
            kind,
            policy_on=policy.routing.simple_grant,
            in_full=True,
            own_contact_item=is_own_contact(field_code),
            evident_typing_error=is_typing_error(field_code, old, new),
            child_identity_item=fields()[field_code].identity,
        )
        for field_code, old, new in changes
    )


def is_own_contact(field_code: str) -> bool:
    """Whether a field is how the guardian self is reached."""
    return field_code in {"guardian.phone", "guardian.email"} or field_code.startswith("guardian.address.")


def is_typing_error(field_code: str, old: str, new: str) -> bool:
    """Whether one ordinary word was clearly meant to be the other; dates and numbers never are."""
    field = fields()[field_code]
    if field.klass != "N" or field.input != "text" or not old or any(sign.isdigit() for sign in old + new):
        return False
    return SequenceMatcher(None, old.casefold(), new.casefold()).ratio() >= TYPING_ERROR


def return_proposal(session: Session, request_id: UUID, text: str, *, version: int, by: Visitor) -> None:
    """Give a proposal back to who made it, with what is still wrong. Raises `Invalid` at "text"."""
    request = cases.for_staff(session, request_id, by, version)
    if not text:
        raise Invalid({"text": N_("Schrijf op wat er nog anders moet.")})
    cases.take(session, request, Event.RETURN, by=by, text=text, visibility=Visibility.STAFF)
    cases.tell_handler(session, request)


def extend(session: Session, request_id: UUID, reason: str, text: str, *, version: int, by: Visitor) -> None:
    """Take up to three months, once and before the first due day (trap T16).

    Raises `Invalid` at "reason" and "text", `NotNow` when it is too late or was done before.
    """
    if by.role not in DECIDERS:
        raise NotFound
    request = cases.for_staff(session, request_id, by, version)
    if request.received_at is None:
        raise NotNow(cases.MOVED_ON)
    policy = boards.get_policy_of_board(session, request.board_id)
    terms = terms_of(local_day(request.received_at), policy_days=policy.reply_days)
    state = extension(terms, cases.today(session), extended=request.extended_at is not None)
    if state is Extension.ALREADY_EXTENDED:
        raise NotNow(N_("Dit verzoek is al een keer verlengd. Dat kan maar één keer."))
    if state is Extension.TOO_LATE:
        raise NotNow(N_("De termijn is voorbij. Verlengen kan niet meer. Neem contact op met de FG."))
    problems = {}
    if reason not in EXTENSION_REASONS:
        problems["reason"] = N_("Kies waarom er meer tijd nodig is.")
    if not text:
        problems["text"] = N_("Leg uit waarom er meer tijd nodig is. De ouder leest dit.")
    if problems:
        raise Invalid(problems)
    request.extended_at = clock.now(session)
    request.policy_due_on = terms.extension_limit
    said = f"{EXTENSION_REASONS[reason]} {text}"
    about = letters.Circumstance(policy, by.role, cases.today(session), terms.extension_limit, said)
    letter = letters.compose_extension(session, request, cases.lines_of(session, request), about)
    cases.take(session, request, Event.EXTEND, by=by, text=letter)
    cases.tell_guardian(session, request)
    cases.tell_role(session, request, Role.OFFICER)


def _faults(session: Session, request: PrivacyRequest, line: RequestLine, decision: LineDecision) -> dict[str, str]:
    name = f"line{line.position}"
    if decision.outcome not in CHOICES:
        return {f"{name}_outcome": N_("Kies een uitkomst.")}
    refusal = _refusal(decision)
    gaps = missing_in_decision(request.kind, decision.outcome, refusal)
    faults: dict[str, str] = {f"{name}_{NAMES.get(gap, gap.value)}": MESSAGES[gap] for gap in gaps}
    if decision.outcome is Outcome.REFERRED and not decision.reason.strip():
        faults[f"{name}_reason"] = N_("Schrijf op bij wie de ouder moet zijn.")
    if decision.erase_on is not None and decision.erase_on <= cases.today(session):
        faults[f"{name}_erase_on"] = N_("Deze dag is al voorbij. Vul een dag in die nog komt.")
    if decision.outcome is Outcome.PARTLY and request.kind in cases.CORRECTING:
        try:
            values.canonical(fields()[line.field_code], decision.value, today=cases.today(session))
        except Invalid as invalid:
            faults[f"{name}_value"] = invalid.problems[values.FIELD]
    return faults


def _refusal(decision: LineDecision) -> Refusal | None:
    if decision.outcome not in NEEDS_GROUND or decision.ground is None:
        return None
    return Refusal(
        ground=decision.ground,
        motivation=decision.reason,
        officer_advised=decision.officer_advised,
        law=decision.law,
        retention_class=decision.retention_class if decision.retention_class in retention() else "",
        erase_on=decision.erase_on,
        evidence=decision.evidence,
        statement_offered=True,
    )


def _write_outcome(session: Session, request: PrivacyRequest, line: RequestLine, decision: LineDecision) -> None:
    has_ground = decision.outcome in NEEDS_GROUND
    line.outcome = decision.outcome
    line.ground = decision.ground if has_ground else None
    by_law = has_ground and decision.ground in NEEDS_LAW
    line.law = decision.law if by_law else ""
    line.retention_class = decision.retention_class if by_law else ""
    line.erase_on = decision.erase_on if by_law else None
    line.officer_advised = has_ground and decision.officer_advised
    line.evidence = cases.sealed(session, line.id, "evidence", decision.evidence if has_ground else "")
    line.reason = cases.sealed(session, line.id, "reason", decision.reason)
    value = ""
    if request.kind in cases.CORRECTING and decision.outcome is Outcome.GRANTED:
        value = cases.unsealed(session, line, "new_value")
    elif request.kind in cases.CORRECTING and decision.outcome is Outcome.PARTLY:
        value = values.canonical(fields()[line.field_code], decision.value, today=cases.today(session))
    line.decided_value = cases.sealed(session, line.id, "decided_value", value)


def _finish(session: Session, request: PrivacyRequest, lines: list[RequestLine], by: Visitor) -> None:
    """Everything that follows from written outcomes: the letter, the state, the items, the tasks and the mails."""
    now = clock.now(session)
    request.decided_at, request.decided_by_id, request.answered_at = now, by.adult_id, now
    policy = boards.get_policy_of_board(session, request.board_id)
    about = letters.Circumstance(policy, by.role, cases.today(session))
    letter = letters.compose_decision(session, request, lines, about)
    event = Event.ACCEPT if request.state is State.PROPOSED else Event.DECIDE
    cases.take(session, request, event, by=by, text=letter)
    cases.undispute(session, request, lines)
    if needs_execution([line.outcome for line in lines if line.outcome is not None]):
        cases.take(session, request, Event.EXECUTE, by=cases.PORTAL)
        executing.carry_out(session, request, lines, by=by)
    else:
        cases.take(session, request, Event.SEND_LETTER, by=cases.PORTAL)
    cases.tell_guardian(session, request)
    if request.handler_id not in (None, by.adult_id):
        cases.tell_handler(session, request)
    if any(line.outcome in NEEDS_GROUND for line in lines):
        cases.tell_role(session, request, Role.OFFICER)
    if by.role is Role.TEACHER:
        cases.tell_role(session, request, Role.DIRECTOR)
