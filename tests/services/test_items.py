"""Asking for sensitive data leaves a row in the chain, and only one's own children can be asked about."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from parentportal.access import Visitor
from parentportal.db import Database
from parentportal.models.audit import AuditEvent
from parentportal.outside.clock import FrozenClock
from parentportal.reads import reveals, visitors
from parentportal.reads.items import own_place, place_of
from parentportal.rules.audit import Event
from parentportal.rules.authority import SafetyFlag
from parentportal.rules.errors import NotFound
from parentportal.rules.roles import Role
from parentportal.services import audit, items
from tests.items import BSN, flag, give
from tests.people import People
from tests.sessions import open_session

Enter = Callable[[str], Visitor]


@pytest.fixture
def enter(database: Database, clock: FrozenClock, people: People) -> Enter:
    """Somebody of the cast, signed in as a guardian."""

    def work(name: str) -> Visitor:
        token = open_session(database, clock, getattr(people, name), Role.GUARDIAN)
        with database.read() as session:
            found = visitors.find_visitor(session, token)
        assert found is not None
        return found

    return work


def reads_of(database: Database) -> list[tuple[str, object, object, dict[str, object]]]:
    with database.read() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.event == Event.SENSITIVE_READ.value))
        return [(row.about_kind, row.about_id, row.pupil_id, row.detail) for row in rows]


def test_opening_care_is_one_row_without_a_value(database: Database, people: People, enter: Enter) -> None:
    noor = enter("noor")
    token = database.write(lambda unit: items.reveal(unit, people.sem, "care", by=noor))
    assert reads_of(database) == [("pupil", people.sem, people.sem, {"category": "care"})]
    with database.read() as session:
        assert reveals.find(session, place_of(people.sem, "care"), token, by=noor) is not None
        assert list(audit.verify(session)) == []


@pytest.mark.parametrize("category", ["names", "contact", "nothing", "guardians"])
def test_a_card_that_is_open_anyway_cannot_be_opened(
    database: Database, people: People, enter: Enter, category: str
) -> None:
    noor = enter("noor")
    with pytest.raises(NotFound):
        database.write(lambda unit: items.reveal(unit, people.sem, category, by=noor))
    assert reads_of(database) == []


@pytest.mark.parametrize("name", ["ravi", "olga"])
def test_strangers_open_nothing_and_nothing_is_logged_as_read(
    database: Database, people: People, enter: Enter, name: str
) -> None:
    stranger = enter(name)
    for child in (people.sem, uuid4()):
        with pytest.raises(NotFound):
            database.write(lambda unit, child=child: items.reveal(unit, child, "care", by=stranger))
    assert reads_of(database) == []


def test_a_token_ends_after_ten_minutes(database: Database, people: People, enter: Enter, clock: FrozenClock) -> None:
    noor = enter("noor")
    token = database.write(lambda unit: items.reveal(unit, people.sem, "care", by=noor))
    place = place_of(people.sem, "care")
    clock.advance(timedelta(minutes=10) - timedelta(seconds=1))
    with database.read() as session:
        assert reveals.find(session, place, token, by=noor)
    clock.advance(timedelta(seconds=1))
    with database.read() as session:
        assert reveals.find(session, place, token, by=noor) is None


def test_no_part_of_a_token_can_be_changed(database: Database, people: People, enter: Enter) -> None:
    noor = enter("noor")
    token = database.write(lambda unit: items.reveal(unit, people.sem, "care", by=noor))
    until, _, seal = token.partition(".")
    forged = (f"{int(until) + 600}.{seal}", f"{until}.{uuid4().hex}.{seal}", f"{until}.", "", ".", token[:-1])
    with database.read() as session:
        for one in forged:
            assert reveals.find(session, place_of(people.sem, "care"), one, by=noor) is None
        assert reveals.find(session, place_of(people.lot, "care"), token, by=noor) is None
        assert reveals.find(session, own_place(people.noor), token, by=noor) is None


def test_a_second_number_keeps_the_first_one_open(database: Database, people: People, enter: Enter) -> None:
    noor = enter("noor")
    bsn = give(database, people, "pupil.bsn", BSN, people.sem)
    other = give(database, people, "pupil.education_number", "123456782", people.sem)
    place = place_of(people.sem, "numbers")
    first = database.write(lambda unit: items.reveal(unit, people.sem, "numbers", by=noor))
    _, second = database.write(lambda unit: items.reveal_number(unit, people.sem, bsn, by=noor, token=first))
    category, third = database.write(lambda unit: items.reveal_number(unit, people.sem, other, by=noor, token=second))
    with database.read() as session:
        revealed = reveals.find(session, place, third, by=noor)
    assert category == "numbers"
    assert revealed is not None
    assert revealed.numbers == {bsn, other}
    assert [detail for _, _, _, detail in reads_of(database)] == [
        {"category": "numbers"},
        {"field": "pupil.bsn"},
        {"field": "pupil.education_number"},
    ]


def test_what_is_not_a_number_is_not_shown_as_one(database: Database, people: People, enter: Enter) -> None:
    plain = give(database, people, "pupil.email", "sem@post.example", people.sem)
    noor = enter("noor")
    with pytest.raises(NotFound):
        database.write(lambda unit: items.reveal_number(unit, people.sem, plain, by=noor))


def test_a_safety_flag_leaves_the_rest_of_the_data_open(database: Database, people: People, enter: Enter) -> None:
    flag(database, people.daan_of_sem, SafetyFlag.NO_CONTACT)
    daan = enter("daan")
    database.write(lambda unit: items.reveal(unit, people.sem, "care", by=daan))
    assert len(reads_of(database)) == 1
