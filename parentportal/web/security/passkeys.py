"""One's own passkeys: add one, give it a name, take it away."""

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import EVERYBODY_SIGNED_IN, Visitor, allow
from parentportal.reads import ways_in as reads
from parentportal.reads.ways_in import PasskeyRow, WaysIn
from parentportal.rules.errors import Invalid, NotFound
from parentportal.rules.second_factors import MOST_PASSKEYS
from parentportal.rules.sentences import N_
from parentportal.rules.step_ups import Act
from parentportal.services import ways_in
from parentportal.services.passkeys import Unproved
from parentportal.web.guard import this_visitor
from parentportal.web.pages import say
from parentportal.web.passkeys import TROUBLES
from parentportal.web.portal import act, reading, this_portal
from parentportal.web.security.changes import change_once, go_on, own_page
from parentportal.web.security.forms import PasskeyName
from parentportal.web.security.room import blueprint
from parentportal.web.sign_in.browser import is_inside_an_app
from parentportal.web.sign_in.forms import Only, PasskeyAnswer
from parentportal.web.sign_in.ways import passkey_name

CANCELLED = "mislukt"
NOT_DONE = N_("Het is niet gelukt, of u stopte zelf. Probeer het nog een keer.")


@blueprint.route("/toevoegen/passkey", methods=["GET", "POST"])
@allow(EVERYBODY_SIGNED_IN, step_up=Act.WAYS_IN)
def add_passkey() -> ResponseReturnValue:
    visitor, portal, form = this_visitor(), this_portal(), PasskeyAnswer()
    if form.handed_in():
        done = act(ways_in.add_passkey, form.answer.data or "", name=passkey_name(), site=portal.site, by=visitor)
        if not isinstance(done, Unproved):
            return go_on(done, done=N_("U kunt nu ook met deze sleutel inloggen."), visitor=visitor)
        form.refuse(Invalid({"": TROUBLES.get(done, NOT_DONE)}))
    elif CANCELLED in request.args:
        form.refuse(Invalid({"": NOT_DONE}))
    return own_page(
        "security/add_passkey.html",
        visitor,
        form=form,
        is_possible=portal.site is not None,
        has_enough=_own_ways(visitor).count.passkeys >= MOST_PASSKEYS,
        most=MOST_PASSKEYS,
        failed_url=url_for(".add_passkey", mislukt="ja"),
        inside=is_inside_an_app(),
        start_url=portal.settings.base_url + url_for(".add_passkey"),
        back_url=url_for(".show"),
    )


@blueprint.route("/sleutels/<uuid:passkey_id>/naam", methods=["GET", "POST"])
@allow(EVERYBODY_SIGNED_IN, step_up=Act.WAYS_IN)
def rename_passkey(passkey_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    _ways, row = _find(visitor, passkey_id)
    form = PasskeyName(name=row.name)
    if form.handed_in():
        with form.refusals():
            act(ways_in.rename_passkey, passkey_id, form.name.data or "", by=visitor)
            say("ok", N_("De naam is veranderd."))
            return redirect(url_for(".show"), 303)
    return own_page("security/rename.html", visitor, form=form, passkey=row, back_url=url_for(".show"))


@blueprint.route("/sleutels/<uuid:passkey_id>/weghalen", methods=["GET", "POST"])
@allow(EVERYBODY_SIGNED_IN, step_up=Act.WAYS_IN)
def remove_passkey(passkey_id: UUID) -> ResponseReturnValue:
    visitor, form = this_visitor(), Only()

    def remove(unit: Any) -> Any:
        return ways_in.remove_passkey(unit, passkey_id, site=this_portal().site, by=visitor)

    if form.handed_in():
        return change_once(form, remove, done=N_("Deze sleutel opent uw account niet meer."), visitor=visitor)
    ways, row = _find(visitor, passkey_id)
    return own_page(
        "security/remove.html",
        visitor,
        form=form,
        name=row.name,
        what="passkey",
        ways=ways,
        may_remove=ways.may_remove or row.stopped_at is not None or this_portal().site is None,
        drops_password=False,
        action=url_for(".remove_passkey", passkey_id=passkey_id),
        back_url=url_for(".show"),
    )


def _own_ways(visitor: Visitor) -> WaysIn:
    with reading() as unit:
        return reads.get_ways(unit, site=this_portal().site, by=visitor)


def _find(visitor: Visitor, passkey_id: UUID) -> tuple[WaysIn, PasskeyRow]:
    ways = _own_ways(visitor)
    for row in ways.passkeys:
        if row.id == passkey_id:
            return ways, row
    raise NotFound
