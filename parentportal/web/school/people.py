"""Adults who may be listed twice: suggestions, a choice by hand, and joining them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from parentportal.access import allow
from parentportal.reads import people as reads
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.rules.step_ups import Act
from parentportal.services import people as services
from parentportal.web.fields import Choice, PortalForm, ShortText
from parentportal.web.guard import this_visitor
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page
from parentportal.web.portal import act_once, reading
from parentportal.web.school.room import blueprint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WHO = (Role.ADMINISTRATION, Role.DIRECTOR)
SEARCHED = "people_search"
MOST_FOUND = 25

ROOM_OF.update({f"school.{name}": "school.authorities" for name in ("people", "choose_twin", "merge_adults")})


class SearchForm(PortalForm):
    """A name; see `authorities.SearchForm`."""

    name = ShortText(N_("Zoek een volwassene op naam"))


class TwinForm(PortalForm):
    """The other row of the same person."""

    other = Choice(N_("Wie is dezelfde persoon?"), choices=(), missing=N_("Kies de andere rij van deze persoon."))


@blueprint.route("/personen", methods=["GET", "POST"])
@allow(*WHO)
def people() -> ResponseReturnValue:
    """Who looks listed twice, and a search for the rest."""
    form = SearchForm()
    if form.handed_in():
        session[SEARCHED] = form.name.data
        return redirect(url_for(".people", toon="gevonden" if form.name.data else None), 303)
    with reading() as unit:
        adults = reads.list_adults(unit, by=this_visitor())
    text = session.get(SEARCHED, "") if request.args.get("toon") == "gevonden" else ""
    form.name.data = text
    found = reads.search_adults(adults, text) if text else []
    return page(
        "school/people/list.html",
        form=form,
        pairs=reads.list_pairs(adults),
        text=text,
        found=found[:MOST_FOUND],
        count=len(found),
        most=MOST_FOUND,
        back_url=url_for(".authorities"),
    )


@blueprint.route("/personen/<uuid:adult_id>/dubbel", methods=["GET", "POST"])
@allow(*WHO)
def choose_twin(adult_id: UUID) -> ResponseReturnValue:
    """Choose by hand which other row is the same person."""
    with reading() as unit:
        adults = {adult.id: adult for adult in reads.list_adults(unit, by=this_visitor())}
    one = reads.one_of(adults, adult_id)
    form = TwinForm()
    others = [(str(key), adult.name) for key, adult in adults.items() if key != adult_id]
    form.other.offer([("", N_("Kies een naam")), *others])
    if form.handed_in():
        return redirect(url_for(".merge_adults", keep_id=adult_id, gone_id=form.other.data), 303)
    return page("school/people/choose.html", form=form, one=one, back_url=url_for(".people"))


@blueprint.route("/personen/<uuid:keep_id>/en/<uuid:gone_id>", methods=["GET", "POST"])
@allow(*WHO, step_up=Act.GUARDIANS)
def merge_adults(keep_id: UUID, gone_id: UUID) -> ResponseReturnValue:
    """Both rows side by side, and joining them."""
    visitor = this_visitor()
    form = PortalForm()
    if form.handed_in():

        def work(unit: Session) -> str:
            services.merge(unit, keep_id, gone_id, by=visitor)
            return url_for(".people")

        return act_once(form, work, done=N_("De twee rijen zijn nu één persoon."))
    with reading() as unit:
        keep, gone = reads.get_adults(unit, keep_id, gone_id, by=visitor)
    return page("school/people/merge.html", form=form, keep=keep, gone=gone, back_url=url_for(".people"))
