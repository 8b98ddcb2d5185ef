"""Activation and signing in, with two factors."""

from parentportal.web.sign_in import (
    account_steps,
    activating,
    address_changes,
    entering,
    leaving,
    password_resets,
    ways,
)
from parentportal.web.sign_in.room import blueprint

__all__ = [
    "account_steps",
    "activating",
    "address_changes",
    "blueprint",
    "entering",
    "leaving",
    "password_resets",
    "ways",
]
