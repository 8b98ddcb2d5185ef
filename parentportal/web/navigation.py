"""The menu per role: at most five entries, the last is "Meer"."""

from flask import request, url_for

from parentportal.access import Visitor
from parentportal.rules.roles import Role
from parentportal.web.languages import translate as _

Entry = tuple[str, str, str, bool]

MENUS: dict[Role, tuple[tuple[str, str, str], ...]] = {
    Role.GUARDIAN: (
        ("Start", "parent.home", "home"),
        ("Gegevens", "parent.items", "list"),
        ("Toestemming", "parent.consents", "camera"),
        ("Verzoeken", "parent.privacy_requests", "inbox"),
        ("Meer", "parent.more", "more"),
    ),
    Role.TEACHER: (
        ("Verzoeken", "school.inbox", "inbox"),
        ("Mag dit?", "school.group_sheets", "camera"),
        ("Meer", "school.more", "more"),
    ),
    Role.SUPPORT: (("Meer", "school.more", "more"),),
    Role.ADMINISTRATION: (
        ("Start", "school.home", "home"),
        ("Taken", "school.tasks", "tick"),
        ("Bestanden", "school.imports", "upload"),
        ("Gezag", "school.authorities", "persons"),
        ("Brieven", "school.invitations", "mail"),
        ("Groepen", "school.groups", "school"),
        ("Meer", "school.more", "more"),
    ),
    Role.DIRECTOR: (
        ("Start", "school.home", "home"),
        ("Verzoeken", "school.inbox", "inbox"),
        ("Taken", "school.tasks", "tick"),
        ("Mag dit?", "school.group_sheets", "camera"),
        ("Gezag", "school.authorities", "persons"),
        ("Meer", "school.more", "more"),
    ),
    Role.BOARD: (
        ("Start", "oversight.home", "home"),
        ("Verzoeken", "school.inbox", "inbox"),
        ("Meer", "oversight.more", "more"),
    ),
    Role.COORDINATOR: (("Start", "oversight.home", "home"), ("Meer", "oversight.more", "more")),
    Role.OFFICER: (("Start", "oversight.home", "home"), ("Meer", "oversight.more", "more")),
    Role.TECHNICAL: (("Start", "oversight.home", "home"), ("Meer", "oversight.more", "more")),
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
    return [(_(label), url_for(endpoint), icon, _is_here(endpoint)) for label, endpoint, icon in MENUS[visitor.role]]


def _is_here(endpoint: str) -> bool:
    here = request.endpoint or ""
    return here == endpoint or ROOM_OF.get(here) == endpoint


ROOM_OF: dict[str, str] = {}
"""Pages that have no entry of their own, and under which entry they stand; each room adds its own."""
