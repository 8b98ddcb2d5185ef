"""Letters with a code: made, made anew and withdrawn. A code is shown when it is made and never again (control A15)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Actor, Visitor
from parentportal.models.base import new_id
from parentportal.models.boards import School
from parentportal.models.people import Adult
from parentportal.models.sign_in import Account, Activation, Audience
from parentportal.outside import clock, codes, vault
from parentportal.reads import invitations as reads
from parentportal.reads.activation import code_digest
from parentportal.reads.authority import list_own_family
from parentportal.reads.invitations import Invitee
from parentportal.rules.audit import Event
from parentportal.rules.errors import NotFound, NotNow
from parentportal.rules.names import Name
from parentportal.rules.sentences import N_
from parentportal.services import audit

CODE_STANDS = timedelta(days=14)
#: For so long the same form gives the same letters again: a reloaded page, a jammed printer.
SAME_AGAIN = timedelta(hours=1)
_DERIVED = "activation code"

OUT_OF_REACH = N_("Deze persoon heeft ook een rol die u niet kunt geven. De directeur of de beheerder maakt de brief.")
OWN_FAMILY = N_("Dit gaat over uw eigen gezin. Vraag een collega om deze brief te maken of in te trekken.")


@dataclass(frozen=True, slots=True)
class InvitationLetter:
    """What is printed for one adult; `code` in groups of four. Without address lines it is handed over at school.

    With `place_is_hidden` the sheet comes from the board and names neither school nor group. `for_staff`: what to
    bring differs.
    """

    adult_id: UUID
    adult: str
    group: str
    code: str = field(repr=False)
    expires_at: datetime
    address: tuple[str, ...]
    at_desk: bool
    place_is_hidden: bool = False
    for_staff: bool = False

    @property
    def expires_on(self) -> date:
        """The Dutch day on which the code stops working, at the hour it was made."""
        return clock.amsterdam_date(self.expires_at)

    def url(self, base_url: str) -> str:
        """The address in the QR code; its code is taken into a cookie and out of the address at once."""
        return f"{base_url}/activeren/{self.code}"


def invite_school(
    session: Session, school_id: UUID, group_name: str | None = None, *, by: Actor
) -> list[InvitationLetter]:
    """A new code for every adult with a confirmed relation and no account yet, by group and last name.

    Earlier codes of the same people stop working. Raises `NotFound` for an unknown school or group.
    """
    school = session.get(School, school_id)
    if school is None:
        raise NotFound
    people = reads.list_invitees(session, board_id=school.board_id, school_id=school_id)
    groups = [group for group in reads.count_by_group(people) if group_name in (None, group.name)]
    if group_name is not None and not groups:
        raise NotFound
    letters: dict[UUID, InvitationLetter] = {}
    for group in groups:
        members = [person for person in people if (group.id, group.name) in person.groups]
        fresh = [person for person in members if person.adult_id not in letters]
        made = _make(session, fresh, group.name, school_id, key=uuid4(), renew=True, by=by)
        letters.update((letter.adult_id, letter) for letter in made)
    return list(letters.values())


def make_letters(
    session: Session, group_id: UUID | None, *, key: UUID, by: Visitor, renew: bool = False
) -> list[InvitationLetter]:
    """Letters for a group, None for children without one: for whoever has none that works, or with `renew` for all.

    `key` is that of the form: handing it in again within an hour gives the same letters, not other codes.
    Whoever has an account, and the actor's own family, is left out. Raises `NotFound` for a group that is not of this
    school, and `NotNow` when nobody but that family is left.
    """
    people = reads.list_invitees(session, board_id=by.board_id, school_id=by.school_id, giver=by.role)
    members = [person for person in people if group_id in {group[0] for group in person.groups}]
    names = {name for person in members for found, name in person.groups if found == group_id}
    if not names:
        raise NotFound
    return make_for_others(session, members, names.pop(), key=key, renew=renew, by=by)


def make_for_others(
    session: Session,
    people: Sequence[Invitee],
    group: str,
    *,
    key: UUID,
    renew: bool,
    by: Visitor,
    audience: Audience = Audience.GUARDIAN,
) -> list[InvitationLetter]:
    """As `make_letters`, for people whom the caller looked up."""
    family = list_own_family(session, by=by) | {by.adult_id}
    others = [person for person in people if person.adult_id not in family]
    letters = _make(session, others, group, by.school_id, key=key, renew=renew, by=by, audience=audience)
    if not letters and any(
        person.state is not reads.LetterState.ACTIVE for person in people if person.adult_id in family
    ):
        raise NotNow(OWN_FAMILY)
    return letters


def reissue(session: Session, adult_id: UUID, *, key: UUID, by: Visitor) -> InvitationLetter:
    """A new letter for one adult; the earlier code stops working.

    Raises `NotNow` when there is an account already, and for the actor's own family: a code never goes by way of the
    other parent (requirements 6.1).
    """
    person = _find(session, adult_id, by)
    return reissue_for(session, person, person.groups[0][1], key=key, by=by)


def reissue_for(
    session: Session, person: Invitee, group: str, *, key: UUID, by: Visitor, audience: Audience = Audience.GUARDIAN
) -> InvitationLetter:
    """As `reissue`, for somebody whom the caller looked up."""
    refuse_own_family(session, person.adult_id, by=by)
    if person.out_of_reach:
        raise NotNow(OUT_OF_REACH)
    letters = _make(session, [person], group, by.school_id, key=key, renew=True, by=by, audience=audience)
    if not letters:
        raise NotNow(N_("Dit account is al actief. Een nieuwe brief is niet nodig."))
    return letters[0]


def revoke(session: Session, adult_id: UUID, *, by: Visitor) -> None:
    """Withdraw the letter of one adult: its code opens nothing from now on, also half-way.

    Raises `NotNow` for the actor's own family.
    """
    person = _find(session, adult_id, by)
    refuse_own_family(session, adult_id, by=by)
    revoke_letters(session, person.board_id, person.adult_id, by=by)


def refuse_own_family(session: Session, adult_id: UUID, *, by: Visitor) -> None:
    """Raises `NotNow` for the actor and for adults who are listed with a child of the actor."""
    if adult_id in list_own_family(session, by=by) | {by.adult_id}:
        raise NotNow(OWN_FAMILY)


def _find(session: Session, adult_id: UUID, by: Visitor) -> Invitee:
    return reads.find_invitee(session, adult_id, board_id=by.board_id, school_id=by.school_id, giver=by.role)


def invite_staff(session: Session, adult_id: UUID, school_id: UUID | None, *, by: Actor) -> InvitationLetter:
    """A code for a member of staff, to hand over; earlier ones stop working. Raises `NotNow` with an account."""
    adult = session.get(Adult, adult_id)
    if adult is None:
        raise NotFound
    if session.scalar(select(Account.id).where(Account.board_id == adult.board_id, Account.adult_id == adult_id)):
        raise NotNow(N_("Deze medewerker heeft al een account."))
    revoke_letters(session, adult.board_id, adult_id, by=by)
    code = codes.activation_code()
    row = _add(session, adult.board_id, school_id, adult_id, code, by=by, audience=Audience.STAFF, at_desk=True)
    name = Name(adult.first_name or adult.initials, adult.prefix, adult.surname).display()
    return InvitationLetter(adult_id, name, "", codes.in_groups(code), row.expires_at, (), at_desk=True, for_staff=True)


def _make(
    session: Session,
    people: Sequence[Invitee],
    group: str,
    school_id: UUID,
    *,
    key: UUID,
    renew: bool,
    by: Actor,
    audience: Audience = Audience.GUARDIAN,
) -> list[InvitationLetter]:
    """Letters in the order of the people; each code follows from form, adult and the vault, and is not kept."""
    open_ones = [one for one in people if one.state is not reads.LetterState.ACTIVE and not one.out_of_reach]
    if not open_ones:
        return []
    addresses = reads.get_addresses(session, open_ones[0].board_id, [person.adult_id for person in open_ones])
    letters = []
    for person in open_ones:
        code = _code_for(session, key, person.adult_id)
        row = _made_just_now(session, code, by)
        if row is None:
            if not (renew or person.waits):
                continue
            revoke_letters(session, person.board_id, person.adult_id, by=by)
            row = _add(
                session,
                person.board_id,
                school_id,
                person.adult_id,
                code,
                by=by,
                audience=audience,
                at_desk=person.at_desk,
            )
        address = () if row.desk else addresses.get(person.adult_id, ())
        letters.append(_letter(person, group, code, row, address))
    return letters


def _letter(person: Invitee, group: str, code: str, row: Activation, address: tuple[str, ...]) -> InvitationLetter:
    return InvitationLetter(
        adult_id=person.adult_id,
        adult=person.name.display(),
        group=group,
        code=codes.in_groups(code),
        expires_at=row.expires_at,
        address=address,
        at_desk=row.desk,
        place_is_hidden=person.place_is_hidden,
        for_staff=row.audience is Audience.STAFF,
    )


def _code_for(session: Session, key: UUID, adult_id: UUID) -> str:
    """80 bits that only this form and the vault together give, so that a resent form can show them again."""
    digest = vault.of(session).digest(f"{key} {adult_id}", _DERIVED)
    return "".join(codes.ALPHABET[byte % len(codes.ALPHABET)] for byte in digest[: codes.ACTIVATION_LENGTH])


def _made_just_now(session: Session, code: str, by: Actor) -> Activation | None:
    """The letter that the same person made with the same form a moment ago, while it still works."""
    row = session.scalar(select(Activation).where(Activation.code_digest == code_digest(session, code)))
    if row is None:
        return None
    now = clock.now(session)
    same = row.made_by_id == by.adult_id and row.revoked_at is None and now - row.made_at < SAME_AGAIN
    if not same or row.used_at is not None:
        raise NotNow(N_("Deze brieven zijn al gemaakt. Ga terug naar de groep en maak ze daar opnieuw."))
    return row


def _add(
    session: Session,
    board_id: UUID,
    school_id: UUID | None,
    adult_id: UUID,
    code: str,
    *,
    by: Actor,
    audience: Audience,
    at_desk: bool,
) -> Activation:
    now = clock.now(session)
    row = Activation(
        id=new_id(),
        board_id=board_id,
        school_id=school_id,
        adult_id=adult_id,
        audience=audience,
        code_digest=code_digest(session, code),
        desk=at_desk,
        made_at=now,
        made_by_id=by.adult_id,
        expires_at=now + CODE_STANDS,
    )
    session.add(row)
    audit.record(
        session,
        Event.INVITATION_MADE,
        by=by,
        board_id=board_id,
        about=("adult", adult_id),
        detail={"audience": audience.value, "desk": "yes" if at_desk else "no"},
    )
    return row


def revoke_letters(session: Session, board_id: UUID, adult_id: UUID, *, by: Actor) -> None:
    """Withdraw every code of an adult that still stands, as `revoke` does, for one that the caller looked up."""
    standing = session.scalars(
        select(Activation).where(
            Activation.board_id == board_id,
            Activation.adult_id == adult_id,
            Activation.used_at.is_(None),
            Activation.revoked_at.is_(None),
        )
    )
    for row in standing:
        row.revoked_at, row.revoked_by_id = clock.now(session), by.adult_id
        row.carrier_digest = row.password_hash = row.totp_secret = row.recovery_codes = None
        audit.record(
            session,
            Event.INVITATION_REVOKED,
            by=by,
            board_id=board_id,
            about=("adult", adult_id),
            detail={"audience": row.audience.value},
        )
