"""Who hears that somebody was given a role: a role opens children's data, and one person alone can give it (S10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.models.boards import Board, School
from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Account
from parentportal.outside.mail_text import Mail
from parentportal.reads.accounts import may_sign_in
from parentportal.rules.names import Name
from parentportal.rules.roles import Role
from parentportal.services import outbox


@dataclass(frozen=True, slots=True)
class Overseer:
    """Somebody with a confirmed address who is told; `role` is why: director of the school, or officer of the board."""

    account_id: UUID
    role: Role


def list_overseers(session: Session, board_id: UUID, school_id: UUID | None, role: Role) -> Sequence[Overseer]:
    """Every director of the school as it is now; also the officer, for a director's role and one of a whole board.

    Ask before the role is written: nobody is told of becoming a director. Whoever has no address finds the role on
    the staff page.
    """
    watches = and_(StaffRole.role == Role.DIRECTOR, StaffRole.school_id == school_id)
    if role is Role.DIRECTOR or school_id is None:
        watches = or_(watches, StaffRole.role == Role.OFFICER)
    rows = session.execute(
        select(Account.id, StaffRole.role)
        .join(Account, and_(Account.board_id == StaffRole.board_id, Account.adult_id == StaffRole.adult_id))
        .where(
            StaffRole.board_id == board_id,
            StaffRole.ended_at.is_(None),
            watches,
            Account.email.is_not(None),
            Account.email_confirmed_at.is_not(None),
            may_sign_in(),
        )
        .order_by(StaffRole.role == Role.DIRECTOR, Account.id)
    )
    return [Overseer(*pair) for pair in {row.id: (row.id, row.role) for row in rows}.values()]


def tell(
    session: Session, overseers: Sequence[Overseer], adult: Adult, school_id: UUID | None, role: Role, *, by: Actor
) -> None:
    """One mail to each: who was given which role, by whom, and what to do when that is not right."""
    place = session.get_one(School, school_id).name if school_id else session.get_one(Board, adult.board_id).name
    giver = session.get(Adult, by.adult_id) if by.adult_id else None
    for one in overseers:
        account = session.get_one(Account, one.account_id)
        outbox.queue(
            session,
            Mail.ROLE_GIVEN,
            board_id=account.board_id,
            adult_id=account.adult_id,
            to_address=account.email or "",
            context={
                "school": place,
                "who": _shown(adult),
                "role": role.value,
                "by": _shown(giver) if giver else "",
                "to": one.role.value,
            },
            language=account.language,
        )


def _shown(adult: Adult) -> str:
    return Name(adult.first_name or adult.initials, adult.prefix, adult.surname).display()
