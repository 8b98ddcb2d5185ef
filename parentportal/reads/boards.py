"""Boards and schools as pages need them; the policy of a board is parsed once per version."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from parentportal.access import SchoolCard
from parentportal.catalogue import BoardPolicy, load_board
from parentportal.models.boards import Board, BoardPolicyVersion, School
from parentportal.reads.statements import fetch, fetch_value, given
from parentportal.rules.errors import NotFound

_POLICIES: dict[UUID, BoardPolicy] = {}


def get_policy(session: Session, policy_id: UUID | None) -> BoardPolicy:
    """The policy of one loaded version. Versions never change, so each is read from the database once.

    Raises `NotFound` when a board has none.
    """
    if policy_id in _POLICIES:
        return _POLICIES[policy_id]
    source = session.scalar(select(BoardPolicyVersion.source).where(BoardPolicyVersion.id == policy_id))
    if policy_id is None or source is None:
        raise NotFound
    _POLICIES[policy_id] = _parsed(source)
    return _POLICIES[policy_id]


@lru_cache(maxsize=64)
def _parsed(source: str) -> BoardPolicy:
    return load_board(source)


def get_policy_of_board(session: Session, board_id: UUID) -> BoardPolicy:
    """The policy in force for a board; raises `NotFound` when none was ever loaded."""
    return get_policy(session, fetch_value(session, _newest_policy(), board=board_id))


@cache
def _newest_policy() -> Any:
    return (
        select(BoardPolicyVersion.id)
        .where(BoardPolicyVersion.board_id == given("board"))
        .order_by(BoardPolicyVersion.version.desc())
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """One school with its board."""

    id: UUID
    board_id: UUID
    board_name: str
    brin: str | None
    branch: str
    name: str
    place: str


def find_school(session: Session, number: str) -> SchoolRow | None:
    """The school with this number: four characters, or six with the branch (design 9)."""
    brin, branch = number[:4].upper(), number[4:].upper()
    rows = [row for row in list_schools(session) if row.brin == brin]
    exact = [row for row in rows if row.branch == branch]
    if exact:
        return exact[0]
    return rows[0] if len(rows) == 1 and not (branch and rows[0].branch) else None


def get_school_card(session: Session, school_id: UUID) -> SchoolCard:
    """The school as help block and letters show it; raises `NotFound`."""
    school = session.get(School, school_id)
    if school is None:
        raise NotFound
    return SchoolCard(school.id, school.name, school.place, school.address, school.phone, school.email)


def find_board_id(session: Session, name: str) -> UUID | None:
    """The board with this name or code, capitals aside."""
    wanted = name.strip().casefold()
    rows = session.execute(select(Board.id, Board.code, Board.name).order_by(Board.code))
    return next((row.id for row in rows if wanted in (row.code.casefold(), row.name.casefold())), None)


def list_boards(session: Session) -> dict[UUID, str]:
    """The name of every board, by name."""
    rows = session.execute(select(Board.id, Board.name).order_by(Board.name))
    return {row.id: row.name for row in rows}


def list_schools(session: Session, board_id: UUID | None = None) -> Sequence[SchoolRow]:
    """All schools, or those of one board, by name."""
    query = (
        select(
            School.id,
            School.board_id,
            Board.name.label("board_name"),
            School.brin,
            School.branch,
            School.name,
            School.place,
        )
        .join(Board, Board.id == School.board_id)
        .order_by(School.name)
    )
    if board_id is not None:
        query = query.where(School.board_id == board_id)
    return [SchoolRow(*row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class Office:
    """How a board and its officer (FG) are reached; blank where the board's statement gives nothing."""

    name: str
    email: str
    phone: str
    officer_email: str
    officer_phone: str


def list_policies(session: Session) -> Sequence[BoardPolicy]:
    """The policy in force of every board, by name."""
    rows = fetch(session, _newest_policies())
    return sorted((_parsed(source) for (source,) in rows), key=lambda policy: policy.name.casefold())


@cache
def _newest_policies() -> Any:
    newest = (
        select(BoardPolicyVersion.board_id, func.max(BoardPolicyVersion.version).label("version"))
        .group_by(BoardPolicyVersion.board_id)
        .subquery()
    )
    return select(BoardPolicyVersion.source).join(
        newest,
        and_(newest.c.board_id == BoardPolicyVersion.board_id, newest.c.version == BoardPolicyVersion.version),
    )


def list_offices(session: Session, policy_id: UUID | None = None) -> Sequence[Office]:
    """How every board is reached, or only the board of one policy."""
    policies = [get_policy(session, policy_id)] if policy_id else list_policies(session)
    return [
        Office(policy.name, policy.contact.email, policy.contact.phone, policy.officer.email, policy.officer.phone)
        for policy in policies
    ]
