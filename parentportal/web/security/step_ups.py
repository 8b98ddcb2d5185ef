"""A second factor once more, before what is far-reaching (control S10)."""

from collections.abc import Sequence

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import EVERYBODY_SIGNED_IN, allow, rule_of
from parentportal.reads import ways_in
from parentportal.rules.sentences import N_
from parentportal.rules.step_ups import Act
from parentportal.services.second_factors import Refused
from parentportal.web import passkeys
from parentportal.web.guard import handed_in_proof, has_proved, take_proof, this_visitor
from parentportal.web.known_paths import find_known_path
from parentportal.web.languages import translate as _
from parentportal.web.pages import render
from parentportal.web.portal import reading, this_portal
from parentportal.web.security.room import blueprint

WHY = {
    Act.REVEAL: N_("U wilt een nummer helemaal zien."),
    Act.WAYS_IN: N_("U wilt veranderen hoe u inlogt."),
    Act.ADDRESS: N_("U wilt uw e-mailadres veranderen."),
    Act.ROLES: N_("U wilt iemand een rol geven."),
    Act.RECOVERY: N_("U wilt iemand een nieuw inlogmiddel geven."),
    Act.GUARDIANS: N_("U wilt vastleggen wie gezag heeft, of van twee rijen één persoon maken."),
}
TROUBLES = {
    Refused.CLOCK_OFF: N_("De klok van uw telefoon loopt niet gelijk. Zet de tijd op automatisch en probeer het weer."),
    **passkeys.TROUBLES,
}
WRONG = N_("Dit klopt niet, of is al gebruikt. Wacht op de volgende code in de app en vul die in.")
NOTHING = N_("Vul een code in, of gebruik uw gezicht, vinger of schermcode.")


@blueprint.route("/bevestigen", methods=["GET", "POST"])
@allow(EVERYBODY_SIGNED_IN)
def confirm() -> ResponseReturnValue:
    """Before a page that asks for it; `naar` is that page, and its mark says for which act."""
    visitor = this_visitor()
    found = find_known_path(request.args.get("naar", ""))
    rule = rule_of(current_app.view_functions[found.endpoint]) if found else None
    if found is None or rule is None or rule.step_up is None or not rule.admits(visitor):
        return redirect(url_for(".show"), 303)
    if has_proved(visitor, rule.step_up):
        return redirect(found.path, 303)
    refused = take_proof(visitor, rule.step_up)
    if refused is None and handed_in_proof():
        return redirect(found.path, 303)
    tried = request.method == "POST"
    body = ask(rule.step_up, refused, action=url_for(".confirm", naar=found.path), missing=tried and refused is None)
    return body, 422 if tried else 200


def ask(
    act: Act, refused: Refused | None, *, action: str, kept: Sequence[tuple[str, str]] = (), missing: bool = False
) -> str:
    """The page that asks; `kept` is the form that waits for it, `action` where both go together."""
    with reading() as unit:
        counted = ways_in.count(unit, this_visitor().account_id)
    problem = TROUBLES.get(refused, WRONG) if refused else NOTHING if missing else ""
    return render(
        "security/step_up.html",
        act=act.value,
        why=_(WHY[act]),
        counted=counted,
        with_passkey=counted.passkeys > 0 and this_portal().site is not None,
        problem=_(problem),
        action=action,
        kept=kept,
        has_errors=bool(problem),
    )
