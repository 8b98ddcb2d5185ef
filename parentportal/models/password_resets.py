"""A forgotten password: who asked, before anybody is looked up, and the link that was mailed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id
from parentportal.models.privacy import key, personal, secret, system


class ResetWish(Base):
    """A name as somebody typed it: known and unknown are kept alike, and the worker looks them up (control A13)."""

    __tablename__ = "reset_wish"

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    name: Mapped[str] = personal()
    language: Mapped[str] = personal()
    created_at: Mapped[datetime] = system()


class PasswordReset(Base):
    """One mailed link; only the digest of its token is kept. `proved_at`: the second factor that it asks as well."""

    __tablename__ = "password_reset"
    __table_args__ = (Index("ix_password_reset_board_account", "board_id", "account_id"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    account_id: Mapped[UUID] = key(ForeignKey("account.id"))
    token_digest: Mapped[bytes] = secret(unique=True)
    stamp: Mapped[int] = system()
    made_at: Mapped[datetime] = system()
    expires_at: Mapped[datetime] = system()
    proved_at: Mapped[datetime | None] = system()
    used_at: Mapped[datetime | None] = system()
