"""What the school has of the parent self: the same rows, and nobody else's."""

from typing import Any
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.reads import items as reads
from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act
from parentportal.services import items
from parentportal.web.fields import PortalForm
from parentportal.web.guard import this_visitor
from parentportal.web.languages import moment, this_language
from parentportal.web.languages import translate as _
from parentportal.web.pages import page
from parentportal.web.parent.item_lines import held_back, line, lists
from parentportal.web.parent.items import TOKEN
from parentportal.web.parent.room import blueprint
from parentportal.web.portal import act_once, reading


@blueprint.get("/eigen-gegevens")
@allow(Role.GUARDIAN)
def own_data() -> ResponseReturnValue:
    visitor = this_visitor()
    token = request.args.get(TOKEN, "")
    with reading() as session:
        shown = reads.get_own(session, by=visitor, token=token)
    form, held = PortalForm(), held_back()

    def reveal(item_id: UUID) -> str:
        return url_for(".reveal_own_number", item_id=item_id, toon=token or None)

    return page(
        "parent/own_data/index.html",
        form=form,
        shown=shown,
        lines=[line(row, reveal, str(form.idempotency_key.data), held) for row in shown.rows if row.is_told_apart],
        lists=lists(shown.rows),
        sign_ins=[_sign_in(one) for one in shown.sign_ins],
    )


def _sign_in(one: reads.SignInRow) -> list[str]:
    language = this_language()
    last = _("Nu, op dit apparaat") if one.is_this else moment(one.seen_at, language)
    return [moment(one.created_at, language), one.device or _("Onbekend apparaat"), last]


@blueprint.post("/eigen-gegevens/nummers/<uuid:item_id>/tonen")
@allow(Role.GUARDIAN, step_up=Act.REVEAL)
def reveal_own_number(item_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()

    def work(unit: Any) -> str:
        opened = items.reveal_own_number(unit, item_id, by=visitor, token=request.args.get(TOKEN, ""))
        return url_for(".own_data", toon=opened)

    return act_once(PortalForm(), work)
