"""Help at the counter: somebody lost every way in, and stands here with a telephone (ux 6.7, D7)."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING
from uuid import UUID

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.models.counter_recoveries import Identity
from parentportal.outside import codes, qr
from parentportal.reads import counter_recoveries as reads
from parentportal.reads import people
from parentportal.rules.counter_recoveries import State
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.rules.step_ups import Act
from parentportal.services import counter_recoveries
from parentportal.services.counter_recoveries import BLOCKED, NOT_YOU
from parentportal.web.fields import Choice, OneOf, PortalForm, ShortText
from parentportal.web.guard import this_visitor
from parentportal.web.languages import long_day, write_dutch
from parentportal.web.languages import translate as _
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page
from parentportal.web.portal import act_once, reading, this_portal
from parentportal.web.school.room import blueprint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WHO = (Role.ADMINISTRATION, Role.DIRECTOR)
SEARCHED = "recovery_search"
MOST_FOUND = 25
ON_PAPER = "paper"
IDENTITIES = (
    (Identity.DOCUMENT.value, N_("Ik zag een paspoort, identiteitskaart of rijbewijs")),
    (Identity.KNOWN.value, N_("Deze persoon is bekend bij mij en bij een collega")),
)
PLACES = (("screen", N_("Op dit scherm")), (ON_PAPER, N_("Op papier")))

ROOM_OF.update(
    {f"school.{name}": "school.more" for name in ("counter_recoveries", "recover_person", "recovery", "counter_code")}
)


class SearchForm(PortalForm):
    """A name; see `authorities.SearchForm`."""

    name = ShortText(N_("Zoek op naam"))


class AskForm(PortalForm):
    """How somebody was recognised, who looks along, and where the code goes; never a number or a copy."""

    identity = OneOf(N_("Hoe weet u wie dit is?"), choices=IDENTITIES, missing=N_("Kies hoe u weet wie dit is."))
    second = Choice(N_("Welke collega kijkt mee?"), choices=())
    place = OneOf(N_("Hoe geeft u de code?"), choices=PLACES, missing=N_("Kies scherm of papier."))

    def second_id(self) -> UUID | None:
        return UUID(self.second.data) if self.second.data else None


@blueprint.route("/inloghulp", methods=["GET", "POST"], endpoint="counter_recoveries")
@allow(*WHO)
def show() -> ResponseReturnValue:
    """Whoever needs help, found by name, and the cases of the last month."""
    form, visitor = SearchForm(), this_visitor()
    if form.handed_in():
        session[SEARCHED] = form.name.data
        return redirect(url_for(".counter_recoveries", toon="gevonden" if form.name.data else None), 303)
    text = session.get(SEARCHED, "") if request.args.get("toon") == "gevonden" else ""
    form.name.data = text
    with reading() as unit:
        cases = reads.list_cases(unit, by=visitor) if not text else []
        found = people.search_adults(people.list_adults(unit, by=visitor), text) if text else []
    with_account = [one for one in found if one.has_account]
    return page(
        "school/counter_recoveries/list.html",
        form=form,
        text=text,
        found=with_account[:MOST_FOUND],
        count=len(with_account),
        without=len(found) - len(with_account),
        most=MOST_FOUND,
        cases=cases,
        me=visitor.adult_id,
    )


@blueprint.get("/inloghulp/personen/<uuid:adult_id>")
@allow(*WHO)
def recover_person(adult_id: UUID) -> ResponseReturnValue:
    return _person_page(adult_id, AskForm(formdata=None))


@blueprint.post("/inloghulp/personen/<uuid:adult_id>")
@allow(*WHO, step_up=Act.RECOVERY)
def ask_recovery(adult_id: UUID) -> ResponseReturnValue:
    """With the own second factor of who asks; a mistake comes back as the same page."""
    form, visitor = AskForm(), this_visitor()
    _offer(form, adult_id)
    if form.handed_in():

        def work(unit: Session) -> str:
            case = counter_recoveries.ask(
                unit,
                adult_id,
                identity=Identity(form.identity.data),
                second_id=form.second_id(),
                on_paper=form.place.data == ON_PAPER,
                by=visitor,
            )
            return url_for(".recovery", recovery_id=case)

        with form.refusals():
            return act_once(form, work)
    return _person_page(adult_id, form)


def _offer(form: AskForm, adult_id: UUID) -> int:
    with reading() as unit:
        colleagues = reads.list_colleagues(unit, adult_id, by=this_visitor())
    form.second.offer([("", N_("Kies een collega")), *((str(one.adult_id), one.name) for one in colleagues)])
    return len(colleagues)


def _person_page(adult_id: UUID, form: AskForm) -> ResponseReturnValue:
    with reading() as unit:
        person = reads.get_person(unit, adult_id, by=this_visitor())
    barred = NOT_YOU.get(person.bar, "") if person.bar else BLOCKED if person.is_blocked else ""
    return page(
        "school/counter_recoveries/person.html",
        form=form,
        person=person,
        barred=_(barred),
        colleagues=_offer(form, adult_id),
        always=person.works or person.four_eyes,
        back_url=url_for(".counter_recoveries"),
    )


@blueprint.get("/inloghulp/<uuid:recovery_id>")
@allow(*WHO)
def recovery(recovery_id: UUID) -> ResponseReturnValue:
    """For who asked: what happens now. For a colleague: what is asked, and what saying yes means."""
    visitor = this_visitor()
    with reading() as unit:
        case = reads.get_case(unit, recovery_id, by=visitor)
    bar = case.bar_to_confirm(visitor)
    return page(
        "school/counter_recoveries/case.html",
        form=PortalForm(formdata=None),
        case=case,
        is_mine=case.asked_by_id == visitor.adult_id,
        barred=_(NOT_YOU.get(bar, "")) if bar else "",
        back_url=url_for(".counter_recoveries"),
    )


@blueprint.post("/inloghulp/<uuid:recovery_id>/bevestigen")
@allow(*WHO, step_up=Act.RECOVERY)
def confirm_recovery(recovery_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()

    def work(unit: Session) -> str:
        return url_for(".recovery", recovery_id=counter_recoveries.confirm(unit, recovery_id, by=visitor))

    return act_once(PortalForm(), work, done=N_("Bevestigd. Uw collega kan de code nu geven."))


@blueprint.post("/inloghulp/<uuid:recovery_id>/stoppen")
@allow(*WHO)
def stop_recovery(recovery_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()

    def work(unit: Session) -> str:
        counter_recoveries.stop(unit, recovery_id, by=visitor)
        return url_for(".recovery", recovery_id=recovery_id)

    return act_once(PortalForm(), work, done=N_("Gestopt."))


@blueprint.get("/inloghulp/<uuid:recovery_id>/code")
@allow(*WHO, step_up=Act.RECOVERY)
def counter_code(recovery_id: UUID) -> ResponseReturnValue:
    """The code, large on screen or as a letter, to nobody but who asked for it and for as long as it works."""
    visitor = this_visitor()
    with reading() as unit:
        case = reads.get_case(unit, recovery_id, by=visitor)
        if case.state is not State.READY or case.asked_by_id != visitor.adult_id:
            return redirect(url_for(".recovery", recovery_id=recovery_id), 303)
        code = codes.in_groups(reads.get_code(unit, case, by=visitor))
    if case.on_paper:
        write_dutch()
    base_url, now = this_portal().settings.base_url, this_portal().clock.now()
    return page(
        "school/counter_recoveries/letter.html" if case.on_paper else "school/counter_recoveries/code.html",
        case=case,
        code=code,
        picture=qr.svg(f"{base_url}/activeren/{code}", title=_("QR-code met het adres en de code")),
        start_url=base_url,
        minutes=ceil((case.expires_at - now) / timedelta(minutes=1)),
        sender=visitor.board_name if case.place_is_hidden or visitor.school is None else visitor.school.name,
        phone="" if case.place_is_hidden or visitor.school is None else visitor.school.phone,
        printed_on=long_day(now),
        back_url=url_for(".recovery", recovery_id=recovery_id),
    )
