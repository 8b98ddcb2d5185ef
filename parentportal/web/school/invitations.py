"""Letters with a code, per group: who has one, make them, print them, make one anew, withdraw one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from parentportal.access import Visitor, allow
from parentportal.outside import qr
from parentportal.reads import invitations as reads
from parentportal.reads import outbox
from parentportal.reads.invitations import Invitee
from parentportal.rules.errors import NotFound
from parentportal.rules.roles import Role
from parentportal.rules.sentences import N_
from parentportal.services import invitations
from parentportal.services.invitations import InvitationLetter
from parentportal.web.fields import PortalForm
from parentportal.web.guard import this_visitor
from parentportal.web.languages import elsewhere, long_day, write_dutch
from parentportal.web.languages import translate as _
from parentportal.web.navigation import ROOM_OF
from parentportal.web.pages import page
from parentportal.web.portal import act, act_once, reading, this_portal
from parentportal.web.school.room import blueprint

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WHO = (Role.ADMINISTRATION, Role.DIRECTOR)

HELP_AT_SCHOOL = N_("Hulp nodig? Kom langs op school.")
OWN_LANGUAGE = N_("U kunt het portaal in uw eigen taal lezen. Kies de taal op de eerste pagina.")
ALL = "all"

ROOM_OF.update(
    {
        f"school.{name}": "school.invitations"
        for name in ("group_invitations", "print_letters", "renew_letters", "invitation", "reissue", "revoke")
    }
)


class MakeLetters(PortalForm):
    """`which` is empty for whoever has no letter that works, or `ALL` for everybody without an account."""

    which = HiddenField()


@blueprint.get("/brieven", endpoint="invitations")
@allow(*WHO)
def show_groups() -> ResponseReturnValue:
    """Per group who waits, and below it whom our mail does not reach: a letter does."""
    visitor = this_visitor()
    with reading() as session:
        people = reads.list_invitees(session, board_id=visitor.board_id, school_id=visitor.school_id)
        dead = outbox.list_dead(session, by=visitor)
    return page("school/invitations/groups.html", groups=reads.count_by_group(people), dead=dead)


@blueprint.get("/brieven/<uuid:group_id>")
@allow(*WHO)
def group_invitations(group_id: UUID) -> ResponseReturnValue:
    name, members = _members(group_id, this_visitor())
    return page(
        "school/invitations/group.html",
        form=MakeLetters(which=""),
        group_id=group_id,
        name=name,
        members=members,
        waiting=sum(person.waits for person in members),
        standing=sum(person.state is reads.LetterState.MADE for person in members),
        back_url=url_for(".invitations"),
    )


@blueprint.get("/brieven/<uuid:group_id>/opnieuw")
@allow(*WHO)
def renew_letters(group_id: UUID) -> ResponseReturnValue:
    """What making everything anew means, before it is done."""
    name, members = _members(group_id, this_visitor())
    return page(
        "school/invitations/renew.html",
        form=MakeLetters(which=ALL),
        group_id=group_id,
        name=name,
        number=sum(person.state is not reads.LetterState.ACTIVE for person in members),
        back_url=url_for(".group_invitations", group_id=group_id),
    )


@blueprint.post("/brieven/<uuid:group_id>/printen")
@allow(*WHO)
def print_letters(group_id: UUID) -> ResponseReturnValue:
    """The answer itself is what is printed: the codes are shown here and kept nowhere.

    Reloading the page sends the same form again and so gives the same letters, for an hour.
    """
    visitor, form = this_visitor(), MakeLetters()
    renew = form.which.data == ALL
    letters = act(invitations.make_letters, group_id, key=_key_of(form), by=visitor, renew=renew)
    name, _people = _members(group_id, visitor)
    return _letters_page(letters, visitor, url_for(".group_invitations", group_id=group_id), group=name)


@blueprint.get("/brieven/<uuid:group_id>/<uuid:adult_id>")
@allow(*WHO)
def invitation(group_id: UUID, adult_id: UUID) -> ResponseReturnValue:
    name, members = _members(group_id, this_visitor())
    person = _one_of(members, adult_id)
    return page(
        "school/invitations/person.html",
        form=MakeLetters(which=""),
        group_id=group_id,
        group=name,
        person=person,
        back_url=url_for(".group_invitations", group_id=group_id),
    )


@blueprint.post("/brieven/<uuid:group_id>/<uuid:adult_id>/printen")
@allow(*WHO)
def reissue(group_id: UUID, adult_id: UUID) -> ResponseReturnValue:
    visitor, form = this_visitor(), MakeLetters()
    name, members = _members(group_id, visitor)
    _one_of(members, adult_id)
    letter = act(invitations.reissue, adult_id, key=_key_of(form), by=visitor)
    back_url = url_for(".invitation", group_id=group_id, adult_id=adult_id)
    return _letters_page([letter], visitor, back_url, group=name)


@blueprint.route("/brieven/<uuid:group_id>/<uuid:adult_id>/intrekken", methods=["GET", "POST"])
@allow(*WHO)
def revoke(group_id: UUID, adult_id: UUID) -> ResponseReturnValue:
    visitor, form = this_visitor(), MakeLetters()
    _name, members = _members(group_id, visitor)
    person = _one_of(members, adult_id)
    back_url = url_for(".invitation", group_id=group_id, adult_id=adult_id)
    if form.handed_in():

        def work(unit: Session) -> str:
            invitations.revoke(unit, adult_id, by=visitor)
            return back_url

        return act_once(form, work, done=_("De brief is ingetrokken. De code werkt niet meer."))
    return page("school/invitations/revoke.html", form=form, person=person, back_url=back_url, here=request.path)


def _letters_page(
    letters: Sequence[InvitationLetter], visitor: Visitor, back_url: str, *, group: str
) -> ResponseReturnValue:
    base_url = this_portal().settings.base_url
    write_dutch()
    sheets = [(letter, qr.svg(letter.url(base_url), title=_("QR-code om te activeren"))) for letter in letters]
    return page(
        "school/invitations/letters.html",
        board_name=visitor.board_name,
        in_other_words=elsewhere(HELP_AT_SCHOOL, OWN_LANGUAGE),
        sheets=sheets,
        group=group,
        start_url=base_url,
        printed_on=long_day(this_portal().clock.now()),
        back_url=back_url,
        school=visitor.school,
    )


def _key_of(form: PortalForm) -> UUID:
    key = form.key()
    if key is None:
        raise NotFound
    return key


def _invitees(visitor: Visitor) -> Sequence[Invitee]:
    with reading() as session:
        return reads.list_invitees(session, board_id=visitor.board_id, school_id=visitor.school_id)


def _members(group_id: UUID, visitor: Visitor) -> tuple[str, Sequence[Invitee]]:
    """The name of a group of this school and its guardians; any other group is `NotFound`."""
    members = [person for person in _invitees(visitor) if group_id in {group[0] for group in person.groups}]
    if not members:
        raise NotFound
    return next(name for found, name in members[0].groups if found == group_id), members


def _one_of(members: Sequence[Invitee], adult_id: UUID) -> Invitee:
    for person in members:
        if person.adult_id == adult_id:
            return person
    raise NotFound
