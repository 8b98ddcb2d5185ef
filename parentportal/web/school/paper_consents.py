"""Op papier: the administration enters what a guardian wrote or said, and prints the receipt."""

from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.models.consents import Channel
from parentportal.reads import group_sheets, paper_consents
from parentportal.rules.consents import Choice
from parentportal.rules.errors import Invalid
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.services import consents
from parentportal.web.fields import DayMonthYear, OneOf, PortalForm
from parentportal.web.guard import this_visitor
from parentportal.web.languages import moment, this_language
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page
from parentportal.web.portal import act_once, reading
from parentportal.web.school.room import blueprint

FROM_MORE = ("school.paper_consents", "school.paper_group", "school.paper_form", "school.paper_letter")
ROOM_OF.update(dict.fromkeys(FROM_MORE, "school.more"))


class PaperForm(PortalForm):
    """When and how the answer came in; the questions are added per child."""

    received_on = DayMonthYear(N_("Wanneer kwam het binnen?"), missing=N_("Vul in op welke dag het binnenkwam."))
    channel = OneOf(
        N_("Hoe kwam het binnen?"),
        choices=(("paper", N_("Op papier, met een handtekening")), ("desk", N_("Gezegd op school"))),
        missing=N_("Kies hoe het binnenkwam."),
    )


@blueprint.get("/op-papier", endpoint="paper_consents")
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def list_paper_groups() -> ResponseReturnValue:
    with reading() as session:
        sheets = group_sheets.list_sheets(session, by=this_visitor())
    return page("school/paper_consents/groups.html", sheets=sheets)


@blueprint.get("/op-papier/groepen/<uuid:group_id>")
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def paper_group(group_id: UUID) -> ResponseReturnValue:
    with reading() as session:
        group, pupils = paper_consents.list_deciders(session, group_id, by=this_visitor())
    return page("school/paper_consents/group.html", group=group, pupils=pupils, back_url=url_for(".paper_consents"))


@blueprint.route("/op-papier/<uuid:pupil_id>/<uuid:adult_id>", methods=["GET", "POST"])
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def paper_form(pupil_id: UUID, adult_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        shown = paper_consents.get_form(session, pupil_id, adult_id, by=visitor)
    choices = (("yes", "Ja"), ("no", "Nee"))
    fields = {one.field: OneOf(one.question, choices=choices) for one in shown.questions}
    form: PaperForm = type("Answers", (PaperForm,), fields)()
    if form.handed_in():
        answers = {one.item_id: Choice(form[one.field].data) for one in shown.questions if form[one.field].data}
        seen = {one.item_id: one.wording_id for one in shown.questions if _has_seen(one)}
        with form.refusals():
            return act_once(
                form,
                lambda unit: _address(
                    consents.record_on_paper(
                        unit,
                        pupil_id,
                        adult_id,
                        answers,
                        seen,
                        received_on=form.received_on.data,
                        channel=Channel(form.channel.data),
                        by=visitor,
                    )
                ),
            )
    return page("school/paper_consents/form.html", form=form, shown=shown, back_url=url_for(".paper_consents"))


@blueprint.get("/op-papier/bewijs/<uuid:receipt_id>")
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def paper_letter(receipt_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        letter = paper_consents.get_letter(session, receipt_id, by=visitor)
    return page(
        "school/paper_consents/letter.html",
        letter=letter,
        printed_on=moment(letter.receipt.at, this_language()),
        printed_by=visitor.name,
        reference=letter.receipt.number,
        back_url=url_for(".paper_consents"),
    )


def _has_seen(one: paper_consents.PaperQuestion) -> bool:
    """Whether the words on the page that was filled in are still the newest."""
    return request.form.get(f"gezien-{one.item_id}") == str(one.wording_id)


def _address(receipt_id: UUID | None) -> str:
    if receipt_id is None:
        raise Invalid({"": N_("Er is niets veranderd. Kies bij een vraag ja of nee, zoals op het formulier staat.")})
    return url_for(".paper_letter", receipt_id=receipt_id)
