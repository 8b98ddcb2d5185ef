"""Colleagues and their roles: who can see what, who is away, and ending a role."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from parentportal.access import allow
from parentportal.reads import staff as reads
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.services import staff as services
from parentportal.web.fields import PortalForm
from parentportal.web.guard import this_visitor
from parentportal.web.navigation import ROOM_OF, role_name
from parentportal.web.pages import page
from parentportal.web.portal import act_once, reading
from parentportal.web.school.room import blueprint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WHO = (Role.ADMINISTRATION, Role.DIRECTOR)

ROOM_OF.update({f"school.{name}": "school.groups" for name in ("staff", "end_role", "change_leave")})


class LeaveForm(PortalForm):
    """`away` is "yes" or "no"."""

    away = HiddenField()


@blueprint.get("/medewerkers")
@allow(*WHO)
def staff() -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as unit:
        rows = reads.list_staff(unit, by=visitor)
    return page(
        "school/staff/list.html",
        staff=rows,
        forms={row.role_id: LeaveForm(formdata=None) for row in rows if row.role is Role.TEACHER},
        role_name=role_name,
        may_end=visitor.role is Role.DIRECTOR,
    )


@blueprint.post("/medewerkers/<uuid:role_id>/afwezig")
@allow(*WHO)
def change_leave(role_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    form = LeaveForm()
    away = form.away.data == "yes"

    def work(unit: Session) -> str:
        services.set_leave(unit, role_id, on_leave=away, by=visitor)
        return url_for(".staff")

    return act_once(
        form,
        work,
        done=N_("Verzoeken gaan nu naar een collega.") if away else N_("Verzoeken komen weer bij deze leerkracht."),
    )


@blueprint.route("/medewerkers/<uuid:role_id>/stoppen", methods=["GET", "POST"])
@allow(Role.DIRECTOR)
def end_role(role_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    form = PortalForm()
    if form.handed_in():

        def work(unit: Session) -> str:
            services.end_role(unit, role_id, by=visitor)
            return url_for(".staff")

        return act_once(form, work, done=N_("De rol is gestopt. De toegang is meteen weg."))
    with reading() as unit:
        row = reads.get_role(unit, role_id, by=visitor)
    return page("school/staff/end.html", form=form, row=row, role=role_name(row.role), back_url=url_for(".staff"))
