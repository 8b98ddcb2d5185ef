"""Pages of a school: teacher, director, administration."""

from parentportal.web.school import (
    authorities,
    counter_recoveries,
    group_sheets,
    groups,
    home,
    imports,
    inbox,
    invitations,
    more,
    paper_consents,
    paper_notices,
    people,
    request_acts,
    staff,
    staff_letters,
    tasks,
)
from parentportal.web.school.room import blueprint

__all__ = [
    "authorities",
    "blueprint",
    "counter_recoveries",
    "group_sheets",
    "groups",
    "home",
    "imports",
    "inbox",
    "invitations",
    "more",
    "paper_consents",
    "paper_notices",
    "people",
    "request_acts",
    "staff",
    "staff_letters",
    "tasks",
]
