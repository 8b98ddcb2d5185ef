"""How an account can be opened: passkeys, codes apps and saved codes, and where it is open now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, false, func, select, true, union_all
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.second_factors import CodesApp, Passkey, PendingApp, RecoveryCode
from parentportal.models.sign_in import Account, SessionLevel, SignInSession, StepUp
from parentportal.outside import clock, vault
from parentportal.outside.passkeys import Site
from parentportal.reads.activation import works_here
from parentportal.rules.roles import STAFF
from parentportal.rules.second_factors import count_ways, may_lose_one
from parentportal.rules.sign_in import SessionState, session_state
from parentportal.rules.step_ups import Act, is_fresh


@dataclass(frozen=True, slots=True)
class Count:
    """How many of each an account has."""

    passkeys: int
    apps: int
    has_password: bool
    recovery_codes: int

    @property
    def number(self) -> int:
        """Ways in, by the rule of `count_ways`."""
        return count_ways(passkeys=self.passkeys, apps=self.apps, has_password=self.has_password)

    def working(self, site: Site | None) -> int:
        """Ways in that work on this installation: without a site no passkey does, whoever has one from before."""
        return count_ways(
            passkeys=self.passkeys, apps=self.apps, has_password=self.has_password, passkeys_work=site is not None
        )

    @property
    def password_is_idle(self) -> bool:
        """A password that opens nothing: there is neither an app nor a saved code to use it with."""
        return self.has_password and not self.apps and not self.recovery_codes


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """One passkey on the security page; `stopped_at` when there turned out to be two of it."""

    id: UUID
    name: str
    is_synced: bool
    made_at: datetime
    used_at: datetime | None
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class AppRow:
    """One codes app on the security page."""

    id: UUID
    name: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One place where the account is open now."""

    session_id: UUID
    label: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class WaysIn:
    """Everything the security page shows of the means themselves."""

    sign_in_name: str
    email: str | None
    cautious_until: datetime | None
    count: Count
    passkeys: Sequence[PasskeyRow]
    apps: Sequence[AppRow]
    may_remove: bool
    works_here: bool


@dataclass(frozen=True, slots=True)
class PendingKey:
    """The key that an app must learn; the same for as long as it is pending."""

    key: str
    until: datetime


def count(session: Session, account_id: UUID) -> Count:
    """How many ways into an account there are; one statement."""
    return _counted(session.execute(_counts().where(Account.id == account_id)).one())


def _counts() -> Select[Any]:
    passkeys = (
        select(func.count())
        .where(Passkey.account_id == Account.id, Passkey.stopped_at.is_(None))
        .correlate(Account)
        .scalar_subquery()
    )
    apps = select(func.count()).where(CodesApp.account_id == Account.id).correlate(Account).scalar_subquery()
    left = (
        select(func.count())
        .where(RecoveryCode.account_id == Account.id, RecoveryCode.used_at.is_(None))
        .correlate(Account)
        .scalar_subquery()
    )
    has_password = Account.password_hash.is_not(None)
    return select(
        passkeys.label("passkeys"), apps.label("apps"), left.label("left"), has_password.label("has_password")
    ).select_from(Account)


def _counted(row: Any) -> Count:
    return Count(row.passkeys, row.apps, bool(row.has_password), row.left)


def works_anywhere(session: Session, *, by: Visitor) -> bool:
    """Whether the rules for staff count: also for whoever works here and is signed in as a parent now."""
    return by.role in STAFF or (by.has_more_roles and works_here(session, by.board_id, by.adult_id))


def get_ways(session: Session, *, site: Site | None, by: Visitor) -> WaysIn:
    """The visitor's own means to sign in; two statements, and one more for a guardian with more roles."""
    row = session.execute(
        _counts()
        .add_columns(Account.sign_in_name, Account.email, Account.email_confirmed_at, Account.cautious_until)
        .where(Account.board_id == by.board_id, Account.id == by.account_id)
    ).one()
    counted, at_work = _counted(row), works_anywhere(session, by=by)
    passkeys, apps = _list_means(session, by)
    return WaysIn(
        sign_in_name=row.sign_in_name,
        email=row.email if row.email_confirmed_at else None,
        cautious_until=row.cautious_until,
        count=counted,
        passkeys=passkeys,
        apps=apps,
        may_remove=may_lose_one(counted.working(site), staff=at_work),
        works_here=at_work,
    )


def _list_means(session: Session, by: Visitor) -> tuple[list[PasskeyRow], list[AppRow]]:
    """Passkeys and codes apps, oldest first; one statement for both."""
    passkeys = select(
        true().label("is_passkey"),
        Passkey.id,
        Passkey.name,
        Passkey.made_at,
        Passkey.used_at,
        Passkey.is_synced,
        Passkey.stopped_at,
    ).where(Passkey.board_id == by.board_id, Passkey.account_id == by.account_id)
    apps = select(
        false(), CodesApp.id, CodesApp.name, CodesApp.made_at, CodesApp.used_at, false(), CodesApp.used_at
    ).where(CodesApp.board_id == by.board_id, CodesApp.account_id == by.account_id)
    rows = sorted(session.execute(union_all(passkeys, apps)), key=lambda row: (row.made_at, row.id))
    return (
        [
            PasskeyRow(row.id, row.name, row.is_synced, row.made_at, row.used_at, row.stopped_at)
            for row in rows
            if row.is_passkey
        ],
        [AppRow(row.id, row.name, row.made_at, row.used_at) for row in rows if not row.is_passkey],
    )


def list_devices(session: Session, *, by: Visitor) -> Sequence[DeviceRow]:
    """Where the visitor is signed in now, this place first, then the latest."""
    now = clock.now(session)
    rows = session.scalars(
        select(SignInSession)
        .where(
            SignInSession.board_id == by.board_id,
            SignInSession.account_id == by.account_id,
            SignInSession.level == SessionLevel.FULL,
            SignInSession.expires_at > now,
        )
        .order_by(SignInSession.seen_at.desc())
    )
    alive = [
        row
        for row in rows
        if session_state(row.created_at, row.seen_at, now, staff=row.role is None or row.role in STAFF)
        is SessionState.ALIVE
    ]
    found = [DeviceRow(row.id, row.device, row.created_at, row.seen_at, row.id == by.session_id) for row in alive]
    return sorted(found, key=lambda row: not row.is_this)


def find_pending_key(session: Session, *, by: Visitor) -> PendingKey | None:
    """The key that waits in this session, or None when its half hour is over."""
    row = session.execute(
        select(PendingApp.secret, PendingApp.expires_at).where(
            PendingApp.session_id == by.session_id, PendingApp.expires_at > clock.now(session)
        )
    ).first()
    if row is None:
        return None
    key = vault.of(session).open(row.secret, table="account", row=by.account_id, column="totp_secret")
    return PendingKey(key, row.expires_at)


def has_proved(session: Session, act: Act, *, by: Visitor) -> bool:
    """Whether this session showed a second factor for this act a moment ago."""
    proved_at = session.scalar(select(StepUp.proved_at).where(StepUp.session_id == by.session_id, StepUp.act == act))
    return is_fresh(proved_at, clock.now(session))
