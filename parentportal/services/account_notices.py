"""What the owner of an account is told, and what the audit chain keeps, when getting in changes (control A17)."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.models.boards import Board
from parentportal.models.items import Item, PersonKind, Presence
from parentportal.models.people import Adult
from parentportal.models.sign_in import Account
from parentportal.outside.mail_text import Mail, SecurityEvent
from parentportal.reads import sign_in as reads
from parentportal.reads.sign_in import normal_name
from parentportal.rules.audit import Event
from parentportal.rules.roles import Role
from parentportal.services import audit, outbox, paper_notices


def record(
    session: Session,
    event: Event,
    account: Account,
    detail: Mapping[str, str] | None = None,
    *,
    role: Role | None = None,
    by: Actor | None = None,
) -> None:
    """Add what happened to an account to the chain; by its owner, in the first role, unless somebody else did it."""
    if by is None:
        if role is None:
            roles = reads.list_roles(session, board_id=account.board_id, adult_id=account.adult_id)
            role = roles[0].role if roles else Role.GUARDIAN
        by = Actor(account.adult_id, role)
    audit.record(session, event, by=by, board_id=account.board_id, about=("account", account.id), detail=detail or {})


def tell(session: Session, account: Account, what: SecurityEvent, *, to: str | None = None) -> None:
    """A notice without content to the confirmed address, or to `to`; on paper for whoever has no address."""
    address = to or (account.email if account.email_confirmed_at else None)
    if address is None:
        paper_notices.queue(session, account, Mail.SECURITY_NOTICE, what=what.value)
        return
    outbox.queue(
        session,
        Mail.SECURITY_NOTICE,
        board_id=account.board_id,
        adult_id=account.adult_id,
        to_address=address,
        context={"school": sender_name(session, account), "what": what.value},
        language=account.language,
    )


def tell_every_address(session: Session, account: Account, what: SecurityEvent) -> None:
    """Every address on file for this adult hears it; on paper where there is none (requirements 6.1)."""
    found = _on_file(session, account)
    if not found:
        tell(session, account, what)
    for address in sorted(found):
        tell(session, account, what, to=address)


def _on_file(session: Session, account: Account) -> set[str]:
    """The address of the account and those of the administration, without what was corrected or dropped there."""
    rows = session.execute(
        select(Item.value, Item.decided_value, Item.presence).where(
            Item.board_id == account.board_id,
            Item.person_id == account.adult_id,
            Item.person_kind == PersonKind.ADULT,
            Item.field_code == "guardian.email",
        )
    ).all()
    kept = {row.decided_value or row.value for row in rows if row.presence != Presence.LAPSED}
    gone = {row.value for row in rows} - kept
    adult = session.get_one(Adult, account.adult_id)
    listed = {adult.email, *kept} - gone
    return {normal_name(address) for address in (account.email, *listed) if address}


def sender_name(session: Session, account: Account) -> str:
    """Who a mail about the account comes from: a school of this adult, else the board."""
    for choice in reads.list_roles(session, board_id=account.board_id, adult_id=account.adult_id):
        if choice.school_name:
            return choice.school_name
    return session.get_one(Board, account.board_id).name
