"""Letters in place of mail: which wait at a school, and which were printed a moment ago."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.authority import Authority
from parentportal.models.groups import Group, GroupKind, Placement
from parentportal.models.paper_notices import PaperNotice
from parentportal.models.people import Adult, Pupil
from parentportal.outside import clock
from parentportal.reads.hiding import place_is_hidden
from parentportal.reads.invitations import get_addresses
from parentportal.rules.names import Name

AGAIN = timedelta(hours=1)
"""For so long the sheets that were printed last can be printed again."""


@dataclass(frozen=True, slots=True)
class WaitingNotice:
    """One letter that waits; `groups` of the reader's children, none for a colleague."""

    name: str
    groups: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class NoticeSheet:
    """One letter to print: `template` and `what` are those of the mail that it stands for.

    With `place_is_hidden` it comes from the board and names no school.
    """

    adult: str
    address: tuple[str, ...]
    template: str
    what: str
    place_is_hidden: bool


def list_waiting(session: Session, *, by: Visitor) -> Sequence[WaitingNotice]:
    """What waits at the visitor's school, by group and last name; two statements."""
    rows = session.execute(_notices(by).where(PaperNotice.printed_at.is_(None))).all()
    groups = _groups(session, by)
    found = [(groups.get(row.adult_id, ()), _name(row), row) for row in rows]
    found.sort(key=lambda one: (not one[0], one[0], one[1].sort_key(), one[2].created_at))
    return [WaitingNotice(name.display(), of, row.created_at) for of, name, row in found]


def list_printed(session: Session, *, by: Visitor) -> Sequence[NoticeSheet]:
    """The sheets that were printed last at the visitor's school, within the hour; two statements."""
    rows = session.execute(
        _notices(by).where(PaperNotice.printed_at == _last_printed(by, clock.now(session)).scalar_subquery())
    ).all()
    addresses = get_addresses(session, by.board_id, [row.adult_id for row in rows])
    rows = sorted(rows, key=lambda row: (_name(row).sort_key(), row.created_at))
    return [
        NoticeSheet(
            adult=_name(row).display(),
            address=addresses.get(row.adult_id, ()),
            template=row.template,
            what=row.what,
            place_is_hidden=bool(row.place_is_hidden),
        )
        for row in rows
    ]


def find_last_printed(session: Session, *, by: Visitor) -> datetime | None:
    """When sheets were printed that can still be printed again; one statement."""
    found: datetime | None = session.scalar(_last_printed(by, clock.now(session)))
    return found


def waits_at_school(by: Visitor) -> Sequence[ColumnElement[bool]]:
    """The conditions of a letter that waits at the visitor's school."""
    return (
        PaperNotice.board_id == by.board_id,
        PaperNotice.school_id == by.school_id,
        PaperNotice.printed_at.is_(None),
    )


def _last_printed(by: Visitor, now: datetime) -> Any:
    return select(func.max(PaperNotice.printed_at)).where(
        PaperNotice.board_id == by.board_id,
        PaperNotice.school_id == by.school_id,
        PaperNotice.printed_at > now - AGAIN,
    )


def _notices(by: Visitor) -> Any:
    return (
        select(
            PaperNotice.adult_id,
            PaperNotice.template,
            PaperNotice.what,
            PaperNotice.created_at,
            Adult.first_name,
            Adult.initials,
            Adult.prefix,
            Adult.surname,
            place_is_hidden(PaperNotice.board_id, PaperNotice.adult_id).label("place_is_hidden"),
        )
        .join(Adult, and_(Adult.board_id == PaperNotice.board_id, Adult.id == PaperNotice.adult_id))
        .where(PaperNotice.board_id == by.board_id, PaperNotice.school_id == by.school_id)
    )


def _groups(session: Session, by: Visitor) -> Mapping[UUID, tuple[str, ...]]:
    """The home groups of today of the children of whoever a letter waits for."""
    today = clock.amsterdam_date(clock.now(session))
    rows = session.execute(
        select(Authority.adult_id, Group.name)
        .join(Pupil, and_(Pupil.board_id == Authority.board_id, Pupil.id == Authority.pupil_id))
        .join(Placement, and_(Placement.board_id == Pupil.board_id, Placement.pupil_id == Pupil.id))
        .join(Group, and_(Group.board_id == Placement.board_id, Group.id == Placement.group_id))
        .where(
            Authority.board_id == by.board_id,
            Authority.adult_id.in_(select(PaperNotice.adult_id).where(*waits_at_school(by))),
            Pupil.school_id == by.school_id,
            Group.kind == GroupKind.HOME,
            Placement.starts_on <= today,
            or_(Placement.ends_on.is_(None), Placement.ends_on > today),
        )
        .distinct()
        .order_by(Group.name)
    )
    found: dict[UUID, tuple[str, ...]] = {}
    for adult_id, name in rows:
        found[adult_id] = (*found.get(adult_id, ()), name)
    return found


def _name(row: Any) -> Name:
    return Name(row.first_name or row.initials, row.prefix, row.surname)
