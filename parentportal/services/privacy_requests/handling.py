"""Handling a request at school: picking it up, asking, noting, proposing, passing on."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.privacy_requests import PrivacyRequest, RequestLine, Visibility
from parentportal.outside import clock
from parentportal.rules.audit import Event as Audited
from parentportal.rules.errors import Invalid, NotFound
from parentportal.rules.outcomes import GROUNDS, NEEDS_GROUND, Ground, Outcome
from parentportal.rules.privacy_requests import Event
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.services import audit
from parentportal.services.privacy_requests import cases

CHOICES = (Outcome.GRANTED, Outcome.PARTLY, Outcome.REFUSED, Outcome.NOT_PRESENT, Outcome.REFERRED)
"""What can be decided on a correction or an erasure."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody proposes for one line; the guardian never sees it."""

    outcome: Outcome | None
    ground: Ground | None = None
    reason: str = ""


def pick_up(session: Session, request_id: UUID, *, version: int, by: Visitor) -> None:
    """Take a case on under one's own name; of a duo the first one has it."""
    request = cases.for_staff(session, request_id, by, version)
    cases.take(session, request, Event.PICK_UP, by=by)
    assign(session, request, by)
    cases.tell_guardian(session, request)


def assign(session: Session, request: PrivacyRequest, by: Visitor) -> None:
    """Put the case in the name of whoever took it on."""
    request.handler_id, request.handler_role = by.adult_id, by.role
    request.picked_up_at = clock.now(session)
    if by.role is not Role.TEACHER:
        request.group_id = None


def ask(session: Session, request_id: UUID, text: str, *, version: int, by: Visitor) -> None:
    """Ask the guardian something; the clock keeps running. Raises `Invalid` at "text"."""
    request = cases.for_staff(session, request_id, by, version)
    if not text:
        raise Invalid({"text": N_("Vul uw vraag in.")})
    cases.take(session, request, Event.ASK, by=by, text=text)
    cases.tell_guardian(session, request)


def note(session: Session, request_id: UUID, text: str, *, by: Visitor) -> None:
    """Write an internal note: no guardian reads it here, but it belongs to the file. Raises `Invalid` at "text"."""
    request = cases.for_staff(session, request_id, by)
    if not text:
        raise Invalid({"text": N_("Vul uw notitie in.")})
    cases.write_down(session, request, Event.NOTE, by=by, text=text, visibility=Visibility.STAFF)


def propose(
    session: Session, request_id: UUID, proposals: Mapping[int, Proposal], *, note: str = "", version: int, by: Visitor
) -> None:
    """Lay a proposed outcome for every line before the director.

    Keys are the positions of the lines. Raises `Invalid` at "line<n>_outcome", "line<n>_ground" or "line<n>_reason".
    """
    request = cases.for_staff(session, request_id, by, version)
    lines = cases.lines_of(session, request)
    problems: dict[str, str] = {}
    for line in lines:
        problems |= _faults(request, line, proposals.get(line.position, Proposal(None)))
    if problems:
        raise Invalid(problems)
    cases.take(session, request, Event.PROPOSE, by=by, text=note, visibility=Visibility.STAFF)
    for line in lines:
        proposal = proposals[line.position]
        line.proposal_outcome = proposal.outcome
        line.proposal_ground = proposal.ground if proposal.outcome in NEEDS_GROUND else None
        line.proposal_reason = cases.sealed(session, line.id, "proposal_reason", proposal.reason)
    request.proposed_at, request.proposed_by_id = clock.now(session), by.adult_id
    cases.tell_role(session, request, Role.DIRECTOR)


def pass_to_director(session: Session, request_id: UUID, text: str, *, version: int, by: Visitor) -> None:
    """Hand a case over to the director, with the reason as an internal note. Raises `Invalid` at "text"."""
    request = cases.for_staff(session, request_id, by, version)
    if by.role is not Role.TEACHER:
        raise NotFound
    if not text:
        raise Invalid({"text": N_("Schrijf op waarom u dit doorgeeft.")})
    cases.write_down(session, request, Event.NOTE, by=by, text=text, visibility=Visibility.STAFF)
    hand_over(session, request, Role.DIRECTOR)


def hand_over(session: Session, request: PrivacyRequest, role: Role) -> None:
    """Move a case to another desk, where it is in nobody's name yet; it stands where it stood."""
    cases.take(session, request, Event.REASSIGN, by=cases.PORTAL)
    request.handler_role, request.handler_id, request.picked_up_at = role, None, None
    if role is not Role.TEACHER:
        request.group_id = None
    session.flush()
    cases.tell_role(session, request, role)


def note_sensitive_read(session: Session, request_id: UUID, *, by: Visitor) -> None:
    """Log that somebody at school looked at a case with sensitive values in it."""
    request = cases.for_staff(session, request_id, by)
    audit.record(
        session,
        Audited.SENSITIVE_READ,
        by=by,
        board_id=request.board_id,
        about=("privacy_request", request.id),
        pupil_id=request.pupil_id,
        detail={"reason": "request"},
    )


def _faults(request: PrivacyRequest, line: RequestLine, proposal: Proposal) -> dict[str, str]:
    name = f"line{line.position}"
    if proposal.outcome not in CHOICES:
        return {f"{name}_outcome": N_("Kies wat u voorstelt.")}
    faults: dict[str, str] = {}
    if proposal.outcome in NEEDS_GROUND:
        if proposal.ground not in GROUNDS[request.kind]:
            faults[f"{name}_ground"] = N_("Kies de grond. Zonder grond mag de school geen nee zeggen.")
        if not proposal.reason.strip():
            faults[f"{name}_reason"] = N_("Schrijf op waarom. De ouder moet het kunnen begrijpen.")
    return faults
