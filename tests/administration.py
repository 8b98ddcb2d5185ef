"""Rows that a delivery leaves for the administration: adults and relations that nobody has confirmed yet."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.models.authority import Authority
from parentportal.models.base import new_id
from parentportal.models.imports import Source
from parentportal.models.people import Pupil
from parentportal.rules.authority import Mark
from tests.people import People, Settler


def list_relation(session: Session, pupil_id: UUID, adult_id: UUID, declared: Mark = Mark.YES) -> UUID:
    """An adult who exists, listed with a child; answers the relation's id."""
    pupil = session.get_one(Pupil, pupil_id)
    row = Authority(
        id=new_id(),
        board_id=pupil.board_id,
        pupil_id=pupil_id,
        adult_id=adult_id,
        declared=declared,
        created_at=_settler(session, pupil.board_id, pupil.school_id).now,
    )
    session.add(row)
    session.flush()
    return row.id


def add_adult(
    session: Session,
    people: People,
    first_name: str,
    surname: str,
    *,
    email: str = "",
    phone: str = "",
    address: str = "",
) -> UUID:
    """An adult of De Regenboog; `address` is "street number" in Zomerdijk."""
    here = _settler(session, people.waterlijn, people.regenboog)
    street, _blank, number = address.partition(" ")
    items = {"address__street": street, "address__house_number": number, "address__postcode": "1234 CD"}
    return here.adult(first_name, "", surname, email, phone, people.regenboog, **(items if address else {}))


def family(
    session: Session,
    people: People,
    child: str,
    parents: tuple[str, ...],
    *addresses: str,
    declared: Mark = Mark.YES,
    also: UUID | None = None,
) -> tuple[UUID, tuple[UUID, ...]]:
    """A child named Visser in group 5 with listed parents; answers the child and the relations.

    With fewer addresses than parents the last one is everybody's. `also` is an adult who is listed too.
    """
    here = _settler(session, people.waterlijn, people.regenboog)
    pupil_id = here.pupil(people.regenboog, people.group5, child, "", "Visser", date(2017, 6, 1))
    relations = []
    for at, name in enumerate(parents):
        address = addresses[min(at, len(addresses) - 1)] if addresses else ""
        adult_id = add_adult(session, people, name, "Visser", address=address)
        relations.append(list_relation(session, pupil_id, adult_id, declared))
    if also is not None:
        relations.append(list_relation(session, pupil_id, also))
    return pupil_id, tuple(relations)


def _settler(session: Session, board_id: UUID, school_id: UUID) -> Settler:
    here = Settler(session, board_id)
    here.source[school_id] = session.scalars(select(Source.id).where(Source.school_id == school_id)).one()
    return here
