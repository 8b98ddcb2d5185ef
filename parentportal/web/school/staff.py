"""Colleagues and their roles: who can see what, who is away, giving a role and ending one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from parentportal.access import Visitor, allow
from parentportal.reads import staff as reads
from parentportal.rules.roles import Role, may_give
from parentportal.rules.sentences import N_
from parentportal.rules.step_ups import Act
from parentportal.services import staff as services
from parentportal.services.staff import AddedStaff
from parentportal.web.fields import Choice, OneOf, PortalForm, ShortText, SomeOf
from parentportal.web.guard import this_visitor
from parentportal.web.languages import translate as _
from parentportal.web.navigation import ROOM_OF, role_name
from parentportal.web.pages import page
from parentportal.web.portal import act_once, reading
from parentportal.web.school.room import blueprint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WHO = (Role.ADMINISTRATION, Role.DIRECTOR)
GIVEN = N_("De rol is gegeven.")

ROOM_OF.update({f"school.{name}": "school.groups" for name in ("staff", "add_staff", "give_role", "end_role")})


class LeaveForm(PortalForm):
    """`away` is "yes" or "no"."""

    away = HiddenField()


class RoleForm(PortalForm):
    """Which role, and for a teacher which groups from today on."""

    role = OneOf(N_("Welke rol?"), choices=(), missing=N_("Kies een rol."))
    groups = SomeOf(N_("Welke groepen? (alleen voor een leerkracht)"))


class AddForm(RoleForm):
    """Somebody who is new at this school."""

    name = ShortText(N_("Voornaam en achternaam"), missing=N_("Vul een voornaam en een achternaam in."))
    email = ShortText(
        N_("E-mailadres van het werk"), missing=N_("Vul een e-mailadres in, zoals naam@school.nl."), most=254
    )


class GiveForm(RoleForm):
    """Somebody who works here already."""

    colleague = Choice(N_("Welke collega?"), choices=(), missing=N_("Kies een collega."))


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


@blueprint.route("/medewerkers/toevoegen", methods=["GET", "POST"])
@allow(*WHO, step_up=Act.ROLES)
def add_staff() -> ResponseReturnValue:
    """A new colleague; the letter with the code is made on the page that follows."""
    visitor = this_visitor()
    form = AddForm()
    _offer(form, visitor)
    if form.handed_in():

        def work(unit: Session) -> str:
            added = services.add(
                unit,
                visitor.board_id,
                visitor.school_id,
                role=Role(form.role.data),
                name=form.name.data or "",
                email=form.email.data or "",
                group_names=tuple(form.groups.data or ()),
                with_letter=False,
                by=visitor,
            )
            return _next(added)

        with form.refusals():
            return act_once(form, work, done=GIVEN)
    return page("school/staff/add.html", form=form, back_url=url_for(".staff"), here=request.path)


@blueprint.route("/medewerkers/rol-geven", methods=["GET", "POST"])
@allow(*WHO, step_up=Act.ROLES)
def give_role() -> ResponseReturnValue:
    """One more role for a colleague."""
    visitor = this_visitor()
    form = GiveForm()
    _offer(form, visitor)
    with reading() as unit:
        colleagues = reads.list_names(unit, by=visitor)
    form.colleague.offer([("", N_("Kies een collega")), *((str(adult_id), name) for adult_id, name in colleagues)])
    if form.handed_in():

        def work(unit: Session) -> str:
            added = services.give_role(
                unit,
                UUID(form.colleague.data),
                role=Role(form.role.data),
                group_names=tuple(form.groups.data or ()),
                by=visitor,
            )
            return _next(added)

        with form.refusals():
            return act_once(form, work, done=GIVEN)
    return page(
        "school/staff/give.html",
        form=form,
        has_colleagues=bool(colleagues),
        back_url=url_for(".staff"),
        here=request.path,
    )


def _offer(form: RoleForm, visitor: Visitor) -> None:
    """The roles that this visitor may give, and the groups of the school."""
    form.role.offer([(role.value, role_name(role)) for role in Role if may_give(visitor.role, role)])
    with reading() as unit:
        form.groups.offer([(name, _("groep %(name)s", name=name)) for name in reads.list_group_names(unit, by=visitor)])


def _next(added: AddedStaff) -> str:
    """Where to go on: to the letter, unless there is an account already."""
    return url_for(".staff") if added.has_account else url_for(".staff_letter", adult_id=added.adult_id)


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
