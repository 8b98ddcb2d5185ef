"""Showing a second factor: a code of the app, a saved code or a passkey; each counts once, also in a race."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from parentportal.models.second_factors import CodesApp, RecoveryCode
from parentportal.models.sign_in import Account
from parentportal.outside import clock, codes, one_time_codes, vault
from parentportal.outside.mail_text import SecurityEvent
from parentportal.outside.passkeys import Site
from parentportal.rules.audit import Event
from parentportal.rules.second_factors import Purpose
from parentportal.services import account_notices, passkeys, throttling
from parentportal.services.passkeys import Outcome
from parentportal.services.throttling import Action

RECOVERY_PURPOSE = "recovery code"


class Refused(StrEnum):
    """Why a second factor opened nothing."""

    WRONG = "wrong"
    CLOCK_OFF = "clock_off"
    START_AGAIN = "start_again"
    OTHER_PLACE = "other_place"
    NOT_VERIFIED = "not_verified"
    TOO_LATE = "too_late"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody hands in: one of these. `holder` and `site` say who was asked, and where, for a passkey."""

    code: str = ""
    saved_code: str = ""
    passkey: str = ""
    holder: str = ""
    site: Site | None = None


def take(
    session: Session, account: Account, proof: Proof, *, network: str, known: UUID | None, purpose: Purpose
) -> Refused | None:
    """Whether this proves who somebody is; None when it does. All kinds share one budget (control A10).

    Answers instead of raising, since what was counted must be kept; only `TooManyAttempts` is raised.
    """
    if proof.passkey:
        return _take_passkey(session, account, proof, network=network, purpose=purpose)
    throttling.count(session, Action.CODE, who=str(account.id), network=network, known=known)
    refused = (
        take_saved(session, account, proof.saved_code) if proof.saved_code else take_code(session, account, proof.code)
    )
    if refused is None:
        throttling.forgive(session, Action.CODE, who=str(account.id), network=network, known=known)
    return refused


def take_code(session: Session, account: Account, code: str) -> Refused | None:
    """A code of any app of this account; each time step of each app opens once (control A05)."""
    now, verdict = clock.now(session), Refused.WRONG
    for app in list_apps(session, account):
        key = open_key(session, account.id, app.secret)
        step = one_time_codes.step_of(code, key, now)
        if step is None:
            verdict = Refused.CLOCK_OFF if one_time_codes.far_off(code, key, now) else verdict
            continue
        raised = session.execute(
            update(CodesApp)
            .where(CodesApp.id == app.id, CodesApp.last_step < step)
            .values(last_step=step, used_at=now)
            .execution_options(synchronize_session=False)
        )
        return None if _changed_one(raised) else Refused.WRONG
    return verdict


def take_saved(session: Session, account: Account, typed: str) -> Refused | None:
    """A saved code, which then is burned, and its owner told by mail (control A08)."""
    burned = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.board_id == account.board_id,
            RecoveryCode.account_id == account.id,
            RecoveryCode.code_digest == recovery_digest(session, account.id, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now(session))
        .execution_options(synchronize_session=False)
    )
    if not _changed_one(burned):
        return Refused.WRONG
    account_notices.record(session, Event.RECOVERY_CODE_USED, account)
    account_notices.tell(session, account, SecurityEvent.RECOVERY_CODE_USED)
    return None


def _take_passkey(
    session: Session, account: Account, proof: Proof, *, network: str, purpose: Purpose
) -> Refused | None:
    """No budget keeps a real key out: a signature cannot be guessed, and nobody may lock its owner out (A12)."""
    outcome = passkeys.prove(session, proof.passkey, holder=proof.holder, site=proof.site, purpose=purpose)
    if isinstance(outcome, Outcome):
        if outcome.account_id == account.id:
            return None
        outcome_refused = Refused.WRONG
    else:
        outcome_refused = Refused(outcome.value)
    throttling.note_failure(session, Action.CODE, who=str(account.id), network=network)
    return outcome_refused


def list_apps(session: Session, account: Account) -> list[CodesApp]:
    """The codes apps of an account, oldest first."""
    return list(
        session.scalars(
            select(CodesApp)
            .where(CodesApp.board_id == account.board_id, CodesApp.account_id == account.id)
            .order_by(CodesApp.made_at, CodesApp.id)
        )
    )


def seal_key(session: Session, account_id: UUID, key: str) -> bytes:
    """The key of a codes app, sealed for its account: it opens for no other, and in whichever row of it."""
    return vault.of(session).seal(key, table="account", row=account_id, column="totp_secret")


def open_key(session: Session, account_id: UUID, sealed: bytes) -> str:
    return vault.of(session).open(sealed, table="account", row=account_id, column="totp_secret")


def recovery_digest(session: Session, account_id: UUID, typed: str) -> bytes:
    """Under which a recovery code is kept: bound to its account, however it was typed."""
    return vault.of(session).digest(f"{account_id} {codes.as_typed(typed)}", RECOVERY_PURPOSE)


def _changed_one(result: object) -> bool:
    return isinstance(result, CursorResult) and result.rowcount == 1
