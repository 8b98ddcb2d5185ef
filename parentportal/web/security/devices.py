"""Where somebody is signed in: ending it there only protects, and so asks for nothing more (control S09)."""

from typing import Any
from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import EVERYBODY_SIGNED_IN, allow
from parentportal.rules.sentences import N_
from parentportal.services import own_account
from parentportal.web.guard import this_visitor
from parentportal.web.portal import act_once
from parentportal.web.security.changes import change_once
from parentportal.web.security.room import blueprint
from parentportal.web.sign_in.forms import Only


@blueprint.post("/apparaten/<uuid:session_id>/uitloggen")
@allow(EVERYBODY_SIGNED_IN)
def end_session(session_id: UUID) -> ResponseReturnValue:
    visitor, form = this_visitor(), Only()

    def end(unit: Any) -> str:
        own_account.end_session(unit, session_id, by=visitor)
        return url_for(".show")

    if not form.handed_in():
        return redirect(url_for(".show"), 303)
    return act_once(form, end, done=N_("Dat apparaat is uitgelogd."))


@blueprint.post("/apparaten/uitloggen")
@allow(EVERYBODY_SIGNED_IN)
def end_other_sessions() -> ResponseReturnValue:
    visitor, form = this_visitor(), Only()

    def end(unit: Any) -> Any:
        return own_account.end_other_sessions(unit, by=visitor)

    if not form.handed_in():
        return redirect(url_for(".show"), 303)
    return change_once(form, end, done=N_("U bent nu alleen nog op dit apparaat ingelogd."), visitor=visitor)
