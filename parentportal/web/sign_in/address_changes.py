"""The link on the old address: puts it back, also for whoever cannot sign in any more (control A16)."""

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import ANYONE, allow
from parentportal.reads import address_changes as reads
from parentportal.rules.errors import NotFound
from parentportal.services import address_changes
from parentportal.web.pages import page
from parentportal.web.portal import act_for_all, reading
from parentportal.web.sign_in.browser import MOST_TOKEN, kept
from parentportal.web.sign_in.forms import Only
from parentportal.web.sign_in.room import blueprint

#: The token of the mail, between the click and the button.
UNDO = "undo"


@blueprint.get("/adres-terug/<token>")
@allow(ANYONE)
def restore_address_with(token: str) -> ResponseReturnValue:
    """The address in the mail: following it changes nothing yet, and the token leaves the address bar."""
    session[UNDO] = token[:MOST_TOKEN]
    return redirect(url_for(".restore_address"), 303)


@blueprint.route("/adres-terug", methods=["GET", "POST"])
@allow(ANYONE)
def restore_address() -> ResponseReturnValue:
    form = Only()
    if form.handed_in():
        try:
            act_for_all(address_changes.undo, kept(UNDO))
        except NotFound:
            return page("sign_in/restore_lapsed.html")
        return redirect(url_for(".restore_address"), 303)
    with reading() as unit:
        found = reads.find_undoing(unit, kept(UNDO))
    if found is None:
        return page("sign_in/restore_lapsed.html")
    if found.is_done:
        return page("sign_in/address_restored.html", sign_in_name=found.sign_in_name)
    return page("sign_in/restore_address.html", form=form, old_address=found.old_address)
