"""The words that a password of this account may not consist of."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Actor
from parentportal.models.boards import Board, School
from parentportal.models.people import Adult
from parentportal.models.sign_in import Account
from parentportal.reads import children
from parentportal.reads.sign_in import list_roles
from parentportal.rules.names import Name
from parentportal.rules.roles import Role


def list_own_words(session: Session, account: Account) -> tuple[str, ...]:
    """Names of the person, the board, the schools and the children, the mail address and the sign-in name."""
    adult = session.get_one(Adult, account.adult_id)
    board = session.get_one(Board, account.board_id)
    roles = list_roles(session, board_id=account.board_id, adult_id=account.adult_id)
    places = session.scalars(
        select(School.place).where(
            School.board_id == account.board_id, School.id.in_([role.school_id for role in roles if role.school_id])
        )
    )
    seen = children.list_children(session, Actor(account.adult_id, Role.GUARDIAN), board_id=account.board_id)
    words = (
        Name(adult.first_name, adult.prefix, adult.surname).display(),
        board.name,
        *(role.school_name for role in roles),
        *places,
        *(child.call_name for child in seen),
        "Kijkglas",
        "privacyportaal",
        account.email,
        account.sign_in_name,
    )
    return tuple(word for word in words if word)
