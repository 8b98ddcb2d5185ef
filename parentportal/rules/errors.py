"""What can go wrong in the portal, in the portal's own words; `web/errors.py` maps each to one answer."""

from collections.abc import Mapping
from datetime import datetime


class PortalError(Exception):
    """Ancestor of every error that a person can cause and a page can explain."""


class NotFound(PortalError):
    """There is no such thing, or not for this person: the answer is the same (trap 11.3)."""


class NotNow(PortalError):
    """The step does not fit the present state, for instance a request that was closed meanwhile.

    `message` is a Dutch sentence for the person who tried.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(PortalError):
    """The input cannot be used; `problems` maps a field name to a Dutch sentence that says what to do."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(sorted(problems)))
        self.problems = dict(problems)


class TooManyAttempts(PortalError):
    """Slowed down, never locked out (trap T33); `until` is the moment at which trying again makes sense."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until
