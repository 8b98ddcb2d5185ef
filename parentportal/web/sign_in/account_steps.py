"""Activation, second half: mail address, password, codes app and saved codes; no step can be skipped by its address."""

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import ANYONE, allow
from parentportal.outside import codes, one_time_codes, qr
from parentportal.reads import activation as reads
from parentportal.reads.activation import Progress, Step
from parentportal.rules.errors import Invalid
from parentportal.services import activation
from parentportal.services.second_factors import Refused
from parentportal.web.languages import this_language
from parentportal.web.languages import translate as _
from parentportal.web.pages import page
from parentportal.web.portal import act, act_once, reading, this_portal
from parentportal.web.sign_in.activating import caption, find_progress, go_in, to_step
from parentportal.web.sign_in.browser import CARRIER, device, kept, lasting_token, network
from parentportal.web.sign_in.entering import what_to_do
from parentportal.web.sign_in.forms import AppCode, MailAddress, MailCode, NewPassword, Only, SavedCode
from parentportal.web.sign_in.room import blueprint

CHANGES_ADDRESS = frozenset({Step.EMAIL, Step.EMAIL_CODE, Step.WAY, Step.PASSWORD})
CHOOSES_PASSWORD = frozenset({Step.WAY, Step.PASSWORD, Step.APP})


@blueprint.route("/activeren/e-mail", methods=["GET", "POST"])
@allow(ANYONE)
def enter_email() -> ResponseReturnValue:
    progress = find_progress()
    if progress is None or progress.step not in CHANGES_ADDRESS or progress.is_renewal:
        return to_step(progress)
    form = MailAddress(email=progress.email)
    if form.handed_in():
        carrier, here, language = kept(CARRIER), network(), this_language()

        def ask(unit: Any) -> str:
            activation.ask_email(unit, carrier, form.email.data or "", network=here, language=language)
            return url_for(".confirm_email")

        with form.refusals():
            return act_once(form, ask)
    with reading() as unit:
        names = reads.list_child_names(unit, progress)
    return page(
        "sign_in/enter_email.html",
        form=form,
        without=Only(),
        names=names,
        school=progress.school,
        sender=progress.sender,
        caption=caption(progress, Step.EMAIL),
    )


@blueprint.post("/activeren/zonder-e-mail")
@allow(ANYONE)
def do_without_email() -> ResponseReturnValue:
    progress = find_progress()
    if progress is None or progress.step not in CHANGES_ADDRESS or progress.is_renewal:
        return to_step(progress)
    act(activation.do_without_email, kept(CARRIER))
    return redirect(url_for(".show_name"), 303)


@blueprint.get("/activeren/inlognaam")
@allow(ANYONE)
def show_name() -> ResponseReturnValue:
    """The name that the portal made, for whoever has no mail address or shares one."""
    progress = find_progress()
    waits = progress is not None and progress.step in (Step.WAY, Step.PASSWORD) and not progress.is_renewal
    if progress is None or not waits or progress.sign_in_name == progress.email:
        return to_step(progress)
    return page(
        "sign_in/show_name.html",
        progress=progress,
        school=progress.school,
        caption=caption(progress, Step.EMAIL),
        back_url=url_for(".enter_email"),
    )


@blueprint.route("/activeren/e-mail/code", methods=["GET", "POST"])
@allow(ANYONE)
def confirm_email() -> ResponseReturnValue:
    progress = find_progress()
    if progress is None or progress.step is not Step.EMAIL_CODE:
        return to_step(progress)
    form = MailCode()
    if form.handed_in():
        if act(activation.confirm_email, kept(CARRIER), form.code.data or "", network=network()):
            return redirect(url_for(".show_name"), 303)
        form.refuse(Invalid({"code": _("Deze code klopt niet, of is verlopen. Kijk in de nieuwste mail.")}))
    return page(
        "sign_in/confirm_email.html",
        form=form,
        email=progress.email,
        school=progress.school,
        caption=caption(progress, Step.EMAIL_CODE),
        back_url=url_for(".enter_email"),
    )


@blueprint.route("/activeren/wachtwoord", methods=["GET", "POST"])
@allow(ANYONE)
def choose_password() -> ResponseReturnValue:
    progress = find_progress()
    if progress is None or progress.step not in CHOOSES_PASSWORD:
        return to_step(progress)
    form = NewPassword()
    if form.handed_in():
        with form.refusals():
            activation.choose_password(this_portal().database, kept(CARRIER), form.password.data or "")
            return redirect(url_for(".set_up_app"), 303)
    return page(
        "sign_in/choose_password.html",
        form=form,
        sign_in_name=progress.sign_in_name,
        school=progress.school,
        caption=caption(progress, Step.PASSWORD),
        back_url=_before_password(progress),
    )


def _before_password(progress: Progress) -> str | None:
    if progress.step is Step.WAY:
        return url_for(".choose_way")
    return url_for(".enter_email") if progress.step is Step.PASSWORD and not progress.is_renewal else None


@blueprint.route("/activeren/codes-app", methods=["GET", "POST"])
@allow(ANYONE)
def set_up_app() -> ResponseReturnValue:
    """The same key on every visit for half an hour, so that a reloaded page still fits what the app has learned."""
    progress = find_progress()
    if progress is None or progress.step is not Step.APP:
        return to_step(progress)
    form = AppCode()
    if form.handed_in():
        refused = act(activation.confirm_app, kept(CARRIER), form.code.data or "", network=network())
        if refused is None:
            return redirect(url_for(".keep_codes"), 303)
        if refused is not Refused.START_AGAIN:
            form.refuse(Invalid({"code": what_to_do(refused)}))
    with reading() as unit:
        pending = reads.find_pending_app(unit, progress)
    frame: dict[str, Any] = {"school": progress.school, "caption": caption(progress, Step.APP)}
    if pending is None:
        return page("sign_in/key_lapsed.html", renew=Only(), **frame)
    address = one_time_codes.provisioning_uri(pending.key, account=progress.sign_in_name or "", school=progress.sender)
    return page(
        "sign_in/set_up_app.html",
        form=form,
        address=address,
        key=one_time_codes.readable_secret(pending.key),
        picture=qr.svg(address, title=_("QR-code voor uw codes-app")),
        until=pending.until,
        back_url=url_for(".choose_password"),
        **frame,
    )


@blueprint.post("/activeren/codes-app/nieuw")
@allow(ANYONE)
def renew_key() -> ResponseReturnValue:
    progress = find_progress()
    if progress is not None and progress.step is Step.APP:
        act(activation.renew_key, kept(CARRIER))
    return to_step(progress)


@blueprint.route("/activeren/noodcodes", methods=["GET", "POST"])
@allow(ANYONE)
def keep_codes() -> ResponseReturnValue:
    progress = find_progress()
    if progress is None or progress.step is not Step.RECOVERY:
        return to_step(progress)
    form = SavedCode()
    if form.handed_in():
        done = act(
            activation.confirm_recovery_codes,
            kept(CARRIER),
            form.code.data or "",
            network=network(),
            device=device(),
            known=lasting_token(),
            language=this_language(),
        )
        if done is not None:
            return go_in(done)
        form.refuse(Invalid({"code": _("Deze code staat niet in de lijst. Typ een van de codes over.")}))
    with reading() as unit:
        made = reads.get_recovery_codes(unit, progress.id)
    return page(
        "sign_in/keep_codes.html",
        form=form,
        codes=[codes.in_groups(code) for code in made],
        skip=None if progress.needs_codes else Only(),
        school=progress.school,
        sender=progress.sender,
        caption=caption(progress, Step.RECOVERY),
    )


@blueprint.post("/activeren/overslaan")
@allow(ANYONE)
def skip_codes() -> ResponseReturnValue:
    """Only for guardians; staff keep saved codes, because nobody may help them out alone (control A09)."""
    progress = find_progress()
    if progress is None or progress.step is not Step.RECOVERY or progress.needs_codes:
        return to_step(progress)
    done = act(
        activation.finish_without_codes,
        kept(CARRIER),
        device=device(),
        known=lasting_token(),
        language=this_language(),
    )
    return go_in(done)
