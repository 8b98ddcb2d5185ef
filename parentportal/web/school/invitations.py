"""Letters with a code for guardians, per group: who has one, make them, print them, make one anew, withdraw one."""

from collections.abc import Sequence
from uuid import UUID

from flask.typing import ResponseReturnValue

from parentportal.access import Visitor, allow
from parentportal.reads import invitations as reads
from parentportal.reads import outbox, staff_letters
from parentportal.reads.invitations import GroupCount, Invitee, Stand
from parentportal.rules.errors import NotFound
from parentportal.rules.roles import Role
from parentportal.services import invitations
from parentportal.web.guard import this_visitor
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page
from parentportal.web.portal import act, reading
from parentportal.web.school import letters
from parentportal.web.school.letters import ALL, MakeLetters, Place
from parentportal.web.school.room import blueprint

WHO = (Role.ADMINISTRATION, Role.DIRECTOR)
NO_GROUP = {"group_id": None}

ROOM_OF.update(
    {
        f"school.{name}": "school.invitations"
        for name in ("group_invitations", "print_letters", "renew_letters", "invitation", "reissue", "revoke")
    }
)


@blueprint.get("/brieven", endpoint="invitations")
@allow(*WHO)
def show_groups() -> ResponseReturnValue:
    """Per group who waits, and below it whom our mail does not reach: a letter does."""
    visitor = this_visitor()
    with reading() as session:
        standings = reads.list_standings(session, board_id=visitor.board_id, school_id=visitor.school_id)
        people = reads.list_invitees(
            session, board_id=visitor.board_id, school_id=visitor.school_id, giver=visitor.role, standings=standings
        )
        colleagues = staff_letters.list_colleagues(session, by=visitor, standings=standings)
        dead = outbox.list_dead(session, by=visitor)
    return page(
        "school/invitations/groups.html",
        groups=[_row(Place(False, group.id, group.name), group) for group in reads.count_by_group(people)],
        staff=[_row(Place(True), group) for group in reads.count_by_group(colleagues)],
        dead=dead,
        on_paper=_links(colleagues, people, on_paper=True),
        without_post=_links((), people, on_paper=False),
    )


def _row(place: Place, group: GroupCount) -> list[object]:
    return [
        {"text": place.name, "url": place.url("list")},
        place.counted(None, group.people),
        place.counted(Stand.WAITING, group.waiting),
        place.counted(Stand.MADE, group.made),
        place.counted(Stand.ACTIVE, group.active),
    ]


def _links(
    colleagues: Sequence[Invitee], guardians: Sequence[Invitee], *, on_paper: bool
) -> list[tuple[str, str, str]]:
    """Whom we only reach on paper, or by hand: the name, the list and the page of each, everybody once."""
    found: dict[UUID, tuple[str, str, str]] = {}
    listed = [(Place(True), one) for one in colleagues] + [(Place(False, *one.groups[0]), one) for one in guardians]
    for place, person in listed:
        meant = person.standing.on_paper if on_paper else person.waits and not person.has_post
        if meant:
            row = (person.name.display(), place.name, place.url("person", adult_id=person.adult_id))
            found.setdefault(person.adult_id, row)
    return list(found.values())


@blueprint.get("/brieven/zonder-groep", defaults=NO_GROUP)
@blueprint.get("/brieven/<uuid:group_id>")
@allow(*WHO)
def group_invitations(group_id: UUID | None) -> ResponseReturnValue:
    return letters.show_list(*_members(group_id, this_visitor()))


@blueprint.get("/brieven/zonder-groep/opnieuw", defaults=NO_GROUP)
@blueprint.get("/brieven/<uuid:group_id>/opnieuw")
@allow(*WHO)
def renew_letters(group_id: UUID | None) -> ResponseReturnValue:
    return letters.show_renewal(*_members(group_id, this_visitor()))


@blueprint.post("/brieven/zonder-groep/printen", defaults=NO_GROUP)
@blueprint.post("/brieven/<uuid:group_id>/printen")
@allow(*WHO)
def print_letters(group_id: UUID | None) -> ResponseReturnValue:
    """Reloading the page sends the same form again and so gives the same letters, for an hour."""
    visitor, form = this_visitor(), MakeLetters()
    renew = form.which.data == ALL
    made = act(invitations.make_letters, group_id, key=letters.key_of(form), by=visitor, renew=renew)
    place, _people = _members(group_id, visitor)
    return letters.show_letters(place, made, place.url("list"), by=visitor)


@blueprint.get("/brieven/zonder-groep/<uuid:adult_id>", defaults=NO_GROUP)
@blueprint.get("/brieven/<uuid:group_id>/<uuid:adult_id>")
@allow(*WHO)
def invitation(group_id: UUID | None, adult_id: UUID) -> ResponseReturnValue:
    place, members = _members(group_id, this_visitor())
    return letters.show_person(place, letters.one_of(members, adult_id))


@blueprint.post("/brieven/zonder-groep/<uuid:adult_id>/printen", defaults=NO_GROUP)
@blueprint.post("/brieven/<uuid:group_id>/<uuid:adult_id>/printen")
@allow(*WHO)
def reissue(group_id: UUID | None, adult_id: UUID) -> ResponseReturnValue:
    visitor, form = this_visitor(), MakeLetters()
    place, members = _members(group_id, visitor)
    letters.one_of(members, adult_id)
    letter = act(invitations.reissue, adult_id, key=letters.key_of(form), by=visitor)
    return letters.show_letters(place, [letter], place.url("person", adult_id=adult_id), by=visitor)


@blueprint.route("/brieven/zonder-groep/<uuid:adult_id>/intrekken", methods=["GET", "POST"], defaults=NO_GROUP)
@blueprint.route("/brieven/<uuid:group_id>/<uuid:adult_id>/intrekken", methods=["GET", "POST"])
@allow(*WHO)
def revoke(group_id: UUID | None, adult_id: UUID) -> ResponseReturnValue:
    visitor = this_visitor()
    place, members = _members(group_id, visitor)
    person = letters.one_of(members, adult_id)
    return letters.ask_to_revoke(place, person, lambda unit: invitations.revoke(unit, adult_id, by=visitor))


def _members(group_id: UUID | None, visitor: Visitor) -> tuple[Place, Sequence[Invitee]]:
    """A group of this school with its guardians; any other group is `NotFound`."""
    with reading() as session:
        people = reads.list_invitees(
            session, board_id=visitor.board_id, school_id=visitor.school_id, giver=visitor.role
        )
    members = [person for person in people if group_id in {group[0] for group in person.groups}]
    if not members:
        raise NotFound
    return Place(False, *next(group for group in members[0].groups if group[0] == group_id)), members
