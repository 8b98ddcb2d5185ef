"""Letters with a code for colleagues: handed over at school, made and withdrawn as those for guardians."""

from uuid import UUID

from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.sign_in import Audience
from parentportal.reads import staff_letters as reads
from parentportal.rules.errors import NotNow
from parentportal.services import invitations
from parentportal.services.invitations import OUT_OF_REACH, InvitationLetter


def make_letters(session: Session, *, key: UUID, by: Visitor, renew: bool = False) -> list[InvitationLetter]:
    """Letters for colleagues who have none that works, or with `renew` for every colleague without an account.

    `key` is that of the form, as in `invitations.make_letters`. Left out: the actor and the own family, and whoever is
    out of reach.
    """
    people = reads.list_colleagues(session, by=by)
    return invitations.make_for_others(session, people, "", key=key, renew=renew, by=by, audience=Audience.STAFF)


def reissue(session: Session, adult_id: UUID, *, key: UUID, by: Visitor) -> InvitationLetter:
    """A new letter for one colleague; the earlier code stops working.

    Raises `NotNow` with an account, for the actor and the own family, and for somebody out of reach.
    """
    person = reads.find_colleague(session, adult_id, by=by)
    return invitations.reissue_for(session, person, "", key=key, by=by, audience=Audience.STAFF)


def revoke(session: Session, adult_id: UUID, *, by: Visitor) -> None:
    """Withdraw the letter of one colleague; raises `NotNow` as `reissue` does."""
    person = reads.find_colleague(session, adult_id, by=by)
    invitations.refuse_own_family(session, adult_id, by=by)
    if person.out_of_reach:
        raise NotNow(OUT_OF_REACH)
    invitations.revoke_letters(session, person.board_id, adult_id, by=by)
