"""The page "Meer" of people who work at a school."""

from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.rules.roles import Role
from parentportal.web.guard import this_visitor
from parentportal.web.languages import translate as _
from parentportal.web.more import about_privacy, account, entries, entry
from parentportal.web.pages import page
from parentportal.web.school.room import blueprint

LISTS = frozenset({Role.ADMINISTRATION, Role.DIRECTOR})


@blueprint.get("/meer")
@allow(Role.TEACHER, Role.SUPPORT, Role.ADMINISTRATION, Role.DIRECTOR)
def more() -> ResponseReturnValue:
    visitor = this_visitor()
    work = []
    if visitor.role in LISTS:
        work = entries(
            entry("school.consent_lists", _("Lijsten met toestemmingen"), _("Per groep, als bestand.")),
            entry("school.paper_consents", _("Keuzes op papier"), _("Invoeren wat een ouder op papier koos.")),
        )
    return page("layout/more.html", groups=[(_("Werk"), work), about_privacy(), account(visitor)])
