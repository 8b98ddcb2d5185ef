"""Write units: no change is lost, waiting has an end, and a repeated unit starts from its beginning."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from uuid import uuid4

import pytest
import sqlalchemy
from sqlalchemy import text
from sqlalchemy.orm import Session

from parentportal import db
from parentportal.db import Busy, Database
from tests.db.conftest import Tally, count_up, reading


def _count_up_often(url: str, times: int) -> None:
    database = Database(url)
    for _ in range(times):
        database.write(count_up)
    database.dispose()


def test_eight_threads_lose_no_change(tallies: Database) -> None:
    def often() -> None:
        for _ in range(25):
            tallies.write(count_up)

    threads = [threading.Thread(target=often) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert reading(tallies) == 200


def test_four_processes_lose_no_change(tallies: Database, tally_url: str) -> None:
    start_afresh = multiprocessing.get_context("spawn")
    processes = [start_afresh.Process(target=_count_up_often, args=(tally_url, 25)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert reading(tallies) == 100


def test_the_counting_loses_changes_without_write_units(tallies: Database) -> None:
    """The control: the same counting in plain transactions, or the tests above prove nothing."""
    both_have_read = threading.Barrier(2)
    failures: list[Exception] = []

    def carelessly() -> None:
        with Session(tallies._writing) as session:
            number = session.scalars(sqlalchemy.select(Tally.number)).one()
            both_have_read.wait()
            session.connection().exec_driver_sql("SELECT 1")
            try:
                if tallies.is_sqlite:
                    session.connection().exec_driver_sql("PRAGMA query_only = OFF")
                    session.connection().info["may_write"] = True
                session.execute(text("UPDATE tally SET number = :number"), {"number": number + 1})
                session.commit()
            except sqlalchemy.exc.OperationalError as error:
                failures.append(error)

    threads = [threading.Thread(target=carelessly) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert reading(tallies) == 1
    assert len(failures) == (1 if tallies.is_sqlite else 0)


def test_a_unit_that_cannot_have_its_turn_ends_as_busy(
    tallies: Database, tally_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "WAIT", 0.4)
    other = Database(tally_url)
    began = time.monotonic()
    runs = []

    with other.alone(), pytest.raises(Busy):
        tallies.write(lambda session: runs.append(session))

    assert 0.3 < time.monotonic() - began < 1.5
    assert runs == []
    other.dispose()
    assert tallies.write(count_up) == 1


def test_a_held_lock_of_the_database_itself_ends_as_busy(tallies: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program, a backup for instance, knows nothing of our queue."""
    monkeypatch.setattr(db, "WAIT", 0.4)
    held = sqlalchemy.create_engine(tallies.engine.url)
    began = time.monotonic()

    with held.connect() as connection:
        if tallies.is_sqlite:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.exec_driver_sql("UPDATE tally SET number = 7")
        with pytest.raises(Busy):
            tallies.write(count_up)
        connection.rollback()

    assert 0.3 < time.monotonic() - began < 2
    held.dispose()
    assert reading(tallies) == 0


def test_a_unit_is_run_again_from_its_start_with_a_new_session(tallies: Database) -> None:
    sessions: list[Session] = []

    def work(session: Session) -> int:
        sessions.append(session)
        number = count_up(session)
        session.flush()
        if len(sessions) < 3:
            raise _passing_failure(tallies)
        return number

    assert tallies.write(work) == 1
    assert len({id(session) for session in sessions}) == 3
    assert reading(tallies) == 1


def test_a_unit_is_not_run_again_for_ever(tallies: Database) -> None:
    runs = []

    def work(session: Session) -> None:
        runs.append(count_up(session))
        session.flush()
        raise _passing_failure(tallies)

    with pytest.raises(Busy):
        tallies.write(work)

    assert runs == [1] * db.TRIES
    assert reading(tallies) == 0


def test_any_other_failure_is_passed_on_and_nothing_is_kept(tallies: Database) -> None:
    runs = []

    def work(session: Session) -> None:
        runs.append(count_up(session))
        session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        tallies.write(work)

    assert runs == [1]
    assert reading(tallies) == 0


def test_a_unit_inside_a_unit_is_refused_at_once(tallies: Database) -> None:
    with pytest.raises(RuntimeError, match="wait for itself"):
        tallies.write(lambda session: tallies.write(count_up))

    assert tallies.write(count_up) == 1


def test_what_a_unit_returns_stays_readable_and_knows_its_clock(tallies: Database) -> None:
    def work(session: Session) -> tuple[Tally, str]:
        count_up(session)
        return session.get_one(Tally, 1), session.info["clock"]

    tally, clock = tallies.write(work)

    assert (tally.number, clock) == (1, "a clock")


def test_units_of_one_board_wait_for_each_other(tallies: Database) -> None:
    board = uuid4()
    assert _most_at_once(lambda work: [lambda: tallies.write(work, board=board)] * 4) == 1


def test_a_unit_of_all_boards_waits_for_a_unit_of_one(tallies: Database) -> None:
    board = uuid4()
    assert _most_at_once(lambda work: [lambda: tallies.write(work, board=board), lambda: tallies.write(work)]) == 1


def test_units_of_two_boards_run_side_by_side_where_the_database_can(tallies: Database) -> None:
    units = _most_at_once(
        lambda work: [lambda: tallies.write(work, board=uuid4()), lambda: tallies.write(work, board=uuid4())]
    )
    assert units == (1 if tallies.is_sqlite else 2)


def _most_at_once(make_units: Callable[[Callable[[Session], None]], list[Callable[[], None]]]) -> int:
    """How many units were inside at the same time, each staying for a while."""
    inside: list[Session] = []
    counts: list[int] = []

    def work(session: Session) -> None:
        inside.append(session)
        counts.append(len(inside))
        time.sleep(0.1)
        counts.append(len(inside))
        inside.remove(session)

    threads = [threading.Thread(target=unit) for unit in make_units(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == 2 * len(threads)
    return max(counts)


def _passing_failure(database: Database) -> sqlalchemy.exc.DBAPIError:
    """What the database says when two of its users were in each other's way."""
    if database.is_sqlite:
        import sqlite3

        cause: Exception = sqlite3.OperationalError("database is locked")
        cause.sqlite_errorcode = sqlite3.SQLITE_BUSY  # type: ignore[attr-defined]
    else:
        import psycopg.errors

        cause = psycopg.errors.DeadlockDetected("deadlock detected")
    return sqlalchemy.exc.OperationalError("UPDATE tally", {}, cause)
