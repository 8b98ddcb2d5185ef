"""Pages of a school: teacher, director, administration."""

from parentportal.web.school import (
    authorities,
    group_sheets,
    groups,
    home,
    imports,
    inbox,
    invitations,
    more,
    paper_consents,
    people,
    request_acts,
    staff,
    tasks,
)
from parentportal.web.school.room import blueprint

__all__ = [
    "authorities",
    "blueprint",
    "group_sheets",
    "groups",
    "home",
    "imports",
    "inbox",
    "invitations",
    "more",
    "paper_consents",
    "people",
    "request_acts",
    "staff",
    "tasks",
]
