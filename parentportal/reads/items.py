"""What a school has registered of a child or of a parent, for that parent: through the authority of this moment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, not_, or_, select
from sqlalchemy.orm import Session

from parentportal.access import Visitor
from parentportal.catalogue import BoardPolicy, Category, categories, fields
from parentportal.models.authority import Authority
from parentportal.models.imports import Source, UnknownField
from parentportal.models.items import Item
from parentportal.models.privacy_requests import PrivacyRequest, RequestLine
from parentportal.models.sign_in import SignInSession
from parentportal.outside import clock, vault
from parentportal.reads import boards, reveals
from parentportal.reads.children import Child, list_children
from parentportal.reads.item_rows import Composition, ItemRow, Standing, system_label
from parentportal.reads.statements import among, fetch, fetch_value, given
from parentportal.rules.authority import Hidden, Status, hidden_by
from parentportal.rules.errors import NotFound
from parentportal.rules.privacy_requests import FINAL, State

OLD_AFTER = timedelta(days=14)
OWN_ADDRESS = ("guardian.address.postcode", "guardian.address.house_number")
CHILD_ADDRESS = ("pupil.address.postcode", "pupil.address.house_number")


@dataclass(frozen=True, slots=True)
class Freshness:
    """Until when a system was heard of; `is_old` after two weeks."""

    system: str
    at: datetime
    is_old: bool


@dataclass(frozen=True, slots=True)
class CategoryCard:
    """One card: how many values it holds, and when one of them last changed."""

    category: Category
    values: int
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unshown:
    """How many kinds of data a system sent that the catalogue does not know; they are counted, never hidden."""

    system: str
    kinds: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A child's cards, from which systems they come, and what is known to be missing."""

    child: Child
    children: Sequence[Child]
    hidden: frozenset[Hidden]
    cards: Sequence[CategoryCard]
    fresh: Sequence[Freshness]
    unshown: Sequence[Unshown]


@dataclass(frozen=True, slots=True)
class CategoryPage:
    """One card opened. `is_closed` while a sensitive one waits for somebody to ask; then there are no rows.

    `others` counts the other adults around the child, and is None where it must not be told.
    """

    child: Child
    children: Sequence[Child]
    hidden: frozenset[Hidden]
    category: Category
    is_closed: bool
    rows: Sequence[ItemRow]
    fresh: Sequence[Freshness]
    others: int | None = None


@dataclass(frozen=True, slots=True)
class SignInRow:
    """One sign-in of the viewer that may still be open; the network address is not kept."""

    device: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What the school has of the parent self, and because of which children."""

    children: Sequence[Child]
    rows: Sequence[ItemRow]
    fresh: Sequence[Freshness]
    sign_ins: Sequence[SignInRow]


def place_of(pupil_id: UUID, category: str) -> str:
    """The name of a card for `reveals`."""
    return f"{pupil_id}/{category}"


def own_place(adult_id: UUID) -> str:
    """The name of somebody's own page for `reveals`."""
    return f"{adult_id}/own"


def pick(children: Sequence[Child], pupil_id: UUID) -> Child:
    """The child among those the viewer may see; otherwise `NotFound`."""
    for child in children:
        if child.id == pupil_id:
            return child
    raise NotFound


def get_overview(session: Session, pupil_id: UUID, *, by: Visitor) -> Overview:
    """The cards of one child; `NotFound` for anybody else's."""
    children = list_children(session, by, board_id=by.board_id)
    child = pick(children, pupil_id)
    stored, shares_address = _stored_of(session, child.id, by)
    composed = _composition(session, stored, child, shares_address, by)
    return Overview(
        child=child,
        children=children,
        hidden=composed.hidden,
        cards=_cards(composed),
        fresh=_freshness(stored, clock.now(session)),
        unshown=_unshown(session, child),
    )


def get_category(session: Session, pupil_id: UUID, category: str, *, by: Visitor, token: str = "") -> CategoryPage:
    """One card of one child. A sensitive card is closed unless `token` is a fresh one of `services.items.reveal`."""
    children = list_children(session, by, board_id=by.board_id)
    child = pick(children, pupil_id)
    if category not in categories():
        raise NotFound
    revealed = reveals.find(session, place_of(child.id, category), token, by=by)
    hidden = hidden_by(child.flags)
    if categories()[category].sensitive and revealed is None:
        return CategoryPage(child, children, hidden, categories()[category], True, (), ())
    if category == "guardians":
        others = None if child.flags else _count_others(session, child, by)
        return CategoryPage(child, children, hidden, categories()[category], False, (), (), others)
    stored, shares_address = _stored_of(session, child.id, by)
    composed = _composition(
        session,
        stored,
        child,
        shares_address,
        by,
        numbers=revealed.numbers if revealed else frozenset(),
        requests=_running(session, child.id, by),
    )
    fresh = _freshness(stored, clock.now(session))
    return CategoryPage(child, children, hidden, categories()[category], False, composed.rows(category), fresh)


def get_own(session: Session, *, by: Visitor, token: str = "") -> OwnPage:
    """What is registered of the viewer self; there is no way to somebody else's."""
    children = list_children(session, by, board_id=by.board_id)
    stored = fetch(session, _items_of_person(), board=by.board_id, person=by.adult_id)
    revealed = reveals.find(session, own_place(by.adult_id), token, by=by)
    composed = Composition(
        policy=boards.get_policy(session, by.policy_id),
        vault=vault.of(session),
        subject="guardian",
        stored=stored,
        numbers=revealed.numbers if revealed else frozenset(),
        requests=_running(session, by.adult_id, by),
    )
    rows = composed.rows("guardians")
    return OwnPage(children, rows, _freshness(stored, clock.now(session)), _sign_ins(session, by))


def list_held(session: Session, pupil_id: UUID, *, by: Visitor) -> tuple[Sequence[Child], Child, frozenset[str]]:
    """The viewer's children, the one asked for, and the codes of the fields that have a value; `NotFound` else."""
    children = list_children(session, by, board_id=by.board_id)
    child = pick(children, pupil_id)
    codes = session.scalars(
        select(Item.field_code).where(Item.board_id == by.board_id, Item.person_id == child.id).distinct()
    )
    return children, child, frozenset(codes)


def get_policy(session: Session, *, by: Visitor) -> BoardPolicy:
    """What the viewer's board decided about data."""
    return boards.get_policy(session, by.policy_id)


@cache
def _items() -> Any:
    return (
        select(
            Item.id,
            Item.person_id,
            Item.field_code,
            Item.value,
            Item.sealed,
            Item.scheme,
            Item.origin,
            Item.system_name,
            Source.kind.label("source_kind"),
            Item.registered_at,
            Item.changed_at,
            Item.seen_at,
            Item.presence,
            Item.marked_secret,
            Item.disputed,
            Item.decided_value,
            Item.decided_sealed,
        )
        .outerjoin(Source, Source.id == Item.source_id)
        .where(Item.board_id == given("board"))
        .order_by(Item.field_code, Item.ordinal)
    )


@cache
def _items_of_person() -> Any:
    return _items().where(Item.person_id == given("person"))


@cache
def _items_and_own_address() -> Any:
    """What is stored of a child, and where the viewer is registered."""
    own = and_(Item.person_id == given("adult"), among(Item.field_code, OWN_ADDRESS))
    return _items().where(or_(Item.person_id == given("pupil"), own))


def _stored_of(session: Session, pupil_id: UUID, by: Visitor) -> tuple[list[Row[Any]], bool]:
    """A child's values, and whether the viewer is registered at the child's address; one statement."""
    rows = fetch(session, _items_and_own_address(), board=by.board_id, pupil=pupil_id, adult=by.adult_id)
    mine = {row.field_code: row.value for row in rows if row.person_id == by.adult_id}
    stored = [row for row in rows if row.person_id == pupil_id]
    theirs = {row.field_code: row.value for row in stored}
    pairs = [(mine.get(own_code), theirs.get(code)) for own_code, code in zip(OWN_ADDRESS, CHILD_ADDRESS, strict=True)]
    return stored, all(one is not None and one == other for one, other in pairs)


def _composition(
    session: Session,
    stored: Sequence[Row[Any]],
    child: Child,
    shares_address: bool,
    by: Visitor,
    *,
    numbers: frozenset[UUID] = frozenset(),
    requests: Mapping[UUID, UUID] | None = None,
) -> Composition:
    return Composition(
        policy=boards.get_policy(session, by.policy_id),
        vault=vault.of(session),
        subject="pupil",
        stored=stored,
        hidden=hidden_by(child.flags),
        numbers=numbers,
        requests=requests or {},
        shares_address=shares_address,
    )


def _cards(composed: Composition) -> list[CategoryCard]:
    seen: dict[str, set[str]] = defaultdict(set)
    changed: dict[str, datetime] = {}
    for row in composed.stored:
        one = fields().get(row.field_code)
        if one is None or one.code in composed.hidden_codes:
            continue
        seen[one.category].add(one.part_of or str(row.id))
        changed[one.category] = max(changed.get(one.category, row.changed_at), row.changed_at)
    return [CategoryCard(card, len(seen[card.code]), changed.get(card.code)) for card in categories().values()]


def _freshness(stored: Iterable[Row[Any]], now: datetime) -> list[Freshness]:
    newest: dict[str, datetime] = {}
    for row in stored:
        newest[row.system_name] = max(newest.get(row.system_name, row.seen_at), row.seen_at)
    return [Freshness(system_label(name), at, now - at > OLD_AFTER) for name, at in sorted(newest.items())]


def _unshown(session: Session, child: Child) -> list[Unshown]:
    rows = fetch(session, _unknown_fields(), board=child.board_id, school=child.school_id)
    return [Unshown(system_label(row.system_name), row.kinds) for row in rows]


@cache
def _unknown_fields() -> Any:
    return (
        select(Source.system_name, func.count(UnknownField.id).label("kinds"))
        .join(UnknownField, and_(UnknownField.board_id == Source.board_id, UnknownField.source_id == Source.id))
        .where(Source.board_id == given("board"), Source.school_id == given("school"))
        .group_by(Source.system_name)
        .order_by(Source.system_name)
    )


def _running(session: Session, person_id: UUID, by: Visitor) -> dict[UUID, UUID]:
    """The viewer's own running requests about this person, by item."""
    rows = fetch(session, _running_lines(), board=by.board_id, adult=by.adult_id, person=person_id)
    return {row.item_id: row.id for row in rows}


@cache
def _running_lines() -> Any:
    return (
        select(RequestLine.item_id, PrivacyRequest.id)
        .join(
            PrivacyRequest,
            and_(PrivacyRequest.board_id == RequestLine.board_id, PrivacyRequest.id == RequestLine.request_id),
        )
        .where(
            PrivacyRequest.board_id == given("board"),
            PrivacyRequest.adult_id == given("adult"),
            not_(among(PrivacyRequest.state, (State.DRAFT, *sorted(FINAL)))),
            RequestLine.person_id == given("person"),
            RequestLine.item_id.is_not(None),
        )
    )


def _count_others(session: Session, child: Child, by: Visitor) -> int:
    found: int = fetch_value(session, _others(), board=child.board_id, pupil=child.id, adult=by.adult_id)
    return found


@cache
def _others() -> Any:
    return select(func.count(Authority.adult_id.distinct())).where(
        Authority.board_id == given("board"),
        Authority.pupil_id == given("pupil"),
        Authority.adult_id != given("adult"),
        Authority.status != Status.ENDED,
    )


def _sign_ins(session: Session, by: Visitor) -> list[SignInRow]:
    rows = session.execute(
        select(SignInSession.id, SignInSession.device, SignInSession.created_at, SignInSession.seen_at)
        .where(SignInSession.board_id == by.board_id, SignInSession.account_id == by.account_id)
        .order_by(SignInSession.created_at.desc())
        .limit(5)
    )
    return [SignInRow(row.device, row.created_at, row.seen_at, row.id == by.session_id) for row in rows]


__all__ = [
    "CategoryCard",
    "CategoryPage",
    "Freshness",
    "ItemRow",
    "Overview",
    "OwnPage",
    "SignInRow",
    "Standing",
    "Unshown",
    "get_category",
    "get_overview",
    "get_own",
    "get_policy",
    "list_held",
    "own_place",
    "pick",
    "place_of",
]
