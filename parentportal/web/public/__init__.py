"""Pages for everybody: no account, nothing personal."""

from parentportal.web.public.room import blueprint

__all__ = ["blueprint"]
