"""How somebody signs in: one's own means, in whichever role."""

from parentportal.web.security import (
    address_changes,
    challenges,
    codes_app,
    devices,
    history,
    passkeys,
    secrets,
    sessions,
    show,
    step_ups,
)
from parentportal.web.security.room import blueprint

__all__ = [
    "address_changes",
    "blueprint",
    "challenges",
    "codes_app",
    "devices",
    "history",
    "passkeys",
    "secrets",
    "sessions",
    "show",
    "step_ups",
]
