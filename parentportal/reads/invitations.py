"""Who of a school still has to get a letter, who has one, and who is in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from parentportal.models.authority import Authority
from parentportal.models.groups import Group, GroupKind, Placement
from parentportal.models.items import Item, PersonKind, Presence
from parentportal.models.people import Adult, Enrolment, Pupil
from parentportal.models.sign_in import Account, Activation
from parentportal.outside import clock
from parentportal.reads.children import holds_authority
from parentportal.reads.hiding import place_is_hidden
from parentportal.rules.authority import CAPABILITIES, SCOPED, Capability, Relation
from parentportal.rules.errors import NotFound
from parentportal.rules.names import Name
from parentportal.rules.terms import decides_alone


class LetterState(StrEnum):
    """Where one adult stands on the way to an account."""

    NONE = "none"
    MADE = "made"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Invitee:
    """A guardian with a confirmed relation at this school; `moment` is when the state began, or ends for a letter.

    `at_desk`: no birth date of a child is known, so that the letter is handed over at the desk. `place_is_hidden`:
    the letter must not tell which school it is about.
    """

    adult_id: UUID
    board_id: UUID
    name: Name
    groups: tuple[tuple[UUID | None, str], ...]
    at_desk: bool
    place_is_hidden: bool
    state: LetterState
    moment: datetime | None

    @property
    def waits(self) -> bool:
        """Whether a letter should be made: no account, and no letter that still works."""
        return self.state not in (LetterState.MADE, LetterState.ACTIVE)


@dataclass(frozen=True, slots=True)
class GroupCount:
    """One group in numbers; `id` is None for children without a group."""

    id: UUID | None
    name: str
    people: int
    waiting: int
    made: int
    active: int


def list_invitees(session: Session, *, board_id: UUID, school_id: UUID) -> Sequence[Invitee]:
    """Every guardian of a pupil of this school whose relation is confirmed today, by last name; three statements."""
    now = clock.now(session)
    rows = session.execute(_query(board_id, school_id, clock.amsterdam_date(now))).all()
    people: dict[UUID, list[Any]] = {}
    for row in rows:
        if _opens_something(row, now):
            people.setdefault(row.adult_id, []).append(row)
    states = _states(session, board_id, school_id, now)
    found = [_invitee(children, states) for children in people.values()]
    return sorted(found, key=lambda person: person.name.sort_key())


def find_invitee(session: Session, adult_id: UUID, *, board_id: UUID, school_id: UUID) -> Invitee:
    """One guardian of this school; anybody else raises `NotFound`."""
    for person in list_invitees(session, board_id=board_id, school_id=school_id):
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


def _query(board_id: UUID, school_id: UUID, today: date) -> Select[*tuple[Any, ...]]:
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


def _states(
    session: Session, board_id: UUID, school_id: UUID, now: datetime
) -> Mapping[UUID, tuple[LetterState, datetime]]:
    of_school = (
        select(Authority.adult_id)
        .join(Pupil, and_(Pupil.board_id == Authority.board_id, Pupil.id == Authority.pupil_id))
        .where(Authority.board_id == board_id, Pupil.school_id == school_id)
    )
    letters = session.execute(
        select(Activation.adult_id, Activation.made_at, Activation.expires_at, Activation.revoked_at)
        .where(Activation.board_id == board_id, Activation.adult_id.in_(of_school))
        .order_by(Activation.made_at, Activation.id)
    )
    states = {row.adult_id: _state_of(row, now) for row in letters}
    accounts = session.execute(
        select(Account.adult_id, Account.created_at).where(
            Account.board_id == board_id, Account.adult_id.in_(of_school)
        )
    )
    states.update({row.adult_id: (LetterState.ACTIVE, row.created_at) for row in accounts})
    return states


def _state_of(row: Any, now: datetime) -> tuple[LetterState, datetime]:
    if row.revoked_at is not None:
        return LetterState.REVOKED, row.revoked_at
    return (LetterState.MADE if row.expires_at > now else LetterState.EXPIRED), row.expires_at


def _invitee(rows: Sequence[Any], states: Mapping[UUID, tuple[LetterState, datetime]]) -> Invitee:
    first = rows[0]
    groups = {(row.group_id, row.group_name or "") for row in rows}
    with_home = {group for group in groups if group[0] is not None}
    state, moment = states.get(first.adult_id, (LetterState.NONE, None))
    return Invitee(
        adult_id=first.adult_id,
        board_id=first.board_id,
        name=Name(first.first_name or first.initials, first.prefix, first.surname),
        groups=tuple(sorted(with_home or groups, key=lambda group: group[1])),
        at_desk=all(row.birth_date is None for row in rows),
        place_is_hidden=bool(first.place_is_hidden),
        state=state,
        moment=moment,
    )
