"""Pages of the officer (FG) and of the board."""

from parentportal.web.oversight import home, more
from parentportal.web.oversight.room import blueprint

__all__ = ["blueprint", "home", "more"]
