"""One's own mail address: another one is proved with a code before it counts (control A16)."""

from typing import Any

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import EVERYBODY_SIGNED_IN, Visitor, allow
from parentportal.reads import address_changes as reads
from parentportal.reads.address_changes import Standing
from parentportal.rules.errors import Invalid
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.rules.sign_in import is_cautious
from parentportal.rules.step_ups import Act
from parentportal.services import address_changes
from parentportal.web.guard import this_visitor
from parentportal.web.more import entry
from parentportal.web.pages import say
from parentportal.web.portal import TOKEN, act, act_for_all, act_once, reading, this_portal
from parentportal.web.security.changes import own_page
from parentportal.web.security.room import blueprint
from parentportal.web.sign_in.browser import network
from parentportal.web.sign_in.forms import MailAddress, MailCode, Only


@blueprint.route("/e-mail", methods=["GET", "POST"])
@allow(EVERYBODY_SIGNED_IN, step_up=Act.ADDRESS)
def change_address() -> ResponseReturnValue:
    visitor, form = this_visitor(), MailAddress()
    if form.handed_in():
        here = network()

        def ask(unit: Any) -> str:
            address_changes.ask(unit, form.email.data or "", network=here, by=visitor)
            return url_for(".confirm_address")

        with form.refusals():
            return act_once(form, ask, for_all=True)
    return own_page(
        "security/address/change.html",
        visitor,
        form=form,
        stop=Only(formdata=None),
        standing=_standing(visitor),
        cautious_until=visitor.cautious_until if _is_cautious(visitor) else None,
        own_data=entry("parent.own_data", "") if visitor.role is Role.GUARDIAN else None,
        back_url=url_for(".show"),
    )


@blueprint.route("/e-mail/code", methods=["GET", "POST"])
@allow(EVERYBODY_SIGNED_IN, step_up=Act.ADDRESS)
def confirm_address() -> ResponseReturnValue:
    visitor, form = this_visitor(), MailCode()
    if form.handed_in():
        changed = act_for_all(address_changes.confirm, form.code.data or "", network=network(), by=visitor)
        if changed is not None:
            session[TOKEN] = changed.token
            say("ok", N_("Uw e-mailadres is veranderd. Al uw andere apparaten zijn uitgelogd."))
            return redirect(url_for(".change_address"), 303)
        form.refuse(Invalid({"code": N_("Deze code klopt niet, of is verlopen. Kijk in de nieuwste mail.")}))
    standing = _standing(visitor)
    if standing.waiting is None:
        return redirect(url_for(".change_address"), 303)
    return own_page(
        "security/address/confirm.html",
        visitor,
        form=form,
        stop=Only(formdata=None),
        standing=standing,
        back_url=url_for(".change_address"),
    )


@blueprint.post("/e-mail/stoppen")
@allow(EVERYBODY_SIGNED_IN, step_up=Act.ADDRESS)
def stop_address_change() -> ResponseReturnValue:
    act(address_changes.stop, by=this_visitor())
    say("ok", N_("Gestopt. Uw e-mailadres blijft zoals het was."))
    return redirect(url_for(".change_address"), 303)


def _standing(visitor: Visitor) -> Standing:
    with reading() as unit:
        return reads.get_standing(unit, by=visitor)


def _is_cautious(visitor: Visitor) -> bool:
    return is_cautious(visitor.cautious_until, this_portal().clock.now())
