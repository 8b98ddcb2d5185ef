"""Showing what is closed: every time somebody asks for sensitive data, the audit chain says so."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.catalogue import categories, fields
from parentportal.models.items import Item
from parentportal.outside import clock
from parentportal.reads import reveals
from parentportal.reads.children import get_child
from parentportal.reads.item_rows import HIDES
from parentportal.reads.items import own_place, place_of
from parentportal.rules.audit import Event
from parentportal.rules.authority import hidden_by
from parentportal.rules.errors import NotFound, NotNow
from parentportal.rules.sentences import N_
from parentportal.rules.sign_in import is_cautious
from parentportal.services import audit


def reveal(session: Session, pupil_id: UUID, category: str, *, by: Visitor) -> str:
    """Open a sensitive card of a child for ten minutes of this sign-in; answers the token that opens the page.

    This is the one gate to such a card: whoever wants a fresh second factor first asks for it here.
    Raises `NotFound` for another's child and for a card that is not closed.
    """
    child = get_child(session, pupil_id, by, board_id=by.board_id)
    if category not in categories() or not categories()[category].sensitive:
        raise NotFound
    audit.record(
        session,
        Event.SENSITIVE_READ,
        by=by,
        board_id=by.board_id,
        about=("pupil", child.id),
        pupil_id=child.id,
        detail={"category": category},
    )
    return reveals.sign(session, place_of(child.id, category), (), by=by)


def reveal_number(session: Session, pupil_id: UUID, item_id: UUID, *, by: Visitor, token: str = "") -> tuple[str, str]:
    """Show one masked number of a child in full; answers its category and the token that opens the page.

    In a sensitive card that card must be open: `token` proves it. Numbers that were already shown stay so. Raises
    `NotNow` on the day after help at the counter.
    """
    _refuse_caution(session, by)
    child = get_child(session, pupil_id, by, board_id=by.board_id)
    code = _masked_code(session, item_id, child.id, by)
    if any(code in HIDES.get(kind, ()) for kind in hidden_by(child.flags)):
        raise NotFound
    category = fields()[code].category
    place = place_of(child.id, category)
    revealed = reveals.find(session, place, token, by=by)
    if revealed is None and categories()[category].sensitive:
        raise NotFound
    _note(session, item_id, code, by, pupil_id=child.id)
    shown = revealed.numbers if revealed else frozenset()
    return category, reveals.sign(session, place, shown | {item_id}, by=by)


def reveal_own_number(session: Session, item_id: UUID, *, by: Visitor, token: str = "") -> str:
    """Show one masked number of the viewer self in full; answers the token that opens the page, as `reveal_number`."""
    _refuse_caution(session, by)
    code = _masked_code(session, item_id, by.adult_id, by)
    place = own_place(by.adult_id)
    revealed = reveals.find(session, place, token, by=by)
    _note(session, item_id, code, by, pupil_id=None)
    shown = revealed.numbers if revealed else frozenset()
    return reveals.sign(session, place, shown | {item_id}, by=by)


def _refuse_caution(session: Session, by: Visitor) -> None:
    """Whoever got in by help at the counter sees no number in full for a day, so that the owner can notice (ux 6.7)."""
    until = by.cautious_until
    if until is not None and is_cautious(until, clock.now(session)):
        when = f"{until.astimezone(clock.AMSTERDAM):%d-%m-%Y %H:%M}"
        raise NotNow(
            N_(
                "U kreeg net hulp bij het inloggen. Voor uw veiligheid blijven nummers dicht tot %(when)s uur.",
                when=when,
            )
        )


def _masked_code(session: Session, item_id: UUID, person_id: UUID, by: Visitor) -> str:
    code = session.scalar(
        select(Item.field_code).where(Item.board_id == by.board_id, Item.person_id == person_id, Item.id == item_id)
    )
    if code is None or code not in fields() or not fields()[code].masked:
        raise NotFound
    return code


def _note(session: Session, item_id: UUID, code: str, by: Visitor, *, pupil_id: UUID | None) -> None:
    audit.record(
        session,
        Event.SENSITIVE_READ,
        by=by,
        board_id=by.board_id,
        about=("item", item_id),
        pupil_id=pupil_id,
        detail={"field": code},
    )
