"""Groups and who teaches them, with dates."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.outside.clock import amsterdam_date
from parentportal.reads import groups as reads
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.services import groups as services
from parentportal.web.fields import Choice, DayMonthYear, PortalForm
from parentportal.web.guard import this_visitor
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page
from parentportal.web.portal import act_once, reading, this_portal
from parentportal.web.school.room import blueprint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WHO = (Role.ADMINISTRATION, Role.DIRECTOR)

ROOM_OF.update({"school.group": "school.groups", "school.end_assignment": "school.groups"})


class AssignForm(PortalForm):
    """Who teaches, from when, and for a substitute until when."""

    teacher = Choice(N_("Wie staat voor de groep?"), choices=(), missing=N_("Kies een leerkracht."))
    starts_on = DayMonthYear(N_("Vanaf welke dag?"), missing=N_("Vul de eerste dag in: dag, maand en jaar."))
    ends_on = DayMonthYear(N_("Tot welke dag? (niet verplicht)"))


class EndForm(PortalForm):
    """The first day without this teacher."""

    ends_on = DayMonthYear(N_("Vanaf welke dag niet meer?"), missing=N_("Vul de dag in: dag, maand en jaar."))


@blueprint.get("/groepen")
@allow(*WHO)
def groups() -> ResponseReturnValue:
    with reading() as unit:
        shown = reads.list_groups(unit, by=this_visitor())
    return page("school/groups/list.html", groups=shown, today=amsterdam_date(this_portal().clock.now()))


@blueprint.route("/groepen/<uuid:group_id>", methods=["GET", "POST"])
@allow(*WHO)
def group(group_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as unit:
        shown = reads.get_group(unit, group_id, by=visitor)
        teachers = reads.list_teachers(unit, by=visitor)
    today = amsterdam_date(this_portal().clock.now())
    form = AssignForm(starts_on=today)
    form.teacher.offer([("", N_("Kies een leerkracht")), *((str(adult_id), name) for adult_id, name in teachers)])
    if form.handed_in():

        def work(unit: Session) -> str:
            services.assign(
                unit,
                group_id,
                UUID(form.teacher.data),
                starts_on=form.starts_on.data,
                ends_on=form.ends_on.data,
                by=visitor,
            )
            return url_for(".group", group_id=group_id)

        with form.refusals():
            return act_once(
                form, work, done=N_("De leerkracht heeft de groep. Vergist? Stop de periode op dezelfde dag.")
            )
    return page(
        "school/groups/group.html",
        form=form,
        group=shown,
        has_teachers=bool(teachers),
        today=today,
        here=request.path,
        back_url=url_for(".groups"),
    )


@blueprint.route("/groepen/periodes/<uuid:assignment_id>/stoppen", methods=["GET", "POST"])
@allow(*WHO)
def end_assignment(assignment_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as unit:
        shown, teacher = reads.get_assignment(unit, assignment_id, by=visitor)
    form = EndForm(ends_on=amsterdam_date(this_portal().clock.now()))
    if form.handed_in():

        def work(unit: Session) -> str:
            group_id = services.end(unit, assignment_id, ends_on=form.ends_on.data, by=visitor)
            return url_for(".group", group_id=group_id)

        with form.refusals():
            return act_once(form, work, done=N_("De periode stopt. Vergist? Geef de groep opnieuw."))
    return page(
        "school/groups/end.html",
        form=form,
        group=shown,
        teacher=teacher,
        here=request.path,
        back_url=url_for(".group", group_id=shown.id),
    )
