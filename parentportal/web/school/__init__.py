"""Pages of a school: teacher, director, administration."""

from parentportal.web.school import group_sheets, home, imports, invitations, more, paper_consents, tasks
from parentportal.web.school.room import blueprint

__all__ = ["blueprint", "group_sheets", "home", "imports", "invitations", "more", "paper_consents", "tasks"]
