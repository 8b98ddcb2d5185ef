"""Read sessions: they see one moment, and refuse every way to change something."""

from collections.abc import Callable

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from parentportal import db
from parentportal.db import Busy, Database, WriteWhileReading, count_statements
from tests.db.conftest import Tally, count_up, reading


def _flush(session: Session) -> None:
    count_up(session)
    session.flush()


def _autoflush(session: Session) -> None:
    session.add(Tally(id=2))
    session.scalars(text("SELECT id FROM tally")).all()


def _delete(session: Session) -> None:
    session.delete(session.get_one(Tally, 1))
    session.flush()


WAYS_TO_CHANGE: dict[str, Callable[[Session], object]] = {
    "an entity changed, flushed": _flush,
    "an entity changed and left so": count_up,
    "an entity added, then a query": _autoflush,
    "an entity deleted": _delete,
    "an update statement": lambda session: session.execute(update(Tally).values(number=9)),
    "an insert statement": lambda session: session.execute(insert(Tally).values(id=9, number=9)),
    "a text": lambda session: session.execute(text("UPDATE tally SET number = 9")),
    "a text that begins like a query": lambda session: session.execute(
        text("WITH nine AS (SELECT 9 AS n) UPDATE tally SET number = (SELECT n FROM nine)")
    ),
    "a statement past the session": lambda session: session.connection().exec_driver_sql("DELETE FROM tally"),
}


@pytest.mark.parametrize("change", WAYS_TO_CHANGE.values(), ids=WAYS_TO_CHANGE.keys())
def test_a_read_session_refuses(tallies: Database, change: Callable[[Session], object]) -> None:
    with pytest.raises(WriteWhileReading), tallies.read() as session:
        change(session)

    assert reading(tallies) == 0


def test_a_connection_that_wrote_is_closed_for_writing_again(tallies: Database) -> None:
    for number in range(1, 4):
        tallies.write(count_up)
        with pytest.raises(WriteWhileReading), tallies.read() as session:
            session.execute(text("UPDATE tally SET number = 9"))
        assert reading(tallies) == number


def test_a_connection_outside_both_kinds_of_session_cannot_write(tallies: Database) -> None:
    with pytest.raises(WriteWhileReading), tallies.engine.begin() as connection:
        connection.execute(text("UPDATE tally SET number = 9"))


def test_an_entity_that_was_set_to_what_it_was_is_no_change(tallies: Database) -> None:
    with tallies.read() as session:
        session.get_one(Tally, 1).number = 0


def test_a_read_session_sees_one_moment_throughout(tallies: Database) -> None:
    with tallies.read() as session:
        before = session.execute(text("SELECT number FROM tally")).scalar_one()
        tallies.write(count_up)
        after = session.execute(text("SELECT number FROM tally")).scalar_one()

    assert (before, after) == (0, 0)
    assert reading(tallies) == 1


def test_a_read_session_knows_its_clock(tallies: Database) -> None:
    with tallies.read() as session:
        assert session.info["clock"] == "a clock"


def test_reading_without_a_free_connection_ends_as_busy(tally_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "WAIT", 0.2)
    narrow = Database(tally_url, pool_size=1)

    with narrow.read() as first, narrow.read() as second:
        first.execute(text("SELECT 1"))
        second.execute(text("SELECT 1"))
        with pytest.raises(Busy):
            reading(narrow)
    narrow.dispose()


def test_statements_are_counted_without_those_that_open_a_transaction(tallies: Database) -> None:
    with count_statements(tallies) as statements:
        reading(tallies)
        tallies.write(count_up)

    assert [statement.split()[0] for statement in statements] == ["SELECT", "SELECT", "UPDATE"]

    reading(tallies)
    assert len(statements) == 3
