"""Help at the counter as the office sees it: the person, the colleagues, the cases and the code."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from parentportal.access import Visitor
from parentportal.models.counter_recoveries import CounterRecovery, Identity
from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Account, Activation
from parentportal.outside import clock, codes, vault
from parentportal.reads import boards
from parentportal.reads.accounts import may_sign_in
from parentportal.reads.authority import is_family
from parentportal.reads.hiding import place_is_hidden
from parentportal.reads.people import is_here
from parentportal.rules import counter_recoveries as rules
from parentportal.rules.counter_recoveries import HELPERS, Bar, State
from parentportal.rules.errors import NotFound
from parentportal.rules.names import Name
from parentportal.rules.roles import GIVES, Role

RECENT = timedelta(days=30)
MOST_CASES = 50
_DERIVED = "counter recovery"
_PEOPLE = {who: aliased(Adult) for who in ("adult_id", "asked_by_id", "second_id", "confirmed_by_id")}
_NAME = (Adult.id, Adult.first_name, Adult.initials, Adult.prefix, Adult.surname)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the school with an account, who may be helped.

    `bar` is why this visitor may not do it. `works` asks for a second colleague whatever the board chose.
    """

    adult_id: UUID
    name: str
    account_id: UUID
    works: bool
    is_blocked: bool
    has_open_case: bool
    four_eyes: bool
    bar: Bar | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may confirm."""

    adult_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Case:
    """One case, for a list and for its own page; names are blank for the operator and who is gone."""

    id: UUID
    adult_id: UUID
    name: str
    identity: Identity
    on_paper: bool
    state: State
    asked_at: datetime
    expires_at: datetime
    asked_by_id: UUID
    asked_by: str
    second_id: UUID | None
    second: str
    confirmed_by_id: UUID | None
    confirmed_by: str
    place_is_hidden: bool

    def bar_to_confirm(self, by: Visitor) -> Bar | None:
        """Why this visitor may not confirm; the own family was left out when the case was read."""
        return rules.bar_to_confirm(
            by.role,
            is_self=self.adult_id == by.adult_id,
            is_family=False,
            is_asker=self.asked_by_id == by.adult_id,
            by_name_only=self.identity is Identity.KNOWN,
            is_named=self.second_id == by.adult_id,
        )


def get_person(session: Session, adult_id: UUID, *, by: Visitor) -> Person:
    """A guardian or colleague of the visitor's school who has an account; raises `NotFound`."""
    waits = exists().where(CounterRecovery.account_id == Account.id, *_is_waiting(by.board_id, clock.now(session)))
    works = exists().where(
        StaffRole.board_id == by.board_id, StaffRole.adult_id == Adult.id, StaffRole.ended_at.is_(None)
    )
    leads_elsewhere = exists().where(
        StaffRole.board_id == by.board_id,
        StaffRole.adult_id == Adult.id,
        StaffRole.ended_at.is_(None),
        StaffRole.role.not_in(GIVES[Role.ADMINISTRATION]),
        or_(StaffRole.school_id.is_(None), StaffRole.school_id != by.school_id),
    )
    row = session.execute(
        select(
            *_NAME,
            Account.id.label("account_id"),
            Account.blocked_at,
            Adult.deceased,
            works.label("works"),
            leads_elsewhere.label("is_beyond"),
            waits.label("waits"),
            is_family(by.board_id, Adult.id, by.adult_id).label("is_family"),
        )
        .join(Account, and_(Account.board_id == Adult.board_id, Account.adult_id == Adult.id))
        .where(Adult.board_id == by.board_id, Adult.id == adult_id, Adult.merged_into_id.is_(None), is_here(by))
    ).first()
    if row is None:
        raise NotFound
    return Person(
        adult_id=adult_id,
        name=_name(row).display(),
        account_id=row.account_id,
        works=row.works,
        is_blocked=row.blocked_at is not None,
        has_open_case=row.waits,
        four_eyes=boards.get_policy(session, by.policy_id).counter_recovery_four_eyes,
        bar=rules.bar_to_help(
            by.role,
            is_self=adult_id == by.adult_id,
            is_family=row.is_family,
            is_deceased=row.deceased,
            is_beyond=row.is_beyond,
        ),
    )


def list_colleagues(session: Session, adult_id: UUID, *, by: Visitor) -> list[Colleague]:
    """Who of the office may look along: not the visitor, nor the adult who is helped, nor anybody of that family."""
    rows = session.execute(
        select(*_NAME)
        .join(StaffRole, and_(StaffRole.board_id == Adult.board_id, StaffRole.adult_id == Adult.id))
        .join(Account, and_(Account.board_id == Adult.board_id, Account.adult_id == Adult.id))
        .where(
            StaffRole.board_id == by.board_id,
            StaffRole.school_id == by.school_id,
            StaffRole.role.in_(HELPERS),
            StaffRole.ended_at.is_(None),
            may_sign_in(),
            Adult.id.not_in([adult_id, by.adult_id]),
            ~is_family(by.board_id, Adult.id, adult_id),
        )
        .distinct()
    )
    found = {row.id: _name(row) for row in rows}
    return [Colleague(found_id, name.display()) for found_id, name in sorted(found.items(), key=_by_name)]


def list_cases(session: Session, *, by: Visitor) -> list[Case]:
    """The cases of the last month at this school, newest first; none about the visitor or the own family."""
    now = clock.now(session)
    rows = session.execute(_query(by).where(CounterRecovery.asked_at >= now - RECENT).limit(MOST_CASES))
    return [_case(row, now) for row in rows]


def get_case(session: Session, recovery_id: UUID, *, by: Visitor) -> Case:
    """One case of this school; raises `NotFound`, also about the visitor or the own family."""
    row = session.execute(_query(by).where(CounterRecovery.id == recovery_id)).first()
    if row is None:
        raise NotFound
    return _case(row, clock.now(session))


def get_code(session: Session, case: Case, *, by: Visitor) -> str:
    """The code, for as long as it works, to nobody but who asked for it; raises `NotFound`."""
    if case.state is not State.READY or case.asked_by_id != by.adult_id:
        raise NotFound
    return code_of(session, case.id)


def code_of(session: Session, recovery_id: UUID) -> str:
    """80 bits that follow from the case and the vault, and are kept nowhere."""
    digest = vault.of(session).digest(str(recovery_id), _DERIVED)
    return "".join(codes.ALPHABET[byte % len(codes.ALPHABET)] for byte in digest[: codes.ACTIVATION_LENGTH])


def _parts(adult: Any) -> tuple[Any, ...]:
    return adult.first_name, adult.initials, adult.prefix, adult.surname


def count_for(by: Visitor, now: datetime) -> Any:
    """How many cases wait for this colleague, as part of a larger statement."""
    named = or_(CounterRecovery.second_id == by.adult_id, CounterRecovery.second_id.is_(None))
    return (
        select(func.count(CounterRecovery.id))
        .where(
            CounterRecovery.school_id == by.school_id,
            CounterRecovery.adult_id != by.adult_id,
            CounterRecovery.asked_by_id != by.adult_id,
            named,
            *_is_waiting(by.board_id, now),
        )
        .scalar_subquery()
    )


def _is_waiting(board_id: UUID, now: datetime) -> tuple[Any, ...]:
    return (
        CounterRecovery.board_id == board_id,
        CounterRecovery.confirmed_at.is_(None),
        CounterRecovery.stopped_at.is_(None),
        CounterRecovery.expires_at > now,
    )


def _query(by: Visitor) -> Select[*tuple[Any, ...]]:
    query = select(
        CounterRecovery,
        Activation.used_at,
        Activation.revoked_at,
        place_is_hidden(CounterRecovery.board_id, CounterRecovery.adult_id).label("hidden"),
        *(column.label(f"{who}_{column.key}") for who, adult in _PEOPLE.items() for column in _parts(adult)),
    ).outerjoin(Activation, Activation.id == CounterRecovery.activation_id)
    for who, adult in _PEOPLE.items():
        their_id = getattr(CounterRecovery, who)
        query = query.outerjoin(adult, and_(adult.board_id == CounterRecovery.board_id, adult.id == their_id))
    return query.where(
        CounterRecovery.board_id == by.board_id,
        CounterRecovery.school_id == by.school_id,
        CounterRecovery.adult_id != by.adult_id,
        ~is_family(by.board_id, CounterRecovery.adult_id, by.adult_id),
    ).order_by(CounterRecovery.asked_at.desc(), CounterRecovery.id.desc())


def _case(row: Any, now: datetime) -> Case:
    kept: CounterRecovery = row.CounterRecovery
    state = rules.state_of(
        now,
        kept.expires_at,
        is_stopped=kept.stopped_at is not None or row.revoked_at is not None,
        is_confirmed=kept.confirmed_at is not None,
        is_used=row.used_at is not None,
    )
    names = {who: _named(row, who) for who in _PEOPLE}
    return Case(
        id=kept.id,
        adult_id=kept.adult_id,
        name=names["adult_id"],
        identity=kept.identity,
        on_paper=kept.on_paper,
        state=state,
        asked_at=kept.asked_at,
        expires_at=kept.expires_at,
        asked_by_id=kept.asked_by_id,
        asked_by=names["asked_by_id"],
        second_id=kept.second_id,
        second=names["second_id"],
        confirmed_by_id=kept.confirmed_by_id,
        confirmed_by=names["confirmed_by_id"],
        place_is_hidden=bool(row.hidden),
    )


def _named(row: Any, who: str) -> str:
    first, initials, prefix, surname = (getattr(row, f"{who}_{part.key}") for part in _parts(Adult))
    return Name(first or initials, prefix, surname).display() if surname is not None else ""


def _name(row: Any) -> Name:
    return Name(row.first_name or row.initials, row.prefix, row.surname)


def _by_name(entry: tuple[UUID, Name]) -> tuple[Any, ...]:
    return (entry[1].sort_key(), entry[0])
