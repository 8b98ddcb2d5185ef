"""A forgotten password: the same page for everybody who asks; then a mail, a second factor and a new password."""

from typing import Any

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from parentportal.access import ANYONE, allow
from parentportal.reads import password_resets as reads
from parentportal.reads.password_resets import OpenReset
from parentportal.rules.errors import Invalid, NotFound
from parentportal.rules.sentences import N_
from parentportal.services import password_resets
from parentportal.services.second_factors import Refused
from parentportal.services.sign_in import Browser
from parentportal.web.fields import Filled, PortalForm, ShortText
from parentportal.web.guard import visit_key
from parentportal.web.languages import this_language
from parentportal.web.languages import translate as _
from parentportal.web.pages import page, say
from parentportal.web.portal import act_for_all, act_once, reading, this_portal
from parentportal.web.sign_in.browser import MOST_TOKEN, device, kept, known_token, network
from parentportal.web.sign_in.entering import what_to_do
from parentportal.web.sign_in.room import blueprint

#: The token of the mail, between the click and the new password.
RESET = "reset"


class ForgottenPassword(PortalForm):
    name = ShortText(N_("E-mailadres of inlognaam"), missing=N_("Vul uw e-mailadres of inlognaam in."))


class EitherCode(PortalForm):
    code = ShortText(
        N_("Code uit de app, of een noodcode"), missing=N_("Vul de code van 6 cijfers in, of een noodcode."), most=50
    )


class AnotherPassword(PortalForm):
    password = StringField(N_("Nieuw wachtwoord"), validators=[Filled(N_("Vul een wachtwoord in."))])


@blueprint.route("/wachtwoord-vergeten", methods=["GET", "POST"])
@allow(ANYONE)
def forgot_password() -> ResponseReturnValue:
    """Nothing is looked up here for anybody: the worker does that, so that neither words nor time tell (A13)."""
    form = ForgottenPassword()
    if form.handed_in():
        browser, language = _browser(), this_language()

        def ask(unit: Any) -> str:
            password_resets.wish(unit, form.name.data or "", browser=browser, language=language)
            return url_for(".reset_asked")

        return act_once(form, ask)
    return page("sign_in/forgot_password.html", form=form, back_url=url_for(".start"))


@blueprint.get("/wachtwoord-vergeten/verstuurd")
@allow(ANYONE)
def reset_asked() -> ResponseReturnValue:
    return page("sign_in/reset_asked.html")


@blueprint.get("/wachtwoord/<token>")
@allow(ANYONE)
def reset_with(token: str) -> ResponseReturnValue:
    """The address in the mail: the token goes into the cookie, and out of the address bar and every referrer."""
    session[RESET] = token[:MOST_TOKEN]
    return redirect(url_for(".prove_reset"), 303)


@blueprint.route("/wachtwoord/bevestigen", methods=["GET", "POST"])
@allow(ANYONE)
def prove_reset() -> ResponseReturnValue:
    found = _find_open()
    if found is None:
        return _lapsed()
    if found.is_proved:
        return redirect(url_for(".choose_new_password"), 303)
    form = EitherCode()
    if form.handed_in():
        try:
            refused = act_for_all(
                password_resets.prove, kept(RESET), visit_key(), form.code.data or "", browser=_browser()
            )
        except NotFound:
            return _lapsed()
        if refused is None:
            return redirect(url_for(".choose_new_password"), 303)
        form.refuse(Invalid({"code": _trouble(refused)}))
    return page("sign_in/prove_reset.html", form=form, sign_in_name=found.sign_in_name)


@blueprint.route("/wachtwoord/kiezen", methods=["GET", "POST"])
@allow(ANYONE)
def choose_new_password() -> ResponseReturnValue:
    """Nobody is signed in by this: the new password is asked for at once, with the second factor once more."""
    form = AnotherPassword()
    if form.handed_in():
        with form.refusals():
            try:
                password_resets.choose(this_portal().database, kept(RESET), visit_key(), form.password.data or "")
            except NotFound:
                return _lapsed()
            session.pop(RESET, None)
            say("ok", _("Uw wachtwoord is veranderd. Log nu in met uw nieuwe wachtwoord."))
            return redirect(url_for(".start"), 303)
    found = _find_open()
    if found is None:
        return _lapsed()
    if not found.is_proved:
        return redirect(url_for(".prove_reset"), 303)
    return page("sign_in/choose_new_password.html", form=form, sign_in_name=found.sign_in_name)


def _find_open() -> OpenReset | None:
    with reading() as unit:
        return reads.find_open(unit, kept(RESET), visit_key())


def _lapsed() -> ResponseReturnValue:
    """One page for whatever is wrong with a link, so that it tells nothing about the account behind it."""
    return page("sign_in/reset_lapsed.html")


def _browser() -> Browser:
    return Browser(network(), device(), known_token())


def _trouble(refused: Refused) -> str:
    if refused is Refused.CLOCK_OFF:
        return what_to_do(refused)
    return _(
        "Deze code klopt niet, of is al gebruikt. Wacht op de volgende code in de app, of neem een andere noodcode."
    )
