"""Every connection of the pool is prepared alike, and nobody else on the machine can read the files."""

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from parentportal.db import Database, WriteWhileReading
from parentportal.settings import sqlite_url
from tests.db.conftest import Tally, count_up, reading

SQLITE = {
    "journal_mode": "wal",
    "synchronous": 2,
    "busy_timeout": 3000,
    "foreign_keys": 1,
    "secure_delete": 1,
    "trusted_schema": 0,
    "temp_store": 2,
    "query_only": 1,
}
POSTGRESQL = {
    "statement_timeout": "30s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "1min",
    "TimeZone": "UTC",
    "transaction_isolation": "repeatable read",
    "transaction_read_only": "on",
}


def _settings(database: Database, session: Session) -> dict[str, object]:
    asking, expected = ("PRAGMA", SQLITE) if database.is_sqlite else ("SHOW", POSTGRESQL)
    return {name: session.execute(text(f"{asking} {name}")).scalar_one() for name in expected}


def test_every_connection_of_the_pool_is_prepared_alike(tallies: Database) -> None:
    for _ in range(3):
        tallies.write(count_up)

    with ExitStack() as stack:
        sessions = [stack.enter_context(tallies.read()) for _ in range(5)]
        for session in sessions:
            assert _settings(tallies, session) == (SQLITE if tallies.is_sqlite else POSTGRESQL)
        connections = {id(session.connection().connection.dbapi_connection) for session in sessions}
        assert len(connections) == 5


def test_a_write_unit_is_as_durable_and_may_write(tallies: Database) -> None:
    changed = (
        {"query_only": 0}
        if tallies.is_sqlite
        else {
            "transaction_isolation": "read committed",
            "transaction_read_only": "off",
        }
    )
    expected = (SQLITE if tallies.is_sqlite else POSTGRESQL) | changed
    seen = tallies.write(lambda session: _settings(tallies, session))

    for waiting in ("busy_timeout", "lock_timeout"):  # what is left of the three seconds
        seen.pop(waiting, None), expected.pop(waiting, None)
    assert seen == expected


def test_a_connection_forgets_the_unit_it_served(tallies: Database) -> None:
    narrow = Database(tallies.engine.url.render_as_string(hide_password=False), pool_size=1)
    narrow.write(count_up)
    with pytest.raises(ZeroDivisionError):
        narrow.write(lambda session: 1 // 0)

    with narrow.read() as session:
        assert _settings(narrow, session) == (SQLITE if narrow.is_sqlite else POSTGRESQL)
    narrow.dispose()


def test_a_child_process_shares_no_connection_with_its_parent(tallies: Database) -> None:
    tallies.write(count_up)
    child = os.fork()
    if not child:
        status = 1
        try:
            tallies.dispose_after_fork()
            status = 0 if tallies.write(count_up) == 2 else 2
        finally:
            os._exit(status)

    assert os.waitpid(child, 0)[1] == 0
    assert reading(tallies) == 2
    assert tallies.write(count_up) == 3


def test_schema_work_is_all_or_nothing(tallies: Database) -> None:
    def break_off(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE extra (id INTEGER PRIMARY KEY)"))
        connection.execute(text("ALTER TABLE tally ADD COLUMN extra INTEGER"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), tallies.alone() as connection:
        break_off(connection)

    with tallies.alone() as connection:
        connection.execute(text("CREATE TABLE extra (id INTEGER PRIMARY KEY)"))
    with tallies.read() as session:
        assert (
            session.execute(text("SELECT * FROM tally")).keys()
            == session.execute(text("SELECT id, number FROM tally")).keys()
        )


def test_foreign_keys_hold_in_write_units_and_after_schema_work(tallies: Database) -> None:
    with tallies.alone() as connection:
        connection.execute(text("DROP TABLE mark"))
        connection.execute(
            text("CREATE TABLE mark (id INTEGER PRIMARY KEY, tally_id INTEGER NOT NULL REFERENCES tally (id))")
        )
    with pytest.raises(IntegrityError):
        tallies.write(lambda session: session.execute(text("INSERT INTO mark (id, tally_id) VALUES (1, 99)")))

    with pytest.raises((ValueError, IntegrityError)), tallies.alone() as connection:
        connection.execute(text("INSERT INTO mark (id, tally_id) VALUES (1, 99)"))
    with tallies.read() as session:
        assert session.execute(text("SELECT count(*) FROM mark")).scalar_one() == 0


def test_errors_do_not_show_what_was_to_be_stored(tallies: Database) -> None:
    with pytest.raises(IntegrityError) as caught:
        tallies.write(
            lambda session: session.execute(
                text("INSERT INTO tally (id, number) VALUES (1, :number)"), {"number": 424242}
            )
        )
    assert "424242" not in str(caught.value)


@pytest.fixture
def loose_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("loose_umask")
def test_files_of_sqlite_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    database = Database(sqlite_url(folder / "portal.sqlite3"))
    with database.alone() as connection:
        connection.execute(text("CREATE TABLE tally (id INTEGER PRIMARY KEY, number INTEGER)"))
        connection.execute(text("INSERT INTO tally VALUES (1, 0)"))
    database.write(count_up)

    with database.read() as session:
        session.get_one(Tally, 1)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}

    assert modes == dict.fromkeys(
        ("portal.sqlite3", "portal.sqlite3-wal", "portal.sqlite3-shm", "portal.sqlite3.lock"), 0o600
    )
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    database.dispose()


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "portal.sqlite3"
    path.touch(mode=0o644)

    Database(sqlite_url(path)).dispose()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_deleted_is_not_left_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "portal.sqlite3"
    database = Database(sqlite_url(path))
    with database.alone() as connection:
        connection.execute(text("CREATE TABLE note (id INTEGER PRIMARY KEY, words TEXT)"))
        connection.execute(text("INSERT INTO note VALUES (1, 'kept-until-deleted')"))
    with database.alone() as connection:
        connection.execute(text("DELETE FROM note"))
    database.dispose()

    assert b"kept-until-deleted" not in path.read_bytes()


def test_reading_an_empty_migrated_database(database: Database) -> None:
    with database.read() as session:
        assert session.info["clock"].now() == session.info["clock"].now()
    with pytest.raises(WriteWhileReading), database.read() as session:
        session.execute(text("DELETE FROM alembic_version"))
