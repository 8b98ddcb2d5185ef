"""Toestemming: the questions per child, saving all at once, and the receipt."""

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.catalogue import NotASwitch, never_a_switch
from parentportal.catalogue.policy import BoardPolicy
from parentportal.reads import boards, consents
from parentportal.reads.consent_standing import field_of
from parentportal.rules.consents import Choice
from parentportal.rules.roles import Role
from parentportal.services import consents as deciding
from parentportal.web.fields import OneOf, PortalForm
from parentportal.web.guard import this_visitor
from parentportal.web.languages import translate as _
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page, say
from parentportal.web.parent.room import blueprint
from parentportal.web.portal import act_once, reading

ROOM_OF.update({"parent.child_consents": "parent.consents", "parent.consent_receipt": "parent.consents"})


@blueprint.get("/toestemming", endpoint="consents")
@allow(Role.GUARDIAN)
def list_children() -> ResponseReturnValue:
    with reading() as session:
        progress = consents.list_progress(session, by=this_visitor())
    if len(progress) == 1 and progress[0].may_decide:
        return redirect(url_for(".child_consents", pupil_id=progress[0].child.id), 303)
    return page("parent/consents/overview.html", progress=progress)


@blueprint.route("/kinderen/<uuid:pupil_id>/toestemming", methods=["GET", "POST"])
@allow(Role.GUARDIAN)
def child_consents(pupil_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    form = None
    if request.method == "POST":
        with reading() as session:
            items = [one.id for one in consents.list_asked(session, pupil_id, by=visitor)]
        form = _form_for(dict.fromkeys(items))
    if form is not None and form.handed_in():
        answers, wordings = _answers(form, items)
        here = url_for(".child_consents", pupil_id=pupil_id)
        with form.refusals():
            answer = act_once(
                form,
                lambda unit: _address(deciding.decide(unit, pupil_id, answers, wordings, by=visitor), here),
            )
            if answer.location == here:
                say("info", _("U heeft niets veranderd."))
            return answer
    with reading() as session:
        shown = consents.get_page(session, pupil_id, by=visitor)
        policy = boards.get_policy(session, visitor.policy_id)
    return page(
        "parent/consents/child.html",
        form=form or _form_for({row.item_id: row.value for row in shown.rows}),
        shown=shown,
        ids={row.field: f"v{number}" for number, row in enumerate(shown.rows, 1)},
        no_choice=_no_choice(policy),
        house_rules=[rule.code for rule in policy.house_rules if "guardians" in rule.audiences],
    )


@blueprint.get("/ontvangstbewijs/<uuid:receipt_id>")
@allow(Role.GUARDIAN)
def consent_receipt(receipt_id: UUID) -> ResponseReturnValue:
    with reading() as session:
        receipt = consents.get_receipt(session, receipt_id, by=this_visitor())
    keys = {change.item_id: uuid4() for change in receipt.changes}
    return page("parent/consents/receipt.html", receipt=receipt, keys=keys)


@blueprint.post("/ontvangstbewijs/<uuid:receipt_id>/<uuid:item_id>/ongedaan-maken")
@allow(Role.GUARDIAN)
def undo_consent(receipt_id: UUID, item_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    return act_once(
        PortalForm(),
        lambda unit: url_for(".consent_receipt", receipt_id=deciding.undo(unit, receipt_id, item_id, by=visitor)),
    )


def _address(receipt_id: UUID | None, otherwise: str) -> str:
    return url_for(".consent_receipt", receipt_id=receipt_id) if receipt_id else otherwise


def _form_for(chosen: Mapping[UUID, str | None]) -> PortalForm:
    """A form with one pair of choices for each question, in which what was chosen before is still chosen."""
    choices = (("yes", _("Ja, dat mag")), ("no", _("Nee, dat mag niet")))
    fields = {field_of(item_id): OneOf("", choices=choices) for item_id in chosen}
    data = {field_of(item_id): value for item_id, value in chosen.items()}
    form: PortalForm = type("Answers", (PortalForm,), fields)(data=data)
    return form


def _answers(form: PortalForm, items: Sequence[UUID]) -> tuple[Mapping[UUID, Choice], Mapping[UUID, UUID]]:
    """What this guardian changed on the page that was before her, and the texts she had read.

    A question that she left as it was is no answer: in another window she may have chosen otherwise meanwhile.
    """
    answers, wordings = {}, {}
    for item_id in items:
        wording, _sep, was = request.form.get(f"gezien-{item_id}", "").partition(":")
        chosen = form[field_of(item_id)].data
        if chosen and chosen != was:
            answers[item_id] = Choice(chosen)
            wordings[item_id] = _uuid(wording)
    return answers, {item: wording for item, wording in wordings.items() if wording is not None}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _no_choice(policy: BoardPolicy) -> Sequence[NotASwitch]:
    """What this board does without asking, with the reason (trap T5)."""
    named = {"", *policy.receives}
    return [entry for entry in never_a_switch().values() if entry.recipient in named]
