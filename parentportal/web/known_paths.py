"""Addresses that come in from outside: built anew from the route they match, so never an address elsewhere."""

from typing import NamedTuple

from flask import current_app, url_for
from werkzeug.exceptions import HTTPException


class KnownPath(NamedTuple):
    """A page of this portal that can be fetched."""

    endpoint: str
    path: str


def find_known_path(candidate: str) -> KnownPath | None:
    """The page behind a path, or None for what is no page of ours (control W07)."""
    if not candidate.startswith("/") or candidate.startswith("//") or not candidate.isprintable():
        return None
    if "\\" in candidate:
        return None
    try:
        endpoint, arguments = current_app.url_map.bind("portal").match(candidate, method="GET")
    except HTTPException:
        return None
    return KnownPath(endpoint, url_for(endpoint, **arguments))
