"""The end of a request, and what a guardian can do on the way: answer, stop, disagree."""

from uuid import UUID

from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.privacy_requests import PrivacyRequest, Visibility
from parentportal.outside import clock
from parentportal.reads import boards
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.outcomes import CaseFacts, CloseGap, missing_to_close
from parentportal.rules.privacy_requests import DECIDERS, Disagreement, Event, State, disagreement
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.rules.terms import local_day, terms_of
from parentportal.services.privacy_requests import cases, settling

GAPS = {
    CloseGap.LETTER: N_("Het antwoord aan de ouder is nog niet klaar."),
    CloseGap.TASKS: N_("Er staan nog taken open."),
    CloseGap.NOTICES: N_("Nog niet iedereen die het moet weten, is ingelicht."),
    CloseGap.RESTRICTION: N_("Het gegeven mag nog niet worden gebruikt."),
    CloseGap.EVIDENCE: N_("Het bewijs is nog niet vastgelegd."),
    CloseGap.RECONCILIATION: N_("Er is nog geen controle na de volgende import."),
    CloseGap.SECOND_PERSON: N_("Een tweede persoon moet het weghalen uitvoeren."),
}


def missing(session: Session, request: PrivacyRequest) -> list[CloseGap]:
    """What must still happen before this case can be closed (trap T20)."""
    return missing_to_close(
        CaseFacts(
            letter_delivered=request.answered_at is not None,
            open_tasks=settling.open_tasks(session, request),
            open_notices=0,
            restriction_settled=True,
            evidence_sealed=request.decided_at is not None,
            reconciliation_planned=settling.is_check_planned(session, request),
            second_person_confirmed=settling.is_confirmed_by_second(session, request),
        )
    )


def close(session: Session, request_id: UUID, *, version: int, by: Visitor) -> None:
    """Close a case, the director alone; raises `NotNow` naming what is still missing."""
    request = cases.for_staff(session, request_id, by, version)
    if by.role not in DECIDERS:
        raise NotFound
    gaps = missing(session, request)
    if gaps:
        refusal = N_("Sluiten kan nog niet.")
        for gap in gaps:
            refusal = N_("%(before)s %(gap)s", before=refusal, gap=GAPS[gap])
        raise NotNow(refusal)
    cases.take(session, request, Event.CLOSE, by=by)
    request.closed_at, request.closed_by_id = clock.now(session), by.adult_id
    cases.tell_guardian(session, request)


def reopen(session: Session, request_id: UUID, text: str, *, version: int, by: Visitor) -> None:
    """Open a closed case again because of a new fact. Raises `Invalid` at "text"."""
    request = cases.for_staff(session, request_id, by, version)
    if not text:
        raise Invalid({"text": N_("Schrijf op wat er nieuw is.")})
    cases.take(session, request, Event.FIND_NEW_FACT, by=by)
    cases.write_down(session, request, Event.NOTE, by=by, text=text, visibility=Visibility.STAFF)
    _start_again(session, request)
    cases.tell_guardian(session, request)


def answer(session: Session, request_id: UUID, text: str, *, by: Visitor) -> None:
    """The guardian answers what the school asked. Raises `Invalid` at "text"."""
    request = cases.of_guardian(session, request_id, by)
    if not text:
        raise Invalid({"text": N_("Vul uw antwoord in.")})
    cases.take(session, request, Event.ANSWER, by=by, text=text)
    cases.tell_handler(session, request)


def withdraw(session: Session, request_id: UUID, *, by: Visitor) -> None:
    """The guardian stops the request; it stays readable, and nothing follows from it."""
    request = cases.of_guardian(session, request_id, by)
    cases.take(session, request, Event.WITHDRAW, by=by)
    session.flush()
    cases.undispute(session, request, cases.lines_of(session, request))
    cases.tell_handler(session, request)


def disagree(session: Session, request_id: UUID, text: str, *, by: Visitor) -> None:
    """The guardian does not agree with a closed case: within six weeks somebody else looks at it, where there is one.

    Raises `Invalid` at "text", and `NotNow` after six weeks.
    """
    request = cases.of_guardian(session, request_id, by)
    if request.closed_at is None or request.state is not State.CLOSED:
        raise NotNow(cases.MOVED_ON)
    policy = boards.get_policy_of_board(session, request.board_id)
    way = disagreement(
        local_day(request.closed_at),
        cases.today(session),
        is_administrative_body=bool(policy.is_administrative_body),
    )
    if way is Disagreement.TOO_LATE:
        raise NotNow(N_("Opnieuw openen kan tot zes weken na het sluiten. U kunt wel een nieuw verzoek doen."))
    if not text:
        raise Invalid({"text": N_("Schrijf op waarom u het er niet mee eens bent.")})
    event = Event.OBJECT if way is Disagreement.OBJECT else Event.DISAGREE
    decided_by = request.decided_by_id
    cases.take(session, request, event, by=by, text=text)
    _start_again(session, request)
    _give_to_another(session, request, decided_by)
    cases.tell_guardian(session, request)
    cases.tell_handler(session, request)


def _start_again(session: Session, request: PrivacyRequest) -> None:
    """New dates from today on; what was decided stays in the history."""
    now = clock.now(session)
    terms = terms_of(local_day(now), policy_days=cases.reply_days(session, request.board_id))
    request.received_at, request.extended_at = now, None
    request.policy_due_on, request.legal_due_on = terms.policy_due, terms.legal_due
    request.decided_at = request.decided_by_id = request.answered_at = None
    request.closed_at = request.closed_by_id = None
    request.handler_id = request.picked_up_at = None
    request.group_id = None
    if request.handler_role is not Role.BOARD:  # what the board decided may be about the director (trap T22)
        request.handler_role = Role.DIRECTOR


def _give_to_another(session: Session, request: PrivacyRequest, decided_by: UUID | None) -> None:
    """Who decided does not decide again (Awb 10:3): another of the same desk, after a director otherwise the board."""
    desk = request.handler_role or Role.DIRECTOR
    if decided_by is None or cases.is_staffed(session, request, desk, other_than=decided_by):
        request.excluded_id = decided_by
    elif desk is Role.DIRECTOR and cases.is_staffed(session, request, Role.BOARD, other_than=decided_by):
        request.excluded_id, request.handler_role = decided_by, Role.BOARD
