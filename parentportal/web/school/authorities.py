"""Authority: which relations wait for a person, and confirming, ending and shielding them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField

from parentportal.access import allow
from parentportal.outside.clock import amsterdam_date
from parentportal.reads import authority as reads
from parentportal.rules.authority import EVIDENCE, HIDES, SCOPED, Evidence, Relation, SafetyFlag, Status
from parentportal.rules.errors import Invalid
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.rules.step_ups import Act
from parentportal.services import authority
from parentportal.services.authority import EndReason
from parentportal.web.fields import DayMonthYear, OneOf, PortalForm, ShortText
from parentportal.web.guard import this_visitor
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page
from parentportal.web.portal import act_once, reading, this_portal
from parentportal.web.school.room import blueprint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WHO = (Role.ADMINISTRATION, Role.DIRECTOR)
ON_A_PAGE = 25
SEARCHED = "authority_search"

ROOM_OF.update(
    {
        f"school.{name}": "school.authorities"
        for name in ("confirm_families", "show_family", "confirm_authority", "end_authority", "flag_authority")
    }
)

KINDS = (
    (Relation.JOINT, N_("Gezamenlijk gezag, samen op één adres")),
    (Relation.JOINT_SEPARATED, N_("Gezamenlijk gezag, elk een eigen adres")),
    (Relation.SOLE, N_("Alleen deze ouder heeft gezag")),
    (Relation.WITHOUT, N_("Ouder zonder gezag")),
    (Relation.LEGAL_GUARDIAN, N_("Voogd")),
    (Relation.INSTITUTION, N_("Instelling die voogd is of gezag kreeg")),
    (Relation.UNDER_SUPERVISION, N_("Ouder, maar een instelling beslist over school")),
    (Relation.MANDATED, N_("Pleegouder, stiefouder of grootouder met machtiging")),
    (Relation.CARER, N_("Pleegouder, stiefouder of grootouder zonder machtiging")),
    (Relation.SELF, N_("De leerling zelf, vanaf 16 jaar")),
)
PROOFS = (
    (Evidence.ENROLMENT, N_("Inschrijfformulier")),
    (Evidence.DECLARATION, N_("Verklaring van de ouders")),
    (Evidence.REGISTER, N_("Uittreksel uit het gezagsregister")),
    (Evidence.RULING, N_("Uitspraak van de rechter")),
    (Evidence.MANDATE, N_("Schriftelijke machtiging")),
    (Evidence.BIRTH_DATE, N_("Geboortedatum")),
)
REASONS = (
    (EndReason.RULING, N_("Uitspraak van de rechter")),
    (EndReason.AGREEMENT, N_("Verandering in het gezagsregister")),
    (EndReason.DECEASED, N_("Deze persoon is overleden")),
    (EndReason.MISTAKE, N_("Het gezag was bij vergissing bevestigd")),
    (EndReason.OTHER, N_("Iets anders")),
)
ENDED = N_("Het gezag stopt. Vergist? Bevestig het gezag dan opnieuw.")
DIED = N_(
    "Het gezag stopt en het account gaat dicht. Werkt deze persoon ook op school? Stop dan ook die rol. Vergist? Bel "
    "dan meteen de beheerder van het portaal."
)


class SearchForm(PortalForm):
    """A name, handed in instead of put in an address: addresses hold no names."""

    name = ShortText(N_("Zoek een kind of ouder op naam"))


class ConfirmForm(PortalForm):
    """What the relation is and how that was seen; `seen` is the state that the page showed."""

    seen = HiddenField()
    kind = OneOf(N_("Wat is de relatie?"), choices=KINDS, missing=N_("Kies wat de relatie is."))
    evidence = OneOf(N_("Welk bewijs heeft u gezien?"), choices=PROOFS, missing=N_("Kies welk bewijs u heeft gezien."))
    for_school = BooleanField(N_("Het bewijs geldt voor schoolzaken"))
    valid_from = DayMonthYear(N_("Vanaf welke dag? (niet verplicht)"))
    valid_until = DayMonthYear(N_("Tot welke dag? (niet verplicht)"))


class EndForm(PortalForm):
    """When a relation ends, and why."""

    seen = HiddenField()
    ends_on = DayMonthYear(
        N_("Vanaf welke dag is er geen gezag meer?"), missing=N_("Vul de dag in: dag, maand en jaar.")
    )
    reason = OneOf(N_("Waarom stopt het gezag?"), choices=REASONS, missing=N_("Kies waarom het gezag stopt."))


class FlagForm(PortalForm):
    """Which dangers there are from this person."""

    no_contact = BooleanField(N_("Geen contact"))
    secret_address = BooleanField(N_("Geheim adres"))
    no_location = BooleanField(N_("School en groep zijn geheim"))


class SeenForm(PortalForm):
    """The fingerprint of the list that was shown."""

    seen = HiddenField()


@blueprint.route("/gezag", methods=["GET", "POST"])
@allow(*WHO)
def authorities() -> ResponseReturnValue:
    """What waits for a person, or what a search found; POST searches."""
    form = SearchForm()
    if form.handed_in():
        session[SEARCHED] = form.name.data
        return redirect(url_for(".authorities", toon="gevonden" if form.name.data else None), 303)
    with reading() as unit:
        families = reads.list_families(unit, by=this_visitor())
    show = request.args.get("toon", "")
    text = session.get(SEARCHED, "") if show == "gevonden" else ""
    form.name.data = text
    return page(
        "school/authorities/list.html",
        form=form,
        **_shelf(families, show, text),
        in_bulk=sum(family.in_bulk for family in families),
        waiting=sum(family.urgency < reads.STALE for family in families),
        stale=sum(any(one.is_stale for one in family.relations) for family in families),
    )


def _shelf(families: Sequence[reads.FamilyRow], show: str, text: str) -> dict[str, Any]:
    """The families on this page of the list, with the way through it."""
    if show == "gevonden":
        chosen = reads.search_families(families, text) if text else []
    elif show == "verouderd":
        chosen = [one for one in families if any(relation.is_stale for relation in one.relations)]
    else:
        chosen = [one for one in families if show == "alles" or one.urgency < reads.STALE]
    pages = max(1, -(-len(chosen) // ON_A_PAGE))
    number = min(max(request.args.get("bladzijde", 1, type=int), 1), pages)
    return {
        "families": chosen[(number - 1) * ON_A_PAGE : number * ON_A_PAGE],
        "found": len(chosen),
        "show": show,
        "number": number,
        "pages": pages,
    }


@blueprint.route("/gezag/samen-bevestigen", methods=["GET", "POST"])
@allow(*WHO, step_up=Act.GUARDIANS)
def confirm_families() -> ResponseReturnValue:
    """The families that may be confirmed with one button."""
    visitor = this_visitor()
    form = SeenForm()
    if form.handed_in():

        def work(unit: Session) -> str:
            authority.confirm_families(unit, seen=form.seen.data or "", by=visitor)
            return url_for(".authorities")

        return act_once(form, work, done=N_("Het gezag in deze gezinnen is bevestigd."))
    with reading() as unit:
        families = authority.list_bulk_families(unit, by=visitor)
    form.seen.data = authority.fingerprint(families)
    return page("school/authorities/bulk.html", form=form, families=families, back_url=url_for(".authorities"))


@blueprint.get("/gezag/leerlingen/<uuid:pupil_id>")
@allow(*WHO)
def show_family(pupil_id: UUID) -> ResponseReturnValue:
    with reading() as unit:
        family = reads.get_family(unit, pupil_id, by=this_visitor())
    return page("school/authorities/family.html", family=family, back_url=url_for(".authorities"))


@blueprint.route("/gezag/<uuid:authority_id>/bevestigen", methods=["GET", "POST"])
@allow(*WHO, step_up=Act.GUARDIANS)
def confirm_authority(authority_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as unit:
        family, relation = reads.get_relation(unit, authority_id, by=visitor)
    form = ConfirmForm(seen=relation.status.value, valid_from=relation.valid_from, valid_until=relation.valid_until)
    if form.handed_in():

        def work(unit: Session) -> str:
            pupil_id = authority.confirm(
                unit,
                authority_id,
                seen=_status(form),
                kind=Relation(form.kind.data),
                evidence=Evidence(form.evidence.data),
                valid_from=form.valid_from.data,
                valid_until=form.valid_until.data,
                for_school=form.for_school.data,
                by=visitor,
            )
            return url_for(".show_family", pupil_id=pupil_id)

        with form.refusals():
            return act_once(form, work, done=N_("Het gezag is bevestigd. Vergist? Bevestig het opnieuw, of stop het."))
    return _relation_page(
        "school/authorities/confirm.html",
        form,
        family,
        relation,
        proofs=_proofs(),
        scoped=[kind.value for kind in SCOPED],
    )


@blueprint.route("/gezag/<uuid:authority_id>/stoppen", methods=["GET", "POST"])
@allow(*WHO, step_up=Act.GUARDIANS)
def end_authority(authority_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as unit:
        family, relation = reads.get_relation(unit, authority_id, by=visitor)
    today = amsterdam_date(this_portal().clock.now())
    form = EndForm(seen=relation.status.value, ends_on=today)
    if form.handed_in():

        def work(unit: Session) -> str:
            pupil_id = authority.end(
                unit,
                authority_id,
                seen=_status(form),
                last_day_gone=form.ends_on.data,
                reason=EndReason(form.reason.data),
                by=visitor,
            )
            return url_for(".show_family", pupil_id=pupil_id)

        with form.refusals():
            return act_once(form, work, done=DIED if form.reason.data == EndReason.DECEASED else ENDED)
    return _relation_page("school/authorities/end.html", form, family, relation)


@blueprint.route("/gezag/<uuid:authority_id>/veiligheid", methods=["GET", "POST"])
@allow(*WHO)
def flag_authority(authority_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    with reading() as unit:
        family, relation = reads.get_relation(unit, authority_id, by=visitor)
    form = FlagForm(**{flag.value: flag in relation.flags for flag in SafetyFlag})
    if form.handed_in():
        flags = {flag for flag in SafetyFlag if form[flag.value].data}

        def work(unit: Session) -> str:
            pupil_id = authority.set_flags(unit, authority_id, flags=flags, by=visitor)
            return url_for(".show_family", pupil_id=pupil_id)

        return act_once(form, work, done=N_("De afscherming is opgeslagen en werkt meteen."))
    hides = {flag.value: [hidden.value for hidden in sorted(HIDES[flag])] for flag in SafetyFlag}
    return _relation_page("school/authorities/flags.html", form, family, relation, hides=hides)


def _relation_page(
    template: str, form: PortalForm, family: reads.FamilyRow, relation: reads.RelationRow, **more: Any
) -> ResponseReturnValue:
    back_url = url_for(".show_family", pupil_id=family.pupil_id)
    return page(
        template,
        form=form,
        family=family,
        relation=relation,
        back_url=back_url,
        here=request.path,
        **more,
    )


def _status(form: ConfirmForm | EndForm) -> Status:
    try:
        return Status(form.seen.data or "")
    except ValueError:
        raise Invalid({"seen": N_("Bekijk het gezin opnieuw en kies dan.")}) from None


def _proofs() -> dict[str, list[str]]:
    """Per relation the words of the proof that fits, for the hints below the choices."""
    return {
        kind.value: [words for proof, words in PROOFS if proof in EVIDENCE[kind]]
        for kind, _words in KINDS
        if len(EVIDENCE[kind]) < len(Evidence)
    }
