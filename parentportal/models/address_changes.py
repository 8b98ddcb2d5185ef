"""Another mail address for an account: confirmed on the new one, announced and undone on the old one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped

from parentportal.models.base import Base, new_id
from parentportal.models.privacy import key, personal, secret, system


class AddressChange(Base):
    """One change. `code_digest` is of the code that went to the new address, `undo_digest` of the link that went to the
    old one; `used_at` is when the code came back, `undone_at` when the link was followed."""

    __tablename__ = "address_change"
    __table_args__ = (Index("ix_address_change_board_account", "board_id", "account_id"),)

    id: Mapped[UUID] = key(primary_key=True, default=new_id)
    board_id: Mapped[UUID] = key(ForeignKey("board.id"))
    account_id: Mapped[UUID] = key(ForeignKey("account.id"))
    new_address: Mapped[str] = personal()
    code_digest: Mapped[bytes] = secret()
    created_at: Mapped[datetime] = system()
    expires_at: Mapped[datetime] = system()
    used_at: Mapped[datetime | None] = system()
    old_address: Mapped[str | None] = personal()
    old_name: Mapped[str | None] = personal()
    undo_digest: Mapped[bytes | None] = secret(unique=True)
    undo_until: Mapped[datetime | None] = system()
    undone_at: Mapped[datetime | None] = system()
