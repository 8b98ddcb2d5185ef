"""The menu per role: at most five entries, the last is "Meer"."""

from functools import cache

from flask import request, url_for

from parentportal.access import Visitor
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.web.languages import this_language
from parentportal.web.languages import translate as _

Entry = tuple[str, str, str, bool]

MENUS: dict[Role, tuple[tuple[str, str, str], ...]] = {
    Role.GUARDIAN: (
        (N_("Start"), "parent.home", "home"),
        (N_("Gegevens"), "parent.items", "list"),
        (N_("Toestemming"), "parent.consents", "camera"),
        (N_("Verzoeken"), "parent.privacy_requests", "inbox"),
        (N_("Meer"), "parent.more", "more"),
    ),
    Role.TEACHER: (
        (N_("Verzoeken"), "school.inbox", "inbox"),
        (N_("Mag dit?"), "school.group_sheets", "camera"),
        (N_("Meer"), "school.more", "more"),
    ),
    Role.SUPPORT: ((N_("Meer"), "school.more", "more"),),
    Role.ADMINISTRATION: (
        (N_("Start"), "school.home", "home"),
        (N_("Taken"), "school.tasks", "tick"),
        (N_("Bestanden"), "school.imports", "upload"),
        (N_("Gezag"), "school.authorities", "persons"),
        (N_("Brieven"), "school.invitations", "mail"),
        (N_("Groepen"), "school.groups", "school"),
        (N_("Meer"), "school.more", "more"),
    ),
    Role.DIRECTOR: (
        (N_("Start"), "school.home", "home"),
        (N_("Verzoeken"), "school.inbox", "inbox"),
        (N_("Taken"), "school.tasks", "tick"),
        (N_("Mag dit?"), "school.group_sheets", "camera"),
        (N_("Gezag"), "school.authorities", "persons"),
        (N_("Meer"), "school.more", "more"),
    ),
    Role.BOARD: (
        (N_("Start"), "oversight.home", "home"),
        (N_("Verzoeken"), "school.inbox", "inbox"),
        (N_("Meer"), "oversight.more", "more"),
    ),
    Role.COORDINATOR: ((N_("Start"), "oversight.home", "home"), (N_("Meer"), "oversight.more", "more")),
    Role.OFFICER: ((N_("Start"), "oversight.home", "home"), (N_("Meer"), "oversight.more", "more")),
    Role.TECHNICAL: ((N_("Start"), "oversight.home", "home"), (N_("Meer"), "oversight.more", "more")),
}


def role_name(role: Role) -> str:
    """The role in Dutch words, as on screen."""
    return {
        Role.GUARDIAN: _("ouder of verzorger"),
        Role.TEACHER: _("leerkracht"),
        Role.SUPPORT: _("intern begeleider"),
        Role.ADMINISTRATION: _("administratie"),
        Role.DIRECTOR: _("directeur"),
        Role.BOARD: _("bestuur"),
        Role.COORDINATOR: _("privacycoördinator"),
        Role.OFFICER: _("privacy-adviseur (FG)"),
        Role.TECHNICAL: _("technisch beheer"),
    }[role]


def entries(visitor: Visitor | None) -> list[Entry]:
    """The menu of this visitor, with the room of this page marked as current."""
    if visitor is None:
        return []
    return [
        (label, url, icon, _is_here(endpoint)) for label, url, icon, endpoint in _menu(visitor.role, this_language())
    ]


@cache
def _menu(role: Role, _language: str) -> tuple[tuple[str, str, str, str], ...]:
    """What is the same on every page of a role, in the language of this request."""
    return tuple((_(label), url_for(endpoint), icon, endpoint) for label, endpoint, icon in MENUS[role])


def _is_here(endpoint: str) -> bool:
    here = request.endpoint or ""
    of_everybody = here.startswith(OF_EVERYBODY) and endpoint.endswith(".more")
    return here == endpoint or ROOM_OF.get(here) == endpoint or of_everybody


OF_EVERYBODY = "security."
"""Pages that stand under "Meer" of every role."""
ROOM_OF: dict[str, str] = {}
"""Pages that have no entry of their own, and under which entry they stand; each room adds its own."""
