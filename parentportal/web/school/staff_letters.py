"""Letters with a code for colleagues: a list of its own beside those of the groups."""

from collections.abc import Sequence
from uuid import UUID

from flask.typing import ResponseReturnValue

from parentportal.access import Visitor, allow
from parentportal.reads import staff_letters as reads
from parentportal.reads.invitations import Invitee
from parentportal.rules.roles import Role
from parentportal.services import staff_letters as services
from parentportal.web.guard import this_visitor
from parentportal.web.navigation import ROOM_OF
from parentportal.web.portal import act, reading
from parentportal.web.school import letters
from parentportal.web.school.letters import ALL, COLLEAGUES, MakeLetters, Place
from parentportal.web.school.room import blueprint

WHO = (Role.ADMINISTRATION, Role.DIRECTOR)
PLACE = Place(for_staff=True)

ROOM_OF.update({f"school{endpoint}": "school.invitations" for endpoint in COLLEAGUES.values()})


@blueprint.get("/brieven/medewerkers")
@allow(*WHO)
def staff_letters() -> ResponseReturnValue:
    return letters.show_list(PLACE, _colleagues(this_visitor()))


@blueprint.get("/brieven/medewerkers/opnieuw")
@allow(*WHO)
def renew_staff_letters() -> ResponseReturnValue:
    return letters.show_renewal(PLACE, _colleagues(this_visitor()))


@blueprint.post("/brieven/medewerkers/printen")
@allow(*WHO)
def print_staff_letters() -> ResponseReturnValue:
    """Reloading the page sends the same form again and so gives the same letters, for an hour."""
    visitor, form = this_visitor(), MakeLetters()
    made = act(services.make_letters, key=letters.key_of(form), by=visitor, renew=form.which.data == ALL)
    return letters.show_letters(PLACE, made, PLACE.url("list"), by=visitor)


@blueprint.get("/brieven/medewerkers/<uuid:adult_id>")
@allow(*WHO)
def staff_letter(adult_id: UUID) -> ResponseReturnValue:
    return letters.show_person(PLACE, letters.one_of(_colleagues(this_visitor()), adult_id))


@blueprint.post("/brieven/medewerkers/<uuid:adult_id>/printen")
@allow(*WHO)
def reissue_staff_letter(adult_id: UUID) -> ResponseReturnValue:
    visitor, form = this_visitor(), MakeLetters()
    letters.one_of(_colleagues(visitor), adult_id)
    letter = act(services.reissue, adult_id, key=letters.key_of(form), by=visitor)
    return letters.show_letters(PLACE, [letter], PLACE.url("person", adult_id=adult_id), by=visitor)


@blueprint.route("/brieven/medewerkers/<uuid:adult_id>/intrekken", methods=["GET", "POST"])
@allow(*WHO)
def revoke_staff_letter(adult_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    person = letters.one_of(_colleagues(visitor), adult_id)
    return letters.ask_to_revoke(PLACE, person, lambda unit: services.revoke(unit, adult_id, by=visitor))


def _colleagues(visitor: Visitor) -> Sequence[Invitee]:
    with reading() as session:
        return reads.list_colleagues(session, by=visitor)
