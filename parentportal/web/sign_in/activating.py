"""Activation, first half: the code of the letter and the birth date that belongs to it."""

from datetime import date

from flask import redirect, session, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import ANYONE, allow
from parentportal.outside import codes
from parentportal.reads import activation as reads
from parentportal.reads.activation import Progress, Step
from parentportal.rules.errors import Invalid
from parentportal.services import activation, sign_in
from parentportal.services.new_accounts import Activated
from parentportal.web.guard import find_visitor
from parentportal.web.languages import translate as _
from parentportal.web.pages import page, say
from parentportal.web.portal import TOKEN, act, reading
from parentportal.web.sign_in.browser import CARRIER, LETTER, carry_token, kept, network, start_anew
from parentportal.web.sign_in.destination import home_of
from parentportal.web.sign_in.forms import BirthDate, LetterCode
from parentportal.web.sign_in.room import blueprint

PAGE_OF: dict[Step, str] = {
    Step.EMAIL: "sign_in.enter_email",
    Step.EMAIL_CODE: "sign_in.confirm_email",
    Step.WAY: "sign_in.choose_way",
    Step.PASSWORD: "sign_in.choose_password",
    Step.APP: "sign_in.set_up_app",
    Step.RECOVERY: "sign_in.keep_codes",
}


@blueprint.get("/activeren/<code>")
@allow(ANYONE)
def activate_with(code: str) -> ResponseReturnValue:
    """The address in the QR code: the code goes into the cookie, and out of the address bar and every referrer."""
    session[LETTER] = codes.as_typed(code)[: codes.ACTIVATION_LENGTH]
    return redirect(url_for(".activate"), 303)


@blueprint.route("/activeren", methods=["GET", "POST"])
@allow(ANYONE)
def activate() -> ResponseReturnValue:
    form = LetterCode(code=codes.in_groups(kept(LETTER)))
    if form.handed_in():
        if form.looks_right():
            session[LETTER] = form.typed()
            with reading() as unit:
                in_hand = reads.is_in_hand(unit, form.typed())
            claimed = _claim(form.typed(), None) if in_hand else None
            return _carry(claimed) if claimed else redirect(url_for(".confirm_child"), 303)
        form.refuse(Invalid({"code": _("Een code heeft 16 letters en cijfers. Kijk hem na in uw brief.")}))
    return page("sign_in/activate.html", form=form, busy=find_progress())


@blueprint.route("/activeren/geboortedatum", methods=["GET", "POST"])
@allow(ANYONE)
def confirm_child() -> ResponseReturnValue:
    """A wrong date and a wrong code get the same answer, and nothing about a child is shown before (ux 6.3)."""
    if not kept(LETTER):
        return redirect(url_for(".activate"), 303)
    form = BirthDate()
    if form.handed_in():
        claimed = _claim(kept(LETTER), form.born.data)
        if claimed:
            return _carry(claimed)
        form.refuse(Invalid({"": _("De code en de geboortedatum horen niet bij elkaar. Kijk ze allebei na.")}))
    return page("sign_in/confirm_child.html", form=form, back_url=url_for(".activate"))


@blueprint.get("/activeren/verder")
@allow(ANYONE)
def go_on() -> ResponseReturnValue:
    return to_step(find_progress())


def find_progress() -> Progress | None:
    """The activation that this browser is busy with."""
    carrier = kept(CARRIER)
    if not carrier:
        return None
    with reading() as unit:
        return reads.find_progress(unit, carrier)


def to_step(progress: Progress | None) -> ResponseReturnValue:
    """To the next question; without an activation to the first one, and home after a double tap on the last."""
    visitor = find_visitor()
    if progress is None and visitor is not None:
        return redirect(home_of(visitor.role), 303)
    return redirect(url_for(PAGE_OF[progress.step] if progress else ".activate"), 303)


ASKED = (Step.EMAIL, Step.WAY, Step.PASSWORD, Step.APP, Step.RECOVERY)


def caption(progress: Progress, step: Step, *, is_last: bool = False) -> str:
    """ "Stap 3 van 6": the code and the birth date come first; codes in hand skip the date, renewals the address.

    `is_last`: nothing comes after it.
    """
    left_out = {Step.EMAIL} if progress.is_renewal else set()
    left_out |= {Step.WAY} if progress.needs_codes else set()
    steps = [one for one in ASKED if one not in left_out]
    before = 1 if progress.is_at_desk else 2
    asked = Step.EMAIL if step is Step.EMAIL_CODE else step
    number = before + steps.index(asked) + 1
    return _("Stap %(number)s van %(most)s", number=number, most=number if is_last else before + len(steps))


def go_in(done: Activated) -> ResponseReturnValue:
    """Into the portal, by the account that was just made or renewed."""
    carry_token(done.entered.token)
    say("ok", _("Uw account is klaar. Uw inlognaam is %(name)s.", name=done.sign_in_name))
    role = done.entered.role
    return redirect(home_of(role) if role else url_for(".choose_role"), 303)


def _claim(code: str, born: date | None) -> str | None:
    return act(activation.claim, code, born, network=network(), carrier=kept(CARRIER))


def _carry(carrier: str) -> ResponseReturnValue:
    if token := kept(TOKEN):
        act(sign_in.end, token)
    start_anew(**{CARRIER: carrier})
    return to_step(find_progress())
