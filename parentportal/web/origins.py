"""For which host a request is and from which site it comes, looked at before anything else (controls W01, W16)."""

from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.exceptions import BadRequest

from parentportal.rules.errors import NotFound
from parentportal.settings import Settings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITES = frozenset({"same-origin", "none"})
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
PROBES = frozenset({"public.livez", "public.readyz"})
"""What a load balancer asks by whatever name it knows the machine."""


def init_app(app: Flask, settings: Settings) -> None:
    """Refuse other hosts and sites. Must come before the check of the CSRF token, whose page offers to send again."""
    own = urlsplit(settings.base_url).hostname
    hosts = None if settings.demo else THIS_MACHINE | {own}

    @app.before_request
    def refuse_strangers() -> None:
        if hosts is not None and request.endpoint not in PROBES and _host() not in hosts:
            raise BadRequest
        if request.method not in SAFE:
            _refuse_other_sites()


def _host() -> str | None:
    """The name in the Host header without its port; None for what is no name."""
    try:
        return urlsplit(f"//{request.host}").hostname
    except ValueError:
        return None


def _refuse_other_sites() -> None:
    """Besides the token: a browser says from which site a form comes, and another site has no business here."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in OWN_SITES:
        raise NotFound
    origin = request.headers.get("Origin")
    if origin not in (None, "null") and urlsplit(origin).netloc != request.host:
        raise NotFound
