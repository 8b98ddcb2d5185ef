"""The page "Meer" of a parent."""

from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.rules.roles import Role
from parentportal.web.guard import this_visitor
from parentportal.web.languages import tongues
from parentportal.web.languages import translate as _
from parentportal.web.more import about_privacy, account, entries, entry
from parentportal.web.pages import page
from parentportal.web.parent.room import blueprint


@blueprint.get("/meer")
@allow(Role.GUARDIAN)
def more() -> ResponseReturnValue:
    own = entries(
        entry("parent.own_data", _("Uw eigen gegevens"), _("Wat de school van u zelf heeft.")),
        entry("parent.access", _("Wie mag wat zien?"), _("Wie op school welke gegevens kan lezen.")),
    )
    return page(
        "layout/more.html", languages=tongues(), groups=[(_("Over u"), own), about_privacy(), account(this_visitor())]
    )
