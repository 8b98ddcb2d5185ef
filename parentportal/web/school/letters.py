"""What lists of letters share, whether they are for guardians or for colleagues: the list, one person, the sheets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from parentportal.access import Visitor
from parentportal.outside import qr
from parentportal.reads.invitations import Invitee, LetterState, Stand
from parentportal.rules.errors import NotFound
from parentportal.rules.sentences import N_
from parentportal.services.invitations import InvitationLetter
from parentportal.web.fields import PortalForm
from parentportal.web.languages import elsewhere, long_day, write_dutch
from parentportal.web.languages import translate as _
from parentportal.web.pages import page
from parentportal.web.portal import act_once, this_portal

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

HELP_AT_SCHOOL = N_("Hulp nodig? Kom langs op school.")
OWN_LANGUAGE = N_("U kunt het portaal in uw eigen taal lezen. Kies de taal op de eerste pagina.")
ALL = "all"
MANY = 30
"""From so many letters on the page says that it is busy."""

STANDS = {
    Stand.WAITING: N_("Wacht op brief"),
    Stand.NONE: N_("Nog geen brief"),
    Stand.MADE: N_("Brief gemaakt"),
    Stand.EXPIRED: N_("Brief verlopen"),
    Stand.REVOKED: N_("Ingetrokken"),
    Stand.ACTIVE: N_("Actief"),
}

GUARDIANS = {
    "list": ".group_invitations",
    "renew": ".renew_letters",
    "print": ".print_letters",
    "person": ".invitation",
    "reissue": ".reissue",
    "revoke": ".revoke",
}
COLLEAGUES = {
    "list": ".staff_letters",
    "renew": ".renew_staff_letters",
    "print": ".print_staff_letters",
    "person": ".staff_letter",
    "reissue": ".reissue_staff_letter",
    "revoke": ".revoke_staff_letter",
}


class MakeLetters(PortalForm):
    """`which` is empty for whoever has no letter that works, or `ALL` for everybody without an account."""

    which = HiddenField()


@dataclass(frozen=True, slots=True)
class Place:
    """One list of letters: the colleagues, or a group of guardians; `group_id` is None for children without one."""

    for_staff: bool
    group_id: UUID | None = None
    group: str = ""

    @property
    def name(self) -> str:
        """As a heading on screen."""
        if self.for_staff:
            return _("Medewerkers")
        return _("Groep %(name)s", name=self.group) if self.group_id else _("Zonder groep")

    @property
    def title(self) -> str:
        if self.for_staff:
            return _("Brieven voor medewerkers")
        return _("Brieven voor groep %(name)s", name=self.group) if self.group_id else _("Brieven zonder groep")

    def url(self, what: str, **values: Any) -> str:
        if self.for_staff:
            return url_for(COLLEAGUES[what], **values)
        return url_for(GUARDIANS[what], group_id=self.group_id, **values)

    def counted(self, stand: Stand | None, number: int) -> dict[str, object]:
        """A number that leads to the list it counts."""
        return {"text": number, "url": self.url("list", stand=stand.value if stand else None)}


def show_list(place: Place, members: Sequence[Invitee]) -> ResponseReturnValue:
    """Everybody of one list, or with `stand` in the address a part of it."""
    asked = request.args.get("stand", "")
    stand = Stand(asked) if asked in list(Stand) else None
    waiting = sum(person.waits and not person.out_of_reach for person in members)
    return page(
        "school/invitations/group.html",
        form=MakeLetters(which=""),
        place=place,
        members=[person for person in members if person.is_in(stand)],
        waiting=waiting,
        many=waiting > MANY,
        standing=sum(person.state is LetterState.MADE and not person.out_of_reach for person in members),
        stands=_stands(members, stand),
        chosen=[(_(STANDS[stand]), place.url("list"))] if stand else [],
        stand=stand.value if stand else "",
        back_url=url_for(".invitations"),
    )


def _stands(members: Sequence[Invitee], stand: Stand | None) -> list[tuple[str, str]]:
    """The parts that there are, each with its number, for the filter."""
    everybody = _("Iedereen")
    options = [("", f"{everybody} ({len(members)})")]
    for part, words in STANDS.items():
        number = sum(person.is_in(part) for person in members)
        if number or part is stand:
            options.append((part.value, f"{_(words)} ({number})"))
    return options


def show_renewal(place: Place, members: Sequence[Invitee]) -> ResponseReturnValue:
    """What making everything anew means, before it is done."""
    number = sum(person.state is not LetterState.ACTIVE and not person.out_of_reach for person in members)
    return page(
        "school/invitations/renew.html",
        form=MakeLetters(which=ALL),
        place=place,
        number=number,
        many=number > MANY,
        back_url=place.url("list"),
    )


def show_person(place: Place, person: Invitee) -> ResponseReturnValue:
    return page(
        "school/invitations/person.html",
        form=MakeLetters(which=""),
        place=place,
        person=person,
        back_url=place.url("list"),
    )


def ask_to_revoke(place: Place, person: Invitee, revoke: Callable[[Session], None]) -> ResponseReturnValue:
    """Ask, and when the form comes in withdraw the letter."""
    form = MakeLetters()
    back_url = place.url("person", adult_id=person.adult_id)
    if form.handed_in():

        def work(unit: Session) -> str:
            revoke(unit)
            return back_url

        return act_once(form, work, done=_("De brief is ingetrokken. De code werkt niet meer."))
    return page(
        "school/invitations/revoke.html",
        form=form,
        place=place,
        person=person,
        back_url=back_url,
        here=request.path,
    )


def show_letters(
    place: Place, letters: Sequence[InvitationLetter], back_url: str, *, by: Visitor
) -> ResponseReturnValue:
    """The answer itself is what is printed: the codes are shown here and kept nowhere."""
    base_url = this_portal().settings.base_url
    write_dutch()
    sheets = [(letter, qr.svg(letter.url(base_url), title=_("QR-code om te activeren"))) for letter in letters]
    return page(
        "school/invitations/letters.html",
        title=place.title,
        board_name=by.board_name,
        in_other_words=elsewhere(HELP_AT_SCHOOL, OWN_LANGUAGE),
        sheets=sheets,
        start_url=base_url,
        printed_on=long_day(this_portal().clock.now()),
        back_url=back_url,
        school=by.school,
    )


def key_of(form: PortalForm) -> UUID:
    """The key from which the codes follow; a form without one is `NotFound`."""
    key = form.key()
    if key is None:
        raise NotFound
    return key


def one_of(members: Sequence[Invitee], adult_id: UUID) -> Invitee:
    """One of a list; anybody else is `NotFound`."""
    for person in members:
        if person.adult_id == adult_id:
            return person
    raise NotFound
