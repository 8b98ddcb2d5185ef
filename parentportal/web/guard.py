"""Nobody enters by default: each request is checked against the mark of its route (controls Z01, W17)."""

import secrets
from dataclasses import replace
from datetime import timedelta

from flask import Flask, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user

from parentportal.access import NOBODY, AccessRule, Visitor, rule_of
from parentportal.reads import sign_in as reads_sign_in
from parentportal.reads import visitors, ways_in
from parentportal.rules.errors import NotFound, NotNow
from parentportal.rules.sentences import N_
from parentportal.rules.sign_in import is_cautious
from parentportal.rules.step_ups import WAITS_WHEN_CAUTIOUS, Act
from parentportal.services import denials, sign_in, step_ups, throttling
from parentportal.services.second_factors import Proof, Refused
from parentportal.web import languages
from parentportal.web.portal import TOKEN, act, act_for_all, reading, this_portal

ENDED = "verlopen"
"""In the address of the sign-in page, for somebody whose session turned out to be over.

The cookie stays as it is: a second tap may carry the token that the first one just renewed.
"""
SEEN_EVERY = timedelta(minutes=1)
QUIET = frozenset({"security.time_left"})
"""What a page asks by itself: it shows nobody's presence, and keeps no session alive (control S06)."""
PROOF_FIELDS = ("proof_code", "proof_saved_code", "proof_passkey")
"""How a second factor travels with another form: never put back into a page."""
MOST_TYPED = 60
CAUTIOUS = N_("Uw account is kort geleden hersteld. Voor de veiligheid kunt u dit pas weer vanaf %(when)s.")
_OF_EVERY_FORM = frozenset({"csrf_token", "idempotency_key"})


class SignInAgain(Exception):
    """Somebody without a session handed in a form: what was filled in must not be lost."""


class StepUpNeeded(Exception):
    """A form came in for an act that asks for a fresh second factor; `refused`: what was wrong with the one in it."""

    def __init__(self, act_: Act, refused: Refused | None) -> None:
        super().__init__(act_.value)
        self.act = act_
        self.refused = refused


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
            g.admitted_as = visitor.role if visitor and not rule.anyone else None
            return _first(visitor, rule) if visitor and not rule.anyone else None
        if visitor is None:
            if _chooses_a_role():
                return redirect(url_for("sign_in.choose_role"), 303)
            if request.form.keys() - _OF_EVERY_FORM:
                raise SignInAgain
            goal = request.path if request.method == "GET" else None
            return redirect(url_for("sign_in.start", naar=goal, verlopen=1 if session.get(TOKEN) else None), 303)
        act(denials.note, endpoint=request.endpoint, by=visitor)
        raise NotFound

    unmarked = [name for name, view in app.view_functions.items() if rule_of(view) is None]
    if unmarked:
        raise RuntimeError("routes without an access rule: " + ", ".join(sorted(unmarked)))


def _first(visitor: Visitor, rule: AccessRule) -> ResponseReturnValue | None:
    """What comes before the page: the means that somebody at work lacks, or a fresh second factor (control S10)."""
    if visitor.must_add and request.blueprint != "security":
        return redirect(url_for("security.show"), 303)
    until, now = visitor.cautious_until, this_portal().clock.now()
    if until is not None and rule.step_up in WAITS_WHEN_CAUTIOUS and is_cautious(until, now):
        raise NotNow(languages.translate(CAUTIOUS, when=languages.moment(until)))
    if rule.step_up is None or has_proved(visitor, rule.step_up):
        return None
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("security.confirm", naar=request.path), 303)
    refused = take_proof(visitor, rule.step_up)
    if refused is not None or not handed_in_proof():
        raise StepUpNeeded(rule.step_up, refused)
    return None


def has_proved(visitor: Visitor, act_: Act) -> bool:
    """Whether a second factor was shown for this act a short while ago."""
    with reading() as unit:
        return ways_in.has_proved(unit, act_, by=visitor)


def handed_in_proof() -> bool:
    """Whether the form that came in holds a second factor besides what it is about."""
    return any(request.form.get(name) for name in PROOF_FIELDS)


def take_proof(visitor: Visitor, act_: Act) -> Refused | None:
    """Hold the second factor in this form against the account; the session then goes on under another token."""
    if not handed_in_proof():
        return None
    code, saved_code, passkey = (request.form.get(name, "") for name in PROOF_FIELDS)
    holder = proof_holder(visitor, act_)
    proof = Proof(code[:MOST_TYPED], saved_code[:MOST_TYPED], passkey, holder, this_portal().site)
    network = throttling.network_of(request.remote_addr)
    outcome = act_for_all(step_ups.prove, act_, proof, network=network, by=visitor)
    if isinstance(outcome, Refused):
        return outcome
    session[TOKEN] = outcome.token
    return None


def proof_holder(visitor: Visitor, act_: Act) -> str:
    """Who may answer a challenge for a step-up: this session, for this kind of act."""
    return f"{visitor.session_id} {act_.value}"


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
    if request.endpoint not in QUIET and this_portal().clock.now() - visitor.seen_at >= SEEN_EVERY:
        act(sign_in.note_seen, visitor.session_id)
    return SignedIn(replace(visitor, language=languages.choose(visitor.language)))
