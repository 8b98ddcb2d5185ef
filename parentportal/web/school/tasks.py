"""Taken: what a withdrawal or a decision left to do, and marking it as done."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import current_app, request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.reads import tasks
from parentportal.reads.tasks import TaskRow, Which
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.rules.tasks import NEEDS_PROOF, Channel, TaskKind, TaskState
from parentportal.services import tasks as finishing
from parentportal.web.fields import LongText, OneOf, PortalForm
from parentportal.web.guard import this_visitor
from parentportal.web.languages import translate as _
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page
from parentportal.web.portal import act_once, reading
from parentportal.web.school.room import blueprint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ROOM_OF["school.task"] = "school.tasks"
CASE = "school.privacy_request"


class FinishForm(PortalForm):
    """How a task ended."""

    state = OneOf(
        N_("Hoe is het gegaan?"),
        choices=(("done", N_("Gedaan")), ("reasoned", N_("Dit kan niet"))),
        missing=N_("Kies of het gedaan is, of dat het niet kan."),
    )
    note = LongText(N_("Toelichting"))


@blueprint.get("/taken", endpoint="tasks")
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def list_tasks() -> ResponseReturnValue:
    asked = request.args.get("welke", "")
    which = Which(asked) if asked in list(Which) else Which.OPEN
    number = request.args.get("bladzijde", "1")
    with reading() as session:
        shown = tasks.list_tasks(
            session,
            by=this_visitor(),
            which=which,
            page=int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1,
        )
    return page("school/tasks/list.html", shown=shown, titles={row.id: _title(row) for row in shown.rows})


@blueprint.route("/taken/<uuid:task_id>", methods=["GET", "POST"])
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def task(task_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        shown = tasks.get_task(session, task_id, by=visitor)
    form = FinishForm()
    if form.handed_in():
        state, note = TaskState(form.state.data), form.note.data or ""

        def finish(unit: Session) -> str:
            finishing.finish(unit, task_id, state, note, by=visitor)
            return url_for(".tasks")

        with form.refusals():
            return act_once(form, finish, done=_("De taak is afgehandeld."))
    return page(
        "school/tasks/task.html",
        form=form,
        shown=shown,
        title=_title(shown.row),
        needs_proof=shown.row.kind in NEEDS_PROOF,
        case_url=_case_url(shown.row),
        back_url=url_for(".tasks"),
    )


@blueprint.post("/taken/<uuid:task_id>/heropenen")
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def reopen_task(task_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()

    def reopen(unit: Session) -> str:
        finishing.reopen(unit, task_id, by=visitor)
        return url_for(".task", task_id=task_id)

    return act_once(PortalForm(), reopen)


def _case_url(row: TaskRow) -> str | None:
    """The case that a task belongs to; for the director only, the administration does not read cases."""
    if row.request_id is None or CASE not in current_app.view_functions or this_visitor().role is not Role.DIRECTOR:
        return None
    return url_for(CASE, request_id=row.request_id)


def _title(row: TaskRow) -> str:
    """What is to be done, in one sentence."""
    place = _place(row)
    sentences = {
        TaskKind.FIX_SOURCE: _("Pas het aan in %(place)s", place=place),
        TaskKind.ERASE_SOURCE: _("Haal het weg uit %(place)s", place=place),
        TaskKind.REPLACE_DOCUMENT: _("Vervang het document: %(place)s", place=place),
        TaskKind.ANNOTATE_DOCUMENT: _("Zet een aantekening bij: %(place)s", place=place),
        TaskKind.REMOVE_PUBLICATION: _("Haal beelden weg: %(place)s", place=place),
        TaskKind.STOP_PRINTED: _("Deel niet meer uit en druk niet opnieuw: %(place)s", place=place),
        TaskKind.RENEW_LIST: _("Maak de lijst opnieuw: %(place)s", place=place),
        TaskKind.FORWARD_PREFERENCE: _("Neem de keuze over in %(place)s", place=place),
        TaskKind.ERASE_AT_PROCESSOR: _("Laat het wissen bij %(place)s", place=place),
        TaskKind.INFORM_RECIPIENT: _("Vertel het aan %(place)s", place=place),
        TaskKind.CHECK_AFTER_IMPORT: _("Kijk na de volgende import in %(place)s", place=place),
    }
    return sentences[row.kind]


def _place(row: TaskRow) -> str:
    names = {
        Channel.WEBSITE: _("website"),
        Channel.NEWSLETTER: _("nieuwsbrief"),
        Channel.PARENT_APP: _("ouderapp"),
        Channel.SOCIAL: _("sociale media"),
        Channel.PRINT: _("drukwerk"),
        Channel.PRESS: _("krant en omroep"),
        Channel.PARENTS_EVENING: _("ouderavond"),
        Channel.CLASS_PHOTO: _("groepsfoto"),
        Channel.CLASS_LIST: _("klassenlijst"),
    }
    if row.channel:
        return names[row.channel]
    return _(row.place) if row.place else _("de eigen administratie")
