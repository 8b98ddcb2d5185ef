"""How far the counter of a school reaches: never to an account that also opens another school or the whole board."""

from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from parentportal.db import Database
from parentportal.models.base import new_id
from parentportal.models.people import Adult, StaffRole
from parentportal.models.sign_in import Account
from parentportal.outside.clock import FrozenClock
from parentportal.rules.counter_recoveries import State
from parentportal.rules.errors import NotNow
from parentportal.rules.roles import Role
from parentportal.services import staff
from tests.counter import Counter
from tests.people import People


@pytest.fixture
def counter(database: Database, clock: FrozenClock, people: People) -> Counter:
    return Counter(database, clock, people)


def employ(counter: Counter, adult_id: UUID, role: Role, school_id: UUID | None) -> None:
    def work(session: Session) -> None:
        session.add(
            StaffRole(
                id=new_id(),
                board_id=counter.people.waterlijn,
                adult_id=adult_id,
                school_id=school_id,
                role=role,
                granted_at=counter.clock.now(),
            )
        )

    counter.database.write(work)


@pytest.mark.parametrize(
    ("role", "school"), [(Role.OFFICER, None), (Role.DIRECTOR, "kompas"), (Role.ADMINISTRATION, "kompas")]
)
def test_two_of_one_school_give_no_code_for_more_than_their_school(
    counter: Counter, people: People, role: Role, school: str | None
) -> None:
    employ(counter, people.noor, role, getattr(people, school) if school else None)
    with pytest.raises(NotNow, match="buiten uw school"):
        counter.ask("petra", "noor")
    assert counter.ways_in("noor")[0]


def test_a_teacher_of_two_schools_is_helped_at_either(counter: Counter, people: People) -> None:
    employ(counter, people.ilse, Role.TEACHER, people.kompas)
    case = counter.ask("petra", "ilse")
    counter.confirm("hanna", case)
    assert counter.state(case) is State.READY


def test_a_role_that_came_meanwhile_stops_the_colleague(counter: Counter, people: People) -> None:
    case = counter.ask("petra", "noor")
    employ(counter, people.noor, Role.OFFICER, None)
    with pytest.raises(NotNow, match="buiten uw school"):
        counter.confirm("hanna", case)
    assert counter.ways_in("noor")[0]


def test_an_account_that_was_closed_meanwhile_gets_no_code(counter: Counter, people: People) -> None:
    case = counter.ask("petra", "noor")

    def block(session: Session) -> None:
        account = session.scalars(select(Account).where(Account.adult_id == people.noor)).one()
        account.blocked_at, account.blocked_by_id = counter.clock.now(), people.hanna

    counter.database.write(block)
    with pytest.raises(NotNow, match="dichtgezet"):
        counter.confirm("hanna", case)
    assert counter.ways_in("noor")[0]


def test_a_code_that_waits_opens_no_role_that_came_after_it(counter: Counter, people: People) -> None:
    case = counter.ask("petra", "ilse")
    counter.confirm("hanna", case)
    code = counter.code("petra", case)
    hanna = counter.school.visitor("hanna")
    counter.database.write(lambda s: staff.give_role(s, people.ilse, role=Role.SUPPORT, by=hanna) and None)
    assert not counter.claims(code)
    assert counter.state(case) is State.STOPPED
    counter.confirm("hanna", counter.ask("petra", "ilse"))


def test_nobody_gets_a_code_for_somebody_who_died(counter: Counter, people: People) -> None:
    case = counter.ask("petra", "noor")
    counter.database.write(
        lambda s: s.execute(update(Adult).where(Adult.id == people.noor).values(deceased=True)) and None
    )
    with pytest.raises(NotNow, match="overleden"):
        counter.confirm("hanna", case)
    counter.stop("petra", case)
    with pytest.raises(NotNow, match="overleden"):
        counter.ask("petra", "noor")
