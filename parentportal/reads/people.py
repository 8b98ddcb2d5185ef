"""Adults of one school: found by name, and those who may be listed twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from parentportal.access import SchoolActor
from parentportal.models.authority import Authority
from parentportal.models.people import Adult, Pupil, StaffRole
from parentportal.models.sign_in import Account
from parentportal.rules.authority import Relation, Status
from parentportal.rules.errors import NotFound
from parentportal.rules.names import Name, accent_free
from parentportal.rules.roles import Role


@dataclass(frozen=True, slots=True)
class ChildOf:
    """A child of the actor's school that an adult is listed with."""

    pupil_id: UUID
    name: str
    kind: Relation | None
    status: Status


@dataclass(frozen=True, slots=True)
class AdultRow:
    """One adult as the administration sees it."""

    id: UUID
    name: str
    sort_key: tuple[str, str, str]
    email: str
    phone: str
    organisation: bool
    has_account: bool
    children: tuple[ChildOf, ...]
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two adults who look like one: the same name with the same mail address or telephone number."""

    one: AdultRow
    other: AdultRow
    same_email: bool
    same_phone: bool


def list_adults(session: Session, *, by: SchoolActor) -> Sequence[AdultRow]:
    """Every adult with a child or a role at the actor's school, by last name; three statements."""
    return _adults(session, by)


def get_adults(session: Session, one_id: UUID, other_id: UUID, *, by: SchoolActor) -> tuple[AdultRow, AdultRow]:
    """Two adults of the actor's school; raises `NotFound`, also when both are the same."""
    found = {row.id: row for row in _adults(session, by, Adult.id.in_((one_id, other_id)))}
    if one_id == other_id or len(found) < 2:
        raise NotFound
    return found[one_id], found[other_id]


def one_of(adults: Mapping[UUID, AdultRow], adult_id: UUID) -> AdultRow:
    """One of the adults by id; raises `NotFound`."""
    if adult_id not in adults:
        raise NotFound
    return adults[adult_id]


def list_pairs(adults: Sequence[AdultRow]) -> list[Pair]:
    """Who may be listed twice. The same name alone says nothing: it only ever suggests."""
    by_name: dict[str, list[AdultRow]] = {}
    for adult in adults:
        by_name.setdefault(accent_free(adult.name), []).append(adult)
    pairs = []
    for same in by_name.values():
        for at, one in enumerate(same):
            for other in same[at + 1 :]:
                email = bool(one.email) and one.email.casefold() == other.email.casefold()
                phone = bool(one.phone) and one.phone == other.phone
                if email or phone:
                    pairs.append(Pair(one, other, email, phone))
    return pairs


def search_adults(adults: Sequence[AdultRow], text: str) -> list[AdultRow]:
    """The adults with all these words in the name, accents aside."""
    words = accent_free(text).split()
    return [adult for adult in adults if all(word in accent_free(adult.name) for word in words)]


def _adults(session: Session, by: SchoolActor, *wanted: Any) -> list[AdultRow]:
    children = _children(session, by)
    roles: dict[UUID, list[Role]] = {}
    for adult_id, role in session.execute(
        select(StaffRole.adult_id, StaffRole.role).where(
            StaffRole.board_id == by.board_id, StaffRole.school_id == by.school_id, StaffRole.ended_at.is_(None)
        )
    ):
        roles.setdefault(adult_id, []).append(role)
    has_account = exists().where(Account.board_id == Adult.board_id, Account.adult_id == Adult.id)
    rows = session.execute(
        select(
            Adult.id,
            Adult.first_name,
            Adult.initials,
            Adult.prefix,
            Adult.surname,
            Adult.email,
            Adult.phone,
            Adult.organisation,
            has_account.label("has_account"),
        ).where(Adult.board_id == by.board_id, Adult.merged_into_id.is_(None), is_here(by), *wanted)
    )
    found = [_adult(row, children.get(row.id, []), roles.get(row.id, [])) for row in rows]
    return sorted(found, key=lambda adult: (adult.sort_key, adult.id))


def is_here(by: SchoolActor) -> Any:
    """Whether an adult has a child or a role at the actor's school, as a condition."""
    listed = (
        select(Authority.adult_id)
        .join(Pupil, and_(Pupil.board_id == Authority.board_id, Pupil.id == Authority.pupil_id))
        .where(Authority.board_id == by.board_id, Pupil.school_id == by.school_id)
    )
    works = select(StaffRole.adult_id).where(
        StaffRole.board_id == by.board_id, StaffRole.school_id == by.school_id, StaffRole.ended_at.is_(None)
    )
    return or_(Adult.id.in_(listed), Adult.id.in_(works))


def _children(session: Session, by: SchoolActor) -> dict[UUID, list[ChildOf]]:
    rows = session.execute(
        select(
            Authority.adult_id,
            Authority.kind,
            Authority.status,
            Pupil.id,
            Pupil.call_name,
            Pupil.prefix,
            Pupil.surname,
        )
        .join(Pupil, and_(Pupil.board_id == Authority.board_id, Pupil.id == Authority.pupil_id))
        .where(Authority.board_id == by.board_id, Pupil.school_id == by.school_id)
        .order_by(Pupil.call_name)
    )
    children: dict[UUID, list[ChildOf]] = {}
    for row in rows:
        name = Name(row.call_name, row.prefix, row.surname).display()
        children.setdefault(row.adult_id, []).append(ChildOf(row.id, name, row.kind, row.status))
    return children


def _adult(row: Any, children: list[ChildOf], roles: list[Role]) -> AdultRow:
    name = Name(row.first_name or row.initials, row.prefix, row.surname)
    return AdultRow(
        id=row.id,
        name=name.display(),
        sort_key=name.sort_key(),
        email=row.email or "",
        phone=row.phone or "",
        organisation=row.organisation,
        has_account=row.has_account,
        children=tuple(children),
        roles=tuple(sorted(roles)),
    )
