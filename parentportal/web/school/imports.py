"""Files of the school's systems: hand in, look at what would change, apply, and read back what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import Response, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import BooleanField

from parentportal.access import allow
from parentportal.reads import imports as reads
from parentportal.rules.errors import Invalid
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.services import imports as services
from parentportal.services.imports.reporting import HOLDS, NO_CHANGE, SENTENCES
from parentportal.sources.writing import write_list
from parentportal.web import navigation
from parentportal.web.fields import Choice, PortalForm
from parentportal.web.guard import this_visitor
from parentportal.web.pages import page, say
from parentportal.web.portal import act_once, reading
from parentportal.web.school.room import blueprint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

navigation.ROOM_OF |= {"school.import_delivery": "school.imports", "school.import_problems": "school.imports"}

KINDS = (
    ("auto", "Kijk zelf wat het is"),
    ("edexml", "EDEXML (leerlingen en groepen)"),
    ("pupils", "Lijst van leerlingen (CSV of Excel)"),
    ("guardians", "Lijst van ouders (CSV of Excel)"),
)
PROBLEM_COLUMNS = ("Regel", "Veld", "Wat is er")
MOVED = "Er is intussen iets veranderd. Kijk opnieuw en verwerk het bestand daarna."


class UploadForm(PortalForm):
    """One file, and what it is."""

    file = FileField(N_("Bestand"))
    kind = Choice(
        N_("Wat voor bestand is het?"), choices=KINDS, missing=N_("Kies wat voor bestand het is."), default="auto"
    )


class ApplyForm(PortalForm):
    """Whether somebody looked at what holds a file."""

    looked = BooleanField(N_("Ik heb gekeken, en het klopt"))


@blueprint.route("/bestanden", methods=["GET", "POST"])
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def imports() -> ResponseReturnValue:
    """The files of this school, and the form to bring another."""
    visitor = this_visitor()
    form = UploadForm()
    if form.handed_in():
        try:
            return _receive(form)
        except Invalid as invalid:
            form.refuse(invalid)
    with reading() as session:
        shown = reads.list_deliveries(session, by=visitor)
    return page("school/imports/list.html", form=form, deliveries=shown, may_bring=visitor.role is Role.ADMINISTRATION)


@blueprint.route("/bestanden/<uuid:delivery_id>", methods=["GET", "POST"])
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def import_delivery(delivery_id: UUID) -> ResponseReturnValue:
    """What one file would change, or what it changed."""
    visitor = this_visitor()
    with reading() as session:
        shown = reads.get_delivery(session, delivery_id, by=visitor)
    form = ApplyForm()
    if form.handed_in():
        try:
            return _apply(form, shown)
        except Invalid as invalid:
            form.refuse(invalid)
    return page(
        "school/imports/delivery.html",
        form=form,
        upload=UploadForm(formdata=None),
        shown=shown,
        holds=[text for reason, text in HOLDS.items() if reason.value in shown.reasons],
        may_bring=visitor.role is Role.ADMINISTRATION,
    )


@blueprint.get("/bestanden/<uuid:delivery_id>/meldingen.csv")
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def import_problems(delivery_id: UUID) -> ResponseReturnValue:
    """Every remark about a file, for a spreadsheet."""
    with reading() as session:
        problems = reads.list_problems(session, delivery_id, by=this_visitor())
    rows = [dict(zip(PROBLEM_COLUMNS, (str(one.line or ""), one.field, one.message), strict=True)) for one in problems]
    return Response(
        write_list(PROBLEM_COLUMNS, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="meldingen.csv"'},
    )


def _receive(form: UploadForm) -> ResponseReturnValue:
    visitor = this_visitor()
    upload = form.file.data
    if not upload or not upload.filename:
        raise Invalid({"file": "Kies een bestand."})
    parsed = services.parse(upload.read(), upload.filename, form.kind.data)
    reports: list[services.Report] = []

    def work(session: Session) -> str:
        reports.append(services.receive(session, visitor.school_id, parsed, by=visitor))
        return url_for(".import_delivery", delivery_id=reports[-1].delivery_id)

    answer = act_once(form, work)
    if reports and reports[-1].outcome == NO_CHANGE:
        say("info", SENTENCES[NO_CHANGE])
    return answer


def _apply(form: ApplyForm, shown: reads.DeliveryPage) -> ResponseReturnValue:
    visitor = this_visitor()
    if shown.reasons and not form.looked.data:
        raise Invalid({"looked": "Kijk eerst wat er verandert. Zet dan het vinkje."})
    with reading() as session:
        parsed = services.reopen(session, shown.id, by=visitor)
    reports: list[services.Report] = []

    def work(session: Session) -> str:
        report = services.apply(session, shown.id, parsed, confirm=bool(form.looked.data), by=visitor)
        reports.append(report)
        return url_for(".import_delivery", delivery_id=shown.id)

    answer = act_once(form, work)
    if reports and reports[-1].moved:
        say("warn", MOVED)
    return answer
