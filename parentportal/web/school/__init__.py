"""Pages of a school: teacher, director, administration."""

from parentportal.web.school import invitations
from parentportal.web.school.room import blueprint

__all__ = ["blueprint", "invitations"]
