"""One's own codes apps: add one, take it away."""

from typing import Any
from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import EVERYBODY_SIGNED_IN, Visitor, allow
from parentportal.outside import one_time_codes, qr
from parentportal.reads import ways_in as reads
from parentportal.reads.ways_in import PendingKey, WaysIn
from parentportal.rules.errors import Invalid, NotFound
from parentportal.rules.second_factors import MOST_APPS
from parentportal.rules.sentences import N_
from parentportal.rules.step_ups import Act
from parentportal.services import ways_in
from parentportal.services.second_factors import Refused
from parentportal.web.guard import this_visitor
from parentportal.web.languages import short_day
from parentportal.web.languages import translate as _
from parentportal.web.portal import act, act_for_all, reading, this_portal
from parentportal.web.security.changes import change_once, go_on, own_page
from parentportal.web.security.forms import NewApp
from parentportal.web.security.room import blueprint
from parentportal.web.sign_in.browser import network
from parentportal.web.sign_in.entering import what_to_do
from parentportal.web.sign_in.forms import Only


@blueprint.route("/codes-app", methods=["GET", "POST"])
@allow(EVERYBODY_SIGNED_IN, step_up=Act.WAYS_IN)
def add_app() -> ResponseReturnValue:
    """The same key on every visit for half an hour, so that a reloaded page still fits what the app has learned."""
    visitor, form = this_visitor(), NewApp()
    if form.handed_in():
        code, name = form.code.data or "", form.name.data or ""
        done = act_for_all(ways_in.add_app, code, name=name, network=network(), by=visitor)
        if not isinstance(done, Refused):
            return go_on(done, done=N_("U kunt nu ook met de codes van deze app inloggen."), visitor=visitor)
        if done is Refused.START_AGAIN:
            return redirect(url_for(".add_app"), 303)
        form.refuse(Invalid({"code": what_to_do(done)}))
    with reading() as unit:
        ways, pending = (
            reads.get_ways(unit, site=this_portal().site, by=visitor),
            reads.find_pending_key(unit, by=visitor),
        )
    if pending is None or not ways.count.has_password or ways.count.apps >= MOST_APPS:
        return own_page(
            "security/begin_app.html", visitor, begin=Only(), ways=ways, most=MOST_APPS, back_url=url_for(".show")
        )
    return own_page(
        "security/add_app.html", visitor, form=form, back_url=url_for(".show"), **_lesson(visitor, ways, pending)
    )


def _lesson(visitor: Visitor, ways: WaysIn, pending: PendingKey) -> dict[str, Any]:
    """What the app is taught, and how."""
    address = one_time_codes.provisioning_uri(pending.key, account=ways.sign_in_name, school=sender(visitor))
    return {
        "address": address,
        "key": one_time_codes.readable_secret(pending.key),
        "picture": qr.svg(address, title=_("QR-code voor uw codes-app")),
        "until": pending.until,
    }


@blueprint.post("/codes-app/sleutel")
@allow(EVERYBODY_SIGNED_IN, step_up=Act.WAYS_IN)
def begin_app() -> ResponseReturnValue:
    act(ways_in.begin_app, by=this_visitor())
    return redirect(url_for(".add_app"), 303)


@blueprint.route("/codes-apps/<uuid:app_id>/weghalen", methods=["GET", "POST"])
@allow(EVERYBODY_SIGNED_IN, step_up=Act.WAYS_IN)
def remove_app(app_id: UUID) -> ResponseReturnValue:
    visitor, form = this_visitor(), Only()

    def remove(unit: Any) -> Any:
        return ways_in.remove_app(unit, app_id, site=this_portal().site, by=visitor)

    if form.handed_in():
        return change_once(form, remove, done=N_("De codes van deze app openen uw account niet meer."), visitor=visitor)
    with reading() as unit:
        ways = reads.get_ways(unit, site=this_portal().site, by=visitor)
    row = next((one for one in ways.apps if one.id == app_id), None)
    if row is None:
        raise NotFound
    return own_page(
        "security/remove.html",
        visitor,
        form=form,
        name=row.name or _("Codes-app van %(day)s", day=short_day(row.made_at)),
        what="app",
        ways=ways,
        may_remove=ways.may_remove,
        drops_password=ways.count.apps == 1 and not ways.count.recovery_codes,
        action=url_for(".remove_app", app_id=app_id),
        back_url=url_for(".show"),
    )


def sender(visitor: Visitor) -> str:
    """With whom the account is, in words: the school, unless no page may name it, else the board."""
    named = visitor.school is not None and not visitor.school_is_hidden
    return visitor.school.name if visitor.school and named else visitor.board_name
