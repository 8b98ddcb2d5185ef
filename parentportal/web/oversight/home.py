"""Figures about requests per school, to look at: nothing of a pupil, and nothing to change."""

from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.reads import staff_homes
from parentportal.rules.roles import Role
from parentportal.web.guard import this_visitor
from parentportal.web.languages import bdi
from parentportal.web.languages import translate as _
from parentportal.web.languages import translate_many as ngettext
from parentportal.web.oversight.room import blueprint
from parentportal.web.pages import page
from parentportal.web.portal import reading


@blueprint.get("/")
@allow(Role.OFFICER, Role.BOARD, Role.COORDINATOR, Role.TECHNICAL)
def home() -> ResponseReturnValue:
    with reading() as session:
        shown = staff_homes.get_board_home(session, by=this_visitor())
    return page(
        "oversight/home.html",
        totals=[
            {"label": _("verzoeken lopen"), "value": sum(one.running for one in shown.schools)},
            {"label": _("bijna te laat"), "value": sum(one.nearly_late for one in shown.schools)},
            {"label": _("te laat"), "value": sum(one.late for one in shown.schools)},
            {"label": _("taken open"), "value": sum(one.tasks for one in shown.schools)},
        ],
        rows=[_row(one) for one in shown.schools],
        gaps=shown.gaps,
        alone_at_counter=shown.alone_at_counter,
    )


def _row(one: staff_homes.SchoolFigures) -> list[str]:
    days = _("nog geen") if one.days is None else ngettext("%(num)s dag", "%(num)s dagen", one.days)
    tasks = _("%(all)s, waarvan %(late)s te laat", all=one.tasks, late=one.tasks_late)
    return [bdi(one.name), str(one.running), str(one.nearly_late), str(one.late), str(one.closed), days, tasks]
