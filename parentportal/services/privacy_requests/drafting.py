"""A request that is not sent yet: kept on the server with every step, seen by nobody but who writes it."""

import secrets
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.base import new_id
from parentportal.models.privacy_requests import PrivacyRequest, RequestEvent, RequestLine
from parentportal.outside import clock, vault
from parentportal.reads import request_items
from parentportal.reads.request_items import Asked
from parentportal.rules.errors import Invalid, NotFound, NotNow
from parentportal.rules.privacy_requests import ERASING, Kind, State
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.services.privacy_requests import cases, values

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
MOST_LINES = 10
KINDS = frozenset({Kind.RECTIFICATION, Kind.ERASURE})
"""What a guardian can ask for here; the other kinds still go by way of the school."""

SENT = N_("Dit verzoek is al verstuurd. U kunt het niet meer veranderen.")
SAME = N_("Dit is al wat de school heeft. Vul iets anders in.")
RUNS = N_("U heeft hierover al een verzoek lopen. Bekijk dat verzoek bij ‘Verzoeken’.")


def start(
    session: Session, item_id: UUID, kind: Kind, value: str = "", *, by: Visitor, draft_id: UUID | None = None
) -> UUID:
    """Put one item in a draft, and answer the request's id; the same item in an open draft is changed there.

    `value` is what it must be, for a correction. `draft_id` names the draft to add to; without it a new one begins,
    unless an unsent request of this kind has the item already. Raises `NotFound` for an item that is not this
    guardian's to ask about, and `Invalid` at "value".
    """
    if kind not in KINDS:
        raise NotFound
    asked = request_items.get_item(session, item_id, by)
    wanted = _wanted(session, asked, kind, value)
    if request_items.find_running(session, asked.id, kind, by) is not None:
        raise NotNow(RUNS)
    line = _line_in_draft(session, asked.id, kind, by)
    if line is None:
        request = _draft(session, draft_id, kind, asked, by)
        line = _add_line(session, request, asked)
    line.new_value = cases.sealed(session, line.id, "new_value", wanted)
    session.flush()
    return line.request_id


def change_line(session: Session, request_id: UUID, line_id: UUID, value: str, *, by: Visitor) -> None:
    """Propose another value for one item of a draft; raises `Invalid` at "value"."""
    request, line = _own_line(session, request_id, line_id, by)
    if line.item_id is None:
        raise NotFound
    asked = request_items.get_item(session, line.item_id, by)
    line.new_value = cases.sealed(session, line.id, "new_value", _wanted(session, asked, request.kind, value))


def remove_line(session: Session, request_id: UUID, line_id: UUID, *, by: Visitor) -> bool:
    """Leave one item out; the last one takes the draft with it. Answers whether the draft is still there."""
    request, line = _own_line(session, request_id, line_id, by)
    session.delete(line)
    session.flush()
    if cases.lines_of(session, request):
        return True
    drop(session, request)
    return False


def explain(session: Session, request_id: UUID, text: str, *, by: Visitor) -> None:
    """Add what the guardian wants to say with it; an empty text is fine."""
    request = _own_draft(session, request_id, by)
    request.explanation = (
        vault.of(session).seal(text, table="privacy_request", row=request.id, column="explanation") if text else None
    )


def choose_addressee(session: Session, request_id: UUID, role: str, *, by: Visitor) -> None:
    """To whom it goes: the teacher or the director; a rule may still send it higher."""
    request = _own_draft(session, request_id, by)
    if role not in (Role.TEACHER, Role.DIRECTOR):
        raise Invalid({"addressee": N_("Kies wie uw verzoek krijgt.")})
    request.addressee = Role(role)


def discard(session: Session, request_id: UUID, *, by: Visitor) -> None:
    """Throw an unsent request away, as if it had never been written."""
    drop(session, _own_draft(session, request_id, by))


def drop(session: Session, request: PrivacyRequest) -> None:
    """Remove a draft with all that hangs on it."""
    if request.state is not State.DRAFT:
        raise NotNow(SENT)
    for table in (RequestLine, RequestEvent):
        session.execute(delete(table).where(table.board_id == request.board_id, table.request_id == request.id))
    session.delete(request)
    session.flush()


def _wanted(session: Session, asked: Asked, kind: Kind, value: str) -> str:
    """The value in its kept form; nothing for an erasure."""
    if kind in ERASING:
        return ""
    day = cases.today(session)
    if asked.value is not None and values.is_same(asked.field, asked.value, value, today=day):
        raise Invalid({values.FIELD: SAME})
    return values.canonical(asked.field, value, today=day)


def _draft(session: Session, draft_id: UUID | None, kind: Kind, asked: Asked, by: Visitor) -> PrivacyRequest:
    if draft_id is not None:
        request = _own_draft(session, draft_id, by)
        if (request.kind, request.pupil_id) != (kind, asked.pupil_id):
            raise NotNow(N_("Dit gegeven hoort bij een ander verzoek. Maak daarvoor een nieuw verzoek."))
        return request
    now = clock.now(session)
    request = PrivacyRequest(
        id=new_id(),
        board_id=by.board_id,
        school_id=asked.school_id,
        number=_number(session),
        pupil_id=asked.pupil_id,
        adult_id=by.adult_id,
        kind=kind,
        state=State.DRAFT,
        addressee=Role.TEACHER,
        created_at=now,
        state_since=now,
    )
    session.add(request)
    session.flush()
    return request


def _number(session: Session) -> str:
    """A number that tells nothing and can be read out over the phone."""
    while True:
        letters = "".join(secrets.choice(LETTERS) for _ in range(8))
        number = f"V-{letters[:4]}-{letters[4:]}"
        if session.scalar(select(PrivacyRequest.id).where(PrivacyRequest.number == number)) is None:
            return number


def _add_line(session: Session, request: PrivacyRequest, asked: Asked) -> RequestLine:
    count, last = session.execute(
        select(func.count(), func.max(RequestLine.position)).where(
            RequestLine.board_id == request.board_id, RequestLine.request_id == request.id
        )
    ).one()
    if count >= MOST_LINES:
        full = N_("Een verzoek gaat over hoogstens %(most)s gegevens. Maak een nieuw verzoek.", most=MOST_LINES)
        raise NotNow(full)
    line = RequestLine(
        id=new_id(),
        board_id=request.board_id,
        request_id=request.id,
        position=(last or 0) + 1,
        person_id=asked.person_id,
        item_id=asked.id,
        field_code=asked.field.code,
    )
    session.add(line)
    return line


def _line_in_draft(session: Session, item_id: UUID, kind: Kind, by: Visitor) -> RequestLine | None:
    return session.scalar(
        select(RequestLine)
        .join(PrivacyRequest, PrivacyRequest.id == RequestLine.request_id)
        .where(
            PrivacyRequest.board_id == by.board_id,
            PrivacyRequest.adult_id == by.adult_id,
            PrivacyRequest.kind == kind,
            PrivacyRequest.state == State.DRAFT,
            RequestLine.item_id == item_id,
        )
        .limit(1)
    )


def _own_draft(session: Session, request_id: UUID, by: Visitor) -> PrivacyRequest:
    request = cases.of_guardian(session, request_id, by)
    if request.state is not State.DRAFT:
        raise NotNow(SENT)
    return request


def _own_line(session: Session, request_id: UUID, line_id: UUID, by: Visitor) -> tuple[PrivacyRequest, RequestLine]:
    request = _own_draft(session, request_id, by)
    line = session.get(RequestLine, line_id)
    if line is None or line.request_id != request.id:
        raise NotFound
    return request, line
