"""The security page: what opens the account, and where it is open (ux 6.8)."""

from flask.typing import ResponseReturnValue

from parentportal.access import EVERYBODY_SIGNED_IN, allow
from parentportal.reads import ways_in
from parentportal.web.guard import this_visitor
from parentportal.web.pages import page
from parentportal.web.portal import reading, this_portal
from parentportal.web.security.room import blueprint


@blueprint.get("/")
@allow(EVERYBODY_SIGNED_IN)
def show() -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as unit:
        ways = ways_in.get_ways(unit, by=visitor)
        devices = ways_in.list_devices(unit, by=visitor)
    return page("security/show.html", ways=ways, devices=devices, has_passkeys=this_portal().site is not None)
