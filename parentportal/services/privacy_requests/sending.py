"""Sending a request: the value of that moment, the dates, the way to a handler, and a receipt."""

from uuid import UUID

from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.privacy_requests import PrivacyRequest, RequestLine
from parentportal.outside import clock
from parentportal.reads import boards, request_items
from parentportal.reads.request_items import Asked
from parentportal.reads.request_routing import Matter, find_way, systems_holding
from parentportal.rules.errors import NotFound, NotNow
from parentportal.rules.privacy_requests import Event, State
from parentportal.rules.roles import Role
from parentportal.rules.routing import Desk
from parentportal.rules.sentences import N_
from parentportal.rules.terms import local_day, terms_of
from parentportal.services.privacy_requests import cases, values
from parentportal.services.privacy_requests.drafting import RUNS, SENT

GONE = N_("Een gegeven uit dit verzoek is er niet meer. Haal het uit uw verzoek en verstuur het dan opnieuw.")
SAME_NOW = N_("Een gegeven is intussen al aangepast. Haal het uit uw verzoek en verstuur het dan opnieuw.")


def send(session: Session, request_id: UUID, *, by: Visitor) -> UUID:
    """Hand a draft in: the clock starts, the portal finds a handler, and both are told. Answers the request's id.

    Raises `NotNow` for what was sent before, and for items that changed or ran into another request meanwhile.
    """
    request = cases.of_guardian(session, request_id, by)
    lines = cases.lines_of(session, request)
    if request.state is not State.DRAFT or not lines:
        raise NotNow(SENT)
    asked = [_checked(session, request, line, by) for line in lines]
    policy = boards.get_policy_of_board(session, request.board_id)
    systems = [systems_holding(policy, one.field, one.system_name) for one in asked]
    for line, one, names in zip(lines, asked, systems, strict=True):
        line.old_value = cases.sealed(session, line.id, "old_value", one.value or "")
        line.systems = ",".join(names)
        _dispute(session, request, line)
    _start_clock(session, request, policy.reply_days)
    cases.take(session, request, Event.SUBMIT, by=by)
    matter = Matter(
        board_id=request.board_id,
        school_id=request.school_id,
        pupil_id=request.pupil_id,
        adult_id=request.adult_id,
        kind=request.kind,
        fields=[one.field for one in asked],
        systems=systems,
        chose_director=request.addressee is Role.DIRECTOR,
        about_staff_id=request.about_staff_id,
    )
    way = find_way(session, matter, policy)
    request.handler_role = way.route.desk.role
    request.group_id = way.group_id if way.route.desk is Desk.TEACHER else None
    request.route = way.route.why.value
    cases.take(session, request, Event.ROUTE, by=cases.PORTAL)
    cases.tell_guardian(session, request)
    cases.tell_handler(session, request)
    for role in sorted(way.route.informed):
        cases.tell_role(session, request, role)
    return request.id


def _checked(session: Session, request: PrivacyRequest, line: RequestLine, by: Visitor) -> Asked:
    """The item as it is now, reached through its owner once more."""
    if line.item_id is None:
        raise NotNow(GONE)
    try:
        asked = request_items.get_item(session, line.item_id, by)
    except NotFound:
        raise NotNow(GONE) from None
    if request_items.find_running(session, asked.id, request.kind, by) is not None:
        raise NotNow(RUNS)
    wanted = cases.unsealed(session, line, "new_value")
    if asked.value and wanted and values.is_same(asked.field, asked.value, wanted, today=cases.today(session)):
        raise NotNow(SAME_NOW)
    return asked


def _dispute(session: Session, request: PrivacyRequest, line: RequestLine) -> None:
    """Whoever reads a disputed item sees that the guardian says it is wrong (GDPR article 18(1)(a))."""
    item = cases.item_of(session, line)
    if item is not None and request.kind in cases.CORRECTING:
        item.disputed = True


def _start_clock(session: Session, request: PrivacyRequest, reply_days: int) -> None:
    now = clock.now(session)
    terms = terms_of(local_day(now), policy_days=reply_days)
    request.received_at = now
    request.policy_due_on, request.legal_due_on = terms.policy_due, terms.legal_due
