"""Signing in: name and password, then a code, then, with several roles, which one."""

from uuid import UUID

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import ANYONE, allow
from parentportal.reads import sign_in as reads
from parentportal.reads.sign_in import RoleChoice
from parentportal.rules.errors import Invalid
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.services import sign_in
from parentportal.services.second_factors import Refused
from parentportal.services.sign_in import Entered
from parentportal.web import passkeys
from parentportal.web.guard import ENDED, find_visitor, visit_key
from parentportal.web.languages import chosen_here
from parentportal.web.languages import translate as _
from parentportal.web.navigation import role_name
from parentportal.web.pages import page, say
from parentportal.web.portal import TOKEN, act, reading, this_portal
from parentportal.web.sign_in.browser import (
    GOAL,
    HALF,
    carry_token,
    device,
    is_inside_an_app,
    kept,
    known_token,
    lasting_token,
    network,
    start_anew,
    this_browser,
)
from parentportal.web.sign_in.destination import after_sign_in, home_of, known_path
from parentportal.web.sign_in.forms import AppCode, NameAndPassword, PasskeyAnswer, SavedCode, WhichRole
from parentportal.web.sign_in.room import blueprint


@blueprint.route("/inloggen", methods=["GET", "POST"])
@allow(ANYONE)
def start() -> ResponseReturnValue:
    """Name and password on one page, so that a password manager fills in both."""
    visitor = find_visitor()
    if visitor is not None:
        return redirect(home_of(visitor.role), 303)
    goal = known_path(request.args.get("naar", ""))
    form = NameAndPassword()
    if form.handed_in():
        token = sign_in.with_password(
            this_portal().database,
            form.name.data or "",
            form.password.data or "",
            network=network(),
            device=device(),
            known=known_token(),
        )
        if token is not None:
            start_anew(**{HALF: token, GOAL: goal})
            return redirect(url_for(".enter_code"), 303)
        form.refuse(Invalid({"": _("De naam en het wachtwoord horen niet bij elkaar. Kijk ze allebei na.")}))
    portal = this_portal()
    return page(
        "sign_in/start.html",
        form=form,
        goal=goal,
        ended=ENDED in request.args,
        again="opnieuw" in request.args,
        by_passkey=PasskeyAnswer(formdata=None) if portal.site else None,
        inside=is_inside_an_app(),
        start_url=portal.settings.base_url + url_for(".start"),
    )


@blueprint.post("/inloggen/passkey")
@allow(ANYONE)
def use_passkey() -> ResponseReturnValue:
    """The answer of a passkey, in a plain field: both factors in one step."""
    form = PasskeyAnswer()
    outcome = act(
        sign_in.with_passkey,
        form.answer.data or "",
        holder=visit_key(),
        site=this_portal().site,
        browser=this_browser(),
        language=chosen_here(),
    )
    if not isinstance(outcome, Refused):
        if token := kept(TOKEN):
            act(sign_in.end, token)
        return _go_in(outcome)
    g.pop("device_token", None)
    return redirect(
        url_for(".passkey_failed", waarom=outcome.value, naar=known_path(form.goal.data or "") or None), 303
    )


@blueprint.get("/inloggen/niet-gelukt")
@allow(ANYONE)
def passkey_failed() -> ResponseReturnValue:
    """Cancelled, refused or not possible here: two equal ways on, and no technical names (ux 6.5)."""
    return page(
        "sign_in/passkey_failed.html",
        why=_(PASSKEY_TROUBLES.get(request.args.get("waarom", ""), "")),
        form=PasskeyAnswer(),
        goal=known_path(request.args.get("naar", "")),
    )


@blueprint.route("/inloggen/code", methods=["GET", "POST"])
@allow(ANYONE)
def enter_code() -> ResponseReturnValue:
    form = AppCode()
    if not _is_half_way():
        return _start_again()
    if form.handed_in():
        outcome = act(
            sign_in.with_code,
            kept(HALF),
            form.code.data or "",
            network=network(),
            language=chosen_here(),
            known=lasting_token(),
        )
        if not isinstance(outcome, Refused):
            return _go_in(outcome)
        if outcome is Refused.START_AGAIN:
            return _start_again()
        form.refuse(Invalid({"code": what_to_do(outcome)}))
    return page("sign_in/enter_code.html", form=form, back_url=url_for(".start"))


@blueprint.route("/inloggen/noodcode", methods=["GET", "POST"])
@allow(ANYONE)
def enter_saved_code() -> ResponseReturnValue:
    form = SavedCode()
    if not _is_half_way():
        return _start_again()
    if form.handed_in():
        outcome = act(
            sign_in.with_recovery_code,
            kept(HALF),
            form.code.data or "",
            network=network(),
            language=chosen_here(),
            known=lasting_token(),
        )
        if not isinstance(outcome, Refused):
            return _go_in(outcome)
        if outcome is Refused.START_AGAIN:
            return _start_again()
        form.refuse(Invalid({"code": _("Deze noodcode werkt niet. Kijk hem na, of neem een andere.")}))
    return page("sign_in/enter_saved_code.html", form=form, back_url=url_for(".enter_code"))


@blueprint.route("/rol", methods=["GET", "POST"])
@allow(ANYONE)
def choose_role() -> ResponseReturnValue:
    """Who is both parent and teacher says which one this is; changing is done here as well, openly."""
    token = kept(TOKEN)
    with reading() as unit:
        found = reads.find_open(unit, token) if token else None
        roles = reads.list_roles(unit, board_id=found.board_id, adult_id=found.adult_id) if found else ()
    if found is None:
        return redirect(url_for(".start"), 303)
    form = WhichRole()
    form.role.offer([(_value_of(choice), _words_of(choice)) for choice in roles])
    if form.handed_in():
        role, _separator, school_id = str(form.role.data).partition(" ")
        entered = act(sign_in.take_role, token, Role(role), UUID(school_id) if school_id else None)
        return _go_in(entered)
    return page("sign_in/choose_role.html", form=form, roles=roles)


PASSKEY_TROUBLES = {
    **passkeys.TROUBLES,
    passkeys.TOO_MANY: N_(
        "Vanaf uw netwerk is dit uur te vaak om een sleutel gevraagd. Wacht tot het volgende uur, neem een ander "
        "netwerk, of log in met uw wachtwoord."
    ),
    Refused.COPIED.value: N_(
        "Wij houden deze sleutel tegen. Het lijkt of iemand een kopie heeft. Log anders in, en bel de school."
    ),
}


def what_to_do(refused: Refused) -> str:
    """What to say about a code of the app that was not accepted."""
    if refused is Refused.CLOCK_OFF:
        return _("De klok van uw telefoon loopt niet gelijk. Zet de tijd op automatisch en probeer het weer.")
    return _("Deze code klopt niet, of is al gebruikt. Wacht op de volgende code in de app en vul die in.")


def _is_half_way() -> bool:
    token = kept(HALF)
    if not token:
        return False
    with reading() as unit:
        return reads.is_waiting_for_code(unit, token)


def _start_again() -> ResponseReturnValue:
    """To the first page, without touching the cookie: a double tap may have signed in a moment ago."""
    return redirect(url_for(".start", naar=kept(GOAL) or None, opnieuw=1), 303)


def _go_in(entered: Entered) -> ResponseReturnValue:
    goal = kept(GOAL)
    if entered.with_saved_code:
        say(
            "warn", _("U gebruikte een noodcode. Is uw telefoon kwijt? Stel dan hieronder meteen een nieuwe manier in.")
        )
        goal = url_for("security.show")
    if entered.role is None:
        carry_token(entered.token, goal=goal)
        return redirect(url_for(".choose_role"), 303)
    carry_token(entered.token)
    return redirect(after_sign_in(entered.role, goal), 303)


def _value_of(choice: RoleChoice) -> str:
    return f"{choice.role.value} {choice.school_id or ''}".strip()


def _words_of(choice: RoleChoice) -> str:
    name = role_name(choice.role)
    words = f"{name[0].upper()}{name[1:]}"
    return f"{words}, {choice.school_name}" if choice.school_name else words
