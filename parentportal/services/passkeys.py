"""Passkeys as the portal keeps them: challenges that count once, keys, and counters that never go back."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from parentportal.models.base import new_id
from parentportal.models.people import Adult
from parentportal.models.second_factors import Passkey, PasskeyChallenge
from parentportal.models.sign_in import Account
from parentportal.outside import clock, passkeys, vault
from parentportal.outside.mail_text import SecurityEvent
from parentportal.outside.passkeys import Doubt, NewPasskey, PasskeyRefused, Site
from parentportal.reads.accounts import may_sign_in
from parentportal.rules.audit import Event
from parentportal.rules.errors import NotFound
from parentportal.rules.second_factors import CHALLENGE_STANDS, Purpose, is_copy
from parentportal.services import account_notices

MOST_CHALLENGES = 5
"""So many may wait in one browser: the first page asks for one by itself, and each button for its own."""
HOLDER_PURPOSE = "passkey holder"


class Unproved(StrEnum):
    """Why an answer proved nothing."""

    WRONG = "wrong"
    OTHER_PLACE = "other_place"
    NOT_VERIFIED = "not_verified"
    TOO_LATE = "too_late"
    COPIED = "copied"


_UNPROVED = {
    Doubt.MALFORMED: Unproved.WRONG,
    Doubt.FORGED: Unproved.WRONG,
    Doubt.OTHER_PLACE: Unproved.OTHER_PLACE,
    Doubt.NOT_VERIFIED: Unproved.NOT_VERIFIED,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A key that really signed, and whose it is."""

    passkey_id: UUID
    account_id: UUID


def ask_to_make(
    session: Session, *, holder: str, purpose: Purpose, site: Site | None, owner: UUID, name: str, shown_as: str
) -> dict[str, Any]:
    """What a browser is asked, to make a key for an adult (`owner`); raises `NotFound` where there are no passkeys."""
    have = session.scalars(
        select(Passkey.credential_id).join(Account, Account.id == Passkey.account_id).where(Account.adult_id == owner)
    ).all()
    challenge = _new_challenge(session, holder, purpose)
    return passkeys.to_make(_needed(site), challenge, owner=owner, name=name, shown_as=shown_as, have=have)


def ask_to_prove(
    session: Session, *, holder: str, purpose: Purpose, site: Site | None, account_id: UUID | None = None
) -> dict[str, Any]:
    """What a browser is asked to sign; with an account only by one of its keys. Raises `NotFound` as above."""
    have: Sequence[bytes] = ()
    if account_id is not None:
        usable = select(Passkey.credential_id).where(Passkey.account_id == account_id, Passkey.stopped_at.is_(None))
        have = session.scalars(usable).all()
    return passkeys.to_prove(_needed(site), _new_challenge(session, holder, purpose), have=have)


def check_new(
    session: Session, answer: str, *, holder: str, purpose: Purpose, site: Site | None
) -> NewPasskey | Unproved:
    """The key that a browser made when it was asked; its challenge is used up either way."""
    try:
        read = passkeys.read_answer(answer)
        if not _use_up(session, read.challenge, holder, purpose):
            return Unproved.TOO_LATE
        made = passkeys.check_new(_needed(site), answer, read.challenge)
    except PasskeyRefused as refused:
        return _UNPROVED[refused.doubt]
    is_taken = session.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id))
    return Unproved.WRONG if is_taken else made


def keep(session: Session, account: Account, made: NewPasskey, *, name: str) -> Passkey:
    """Add a key to an account."""
    row = Passkey(
        id=new_id(),
        board_id=account.board_id,
        account_id=account.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        maker=made.maker,
        transports=" ".join(made.transports),
        is_synced=made.is_synced,
        name=name,
        made_at=clock.now(session),
    )
    session.add(row)
    session.flush()
    return row


def prove(session: Session, answer: str, *, holder: str, site: Site | None, purpose: Purpose) -> Outcome | Unproved:
    """Whose key signed this challenge, for this purpose and in this browser; used up either way (control A07).

    A counter that went back means that there are two of this key. Nobody can say which is the copy: both are stopped,
    and the owner is told.
    """
    try:
        read = passkeys.read_answer(answer)
        if not _use_up(session, read.challenge, holder, purpose):
            return Unproved.TOO_LATE
        found = session.execute(
            select(Passkey, Account)
            .join(Account, Account.id == Passkey.account_id)
            .where(Passkey.credential_id == read.credential_id, may_sign_in())
        ).first()
        if found is None:
            return Unproved.WRONG
        passkey, account = found
        count = passkeys.check_proof(_needed(site), answer, read.challenge, passkey.public_key)
    except PasskeyRefused as refused:
        return _UNPROVED[refused.doubt]
    if read.owner is not None and not _is_of(session, read.owner, account):
        return Unproved.WRONG
    if passkey.stopped_at is not None:
        return Unproved.COPIED
    if is_copy(passkey.sign_count, count):
        passkey.stopped_at = clock.now(session)
        account_notices.record(session, Event.PASSKEY_COPIED, account)
        account_notices.tell(session, account, SecurityEvent.PASSKEY_COPIED)
        return Unproved.COPIED
    passkey.sign_count, passkey.used_at = count, clock.now(session)
    return Outcome(passkey.id, account.id)


def _is_of(session: Session, owner: UUID, account: Account) -> bool:
    """Whether a key that was made for this adult is of the account; also after the adult became one with another."""
    if owner == account.adult_id:
        return True
    became = select(Adult.merged_into_id).where(Adult.board_id == account.board_id, Adult.id == owner)
    return session.scalar(became) == account.adult_id


def find_owner(session: Session, answer: str) -> UUID | None:
    """The account that an answer claims to be of: for counting a failure, never for believing it."""
    try:
        credential_id = passkeys.read_answer(answer).credential_id
    except PasskeyRefused:
        return None
    return session.scalar(select(Passkey.account_id).where(Passkey.credential_id == credential_id))


def remove_stale(session: Session) -> None:
    """Throw away what nobody answered in time."""
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= clock.now(session)))


def _new_challenge(session: Session, holder: str, purpose: Purpose) -> bytes:
    now, digest = clock.now(session), _holder_digest(session, holder)
    waiting = session.scalars(
        select(PasskeyChallenge)
        .where(PasskeyChallenge.holder_digest == digest)
        .order_by(PasskeyChallenge.made_at, PasskeyChallenge.id)
    ).all()
    for old in waiting[: max(len(waiting) - MOST_CHALLENGES + 1, 0)]:
        session.delete(old)
    challenge = passkeys.new_challenge()
    session.add(
        PasskeyChallenge(
            id=new_id(),
            holder_digest=digest,
            purpose=purpose,
            challenge=challenge,
            made_at=now,
            expires_at=now + CHALLENGE_STANDS,
        )
    )
    return challenge


def _use_up(session: Session, challenge: bytes, holder: str, purpose: Purpose) -> bool:
    gone = session.execute(
        delete(PasskeyChallenge).where(
            PasskeyChallenge.challenge == challenge,
            PasskeyChallenge.holder_digest == _holder_digest(session, holder),
            PasskeyChallenge.purpose == purpose,
            PasskeyChallenge.expires_at > clock.now(session),
        )
    )
    return isinstance(gone, CursorResult) and gone.rowcount == 1


def _holder_digest(session: Session, holder: str) -> bytes:
    return vault.of(session).digest(holder, HOLDER_PURPOSE)


def _needed(site: Site | None) -> Site:
    if site is None:
        raise NotFound
    return site
