"""Following a request: the list, one case with its answer, and what a parent can still do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.catalogue import BoardPolicy, refusal_grounds
from parentportal.reads import boards
from parentportal.reads import privacy_requests as reads
from parentportal.reads.privacy_requests import Case, Entry
from parentportal.rules.errors import NotFound
from parentportal.rules.outcomes import LetterPart
from parentportal.rules.privacy_requests import Event, State
from parentportal.rules.roles import Role
from parentportal.rules.terms import local_day
from parentportal.services import privacy_requests as service
from parentportal.services.privacy_requests.letters import read_letter
from parentportal.web import request_words as words
from parentportal.web.fields import PortalForm
from parentportal.web.guard import this_visitor
from parentportal.web.languages import moment, this_language
from parentportal.web.languages import translate as _
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page
from parentportal.web.parent.request_forms import AnswerForm, DisagreeForm
from parentportal.web.parent.room import blueprint
from parentportal.web.portal import act_once, reading, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SPOKEN = frozenset({Event.ASK, Event.ANSWER, Event.DISAGREE, Event.OBJECT})
ANSWERED = frozenset({Event.DECIDE, Event.ACCEPT, Event.EXTEND})
FINISHED = frozenset({State.DECIDED, State.EXECUTING, State.SETTLED, State.CLOSED})
ROOM_OF.update(
    dict.fromkeys(
        ("parent.privacy_request", "parent.request_sent", "parent.stop_request", "parent.disagree"),
        "parent.privacy_requests",
    )
)


@blueprint.get("/verzoeken")
@allow(Role.GUARDIAN)
def privacy_requests() -> ResponseReturnValue:
    with reading() as session:
        found = reads.list_own(session, this_visitor())
    drafts = [case for case in found if case.state is State.DRAFT]
    running = [case for case in found if case.state not in (State.DRAFT, State.CLOSED, State.WITHDRAWN)]
    done = [case for case in found if case.state in (State.CLOSED, State.WITHDRAWN)]
    return page("parent/privacy_requests/list.html", drafts=drafts, running=running, done=done, words=words)


@blueprint.route("/verzoeken/<uuid:request_id>", methods=["GET", "POST"])
@allow(Role.GUARDIAN)
def privacy_request(request_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        case = reads.get_own(session, request_id, visitor)
        entries = reads.list_entries(session, case, visitor)
        policy = boards.get_policy(session, visitor.policy_id)
    if case.state is State.DRAFT:
        return redirect(url_for(".check_request", request_id=request_id), 303)
    form = AnswerForm()
    if form.handed_in():
        text = form.text.data or ""

        def answer(unit: Session) -> str:
            service.answer(unit, request_id, text, by=visitor)
            return url_for(".privacy_request", request_id=request_id)

        with form.refusals():
            return act_once(form, answer)
    return page("parent/privacy_requests/show.html", form=form, **_shown(case, entries, policy))


@blueprint.get("/verzoeken/<uuid:request_id>/verstuurd")
@allow(Role.GUARDIAN)
def request_sent(request_id: UUID) -> ResponseReturnValue:
    with reading() as session:
        case = reads.get_own(session, request_id, this_visitor())
    if case.received_at is None:
        raise NotFound
    return page("parent/privacy_requests/sent.html", case=case, words=words, show=words.show)


@blueprint.route("/verzoeken/<uuid:request_id>/stoppen", methods=["GET", "POST"])
@allow(Role.GUARDIAN)
def stop_request(request_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    form = PortalForm()
    case_url = url_for(".privacy_request", request_id=request_id)
    if form.handed_in():

        def stop(unit: Session) -> str:
            service.withdraw(unit, request_id, by=visitor)
            return case_url

        return act_once(form, stop, done=_("Uw verzoek is gestopt."))
    with reading() as session:
        case = reads.get_own(session, request_id, visitor)
    if not case.is_open:
        raise NotFound
    return page("parent/privacy_requests/stop.html", form=form, case=case, words=words, back_url=case_url)


@blueprint.route("/verzoeken/<uuid:request_id>/niet-eens", methods=["GET", "POST"])
@allow(Role.GUARDIAN)
def disagree(request_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    form = DisagreeForm()
    case_url = url_for(".privacy_request", request_id=request_id)
    if form.handed_in():
        text = form.text.data or ""

        def reopen(unit: Session) -> str:
            service.disagree(unit, request_id, text, by=visitor)
            return case_url

        with form.refusals():
            return act_once(form, reopen, done=_("Uw verzoek is opnieuw geopend. Iemand kijkt er opnieuw naar."))
    with reading() as session:
        case = reads.get_own(session, request_id, visitor)
        policy = boards.get_policy(session, visitor.policy_id)
    if not _may_disagree(case):
        raise NotFound
    return page(
        "parent/privacy_requests/disagree.html",
        form=form,
        case=case,
        policy=policy,
        words=words,
        back_url=case_url,
    )


def _shown(case: Case, entries: Sequence[Entry], policy: BoardPolicy) -> dict[str, Any]:
    letters = [(entry, read_letter(entry.text)) for entry in entries if entry.event in ANSWERED]
    letters = [(entry, parts) for entry, parts in letters if parts]
    newest = letters[-1] if letters and (case.state in FINISHED or letters[-1][0].event is Event.EXTEND) else None
    older = [letter for letter in letters if letter is not newest]
    return {
        "case": case,
        "letter": _letter(newest) if newest else None,
        "older": [_letter(one) for one in older],
        "timeline": [line for line in map(_entry, entries) if line],
        "may_disagree": _may_disagree(case),
        "grounds": refusal_grounds(),
        "policy": policy,
        "words": words,
        "show": words.show,
        "back_url": url_for(".privacy_requests"),
    }


def _letter(found: tuple[Entry, Any]) -> dict[str, Any]:
    entry, parts = found
    remedies = (LetterPart.OFFICER, LetterPart.REGULATOR, LetterPart.COMPLAINTS, LetterPart.COURT)
    return {
        "at": entry.at,
        "parts": [(words.part_name(part), text) for part, text in parts.items() if part not in remedies],
        "remedies": [(words.part_name(part), parts[part]) for part in remedies if part in parts],
    }


def _entry(entry: Entry) -> dict[str, Any] | None:
    """One line or bubble of the timeline."""
    icon, sentence = words.event_words(entry.event, entry.role)
    when = {"when": moment(entry.at, this_language()), "stamp": entry.at.isoformat()}
    if entry.event in SPOKEN and entry.text:
        who = _("U") if entry.mine else words.who_did(entry.role)
        return {"icon": "person", "who": who, "said": entry.text, "mine": entry.mine, **when}
    return {"icon": icon, "text": sentence, **when} if sentence else None


def _may_disagree(case: Case) -> bool:
    today = local_day(this_portal().clock.now())
    return case.state is State.CLOSED and case.reopens_until is not None and case.reopens_until >= today
