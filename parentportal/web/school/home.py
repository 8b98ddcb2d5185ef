"""What waits at a school: each number leads to the list it counts."""

from flask import current_app, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.reads import staff_homes
from parentportal.reads.staff_homes import SchoolHome
from parentportal.reads.tasks import Which
from parentportal.rules.roles import Role
from parentportal.web.guard import this_visitor
from parentportal.web.languages import translate as _
from parentportal.web.pages import page
from parentportal.web.portal import reading
from parentportal.web.school.room import blueprint

Figure = dict[str, object]


@blueprint.get("/")
@allow(Role.ADMINISTRATION, Role.DIRECTOR)
def home() -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as session:
        shown = staff_homes.get_school_home(session, by=visitor)
    is_director = visitor.role is Role.DIRECTOR
    return page(
        "school/home/index.html",
        requests=_requests(shown) if is_director else [],
        tasks=_tasks(shown),
        rest=_rest(shown),
        gaps=shown.gaps if is_director else None,
        to_look_along=shown.to_look_along,
        quiet=_is_quiet(shown, is_director),
    )


def _requests(shown: SchoolHome) -> list[Figure]:
    return [
        _figure(_("verzoeken lopen"), shown.requests, "school.inbox"),
        _figure(_("bijna te laat"), shown.requests_nearly_late, "school.inbox"),
        _figure(_("te laat"), shown.requests_late, "school.inbox"),
    ]


def _tasks(shown: SchoolHome) -> list[Figure]:
    return [
        _figure(_("taken open"), shown.tasks, "school.tasks"),
        _figure(_("taken te laat"), shown.tasks_late, "school.tasks", Which.LATE.value),
    ]


def _rest(shown: SchoolHome) -> list[Figure]:
    found = [
        _figure(_("kinderen met gezag om na te kijken"), shown.families, "school.authorities"),
    ]
    if shown.uninvited is not None:
        found.append(_figure(_("bestanden die wachten op een mens"), shown.held, "school.imports"))
        found.append(_figure(_("ouders zonder brief of account"), shown.uninvited, "school.invitations"))
    return [
        *found,
        _figure(_("mails die niet aankomen"), shown.dead_mail, "school.invitations", part="mail"),
        _figure(_("berichten om te printen"), shown.notices, "school.paper_notices"),
    ]


def _figure(label: str, value: int, endpoint: str, which: str | None = None, part: str | None = None) -> Figure:
    known = endpoint in current_app.view_functions
    return {"label": label, "value": value, "url": url_for(endpoint, welke=which, _anchor=part) if known else None}


def _is_quiet(shown: SchoolHome, is_director: bool) -> bool:
    waiting = [shown.to_look_along, shown.tasks, shown.families, shown.dead_mail, shown.notices]
    waiting += [shown.requests] if is_director else [shown.held, shown.uninvited or 0]
    return not any(waiting)
