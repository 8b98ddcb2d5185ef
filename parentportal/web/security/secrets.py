"""One's own password and saved codes (noodcodes)."""

from typing import Any
from uuid import UUID

from flask import Response, session, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import EVERYBODY_SIGNED_IN, Visitor, allow
from parentportal.outside import codes
from parentportal.reads import ways_in as reads
from parentportal.rules.errors import Invalid, NotFound
from parentportal.rules.sentences import N_
from parentportal.rules.step_ups import Act
from parentportal.services import own_account, recovery_codes
from parentportal.services.own_account import Changed
from parentportal.web.guard import this_visitor
from parentportal.web.languages import long_day
from parentportal.web.languages import translate as _
from parentportal.web.portal import TOKEN, act, reading, this_portal
from parentportal.web.security.changes import change_once, go_on, own_page
from parentportal.web.security.codes_app import sender
from parentportal.web.security.forms import MadeCodes, TypedBack
from parentportal.web.security.room import blueprint
from parentportal.web.sign_in.forms import NewPassword, Only

FILE = "noodcodes.txt"


@blueprint.route("/wachtwoord", methods=["GET", "POST"])
@allow(EVERYBODY_SIGNED_IN, step_up=Act.WAYS_IN)
def change_password() -> ResponseReturnValue:
    visitor, form = this_visitor(), NewPassword()
    with reading() as unit:
        ways = reads.get_ways(unit, site=this_portal().site, by=visitor)
    if form.handed_in():
        with form.refusals():
            hashed = own_account.hash_password(this_portal().database, form.password.data or "", by=visitor)

            def choose(unit: Any) -> Changed:
                return own_account.choose_password(unit, hashed, by=visitor)

            return change_once(form, choose, done=N_("Uw nieuwe wachtwoord is bewaard."), visitor=visitor)
    return own_page("security/password.html", visitor, form=form, ways=ways, back_url=url_for(".show"))


@blueprint.get("/noodcodes")
@allow(EVERYBODY_SIGNED_IN, step_up=Act.WAYS_IN)
def explain_codes() -> ResponseReturnValue:
    """What making new ones means, before it is done."""
    visitor = this_visitor()
    with reading() as unit:
        ways = reads.get_ways(unit, site=this_portal().site, by=visitor)
    return own_page("security/explain_codes.html", visitor, form=Only(), ways=ways, back_url=url_for(".show"))


@blueprint.post("/noodcodes")
@allow(EVERYBODY_SIGNED_IN, step_up=Act.WAYS_IN)
def make_codes() -> ResponseReturnValue:
    """The answer itself shows the codes, which are kept nowhere; a reload gives the same ones, for an hour."""
    visitor, form = this_visitor(), Only()
    key = _key(form.idempotency_key.data)
    _carry_on(act(recovery_codes.make, key, by=visitor))
    return _codes_page(key, visitor, TypedBack(formdata=None))


@blueprint.post("/noodcodes/overgetypt")
@allow(EVERYBODY_SIGNED_IN, step_up=Act.WAYS_IN)
def confirm_codes() -> ResponseReturnValue:
    """Somebody at work typed one of the new codes back: only now they count."""
    visitor, form = this_visitor(), TypedBack()
    key = _key(form.made_with.data)
    if form.handed_in():
        changed = act(recovery_codes.confirm, key, form.code.data or "", by=visitor)
        if changed is not None:
            return go_on(changed, done=N_("Uw nieuwe noodcodes werken vanaf nu."), visitor=visitor)
        form.refuse(Invalid({"code": N_("Deze code staat niet in de lijst. Typ een van de codes over.")}))
    return _codes_page(key, visitor, form)


@blueprint.post("/noodcodes/bestand")
@allow(EVERYBODY_SIGNED_IN, step_up=Act.WAYS_IN)
def download_codes() -> ResponseReturnValue:
    """The same codes as a file: with the school and the day, and without the name or address of the owner."""
    visitor = this_visitor()
    made = _list(_key(MadeCodes().made_with.data), visitor)
    day = long_day(this_portal().clock.now())
    lines = [
        _("Noodcodes voor het privacyportaal van %(name)s", name=sender(visitor)),
        _("Gemaakt op %(day)s", day=day),
        _("Elke code werkt één keer, samen met uw wachtwoord."),
        "",
        *made,
        "",
    ]
    return Response(
        "\r\n".join(lines),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{FILE}"'},
    )


def _codes_page(key: UUID, visitor: Visitor, form: TypedBack) -> tuple[str, int]:
    with reading() as unit:
        waits = reads.works_anywhere(unit, by=visitor)
    return own_page(
        "security/codes.html",
        visitor,
        form=form,
        codes=_list(key, visitor),
        waits=waits,
        made_with=str(key),
        sender=sender(visitor),
        made_on=this_portal().clock.now(),
        download=MadeCodes(formdata=None),
    )


def _list(key: UUID, visitor: Visitor) -> list[str]:
    with reading() as unit:
        return [codes.in_groups(code) for code in recovery_codes.list_codes(unit, key, by=visitor)]


def _carry_on(changed: Changed | None) -> None:
    if changed is not None:
        session[TOKEN] = changed.token


def _key(text: str | None) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound from None
