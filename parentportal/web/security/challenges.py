"""What a script asks before it shows the device's own question: a challenge, once, for one purpose (control A07)."""

from typing import Any

from flask import jsonify, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import ANYONE, EVERYBODY_SIGNED_IN, allow
from parentportal.rules.errors import NotFound, TooManyAttempts
from parentportal.rules.second_factors import Purpose
from parentportal.rules.step_ups import Act
from parentportal.services import activation, passkeys, sign_in, ways_in
from parentportal.services.sign_in import Browser
from parentportal.web.guard import proof_holder, this_visitor, visit_key
from parentportal.web.passkeys import TOO_MANY
from parentportal.web.portal import act, act_for_all, this_portal
from parentportal.web.security.room import blueprint
from parentportal.web.sign_in.browser import CARRIER, kept, known_token, network


@blueprint.post("/vraag/inloggen")
@allow(ANYONE)
def ask_to_sign_in() -> ResponseReturnValue:
    """Over its budget a network is told so on a page of its own: wait, or use a password."""
    browser = Browser(network(), token=known_token())
    try:
        asked = act_for_all(sign_in.ask_passkey, holder=visit_key(), site=this_portal().site, browser=browser)
    except TooManyAttempts:
        return jsonify(page=url_for("sign_in.passkey_failed", waarom=TOO_MANY)), 429
    return _answer(asked)


@blueprint.post("/vraag/activeren")
@allow(ANYONE)
def ask_to_activate() -> ResponseReturnValue:
    return _answer(act_for_all(activation.ask_passkey, kept(CARRIER), site=this_portal().site))


@blueprint.post("/vraag/toevoegen")
@allow(EVERYBODY_SIGNED_IN, step_up=Act.WAYS_IN)
def ask_to_add() -> ResponseReturnValue:
    return _answer(act(ways_in.ask_passkey, site=this_portal().site, by=this_visitor()))


@blueprint.post("/vraag/bevestigen/<name>")
@allow(EVERYBODY_SIGNED_IN)
def ask_to_confirm(name: str) -> ResponseReturnValue:
    if name not in set(Act):
        raise NotFound
    visitor = this_visitor()
    return _answer(
        act(
            passkeys.ask_to_prove,
            holder=proof_holder(visitor, Act(name)),
            purpose=Purpose.STEP_UP,
            site=this_portal().site,
            account_id=visitor.account_id,
        )
    )


def _answer(options: dict[str, Any]) -> ResponseReturnValue:
    return jsonify(options)
