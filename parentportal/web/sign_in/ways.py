"""Activation, for guardians: a passkey, or a password with a codes app (ux 6.3)."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import ANYONE, allow
from parentportal.reads.activation import Progress, Step
from parentportal.rules.errors import Invalid
from parentportal.rules.sentences import N_
from parentportal.services import activation
from parentportal.services.passkeys import Unproved
from parentportal.web.languages import short_day, this_language
from parentportal.web.languages import translate as _
from parentportal.web.pages import page, say
from parentportal.web.passkeys import TROUBLES
from parentportal.web.portal import act, this_portal
from parentportal.web.sign_in.activating import caption, find_progress, go_in, to_step
from parentportal.web.sign_in.browser import CARRIER, device, is_inside_an_app, kept, lasting_token
from parentportal.web.sign_in.forms import PasskeyAnswer, WhichWay
from parentportal.web.sign_in.room import blueprint

SECOND_WAY = N_(
    "Telefoon kwijt? Met een tweede manier komt u er dan nog in. Voeg die toe bij Meer, Inloggen en beveiliging."
)
NOT_DONE = N_("Het is niet gelukt. Probeer het nog een keer, of kies een wachtwoord met een codes-app.")


@blueprint.route("/activeren/manier", methods=["GET", "POST"])
@allow(ANYONE)
def choose_way() -> ResponseReturnValue:
    progress = find_progress()
    if progress is None or progress.step is not Step.WAY:
        return to_step(progress)
    if this_portal().site is None:
        return redirect(url_for(".choose_password"), 303)
    form = WhichWay()
    if form.handed_in():
        by_passkey = form.way.data == WhichWay.PASSKEY
        return redirect(url_for(".make_passkey" if by_passkey else ".choose_password"), 303)
    return page(
        "sign_in/choose_way.html",
        form=form,
        school=progress.school,
        caption=caption(progress, Step.WAY),
        back_url=None if progress.is_renewal else url_for(".enter_email"),
        **_elsewhere(),
    )


@blueprint.route("/activeren/passkey", methods=["GET", "POST"])
@allow(ANYONE)
def make_passkey() -> ResponseReturnValue:
    progress = find_progress()
    if progress is None or progress.step is not Step.WAY or this_portal().site is None:
        return to_step(progress)
    form = PasskeyAnswer()
    if form.handed_in():
        done = act(
            activation.finish_with_passkey,
            kept(CARRIER),
            form.answer.data or "",
            site=this_portal().site,
            name=passkey_name(),
            device=device(),
            known=lasting_token(),
            language=this_language(),
        )
        if not isinstance(done, Unproved):
            answer = go_in(done)
            say("info", SECOND_WAY)
            return answer
        form.refuse(Invalid({"": _(TROUBLES.get(done, NOT_DONE))}))
    return page(
        "sign_in/make_passkey.html",
        form=form,
        school=progress.school,
        caption=_caption(progress),
        back_url=url_for(".choose_way"),
        **_elsewhere(),
    )


def passkey_name() -> str:
    """What a new passkey is called until its owner renames it: "Chrome (Android), 17 nov 2026"."""
    made_at = device() or _("Onbekend apparaat")
    return f"{made_at}, {short_day(this_portal().clock.now())}"


def _caption(progress: Progress) -> str:
    """The last step for whoever takes a passkey: "Stap 5 van 5"."""
    return caption(progress, Step.PASSWORD, is_last=True)


def _elsewhere() -> dict[str, object]:
    return {"inside": is_inside_an_app(), "start_url": this_portal().settings.base_url + url_for(".activate")}
