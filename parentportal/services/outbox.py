"""Mail to be sent after the commit: a row in the transaction of the act, worked off by the worker (control D08)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from parentportal.models.base import new_id
from parentportal.models.boards import Board
from parentportal.models.outbox import OutboxMail
from parentportal.models.sign_in import Account
from parentportal.outside import clock, vault
from parentportal.outside.mail_text import Mail
from parentportal.reads.accounts import may_sign_in
from parentportal.reads.hiding import place_is_hidden
from parentportal.services import paper_notices

LEASE = timedelta(minutes=5)
MOST_TRIES = 17
"""With the pauses below somewhat over two days, so that a mail server may be away for one."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Leased:
    """One mail that this worker may send until the lease runs out."""

    id: UUID
    to_address: str
    template: str
    context: Mapping[str, str]
    language: str
    created_at: datetime


SEALED = "outbox_mail", "sealed"


def queue(
    session: Session,
    template: str,
    *,
    board_id: UUID,
    to_address: str,
    context: Mapping[str, str],
    secrets: Mapping[str, str] | None = None,
    adult_id: UUID | None = None,
    language: str = "nl",
) -> OutboxMail:
    """Put one mail in the outbox; `context` must hold nothing about a child or a request (trap T35).

    `secrets` are values that open something: a code, a link. They are sealed until the mail is written.
    """
    now, mail_id = clock.now(session), new_id()
    mail = OutboxMail(
        id=mail_id,
        board_id=board_id,
        adult_id=adult_id,
        to_address=to_address,
        template=template,
        context=dict(context),
        sealed=_sealed(session, mail_id, secrets) if secrets else None,
        language=language,
        created_at=now,
        not_before=now,
    )
    session.add(mail)
    return mail


def tell(session: Session, adult_id: UUID, *, board_id: UUID, school_name: str, template: str = "news") -> bool:
    """Tell somebody that there is news in the portal, on paper without an address; False when nothing reaches them.

    Nothing is sent about an account that may not be opened: no family finds a letter to somebody who died.
    Whoever may not know where a child is hears it from the board, whichever school has the news (requirements 6.1).
    """
    hidden = place_is_hidden(board_id, adult_id)
    found = session.execute(
        select(Account, Board.name, hidden.label("place_is_hidden"))
        .join(Board, Board.id == Account.board_id)
        .where(Account.board_id == board_id, Account.adult_id == adult_id, may_sign_in())
    ).first()
    if found is None:
        return False
    account: Account = found[0]
    if account.email is None or account.email_confirmed_at is None:
        return paper_notices.queue(session, account, Mail.NEWS)
    queue(
        session,
        template,
        board_id=board_id,
        adult_id=adult_id,
        to_address=account.email,
        context={"school": found.name if found.place_is_hidden else school_name},
        language=account.language,
    )
    return True


def lease(session: Session, *, most: int = 20) -> Sequence[Leased]:
    """Take mails that are due, oldest first; nobody else gets them until the lease runs out."""
    now = clock.now(session)
    due = list(
        session.scalars(
            select(OutboxMail)
            .where(
                OutboxMail.sent_at.is_(None),
                OutboxMail.dead_at.is_(None),
                OutboxMail.not_before <= now,
                or_(OutboxMail.lease_until.is_(None), OutboxMail.lease_until <= now),
            )
            .order_by(OutboxMail.not_before)
            .limit(most)
        )
    )
    for mail in due:
        mail.lease_until = now + LEASE
        mail.attempts += 1
    return [
        Leased(mail.id, mail.to_address, mail.template, values_of(session, mail), mail.language, mail.created_at)
        for mail in due
    ]


def values_of(session: Session, mail: OutboxMail) -> Mapping[str, str]:
    """What the text of a mail is made of, with what was sealed."""
    if mail.sealed is None:
        return mail.context
    table, column = SEALED
    opened: dict[str, str] = json.loads(vault.of(session).open(mail.sealed, table=table, row=mail.id, column=column))
    return {**mail.context, **opened}


def _sealed(session: Session, mail_id: UUID, secrets: Mapping[str, str]) -> bytes:
    table, column = SEALED
    return vault.of(session).seal(json.dumps(dict(secrets)), table=table, row=mail_id, column=column)


def mark_sent(session: Session, mail_id: UUID) -> None:
    """The server took it; what the text was made of is no longer needed."""
    session.execute(
        update(OutboxMail)
        .where(OutboxMail.id == mail_id)
        .values(sent_at=clock.now(session), lease_until=None, context={}, sealed=None, last_error="")
    )


def postpone(session: Session, mail_id: UUID, reason: str) -> bool:
    """Try again later, each time after a longer pause; False when it was tried often enough and is dead now."""
    mail = session.get_one(OutboxMail, mail_id)
    if mail.attempts >= MOST_TRIES:
        give_up(session, mail_id, reason)
        return False
    mail.not_before = clock.now(session) + min(FIRST_PAUSE * 2 ** (mail.attempts - 1), LONGEST_PAUSE)
    mail.lease_until = None
    mail.last_error = reason
    return True


def give_up(session: Session, mail_id: UUID, reason: str) -> None:
    """Make it a dead letter, which `doctor` and the director's page show."""
    mail = session.get_one(OutboxMail, mail_id)
    mail.dead_at = clock.now(session)
    mail.lease_until = None
    mail.context = {}
    mail.sealed = None
    mail.last_error = reason
