"""What a script asks before it shows the device's own question: a challenge, once, for one purpose (control A07)."""

from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from parentportal.access import ANYONE, EVERYBODY_SIGNED_IN, allow
from parentportal.rules.errors import NotFound
from parentportal.rules.second_factors import Purpose
from parentportal.rules.step_ups import Act
from parentportal.services import activation, passkeys, ways_in
from parentportal.web.guard import proof_holder, this_visitor, visit_key
from parentportal.web.portal import act, act_for_all, this_portal
from parentportal.web.security.room import blueprint
from parentportal.web.sign_in.browser import CARRIER, kept


@blueprint.post("/vraag/inloggen")
@allow(ANYONE)
def ask_to_sign_in() -> ResponseReturnValue:
    return _answer(
        act_for_all(passkeys.ask_to_prove, holder=visit_key(), purpose=Purpose.SIGN_IN, site=this_portal().site)
    )


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
