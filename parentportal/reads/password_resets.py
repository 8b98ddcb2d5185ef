"""What a mailed link to a new password still opens."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.models.password_resets import PasswordReset
from parentportal.models.sign_in import Account, KnownDevice
from parentportal.outside import clock, vault
from parentportal.reads.accounts import may_sign_in
from parentportal.reads.sign_in import device_digest

TOKEN_PURPOSE = "password reset"


@dataclass(frozen=True, slots=True)
class OpenReset:
    """A link that works; `is_proved` in the browser that showed a second factor with it, and in no other."""

    id: UUID
    account_id: UUID
    sign_in_name: str
    is_proved: bool


def find_open(session: Session, token: str, holder: str) -> OpenReset | None:
    """The reset behind a token; None when it was used or replaced, is too old, or the account changed since.

    `holder` is what only this browser has: after the second factor the mail alone is worth nothing more.
    """
    mailed = token_digest(session, token)
    row = session.execute(
        select(PasswordReset.id, PasswordReset.token_digest, Account.id.label("account_id"), Account.sign_in_name)
        .join(Account, Account.id == PasswordReset.account_id)
        .where(
            PasswordReset.token_digest.in_([mailed, bound_digest(session, token, holder)]),
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > clock.now(session),
            PasswordReset.stamp == Account.stamp,
            may_sign_in(),
            Account.password_hash.is_not(None),
        )
    ).first()
    return OpenReset(row.id, row.account_id, row.sign_in_name, row.token_digest != mailed) if row else None


def find_hash_after(session: Session, token: str, holder: str) -> str | None:
    """The password that this browser set with this token; for whoever hands in the last form once more."""
    return session.scalar(
        select(Account.password_hash)
        .join(PasswordReset, PasswordReset.account_id == Account.id)
        .where(
            PasswordReset.token_digest == bound_digest(session, token, holder),
            PasswordReset.used_at.is_not(None),
            PasswordReset.expires_at > clock.now(session),
        )
    )


def find_known_device(session: Session, account_id: UUID, device_token: str) -> UUID | None:
    """This browser, if the account was opened with both factors here before."""
    return session.scalar(
        select(KnownDevice.id)
        .join(Account, Account.id == KnownDevice.account_id)
        .where(
            KnownDevice.account_id == account_id,
            KnownDevice.token_digest == device_digest(session, device_token),
            KnownDevice.stamp == Account.stamp,
        )
    )


def token_digest(session: Session, token: str) -> bytes:
    """Under which the token in the mail is kept."""
    return vault.of(session).digest(token, TOKEN_PURPOSE)


def bound_digest(session: Session, token: str, holder: str) -> bytes:
    """Under which it is kept after the second factor: together with what only one browser has."""
    return vault.of(session).digest(f"{token} {holder}", TOKEN_PURPOSE)
