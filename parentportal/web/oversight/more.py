"""The page "Meer" of officer, board, coordinator and technical staff."""

from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.rules.roles import Role
from parentportal.web.guard import this_visitor
from parentportal.web.languages import tongues
from parentportal.web.more import about_privacy, account
from parentportal.web.oversight.room import blueprint
from parentportal.web.pages import page


@blueprint.get("/meer")
@allow(Role.OFFICER, Role.BOARD, Role.COORDINATOR, Role.TECHNICAL)
def more() -> ResponseReturnValue:
    return page("layout/more.html", languages=tongues(), groups=[about_privacy(), account(this_visitor())])
