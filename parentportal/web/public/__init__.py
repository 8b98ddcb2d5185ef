"""Pages for everybody: no account, nothing personal."""

from parentportal.web.public import health, views
from parentportal.web.public.room import blueprint

__all__ = ["blueprint", "health", "views"]
