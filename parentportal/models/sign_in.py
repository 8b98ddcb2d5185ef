"""Accounts, activation, sign-in sessions, known devices and attempts."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id, stored_enum
from parentportal.models.privacy import key, personal, secret, system
from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act


class Audience(StrEnum):
    """For whom an activation is: a guardian proves knowledge of a child, staff got the code in hand."""

    GUARDIAN = "guardian"
    STAFF = "staff"


class SessionLevel(StrEnum):
    """How far somebody has come: only a full session opens anything."""

    PASSWORD = "password"
    FULL = "full"


class Account(Base):
    """One adult of one board who can sign in; `sign_in_name` is a confirmed e-mail address or a name we made.

    Without a password only passkeys open it. A higher `stamp` ends every session and forgets every known device.
    `cautious_until`: after help at the counter, nothing far-reaching happens for a day (ux 6.7).
    """

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("board_id", "adult_id"),
        CheckConstraint("(blocked_at IS NULL) = (blocked_by_id IS NULL)", name="blocked_at_with_by"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    adult_id: Mapped[UUID] = key(ForeignKey("adult.id"))
    sign_in_name: Mapped[str] = personal(unique=True)
    email: Mapped[str | None] = personal()
    email_confirmed_at: Mapped[datetime | None] = system()
    email_changed_at: Mapped[datetime | None] = system()
    password_hash: Mapped[str | None] = secret()
    stamp: Mapped[int] = system(default=0)
    cautious_until: Mapped[datetime | None] = system()
    language: Mapped[str] = personal(default="nl")
    theme: Mapped[str] = personal(default="")
    created_at: Mapped[datetime] = system()
    blocked_at: Mapped[datetime | None] = system()
    blocked_by_id: Mapped[UUID | None] = key()


class Activation(Base):
    """A single-use code for one adult, and what that adult has entered on the way to an account.

    Only the keyed digest of the code is kept (purpose "activation"). The steps fill the later columns; the pending
    second factor stands 30 minutes and is shown unchanged meanwhile. `totp_step` is the step of its first right code;
    `recovery_codes` are sealed until one of them was typed back. No school: a role of the board. `account_id` is set
    when somebody at the counter gave new means to an account that exists.
    """

    __tablename__ = "activation"
    __table_args__ = (Index("ix_activation_board_adult", "board_id", "adult_id"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    school_id: Mapped[UUID | None] = key(ForeignKey("school.id"))
    adult_id: Mapped[UUID] = key(ForeignKey("adult.id"))
    account_id: Mapped[UUID | None] = key(ForeignKey("account.id"))
    audience: Mapped[Audience] = system(stored_enum(Audience))
    code_digest: Mapped[bytes] = secret(unique=True)
    desk: Mapped[bool] = system(default=False)
    made_at: Mapped[datetime] = system()
    made_by_id: Mapped[UUID | None] = key()
    expires_at: Mapped[datetime] = system()
    used_at: Mapped[datetime | None] = system()
    revoked_at: Mapped[datetime | None] = system()
    revoked_by_id: Mapped[UUID | None] = key()
    carrier_digest: Mapped[bytes | None] = secret()
    child_confirmed_at: Mapped[datetime | None] = system()
    sign_in_name: Mapped[str | None] = personal()
    email: Mapped[str | None] = personal()
    email_code_digest: Mapped[bytes | None] = secret()
    email_code_until: Mapped[datetime | None] = system()
    email_confirmed_at: Mapped[datetime | None] = system()
    password_hash: Mapped[str | None] = secret()
    totp_secret: Mapped[bytes | None] = secret()
    totp_until: Mapped[datetime | None] = system()
    totp_step: Mapped[int | None] = system()
    recovery_codes: Mapped[bytes | None] = secret()


class SignInSession(Base):
    """A sign-in on one device; only this row decides whether it still counts. The token is kept as digest only.

    `must_add`: somebody at work who lacks a second way in or saved codes sees nothing until they are there.
    """

    __tablename__ = "sign_in_session"
    __table_args__ = (Index("ix_sign_in_session_board_account", "board_id", "account_id"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    account_id: Mapped[UUID] = key(ForeignKey("account.id"))
    token_digest: Mapped[bytes] = secret(unique=True)
    level: Mapped[SessionLevel] = system(stored_enum(SessionLevel))
    stamp: Mapped[int] = system()
    role: Mapped[Role | None] = personal(stored_enum(Role))
    school_id: Mapped[UUID | None] = key(ForeignKey("school.id"))
    device: Mapped[str] = personal(default="")
    known_device_id: Mapped[UUID | None] = key(ForeignKey("known_device.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = system()
    seen_at: Mapped[datetime] = system()
    expires_at: Mapped[datetime] = system()
    proved_at: Mapped[datetime | None] = system()
    code_failures: Mapped[int] = system(default=0)
    must_add: Mapped[bool] = system(default=False)


class KnownDevice(Base):
    """A browser from which an account was opened with both factors: its owner is not slowed down by others (A12).

    It replaces no factor. The browser keeps the token, this row its digest; `stamp` is that of the account at the time.
    """

    __tablename__ = "known_device"
    __table_args__ = (
        UniqueConstraint("account_id", "token_digest"),
        Index("ix_known_device_token_digest", "token_digest"),
    )

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    account_id: Mapped[UUID] = key(ForeignKey("account.id"))
    token_digest: Mapped[bytes] = secret()
    stamp: Mapped[int] = system()
    created_at: Mapped[datetime] = system()
    seen_at: Mapped[datetime] = system()


class StepUp(Base):
    """A fresh second factor for one kind of act in one session; good for ten minutes (control S10)."""

    __tablename__ = "step_up"
    __table_args__ = (UniqueConstraint("session_id", "act"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    session_id: Mapped[UUID] = key(ForeignKey("sign_in_session.id", ondelete="CASCADE"))
    act: Mapped[Act] = system(stored_enum(Act))
    proved_at: Mapped[datetime] = system()


class Attempt(Base):
    """How often something was tried lately, by keyed digest of account or network; shared by all workers (trap T33)."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("action", "subject_digest"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    action: Mapped[str] = system()
    subject_digest: Mapped[bytes] = personal()
    failures: Mapped[int] = system(default=0)
    last_at: Mapped[datetime] = system()
    blocked_until: Mapped[datetime | None] = system()
