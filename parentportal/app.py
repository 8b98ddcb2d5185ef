"""The application, put together: read from top to bottom to know what it consists of."""

from datetime import timedelta

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from parentportal.db import Database
from parentportal.outside.clock import Clock, SystemClock
from parentportal.outside.passkeys import Site
from parentportal.outside.vault import Vault
from parentportal.settings import Settings
from parentportal.web import (
    assets,
    compression,
    demo_pages,
    errors,
    gallery,
    guard,
    headers,
    limits,
    origins,
    portal,
    rooms,
)
from parentportal.web.late_rules import LateRule
from parentportal.web.portal import Portal

MOST_PARTS = 500


def create_app(settings: Settings, *, database: Database | None = None, clock: Clock | None = None) -> Flask:
    """Build the portal. Raises `RuntimeError` when a route says nothing about who may enter."""
    app = Flask("parentportal", static_folder=None, template_folder=None)
    app.url_rule_class = LateRule
    app.config.update(
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        SESSION_COOKIE_NAME=cookie_name(settings),
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=None,
        MAX_FORM_MEMORY_SIZE=limits.MOST_FORM_BYTES,
        MAX_FORM_PARTS=MOST_PARTS,
    )
    clock = clock or SystemClock()
    vault = Vault.from_keys(list(settings.vault_keys))
    database = database or Database(settings.database_url, info={"clock": clock, "vault": vault})
    portal.init_app(app, Portal(settings, database, clock, vault, Site.at(settings.base_url)))
    limits.init_app(app)
    origins.init_app(app, settings)
    CSRFProtect(app)
    compression.init_app(app)
    headers.init_app(app, secure=settings.secure)
    assets.init_app(app)
    for room in rooms.ROOMS:
        app.register_blueprint(room)
    if settings.demo:
        gallery.init_app(app)
        demo_pages.init_app(app)
    errors.init_app(app)
    guard.init_app(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # as Flask's manual has it
    return app


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds the cookie to https and this host; the demo on plain http beyond loopback cannot have it."""
    return "__Host-kijkglas" if settings.secure_cookies else "kijkglas"
