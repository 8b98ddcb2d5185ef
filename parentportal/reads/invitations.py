"""Who of a school still has to get a letter, who has one, and who is in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, null, or_, select, type_coerce, union_all
from sqlalchemy.orm import Session

from parentportal.models.authority import Authority
from parentportal.models.groups import Group, GroupKind, Placement
from parentportal.models.items import Item, PersonKind, Presence
from parentportal.models.people import Adult, Enrolment, Pupil, StaffRole
from parentportal.models.sign_in import Account, Activation
from parentportal.outside import clock
from parentportal.reads.children import holds_authority
from parentportal.reads.hiding import place_is_hidden
from parentportal.rules.authority import CAPABILITIES, SCOPED, Capability, Relation
from parentportal.rules.errors import NotFound
from parentportal.rules.names import Name
from parentportal.rules.roles import GIVES, Role
from parentportal.rules.terms import decides_alone


class LetterState(StrEnum):
    """Where one adult stands on the way to an account."""

    NONE = "none"
    MADE = "made"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ACTIVE = "active"


class Stand(StrEnum):
    """A part of a list of letters, as its address names it."""

    WAITING = "wacht"
    NONE = "geen-brief"
    MADE = "gemaakt"
    EXPIRED = "verlopen"
    REVOKED = "ingetrokken"
    ACTIVE = "actief"


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one adult; `moment` is when the state began, or ends for a letter. `on_paper`: an account without address."""

    state: LetterState = LetterState.NONE
    moment: datetime | None = None
    on_paper: bool = False


@dataclass(frozen=True, slots=True)
class Invitee:
    """Who may get a letter: a guardian with a confirmed relation at this school, or somebody who works there.

    `at_desk`: no birth date of a child is known, so that the letter is handed over at the desk. `place_is_hidden`:
    the letter must not tell which school it is about. `has_post`: a postal address is on file. `out_of_reach`: the
    account would open a role that the maker of the letter may not give.
    """

    adult_id: UUID
    board_id: UUID
    name: Name
    groups: tuple[tuple[UUID | None, str], ...]
    at_desk: bool
    place_is_hidden: bool
    has_post: bool
    out_of_reach: bool
    standing: Standing

    @property
    def state(self) -> LetterState:
        return self.standing.state

    @property
    def moment(self) -> datetime | None:
        return self.standing.moment

    def is_in(self, stand: Stand | None) -> bool:
        """Whether this person belongs to a part of the list; None is the whole."""
        if stand is Stand.WAITING:
            return self.waits
        return stand is None or self.state is _STATES[stand]

    @property
    def waits(self) -> bool:
        """Whether a letter should be made: no account, and no letter that still works."""
        return self.state not in (LetterState.MADE, LetterState.ACTIVE)


_STATES = {
    Stand.NONE: LetterState.NONE,
    Stand.MADE: LetterState.MADE,
    Stand.EXPIRED: LetterState.EXPIRED,
    Stand.REVOKED: LetterState.REVOKED,
    Stand.ACTIVE: LetterState.ACTIVE,
}


@dataclass(frozen=True, slots=True)
class GroupCount:
    """One group in numbers; `id` is None for children without a group."""

    id: UUID | None
    name: str
    people: int
    waiting: int
    made: int
    active: int


def list_invitees(
    session: Session,
    *,
    board_id: UUID,
    school_id: UUID,
    giver: Role | None = None,
    standings: Mapping[UUID, Standing] | None = None,
) -> Sequence[Invitee]:
    """Every guardian of a pupil of this school whose relation is confirmed today, by last name; two statements.

    `giver` is the role of who would make the letters. One statement less with `standings`, from `list_standings`.
    """
    now = clock.now(session)
    rows = session.execute(_query(board_id, school_id, giver, clock.amsterdam_date(now))).all()
    people: dict[UUID, list[Any]] = {}
    for row in rows:
        if _opens_something(row, now):
            people.setdefault(row.adult_id, []).append(row)
    if standings is None:
        standings = list_standings(session, board_id=board_id, school_id=school_id)
    found = [_invitee(children, standings) for children in people.values()]
    return sorted(found, key=lambda person: person.name.sort_key())


def find_invitee(
    session: Session, adult_id: UUID, *, board_id: UUID, school_id: UUID, giver: Role | None = None
) -> Invitee:
    """One guardian of this school; anybody else raises `NotFound`."""
    for person in list_invitees(session, board_id=board_id, school_id=school_id, giver=giver):
        if person.adult_id == adult_id:
            return person
    raise NotFound


def count_by_group(invitees: Iterable[Invitee]) -> Sequence[GroupCount]:
    """The groups of a school in numbers, by name; whoever has children in two groups counts in both."""
    members: dict[tuple[UUID | None, str], list[Invitee]] = {}
    for person in invitees:
        for group in person.groups:
            members.setdefault(group, []).append(person)
    return [
        GroupCount(
            id=group_id,
            name=name,
            people=len(people),
            waiting=sum(person.waits for person in people),
            made=sum(person.state is LetterState.MADE for person in people),
            active=sum(person.state is LetterState.ACTIVE for person in people),
        )
        for (group_id, name), people in sorted(members.items(), key=lambda entry: (not entry[0][1], entry[0][1]))
    ]


def get_addresses(session: Session, board_id: UUID, adult_ids: Sequence[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    """The lines of each adult's own registered address; without street and place there is none."""
    rows = session.execute(
        select(Item.person_id, Item.field_code, Item.value, Item.decided_value).where(
            Item.board_id == board_id,
            Item.person_id.in_(adult_ids),
            Item.person_kind == PersonKind.ADULT,
            Item.field_code.like("guardian.address.%"),
            Item.presence != Presence.LAPSED,
        )
    )
    parts: dict[UUID, dict[str, str]] = {}
    for row in rows:
        value = row.decided_value or row.value or ""
        parts.setdefault(row.person_id, {})[row.field_code.rpartition(".")[2]] = value
    lines = {person: _lines(values) for person, values in parts.items()}
    return {person: found for person, found in lines.items() if found}


def _lines(parts: Mapping[str, str]) -> tuple[str, ...]:
    street = " ".join(filter(None, (parts.get("street"), parts.get("house_number"), parts.get("house_addition"))))
    postcode = parts.get("postcode", "").replace(" ", "")
    if len(postcode) == 6:
        postcode = f"{postcode[:4]} {postcode[4:].upper()}"
    place = "  ".join(filter(None, (postcode, parts.get("place"))))
    return (street, place) if parts.get("street") and parts.get("place") else ()


def _query(board_id: UUID, school_id: UUID, giver: Role | None, today: date) -> Select[*tuple[Any, ...]]:
    home = and_(
        Placement.board_id == Pupil.board_id,
        Placement.pupil_id == Pupil.id,
        Placement.starts_on <= today,
        or_(Placement.ends_on.is_(None), Placement.ends_on > today),
    )
    return (
        select(
            Adult.id.label("adult_id"),
            Adult.board_id,
            Adult.first_name,
            Adult.initials,
            Adult.prefix,
            Adult.surname,
            Authority.kind,
            Authority.scope,
            place_is_hidden(Authority.board_id, Authority.adult_id).label("place_is_hidden"),
            _has_post().label("has_post"),
            works_beyond(school_id, giver).label("out_of_reach"),
            Pupil.birth_date,
            Group.id.label("group_id"),
            Group.name.label("group_name"),
        )
        .select_from(Authority)
        .join(Adult, and_(Adult.board_id == Authority.board_id, Adult.id == Authority.adult_id))
        .join(Pupil, and_(Pupil.board_id == Authority.board_id, Pupil.id == Authority.pupil_id))
        .outerjoin(Placement, home)
        .outerjoin(Group, and_(Group.id == Placement.group_id, Group.kind == GroupKind.HOME))
        .where(
            Authority.board_id == board_id,
            holds_authority(today),
            Pupil.school_id == school_id,
            Pupil.enrolment == Enrolment.ENROLLED,
            Adult.merged_into_id.is_(None),
            Adult.deceased.is_(False),
        )
    )


def _opens_something(row: Any, now: datetime) -> bool:
    if row.kind is None or Capability.VIEW not in CAPABILITIES[row.kind] or (row.kind in SCOPED and not row.scope):
        return False
    return row.kind is Relation.SELF or not decides_alone(row.birth_date, now)


def works_beyond(school_id: UUID, giver: Role | None) -> ColumnElement[bool]:
    """Whether an adult works in a role that `giver` at this school may not give, as a condition on `Adult`.

    A code would open that role as well. For the operator, None, nothing is beyond reach.
    """
    if giver is None:
        return false()
    within = and_(StaffRole.school_id == school_id, StaffRole.role.in_(GIVES.get(giver, frozenset())))
    return exists().where(
        StaffRole.board_id == Adult.board_id,
        StaffRole.adult_id == Adult.id,
        StaffRole.ended_at.is_(None),
        or_(StaffRole.school_id.is_(None), ~within),
    )


def opens_more(school_id: UUID, giver: Role | None) -> ColumnElement[bool]:
    """As `works_beyond`, and also whoever is a parent at another school, as a condition on `Adult`."""
    parent_elsewhere = exists().where(
        Authority.board_id == Adult.board_id,
        Authority.adult_id == Adult.id,
        Authority.confirmed_at.is_not(None),
        Pupil.board_id == Authority.board_id,
        Pupil.id == Authority.pupil_id,
        Pupil.school_id != school_id,
    )
    return or_(works_beyond(school_id, giver), parent_elsewhere)


def _has_post() -> ColumnElement[bool]:
    """Whether `get_addresses` finds one."""

    def known(part: str) -> ColumnElement[bool]:
        return exists().where(
            Item.board_id == Adult.board_id,
            Item.person_id == Adult.id,
            Item.person_kind == PersonKind.ADULT,
            Item.field_code == f"guardian.address.{part}",
            Item.presence != Presence.LAPSED,
            or_(Item.value != "", Item.decided_value != ""),
        )

    return and_(known("street"), known("place"))


def list_standings(session: Session, *, board_id: UUID, school_id: UUID) -> Mapping[UUID, Standing]:
    """Where everybody of a school stands who ever had a letter or has an account, staff too; one statement."""
    now = clock.now(session)
    guardians = (
        select(Authority.adult_id)
        .join(Pupil, and_(Pupil.board_id == Authority.board_id, Pupil.id == Authority.pupil_id))
        .where(Authority.board_id == board_id, Pupil.school_id == school_id)
    )
    staff = select(StaffRole.adult_id).where(StaffRole.board_id == board_id, StaffRole.school_id == school_id)
    of_school = union_all(guardians, staff)
    no_moment = type_coerce(null(), Activation.made_at.type)
    letters = select(
        Activation.adult_id,
        Activation.made_at.label("at"),
        Activation.expires_at,
        Activation.revoked_at,
        no_moment.label("confirmed_at"),
    ).where(Activation.board_id == board_id, Activation.adult_id.in_(of_school))
    accounts = select(Account.adult_id, Account.created_at, no_moment, no_moment, Account.email_confirmed_at).where(
        Account.board_id == board_id, Account.adult_id.in_(of_school)
    )
    rows = session.execute(union_all(letters, accounts)).all()
    found = {row.adult_id: _letter_standing(row, now) for row in sorted(rows, key=lambda row: row.at) if row.expires_at}
    found.update(
        {
            row.adult_id: Standing(LetterState.ACTIVE, row.at, on_paper=row.confirmed_at is None)
            for row in rows
            if row.expires_at is None
        }
    )
    return found


def _letter_standing(row: Any, now: datetime) -> Standing:
    if row.revoked_at is not None:
        return Standing(LetterState.REVOKED, row.revoked_at)
    return Standing(LetterState.MADE if row.expires_at > now else LetterState.EXPIRED, row.expires_at)


def _invitee(rows: Sequence[Any], standings: Mapping[UUID, Standing]) -> Invitee:
    first = rows[0]
    groups = {(row.group_id, row.group_name or "") for row in rows}
    with_home = {group for group in groups if group[0] is not None}
    return Invitee(
        adult_id=first.adult_id,
        board_id=first.board_id,
        name=Name(first.first_name or first.initials, first.prefix, first.surname),
        groups=tuple(sorted(with_home or groups, key=lambda group: group[1])),
        at_desk=all(row.birth_date is None for row in rows),
        place_is_hidden=bool(first.place_is_hidden),
        has_post=bool(first.has_post),
        out_of_reach=bool(first.out_of_reach),
        standing=standings.get(first.adult_id, Standing()),
    )
