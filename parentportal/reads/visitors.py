"""Who is on the other side: one statement from a session token to a visitor in a role."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from parentportal.access import SchoolCard, Visitor
from parentportal.models.authority import Authority
from parentportal.models.boards import Board, BoardPolicyVersion, School
from parentportal.models.people import Adult, Pupil, StaffRole
from parentportal.models.sign_in import Account, SessionLevel, SignInSession
from parentportal.outside import clock, vault
from parentportal.reads.accounts import may_sign_in
from parentportal.reads.statements import fetch, given
from parentportal.rules.authority import Status
from parentportal.rules.names import Name
from parentportal.rules.roles import STAFF, Role
from parentportal.rules.sign_in import SessionState, session_ends_at, session_state

TOKEN_PURPOSE = "session token"


def token_digest(session: Session, token: str) -> bytes:
    """Under which a session token is kept; the token itself is in the visitor's cookie alone."""
    return vault.of(session).digest(token, TOKEN_PURPOSE)


def find_visitor(session: Session, token: str) -> Visitor | None:
    """The visitor behind a token, or None when the session ended, expired, was outdated or lost its role.

    Rights are those of this moment: an ended staff role, a closed account or a death counts at once (trap T30).
    """
    rows = fetch(session, _statement(), digest=token_digest(session, token))
    if not rows or _expired(rows[0], clock.now(session)):
        return None
    return _visitor(rows[0])


@cache
def _statement() -> Any:
    """The one statement, built once: it is the same for every request."""
    latest_policy = (
        select(BoardPolicyVersion.id)
        .where(BoardPolicyVersion.board_id == SignInSession.board_id)
        .order_by(BoardPolicyVersion.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    held = aliased(StaffRole)
    roles_held = (
        select(func.count())
        .where(held.board_id == Account.board_id, held.adult_id == Account.adult_id, held.ended_at.is_(None))
        .scalar_subquery()
    )
    is_guardian = (
        select(func.count())
        .where(
            Authority.board_id == Account.board_id,
            Authority.adult_id == Account.adult_id,
            Authority.status == Status.CONFIRMED,
        )
        .scalar_subquery()
    )
    role_still_held = exists().where(
        StaffRole.board_id == SignInSession.board_id,
        StaffRole.adult_id == Account.adult_id,
        StaffRole.role == SignInSession.role,
        StaffRole.ended_at.is_(None),
        or_(StaffRole.school_id == SignInSession.school_id, StaffRole.school_id.is_(None)),
    )
    place_is_hidden = (
        exists()
        .where(
            SignInSession.role == Role.GUARDIAN,
            Authority.board_id == Account.board_id,
            Authority.adult_id == Account.adult_id,
            Authority.no_location,
            Pupil.id == Authority.pupil_id,
            Pupil.school_id == SignInSession.school_id,
        )
        .correlate(SignInSession, Account)
    )
    return (
        select(
            SignInSession.id.label("session_id"),
            SignInSession.account_id,
            SignInSession.board_id,
            SignInSession.role,
            SignInSession.seen_at,
            SignInSession.created_at,
            SignInSession.expires_at,
            SignInSession.proved_at,
            SignInSession.must_add,
            Account.cautious_until,
            Account.adult_id,
            Account.language,
            Account.theme,
            Adult.first_name,
            Adult.initials,
            Adult.prefix,
            Adult.surname,
            Board.name.label("board_name"),
            School.id.label("school_id"),
            School.name.label("school_name"),
            School.place,
            School.address,
            School.phone,
            School.email,
            latest_policy.label("policy_id"),
            roles_held.label("roles_held"),
            is_guardian.label("is_guardian"),
            place_is_hidden.label("school_is_hidden"),
        )
        .join(Account, Account.id == SignInSession.account_id)
        .join(Adult, and_(Adult.id == Account.adult_id, Adult.board_id == Account.board_id))
        .join(Board, Board.id == SignInSession.board_id)
        .outerjoin(School, School.id == SignInSession.school_id)
        .where(
            SignInSession.token_digest == given("digest"),
            SignInSession.level == SessionLevel.FULL,
            SignInSession.stamp == Account.stamp,
            may_sign_in(),
            or_(SignInSession.role == Role.GUARDIAN, role_still_held),
        )
    )


def _expired(row: Any, now: datetime) -> bool:
    state = session_state(row.created_at, row.seen_at, now, staff=row.role in STAFF)
    return now >= row.expires_at or state is not SessionState.ALIVE


def _visitor(row: Any) -> Visitor:
    school = (
        SchoolCard(row.school_id, row.school_name, row.place, row.address, row.phone, row.email)
        if row.school_id
        else None
    )
    return Visitor(
        adult_id=row.adult_id,
        role=row.role,
        session_id=row.session_id,
        account_id=row.account_id,
        board_id=row.board_id,
        board_name=row.board_name,
        policy_id=row.policy_id,
        school=school,
        name=Name(row.first_name or row.initials, row.prefix, row.surname).display(),
        language=row.language,
        theme=row.theme,
        proved_at=row.proved_at,
        seen_at=row.seen_at,
        has_more_roles=row.roles_held + (bool(row.is_guardian) or row.role is Role.GUARDIAN) > 1,
        first_name=row.first_name,
        school_is_hidden=bool(row.school_is_hidden),
        must_add=row.must_add,
        ends_at=session_ends_at(row.created_at, row.seen_at, staff=row.role in STAFF),
        cautious_until=row.cautious_until,
    )
