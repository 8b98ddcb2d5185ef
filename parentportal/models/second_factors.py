"""What an account is opened with besides its password: passkeys, codes apps and saved codes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id, stored_enum
from parentportal.models.privacy import key, personal, secret, system
from parentportal.rules.second_factors import Purpose


class Passkey(Base):
    """A key in a telephone, computer or password manager; only its public half is here (WebAuthn level 3).

    `sign_count` never goes back: an answer that says so means that there are two of this key, and stops both
    (`stopped_at`). Keys that are kept in step between devices always say 0.
    """

    __tablename__ = "passkey"
    __table_args__ = (Index("ix_passkey_board_account", "board_id", "account_id"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    account_id: Mapped[UUID] = key(ForeignKey("account.id"))
    credential_id: Mapped[bytes] = secret(unique=True)
    public_key: Mapped[bytes] = secret()
    sign_count: Mapped[int] = system()
    maker: Mapped[str] = system(default="")
    transports: Mapped[str] = system(default="")
    is_synced: Mapped[bool] = system(default=False)
    name: Mapped[str] = personal()
    made_at: Mapped[datetime] = system()
    used_at: Mapped[datetime | None] = system()
    stopped_at: Mapped[datetime | None] = system()


class PasskeyChallenge(Base):
    """What a browser was asked to sign: once, within five minutes, for one purpose (control A07).

    `holder_digest` names the browser, session or activation that may answer.
    """

    __tablename__ = "passkey_challenge"

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    holder_digest: Mapped[bytes] = secret(index=True)
    purpose: Mapped[Purpose] = system(stored_enum(Purpose))
    challenge: Mapped[bytes] = secret(unique=True)
    made_at: Mapped[datetime] = system()
    expires_at: Mapped[datetime] = system()


class CodesApp(Base):
    """An app that shows six digits; `secret` is sealed for its account, and each time step opens once (trap T32)."""

    __tablename__ = "codes_app"
    __table_args__ = (Index("ix_codes_app_board_account", "board_id", "account_id"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    account_id: Mapped[UUID] = key(ForeignKey("account.id"))
    secret: Mapped[bytes] = secret()
    last_step: Mapped[int] = system()
    name: Mapped[str] = personal(default="")
    made_at: Mapped[datetime] = system()
    used_at: Mapped[datetime | None] = system()


class PendingApp(Base):
    """The key that a codes app of an account must still learn; shown unchanged for half an hour (ux 6.1)."""

    __tablename__ = "pending_app"

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    session_id: Mapped[UUID] = key(ForeignKey("sign_in_session.id", ondelete="CASCADE"), unique=True)
    secret: Mapped[bytes] = secret()
    expires_at: Mapped[datetime] = system()


class RecoveryCode(Base):
    """One saved code of an account, good for one sign-in; only its keyed digest is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index("ix_recovery_code_board_account", "board_id", "account_id"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    account_id: Mapped[UUID] = key(ForeignKey("account.id"))
    code_digest: Mapped[bytes] = secret(unique=True)
    made_at: Mapped[datetime] = system()
    used_at: Mapped[datetime | None] = system()
