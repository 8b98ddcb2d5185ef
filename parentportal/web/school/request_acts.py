"""What somebody at school does with a case; each step is a page of its own and goes back to the case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.reads import inbox as reads
from parentportal.reads.inbox import StaffCase
from parentportal.rules.errors import NotFound
from parentportal.rules.privacy_requests import ERASING, Event, State, events_for
from parentportal.rules.roles import Role
from parentportal.services import privacy_requests as service
from parentportal.web import request_words as words
from parentportal.web.fields import PortalForm
from parentportal.web.guard import this_visitor
from parentportal.web.languages import translate as _
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page
from parentportal.web.portal import act_once, reading
from parentportal.web.school.inbox import HANDLING
from parentportal.web.school.request_forms import (
    ActForm,
    ExtendForm,
    decisions_in,
    outcome_form,
    proposals_in,
    suggested_erasure,
    write_form,
)
from parentportal.web.school.room import blueprint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

DECIDING = (Role.DIRECTOR, Role.BOARD)
ACTS = ("ask_guardian", "note_request", "propose_outcome", "pass_request", "decide_request", "return_proposal")
ROOM_OF.update({f"school.{name}": "school.inbox" for name in (*ACTS, "extend_request", "reopen_request")})


@dataclass(frozen=True)
class Question:
    """The page of one step: its heading, its field, its button, and what is said when it is done."""

    title: str
    lead: str
    label: str
    button: str
    done: str


@blueprint.post("/verzoeken/<uuid:request_id>/oppakken")
@allow(*HANDLING)
def pick_up_request(request_id: UUID) -> ResponseReturnValue:
    visitor, form = this_visitor(), ActForm()
    return _do(form, request_id, lambda unit: service.pick_up(unit, request_id, version=form.seen(), by=visitor), "")


@blueprint.post("/verzoeken/<uuid:request_id>/toewijzen")
@allow(Role.TEACHER)
def grant_request(request_id: UUID) -> ResponseReturnValue:
    visitor, form = this_visitor(), ActForm()
    done = _("Toegewezen. De ouder krijgt bericht en de administratie past het aan.")
    return _do(
        form, request_id, lambda unit: service.grant_simply(unit, request_id, version=form.seen(), by=visitor), done
    )


@blueprint.post("/verzoeken/<uuid:request_id>/sluiten")
@allow(*DECIDING)
def close_request(request_id: UUID) -> ResponseReturnValue:
    visitor, form = this_visitor(), ActForm()
    return _do(
        form,
        request_id,
        lambda unit: service.close(unit, request_id, version=form.seen(), by=visitor),
        _("Het verzoek is gesloten. De ouder krijgt bericht."),
    )


@blueprint.route("/verzoeken/<uuid:request_id>/vragen", methods=["GET", "POST"])
@allow(*HANDLING)
def ask_guardian(request_id: UUID) -> ResponseReturnValue:
    question = Question(
        _("Vraag iets aan de ouder"),
        _("De ouder krijgt een mail zonder inhoud en leest uw vraag in het portaal. De termijn loopt door."),
        _("Uw vraag"),
        _("Vraag versturen"),
        _("Uw vraag is verstuurd."),
    )
    return _write(request_id, Event.ASK, question, service.ask)


@blueprint.route("/verzoeken/<uuid:request_id>/doorgeven", methods=["GET", "POST"])
@allow(Role.TEACHER)
def pass_request(request_id: UUID) -> ResponseReturnValue:
    question = Question(
        _("Geef het door aan de directeur"),
        _("U ziet dit verzoek daarna niet meer."),
        _("Waarom geeft u het door?"),
        _("Doorgeven"),
        _("Het verzoek ligt nu bij de directeur."),
    )
    return _write(request_id, None, question, service.pass_to_director, after=".inbox")


@blueprint.route("/verzoeken/<uuid:request_id>/terug", methods=["GET", "POST"])
@allow(*DECIDING)
def return_proposal(request_id: UUID) -> ResponseReturnValue:
    question = Question(
        _("Geef het voorstel terug"),
        _("Wie het voorstel deed, leest dit. Ouders zien het niet."),
        _("Wat moet er anders?"),
        _("Teruggeven"),
        _("Het voorstel is teruggegeven."),
    )
    return _write(request_id, Event.RETURN, question, service.return_proposal)


@blueprint.route("/verzoeken/<uuid:request_id>/heropenen", methods=["GET", "POST"])
@allow(*DECIDING)
def reopen_request(request_id: UUID) -> ResponseReturnValue:
    question = Question(
        _("Open het verzoek opnieuw"),
        _("Doe dit als er iets nieuws is. De termijn begint opnieuw."),
        _("Wat is er nieuw?"),
        _("Opnieuw openen"),
        _("Het verzoek is weer open."),
    )
    return _write(request_id, Event.FIND_NEW_FACT, question, service.reopen)


@blueprint.route("/verzoeken/<uuid:request_id>/notitie", methods=["GET", "POST"])
@allow(*HANDLING)
def note_request(request_id: UUID) -> ResponseReturnValue:
    question = Question(
        _("Schrijf een notitie"),
        _("Intern, ouders zien dit niet. De notitie hoort wel bij het dossier en kan worden opgevraagd."),
        _("Notitie"),
        _("Notitie opslaan"),
        _("De notitie is opgeslagen."),
    )

    def note(unit: Session, one: UUID, text: str, **seen: Any) -> None:
        service.note(unit, one, text, by=seen["by"])

    return _write(request_id, None, question, note)


@blueprint.route("/verzoeken/<uuid:request_id>/verlengen", methods=["GET", "POST"])
@allow(*DECIDING)
def extend_request(request_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    shown = _case(request_id, Event.EXTEND)
    form = ExtendForm(version=shown.case.version)
    form.text.label.text = _("Uitleg aan de ouder")
    if form.handed_in():
        reason, text = str(form.reason.data), form.text.data or ""
        with form.refusals():
            return _do(
                form,
                request_id,
                lambda unit: service.extend(unit, request_id, reason, text, version=form.seen(), by=visitor),
                _("De termijn is verlengd. De ouder krijgt bericht."),
            )
    return page("school/inbox/extend.html", form=form, **_frame(shown))


@blueprint.route("/verzoeken/<uuid:request_id>/voorstel", methods=["GET", "POST"])
@allow(Role.TEACHER)
def propose_outcome(request_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    shown = _case(request_id, Event.PROPOSE)
    form = outcome_form(shown, deciding=False)
    if form.handed_in():
        proposals, note = proposals_in(form, shown), form["note"].data or ""
        with form.refusals():
            return _do(
                form,
                request_id,
                lambda unit: service.propose(unit, request_id, proposals, note=note, version=form.seen(), by=visitor),
                _("Uw voorstel ligt bij de directeur."),
            )
    return page("school/inbox/propose.html", form=form, **_frame(shown))


@blueprint.route("/verzoeken/<uuid:request_id>/besluit", methods=["GET", "POST"])
@allow(*DECIDING)
def decide_request(request_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    shown = _case(request_id)
    if request.method == "GET" and (not shown.case.is_open or shown.case.state is State.INFORMATION_NEEDED):
        raise NotFound
    form = outcome_form(shown, deciding=True)
    if form.handed_in():
        decisions = decisions_in(form, shown)
        with form.refusals():
            return _do(
                form,
                request_id,
                lambda unit: service.decide(unit, request_id, decisions, version=form.seen(), by=visitor),
                _("Het besluit is verstuurd. De ouder krijgt bericht."),
            )
    suggested = {line.position: suggested_erasure(line, shown) for line in shown.case.lines}
    return page(
        "school/inbox/decide.html",
        form=form,
        suggested=suggested,
        is_erasure=shown.case.kind in ERASING,
        **_frame(shown),
    )


def _write(
    request_id: UUID,
    event: Event | None,
    question: Question,
    step: Callable[..., None],
    *,
    after: str = ".privacy_request",
) -> ResponseReturnValue:
    """A page with one text, and the step it is for."""
    visitor = this_visitor()
    shown = _case(request_id, event)
    form = write_form(shown, question.label)
    if form.handed_in():
        text = form.text.data or ""
        with form.refusals():
            return _do(
                form,
                request_id,
                lambda unit: step(unit, request_id, text, version=form.seen(), by=visitor),
                question.done,
                after=after,
            )
    return page("school/inbox/write.html", form=form, question=question, **_frame(shown))


def _do(
    form: PortalForm,
    request_id: UUID,
    step: Callable[[Session], None],
    done: str,
    *,
    after: str = ".privacy_request",
) -> ResponseReturnValue:
    """Take a step once, and go on to the case, or to the list when the case is no longer this reader's."""

    def work(unit: Session) -> str:
        step(unit)
        return url_for(".inbox") if after == ".inbox" else url_for(".privacy_request", request_id=request_id)

    return act_once(form, work, done=done)


def _case(request_id: UUID, event: Event | None = None) -> StaffCase:
    """The case, when this reader handles it; a step that came too late is answered by the service, with the reason."""
    visitor = this_visitor()
    with reading() as session:
        shown = reads.get_case(session, request_id, visitor)
    if event is not None and event not in events_for(shown.case.state, visitor.role) and request.method == "GET":
        raise NotFound
    return shown


def _frame(shown: StaffCase) -> dict[str, Any]:
    here = url_for(".privacy_request", request_id=shown.case.id)
    return {"shown": shown, "case": shown.case, "words": words, "back_url": here, "action": request.path}
