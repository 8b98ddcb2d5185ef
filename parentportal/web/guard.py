"""Nobody enters by default: each request is checked against the mark of its route (controls Z01, W17)."""

import secrets
from dataclasses import replace
from datetime import timedelta

from flask import Flask, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user

from parentportal.access import NOBODY, Visitor, rule_of
from parentportal.reads import sign_in as reads_sign_in
from parentportal.reads import visitors
from parentportal.rules.errors import NotFound
from parentportal.services import denials, sign_in
from parentportal.web import languages
from parentportal.web.portal import TOKEN, act, reading, this_portal

ENDED = "ended"
"""In the cookie of somebody whose session turned out to be over, for the sign-in page to say so."""
SEEN_EVERY = timedelta(minutes=1)
_OF_EVERY_FORM = frozenset({"csrf_token", "idempotency_key"})


class SignInAgain(Exception):
    """Somebody without a session handed in a form: what was filled in must not be lost."""


class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """What Flask-Login holds for this request; the visitor inside is made anew from the session row each time."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor

    def get_id(self) -> str:
        return str(self.visitor.session_id)


def find_visitor() -> Visitor | None:
    """Who is signed in, or None."""
    return current_user.visitor if current_user.is_authenticated else None


def this_visitor() -> Visitor:
    """Who is signed in; only for views whose mark demands somebody."""
    visitor = find_visitor()
    if visitor is None:
        raise NotFound
    return visitor


def init_app(app: Flask) -> None:
    """Install the guard; the application refuses to start when a route has no mark."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.request_loader(_load)

    @app.before_request
    def check_access() -> ResponseReturnValue | None:
        g.language = languages.choose()
        if request.endpoint in (None, "static"):
            return None  # nobody is looked up for what is the same for everybody
        rule = rule_of(app.view_functions[request.endpoint]) or NOBODY
        visitor = find_visitor() if session.get(TOKEN) else None
        g.language = visitor.language if visitor else g.language
        g.board_id = visitor.board_id if visitor and not rule.anyone else None  # signing in is of no board
        if rule.admits(visitor):
            return None
        if visitor is None:
            if _chooses_a_role():
                return redirect(url_for("sign_in.choose_role"), 303)
            if session.pop(TOKEN, None):
                session[ENDED] = "yes"
            if request.form.keys() - _OF_EVERY_FORM:
                raise SignInAgain
            return redirect(url_for("sign_in.start", naar=request.path if request.method == "GET" else None), 303)
        act(denials.note, endpoint=request.endpoint, by=visitor)
        raise NotFound

    unmarked = [name for name, view in app.view_functions.items() if rule_of(view) is None]
    if unmarked:
        raise RuntimeError("routes without an access rule: " + ", ".join(sorted(unmarked)))


def _chooses_a_role() -> bool:
    """Whether somebody is signed in who has still to say in which role."""
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return False
    with reading() as unit:
        found = reads_sign_in.find_open(unit, token)
    return found is not None and found.role is None


def visit_key() -> str:
    """What binds forms to this browser: made once, changed at sign-in, in the signed cookie only."""
    if "visit" not in session:
        session["visit"] = secrets.token_urlsafe(16)
    visit: str = session["visit"]
    return visit


def _load(_request: object) -> SignedIn | None:
    token = session.get(TOKEN)
    if not isinstance(token, str):
        return None
    with reading() as unit:
        visitor = visitors.find_visitor(unit, token)
    if visitor is None:
        return None
    if this_portal().clock.now() - visitor.seen_at >= SEEN_EVERY:
        act(sign_in.note_seen, visitor.session_id)
    return SignedIn(replace(visitor, language=languages.choose(visitor.language)))
