"""What signing in needs to look up: credentials, a sign-in that is half-way, and the roles to choose from."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.models.authority import Authority
from parentportal.models.boards import School
from parentportal.models.people import StaffRole
from parentportal.models.sign_in import Account, KnownDevice, SessionLevel, SignInSession
from parentportal.outside import clock, vault
from parentportal.reads import children
from parentportal.reads.accounts import may_sign_in
from parentportal.reads.hiding import place_is_hidden
from parentportal.reads.visitors import token_digest
from parentportal.rules.roles import STAFF, Role
from parentportal.rules.sign_in import SessionState, session_state

DEVICE_PURPOSE = "known device"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of one account: what a typed password is held against, and whether this browser is known to it."""

    account_id: UUID
    password_hash: str | None
    known_device_id: UUID | None


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """One way in which somebody can work or look.

    `school_name` is None for roles of a whole board, and where no page may tell it.
    """

    role: Role
    school_id: UUID | None
    school_name: str | None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A full sign-in, in a role or still without one."""

    id: UUID
    account_id: UUID
    board_id: UUID
    adult_id: UUID
    role: Role | None
    school_id: UUID | None


def normal_name(typed: str) -> str:
    """A sign-in name as it is kept: composed, in small letters, without blanks around it."""
    return unicodedata.normalize("NFC", typed).strip().lower()


def find_credentials(session: Session, sign_in_name: str, device_token: str = "") -> Credentials | None:
    """The credentials behind a sign-in name, unless there is none or the account may not be opened."""
    known = and_(
        KnownDevice.account_id == Account.id,
        KnownDevice.token_digest == device_digest(session, device_token),
        KnownDevice.stamp == Account.stamp,
    )
    row = session.execute(
        select(Account.id, Account.password_hash, KnownDevice.id.label("known_device_id"))
        .outerjoin(KnownDevice, known)
        .where(Account.sign_in_name == normal_name(sign_in_name), may_sign_in())
    ).first()
    return Credentials(row.id, row.password_hash, row.known_device_id) if row else None


def device_digest(session: Session, token: str) -> bytes:
    """Under which a known device is kept; the token itself is in its own cookie alone."""
    return vault.of(session).digest(token, DEVICE_PURPOSE)


def find_known_device(session: Session, device_token: str) -> UUID | None:
    """A known device by the token of this browser, whichever account it is of; None when it is none (any more)."""
    return session.scalar(
        select(KnownDevice.id)
        .join(Account, Account.id == KnownDevice.account_id)
        .where(
            KnownDevice.token_digest == device_digest(session, device_token),
            KnownDevice.stamp == Account.stamp,
            may_sign_in(),
        )
        .order_by(KnownDevice.id)
        .limit(1)
    )


def is_waiting_for_code(session: Session, token: str) -> bool:
    """Whether this token belongs to somebody whose password was right and whose code is still to come."""
    found = session.scalar(
        select(SignInSession.id)
        .join(Account, Account.id == SignInSession.account_id)
        .where(
            SignInSession.token_digest == token_digest(session, token),
            SignInSession.level == SessionLevel.PASSWORD,
            SignInSession.expires_at > clock.now(session),
            SignInSession.stamp == Account.stamp,
            may_sign_in(),
        )
    )
    return found is not None


def find_open(session: Session, token: str) -> OpenSession | None:
    """The full sign-in behind a token, also while its role is still to be chosen; None when it is over."""
    row = session.execute(
        select(SignInSession, Account.adult_id)
        .join(Account, Account.id == SignInSession.account_id)
        .where(
            SignInSession.token_digest == token_digest(session, token),
            SignInSession.level == SessionLevel.FULL,
            SignInSession.expires_at > clock.now(session),
            SignInSession.stamp == Account.stamp,
            may_sign_in(),
        )
    ).first()
    if row is None:
        return None
    found: SignInSession = row[0]
    # Without a role the shorter time of staff counts: choosing takes no quarter of an hour.
    staff = found.role is None or found.role in STAFF
    state = session_state(found.created_at, found.seen_at, clock.now(session), staff=staff)
    if state is not SessionState.ALIVE:
        return None
    return OpenSession(found.id, found.account_id, found.board_id, row.adult_id, found.role, found.school_id)


def list_roles(session: Session, *, board_id: UUID, adult_id: UUID) -> Sequence[RoleChoice]:
    """The roles this adult has today: those at work by name of the school, then that of a guardian.

    Somebody whose authority ended keeps the role of guardian, for the own data: it shows no child.
    """
    rows = session.execute(
        select(StaffRole.role, StaffRole.school_id, School.name)
        .outerjoin(School, School.id == StaffRole.school_id)
        .where(StaffRole.board_id == board_id, StaffRole.adult_id == adult_id, StaffRole.ended_at.is_(None))
        .order_by(School.name, StaffRole.role)
        .distinct()
    )
    roles = [RoleChoice(row.role, row.school_id, row.name) for row in rows]
    hidden = session.scalar(
        select(place_is_hidden(board_id, adult_id))
        .select_from(Authority)
        .where(Authority.board_id == board_id, Authority.adult_id == adult_id, Authority.confirmed_at.is_not(None))
        .limit(1)
    )
    if hidden is not None:
        seen = children.list_children(session, Actor(adult_id, Role.GUARDIAN), board_id=board_id)
        first = seen[0] if seen else None
        name = first.school_name if first and not hidden else None
        roles.append(RoleChoice(Role.GUARDIAN, first.school_id if first else None, name))
    return roles
