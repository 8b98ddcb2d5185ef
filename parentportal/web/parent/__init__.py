"""Pages of parents and guardians: data, consents, requests, own data."""

from parentportal.web.parent import (
    consents,
    home,
    item_recipients,
    items,
    more,
    own_data,
    privacy_requests,
    request_drafts,
)
from parentportal.web.parent.room import blueprint

__all__ = [
    "blueprint",
    "consents",
    "home",
    "item_recipients",
    "items",
    "more",
    "own_data",
    "privacy_requests",
    "request_drafts",
]
