"""A fresh second factor for one kind of act, in a session that is open (control S10)."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.models.base import new_id
from parentportal.models.sign_in import Account, SignInSession, StepUp
from parentportal.outside import clock, codes
from parentportal.reads.sign_in import find_open
from parentportal.reads.visitors import token_digest
from parentportal.rules.audit import Event
from parentportal.rules.errors import NotFound
from parentportal.rules.second_factors import Purpose
from parentportal.rules.step_ups import Act
from parentportal.services import account_notices, second_factors
from parentportal.services.second_factors import Proof, Refused


@dataclass(frozen=True, slots=True)
class Proved:
    """The session goes on under another token."""

    token: str


def prove(session: Session, act: Act, proof: Proof, *, network: str, by: Visitor) -> Proved | Refused:
    """Take a second factor once more, for this act alone. Raises `TooManyAttempts`.

    Answers instead of raising otherwise, since what was counted must be kept.
    """
    row = session.get(SignInSession, by.session_id)
    if row is None:
        raise NotFound
    account = session.get_one(Account, by.account_id)
    refused = second_factors.take(
        session, account, proof, network=network, known=row.known_device_id, purpose=Purpose.STEP_UP
    )
    if refused is not None:
        account_notices.record(session, Event.STEP_UP_FAILED, account, {"act": act.value}, by=by)
        return refused
    note(session, by.board_id, row.id, act)
    fresh = codes.token()
    row.token_digest, row.proved_at = token_digest(session, fresh), clock.now(session)
    account_notices.record(session, Event.STEP_UP_PROVED, account, {"act": act.value}, by=by)
    return Proved(fresh)


def note_entered(session: Session, token: str, act: Act) -> None:
    """Somebody who has just come in with both factors need not show one again for this act."""
    found = find_open(session, token)
    if found is not None:
        note(session, found.board_id, found.id, act)


def note(session: Session, board_id: UUID, session_id: UUID, act: Act) -> None:
    """This session has just shown who it is, for one act."""
    row = session.scalar(select(StepUp).where(StepUp.session_id == session_id, StepUp.act == act))
    if row is None:
        row = StepUp(id=new_id(), board_id=board_id, session_id=session_id, act=act)
        session.add(row)
    row.proved_at = clock.now(session)
    session.flush()
