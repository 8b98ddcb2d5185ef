"""Writing a request: one question per page, kept on the server with every step."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.reads import privacy_requests as reads
from parentportal.reads import request_items
from parentportal.rules.errors import NotFound
from parentportal.rules.privacy_requests import Kind, State
from parentportal.rules.roles import Role
from parentportal.services import privacy_requests
from parentportal.web import request_words as words
from parentportal.web.fields import PortalForm
from parentportal.web.guard import this_visitor
from parentportal.web.languages import translate as _
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page
from parentportal.web.parent.request_forms import AddresseeForm, ExplainForm, input_of, typed, value_form
from parentportal.web.parent.room import blueprint
from parentportal.web.portal import act_once, reading

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

KINDS = {"aanpassen": Kind.RECTIFICATION, "weghalen": Kind.ERASURE}
ENDPOINTS = {Kind.RECTIFICATION: ".start_correction", Kind.ERASURE: ".start_erasure"}
ROOM_OF.update(
    dict.fromkeys(
        (
            "parent.choose_request",
            "parent.choose_item",
            "parent.add_item",
            "parent.start_correction",
            "parent.start_erasure",
            "parent.change_line",
            "parent.explain_request",
            "parent.address_request",
            "parent.check_request",
        ),
        "parent.privacy_requests",
    )
)


@blueprint.get("/verzoeken/nieuw")
@allow(Role.GUARDIAN)
def choose_request() -> ResponseReturnValue:
    return page("parent/privacy_requests/choose.html", back_url=url_for(".privacy_requests"))


@blueprint.get("/verzoeken/nieuw/<slug>")
@allow(Role.GUARDIAN)
def choose_item(slug: str) -> ResponseReturnValue:
    if slug not in KINDS:
        raise NotFound
    with reading() as session:
        persons = request_items.list_items(session, this_visitor())
    return page(
        "parent/privacy_requests/pick.html",
        persons=persons,
        kind=KINDS[slug],
        endpoint=ENDPOINTS[KINDS[slug]],
        draft_id=None,
        taken=frozenset(),
        words=words,
        back_url=url_for(".choose_request"),
    )


@blueprint.get("/verzoeken/<uuid:request_id>/toevoegen")
@allow(Role.GUARDIAN)
def add_item(request_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        case = reads.get_own(session, request_id, visitor)
        own = case.pupil_id is None
        persons = request_items.list_items(session, visitor, pupil_id=case.pupil_id or visitor.adult_id, own=own)
    return page(
        "parent/privacy_requests/pick.html",
        persons=persons,
        kind=case.kind,
        endpoint=ENDPOINTS[case.kind],
        draft_id=case.id,
        taken=frozenset(line.item_id for line in case.lines),
        words=words,
        back_url=url_for(".check_request", request_id=case.id),
    )


@blueprint.route("/gegevens/<uuid:item_id>/klopt-niet", methods=["GET", "POST"])
@allow(Role.GUARDIAN)
def start_correction(item_id: UUID) -> ResponseReturnValue:
    visitor, draft_id = this_visitor(), _draft_id()
    with reading() as session:
        asked = request_items.get_item(session, item_id, visitor)
        running = request_items.find_running(session, item_id, Kind.RECTIFICATION, visitor)
    form = value_form(asked.field)
    if form.handed_in():
        value = typed(form)

        def begin(unit: Session) -> str:
            kind = Kind.RECTIFICATION
            request_id = privacy_requests.start(unit, item_id, kind, value, by=visitor, draft_id=draft_id)
            return url_for(".check_request" if draft_id else ".explain_request", request_id=request_id)

        with form.refusals():
            return act_once(form, begin)
    action = url_for(".start_correction", item_id=item_id, verzoek=draft_id)
    return page(
        "parent/privacy_requests/value.html",
        form=form,
        asked=asked,
        running=running,
        action=action,
        words=words,
        show=words.show,
        input=input_of(asked),
        back_url=_back(draft_id),
    )


@blueprint.route("/gegevens/<uuid:item_id>/weghalen", methods=["GET", "POST"])
@allow(Role.GUARDIAN)
def start_erasure(item_id: UUID) -> ResponseReturnValue:
    visitor, draft_id = this_visitor(), _draft_id()
    with reading() as session:
        asked = request_items.get_item(session, item_id, visitor)
        running = request_items.find_running(session, item_id, Kind.ERASURE, visitor)
    form = PortalForm()
    if form.handed_in():

        def begin(unit: Session) -> str:
            request_id = privacy_requests.start(unit, item_id, Kind.ERASURE, by=visitor, draft_id=draft_id)
            return url_for(".check_request" if draft_id else ".explain_request", request_id=request_id)

        return act_once(form, begin)
    return page(
        "parent/privacy_requests/erase.html",
        form=form,
        asked=asked,
        running=running,
        action=url_for(".start_erasure", item_id=item_id, verzoek=draft_id),
        words=words,
        show=words.show,
        back_url=_back(draft_id),
    )


@blueprint.route("/verzoeken/<uuid:request_id>/gegevens/<uuid:line_id>", methods=["GET", "POST"])
@allow(Role.GUARDIAN)
def change_line(request_id: UUID, line_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        case = _draft(session, request_id)
        line = next((one for one in case.lines if one.id == line_id), None)
        if line is None or line.item_id is None or case.kind is not Kind.RECTIFICATION:
            raise NotFound
        asked = request_items.get_item(session, line.item_id, visitor)
    form = value_form(asked.field)
    check = url_for(".check_request", request_id=request_id)
    if form.handed_in():
        value = typed(form)

        def change(unit: Session) -> str:
            privacy_requests.change_line(unit, request_id, line_id, value, by=visitor)
            return check

        with form.refusals():
            return act_once(form, change)
    return page(
        "parent/privacy_requests/value.html",
        form=form,
        asked=asked,
        running=None,
        action=url_for(".change_line", request_id=request_id, line_id=line_id),
        words=words,
        show=words.show,
        input=input_of(asked),
        back_url=check,
    )


@blueprint.post("/verzoeken/<uuid:request_id>/gegevens/<uuid:line_id>/eruit")
@allow(Role.GUARDIAN)
def remove_line(request_id: UUID, line_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()

    def leave_out(unit: Session) -> str:
        if privacy_requests.remove_line(unit, request_id, line_id, by=visitor):
            return url_for(".check_request", request_id=request_id)
        return url_for(".privacy_requests")

    return act_once(PortalForm(), leave_out)


@blueprint.route("/verzoeken/<uuid:request_id>/uitleg", methods=["GET", "POST"])
@allow(Role.GUARDIAN)
def explain_request(request_id: UUID) -> ResponseReturnValue:
    visitor, changing = this_visitor(), bool(request.args.get("wijzigen"))
    with reading() as session:
        case = _draft(session, request_id)
    form = ExplainForm(text=case.explanation)
    if form.handed_in():
        text = form.text.data or ""

        def explain(unit: Session) -> str:
            privacy_requests.explain(unit, request_id, text, by=visitor)
            return url_for(".check_request" if changing else ".address_request", request_id=request_id)

        return act_once(form, explain)
    action = url_for(".explain_request", request_id=request_id, wijzigen="ja" if changing else None)
    return page(
        "parent/privacy_requests/explain.html",
        form=form,
        case=case,
        action=action,
        words=words,
        back_url=_back(case.id),
    )


@blueprint.route("/verzoeken/<uuid:request_id>/aan-wie", methods=["GET", "POST"])
@allow(Role.GUARDIAN)
def address_request(request_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        case = _draft(session, request_id)
    form = AddresseeForm(addressee=case.addressee.value if case.addressee else Role.TEACHER.value)
    if form.handed_in():
        role = str(form.addressee.data)

        def choose(unit: Session) -> str:
            privacy_requests.choose_addressee(unit, request_id, role, by=visitor)
            return url_for(".check_request", request_id=request_id)

        with form.refusals():
            return act_once(form, choose)
    back = url_for(".explain_request", request_id=request_id)
    return page("parent/privacy_requests/addressee.html", form=form, case=case, words=words, back_url=back)


@blueprint.route("/verzoeken/<uuid:request_id>/nakijken", methods=["GET", "POST"])
@allow(Role.GUARDIAN)
def check_request(request_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    form = PortalForm()
    if form.handed_in():

        def send(unit: Session) -> str:
            return url_for(".request_sent", request_id=privacy_requests.send(unit, request_id, by=visitor))

        return act_once(form, send)
    with reading() as session:
        case = reads.get_own(session, request_id, visitor)
        if case.state is not State.DRAFT:
            return redirect(url_for(".privacy_request", request_id=request_id), 303)
        way = reads.find_way_of(session, case, visitor)
    goes_to = words.place_name(way.route.desk.role, way.group_name)
    sent_higher = way.route.desk.role is not case.addressee
    return page(
        "parent/privacy_requests/check.html",
        form=form,
        case=case,
        goes_to=goes_to,
        sent_higher=sent_higher,
        words=words,
        show=words.show,
        back_url=url_for(".privacy_requests"),
    )


@blueprint.post("/verzoeken/<uuid:request_id>/weggooien")
@allow(Role.GUARDIAN)
def discard_request(request_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()

    def discard(unit: Session) -> str:
        privacy_requests.discard(unit, request_id, by=visitor)
        return url_for(".privacy_requests")

    return act_once(PortalForm(), discard, done=_("Het verzoek is weggegooid. De school heeft het niet gezien."))


def _draft(session: Session, request_id: UUID) -> reads.Case:
    """The own request that is not sent yet; a sent one has its own page, so this one does not exist."""
    case = reads.get_own(session, request_id, this_visitor())
    if case.state is not State.DRAFT:
        raise NotFound
    return case


def _draft_id() -> UUID | None:
    """The draft to add to, from the address."""
    try:
        return UUID(request.args["verzoek"]) if "verzoek" in request.args else None
    except ValueError:
        raise NotFound from None


def _back(draft_id: UUID | None) -> str:
    return url_for(".check_request", request_id=draft_id) if draft_id else url_for(".privacy_requests")
