"""How somebody signs in: one's own means, in whichever role."""

from parentportal.web.security import challenges, sessions, show, step_ups
from parentportal.web.security.room import blueprint

__all__ = ["blueprint", "challenges", "sessions", "show", "step_ups"]
