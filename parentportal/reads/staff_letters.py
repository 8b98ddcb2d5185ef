"""Who at work still has to get a letter with a code, who has one, and who is in."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Row, and_, exists, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.people import Adult, StaffRole
from parentportal.reads.invitations import Invitee, Standing, list_standings, opens_more
from parentportal.rules.errors import NotFound
from parentportal.rules.names import Name


def list_colleagues(
    session: Session, *, by: Visitor, standings: Mapping[UUID, Standing] | None = None
) -> Sequence[Invitee]:
    """Everybody with a role at the visitor's school, by last name; two statements, one with `standings`.

    Whoever works elsewhere too, or in a role that the visitor may not give, or is a parent at another school, is out
    of reach: a code made here would open that as well.
    """
    here = exists().where(
        StaffRole.board_id == Adult.board_id,
        StaffRole.adult_id == Adult.id,
        StaffRole.school_id == by.school_id,
        StaffRole.ended_at.is_(None),
    )
    rows = session.execute(
        select(
            Adult.id,
            Adult.first_name,
            Adult.initials,
            Adult.prefix,
            Adult.surname,
            opens_more(by.school_id, by.role).label("out_of_reach"),
        ).where(and_(Adult.board_id == by.board_id, Adult.merged_into_id.is_(None), here))
    ).all()
    if standings is None:
        standings = list_standings(session, board_id=by.board_id, school_id=by.school_id)
    people = [_invitee(row, by, standings.get(row.id, Standing())) for row in rows]
    return sorted(people, key=lambda person: (person.name.sort_key(), person.adult_id))


def _invitee(row: Row[UUID, str, str, str, str, bool], by: Visitor, standing: Standing) -> Invitee:
    return Invitee(
        adult_id=row.id,
        board_id=by.board_id,
        name=Name(row.first_name or row.initials, row.prefix, row.surname),
        groups=((None, ""),),
        at_desk=True,
        place_is_hidden=False,
        has_post=False,
        out_of_reach=bool(row.out_of_reach),
        standing=standing,
    )


def find_colleague(session: Session, adult_id: UUID, *, by: Visitor) -> Invitee:
    """One colleague at the visitor's school; anybody else raises `NotFound`."""
    for person in list_colleagues(session, by=by):
        if person.adult_id == adult_id:
            return person
    raise NotFound
