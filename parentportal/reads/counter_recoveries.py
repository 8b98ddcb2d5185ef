"""Help at the counter as the office sees it: the person, the colleagues, the cases and the code."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from parentportal.access import SchoolActor, Visitor
from parentportal.models.counter_recoveries import CounterRecovery, Identity
from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Account, Activation
from parentportal.outside import clock, codes, vault
from parentportal.reads import boards, people
from parentportal.reads.activation import works_here
from parentportal.reads.authority import list_family, list_own_family
from parentportal.reads.hiding import place_is_hidden
from parentportal.rules import counter_recoveries as rules
from parentportal.rules.counter_recoveries import HELPERS, Bar, State
from parentportal.rules.errors import NotFound
from parentportal.rules.names import Name

RECENT = timedelta(days=30)
MOST_CASES = 50
_DERIVED = "counter recovery"


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


def get_person(session: Session, adult_id: UUID, *, by: SchoolActor) -> Person:
    """A guardian or colleague of the actor's school who has an account; raises `NotFound`."""
    found = people.get_adult(session, adult_id, by=by)
    account = session.scalar(select(Account).where(Account.board_id == by.board_id, Account.adult_id == adult_id))
    if account is None:
        raise NotFound
    waits = session.scalar(
        select(CounterRecovery.id)
        .where(CounterRecovery.account_id == account.id, *_is_waiting(by.board_id, clock.now(session)))
        .limit(1)
    )
    return Person(
        adult_id=found.id,
        name=found.name,
        account_id=account.id,
        works=works_here(session, by.board_id, adult_id),
        is_blocked=account.blocked_at is not None,
        has_open_case=waits is not None,
        four_eyes=boards.get_policy_of_board(session, by.board_id).counter_recovery_four_eyes,
        bar=rules.bar_to_help(
            by.role,
            is_self=adult_id == by.adult_id,
            is_family=adult_id in list_own_family(session, by=by),
        ),
    )


def list_colleagues(session: Session, adult_id: UUID, *, by: SchoolActor) -> list[Colleague]:
    """Who of the office may look along: not the actor, nor the adult who is helped, nor anybody of that family."""
    left_out = list_family(session, adult_id, board_id=by.board_id) | {adult_id, by.adult_id}
    rows = session.execute(
        select(Adult.id, Adult.first_name, Adult.initials, Adult.prefix, Adult.surname)
        .join(StaffRole, and_(StaffRole.board_id == Adult.board_id, StaffRole.adult_id == Adult.id))
        .join(Account, and_(Account.board_id == Adult.board_id, Account.adult_id == Adult.id))
        .where(
            StaffRole.board_id == by.board_id,
            StaffRole.school_id == by.school_id,
            StaffRole.role.in_(HELPERS),
            StaffRole.ended_at.is_(None),
            Account.blocked_at.is_(None),
        )
        .distinct()
    )
    found = {row.id: _name(row) for row in rows if row.id not in left_out}
    return [Colleague(adult_id, name.display()) for adult_id, name in sorted(found.items(), key=_by_name)]


def list_cases(session: Session, *, by: Visitor) -> list[Case]:
    """The cases of the last month at this school, newest first; none about the visitor or the own family."""
    since = clock.now(session) - RECENT
    return _cases(session, _query(by).where(CounterRecovery.asked_at >= since).limit(MOST_CASES), by)


def get_case(session: Session, recovery_id: UUID, *, by: Visitor) -> Case:
    """One case of this school; raises `NotFound`, also about the visitor or the own family."""
    found = _cases(session, _query(by).where(CounterRecovery.id == recovery_id), by)
    if not found:
        raise NotFound
    return found[0]


def get_code(session: Session, case: Case, *, by: Visitor) -> str:
    """The code, for as long as it works, to nobody but who asked for it; raises `NotFound`."""
    if case.state is not State.READY or case.asked_by_id != by.adult_id:
        raise NotFound
    return code_of(session, case.id)


def code_of(session: Session, recovery_id: UUID) -> str:
    """80 bits that follow from the case and the vault, and are kept nowhere."""
    digest = vault.of(session).digest(str(recovery_id), _DERIVED)
    return "".join(codes.ALPHABET[byte % len(codes.ALPHABET)] for byte in digest[: codes.ACTIVATION_LENGTH])


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
    return (
        select(
            CounterRecovery,
            Activation.used_at,
            Activation.revoked_at,
            place_is_hidden(CounterRecovery.board_id, CounterRecovery.adult_id).label("hidden"),
        )
        .outerjoin(Activation, Activation.id == CounterRecovery.activation_id)
        .where(CounterRecovery.board_id == by.board_id, CounterRecovery.school_id == by.school_id)
        .order_by(CounterRecovery.asked_at.desc(), CounterRecovery.id.desc())
    )


def _cases(session: Session, query: Select[*tuple[Any, ...]], by: Visitor) -> list[Case]:
    own = list_own_family(session, by=by) | {by.adult_id}
    rows = [row for row in session.execute(query) if row.CounterRecovery.adult_id not in own]
    names = _names(session, [row.CounterRecovery for row in rows], by.board_id)
    return [_case(row, names, clock.now(session)) for row in rows]


def _case(row: Any, names: Mapping[UUID | None, str], now: datetime) -> Case:
    kept: CounterRecovery = row.CounterRecovery
    state = rules.state_of(
        now,
        kept.expires_at,
        is_stopped=kept.stopped_at is not None or row.revoked_at is not None,
        is_confirmed=kept.confirmed_at is not None,
        is_used=row.used_at is not None,
    )
    return Case(
        id=kept.id,
        adult_id=kept.adult_id,
        name=names.get(kept.adult_id, ""),
        identity=kept.identity,
        on_paper=kept.on_paper,
        state=state,
        asked_at=kept.asked_at,
        expires_at=kept.expires_at,
        asked_by_id=kept.asked_by_id,
        asked_by=names.get(kept.asked_by_id, ""),
        second_id=kept.second_id,
        second=names.get(kept.second_id, ""),
        confirmed_by_id=kept.confirmed_by_id,
        confirmed_by=names.get(kept.confirmed_by_id, ""),
        place_is_hidden=bool(row.hidden),
    )


def _names(session: Session, cases: Sequence[CounterRecovery], board_id: UUID) -> Mapping[UUID | None, str]:
    wanted: Collection[UUID | None] = {
        one for case in cases for one in (case.adult_id, case.asked_by_id, case.second_id, case.confirmed_by_id)
    }
    rows = session.execute(
        select(Adult.id, Adult.first_name, Adult.initials, Adult.prefix, Adult.surname).where(
            Adult.board_id == board_id, Adult.id.in_([one for one in wanted if one])
        )
    )
    return {row.id: _name(row).display() for row in rows}


def _name(row: Any) -> Name:
    return Name(row.first_name or row.initials, row.prefix, row.surname)


def _by_name(entry: tuple[UUID, Name]) -> tuple[Any, ...]:
    return (entry[1].sort_key(), entry[0])
