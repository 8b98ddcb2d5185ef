"""Where somebody goes after signing in: the page that was asked for, if there is one, else the first of the role."""

from flask import current_app, url_for

from parentportal.access import rule_of
from parentportal.rules.roles import Role
from parentportal.web.known_paths import find_known_path

HOME_OF: dict[Role, str] = {
    Role.GUARDIAN: "parent.home",
    Role.TEACHER: "school.inbox",
    Role.SUPPORT: "school.more",
    Role.ADMINISTRATION: "school.home",
    Role.DIRECTOR: "school.home",
    Role.BOARD: "oversight.home",
    Role.COORDINATOR: "oversight.home",
    Role.OFFICER: "oversight.home",
    Role.TECHNICAL: "oversight.home",
}
_NOT_A_GOAL = ("sign_in.", "static", "public.choose_language")


def home_of(role: Role) -> str:
    """The first page of a role; while a room has none, the page for everybody."""
    endpoint = HOME_OF[role]
    view = current_app.view_functions.get(endpoint)
    rule = rule_of(view) if view else None
    return url_for(endpoint if rule and role in rule.roles else "public.home")


def after_sign_in(role: Role, goal: str) -> str:
    """The page asked for, when this role may see it; otherwise its first page."""
    return known_path(goal, role) or home_of(role)


def known_path(candidate: str, role: Role | None = None) -> str:
    """The page asked for, or nothing; with a role only pages that are open to it count."""
    found = find_known_path(candidate)
    if found is None:
        return ""
    rule = rule_of(current_app.view_functions[found.endpoint])
    if found.endpoint.startswith(_NOT_A_GOAL) or rule is None or (role and not rule.anyone and role not in rule.roles):
        return ""
    return found.path
