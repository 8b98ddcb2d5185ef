"""Migrations: what they make is what the models say, they lose nothing, and a crash leaves all as it was."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, Uuid, create_engine, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from parentportal import migrations
from parentportal.db import Database
from parentportal.migrations.tables import metadata
from parentportal.models.base import new_id
from parentportal.models.sign_in import Account
from parentportal.outside.clock import FrozenClock
from tests.house.objects import gather
from tests.people import People
from tests.sessions import add_ways, find_or_make_account, make_account

NEWER = {"passkey", "pending_app", "step_up", "known_device", "counter_recovery", "password_reset", "address_change"}
NEWER |= {"paper_notice", "reset_wish", "passkey_challenge"}
"""Tables of which the first schema knows nothing: what they hold does not come back."""
MOMENT = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


@pytest.fixture
def empty_url(new_database_url: Callable[[bool], str]) -> str:
    return new_database_url(False)


@pytest.fixture
def look(empty_url: str) -> Iterator[Engine]:
    """A plain way to look at the database, without our own rules."""
    engine = create_engine(empty_url)
    yield engine
    engine.dispose()


def _current(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return migrations.current(connection)


def _schema(engine: Engine) -> dict[str, object]:
    """Tables, columns, keys and checks, each in an order that does not depend on how they were made."""
    with engine.connect() as connection:
        inspector = inspect(connection)
        return {table: _table(inspector, table) for table in inspector.get_table_names() if table != "alembic_version"}


def _table(inspector: object, table: str) -> dict[str, list[str]]:
    return {
        part: sorted(map(repr, [_plain(row) for row in getattr(inspector, f"get_{part}")(table)]))
        for part in ("columns", "foreign_keys", "unique_constraints", "check_constraints", "indexes")
    }


def _plain(row: dict[str, object]) -> dict[str, object]:
    return {name: str(value) for name, value in sorted(row.items()) if not name.startswith("dialect_")}


def _triggers(engine: Engine) -> list[str]:
    source = (
        "sqlite_master WHERE type = 'trigger'"
        if engine.dialect.name == "sqlite"
        else ("pg_trigger WHERE NOT tgisinternal")
    )
    name = "name" if engine.dialect.name == "sqlite" else "tgname"
    with engine.connect() as connection:
        return sorted(connection.execute(text(f"SELECT {name} FROM {source}")).scalars())  # noqa: S608 - ours


def test_the_steps_make_what_the_models_say(
    empty_url: str, look: Engine, new_database_url: Callable[[bool], str]
) -> None:
    migrations.migrate(empty_url)
    by_models = create_engine(new_database_url(False))
    metadata.create_all(by_models)

    assert _schema(look) == _schema(by_models)
    assert len(_schema(look)) == len(metadata.tables) > 0
    with look.connect() as connection:
        assert migrations.check(connection) == []
    by_models.dispose()


def test_a_table_that_the_models_do_not_have_is_noticed(empty_url: str, look: Engine) -> None:
    migrations.migrate(empty_url)
    with look.begin() as connection:
        connection.execute(text("CREATE TABLE stray (id INTEGER PRIMARY KEY)"))
    with look.connect() as connection:
        assert any("stray" in difference for difference in migrations.check(connection))


def test_up_down_and_up_again_gives_the_same(empty_url: str, look: Engine) -> None:
    migrations.migrate(empty_url)
    before = _schema(look), _triggers(look)
    assert (_current(look), before[1] != []) == (migrations.head(), True)

    migrations.downgrade(empty_url, "base")
    assert (_schema(look), _triggers(look), _current(look)) == ({}, [], None)

    migrations.migrate(empty_url)
    assert (_schema(look), _triggers(look)) == before


def test_a_database_that_is_up_to_date_is_left_alone(empty_url: str, look: Engine) -> None:
    migrations.migrate(empty_url)
    with look.begin() as connection:
        _add_board(connection)
    migrations.migrate(empty_url)

    assert _boards(look) == ["Stichting De Waterlijn"]


def test_every_step_down_and_up_keeps_the_rows(empty_url: str, look: Engine) -> None:
    migrations.migrate(empty_url)
    with look.begin() as connection:
        _add_board(connection)

    migrations.downgrade(empty_url, "0001")
    assert _boards(look) == ["Stichting De Waterlijn"]
    migrations.migrate(empty_url)
    assert _boards(look) == ["Stichting De Waterlijn"]


def test_what_people_did_survives_every_step_down_and_up(
    database: Database, database_url: str, clock: FrozenClock, people: People
) -> None:
    """Real rows in most tables: consents, requests, files, tasks and their history."""
    gather(database, clock, people)
    before = _rows(database)
    database.dispose()
    assert {"consent_event", "request_event", "audit_event", "item", "delivery", "task"} <= before.keys()
    assert len(before) > 20

    migrations.downgrade(database_url, "0001")
    migrations.migrate(database_url)
    after = _rows(database)
    assert NEWER & before.keys(), "there was something that the first schema has no place for"
    assert NEWER & after.keys() == set()
    assert set(after.pop("codes_app")) < set(before.pop("codes_app")), "a second app has no place there"
    assert after == {name: rows for name, rows in before.items() if name not in NEWER}


def test_of_several_codes_apps_the_oldest_survives_the_schema_that_knows_one(
    database: Database, database_url: str, clock: FrozenClock, people: People
) -> None:
    make_account(database, clock, people.noor)
    database.write(lambda session: add_ways(session, clock, people.noor))
    oldest, _newer = _rows(database)["codes_app"]
    database.dispose()
    migrations.downgrade(database_url, "0004")
    migrations.migrate(database_url)
    assert _rows(database)["codes_app"] == [oldest]


def test_whoever_signs_in_by_passkey_alone_gets_a_letter_again_after_a_step_down(
    database: Database, database_url: str, clock: FrozenClock, people: People
) -> None:
    def drop_the_rest(session: Session) -> None:
        account = session.get_one(Account, find_or_make_account(session, clock, people.noor).id)
        account.password_hash = None

    make_account(database, clock, people.daan)
    database.write(drop_the_rest)
    database.dispose()
    migrations.downgrade(database_url, "0004")
    migrations.migrate(database_url)
    with database.read() as session:
        assert session.scalars(select(Account.adult_id)).all() == [people.daan]


def _rows(database: Database) -> dict[str, list[str]]:
    """What every table holds, but those that hold nothing."""
    with database.read() as session:
        found = {
            table.name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
            for table in metadata.sorted_tables
        }
    return {name: rows for name, rows in found.items() if rows}


def test_what_the_operator_confirmed_survives_the_schema_that_wants_a_name(empty_url: str, look: Engine) -> None:
    migrations.migrate(empty_url)
    with look.begin() as connection:
        named, unnamed = new_id(), None
        for person in (named, unnamed):
            _add_authority(connection, person)
    assert _confirmed_by(look) == {named, unnamed}

    migrations.downgrade(empty_url, "0003")
    assert _confirmed_by(look) == {named, UUID(int=0)}, "the older schema has a name with each moment"
    migrations.migrate(empty_url)
    assert _confirmed_by(look) == {named, unnamed}


def test_a_name_without_its_moment_is_refused(empty_url: str, look: Engine) -> None:
    migrations.migrate(empty_url)
    with look.begin() as connection:
        _add_authority(connection, new_id())
    with pytest.raises(DBAPIError, match="ck_authority_confirmed_by_with_at"), look.begin() as connection:
        connection.execute(text("UPDATE authority SET confirmed_at = NULL, evidence = NULL"))


def test_a_file_that_was_brought_before_keeps_its_row_and_has_no_guesses(empty_url: str, look: Engine) -> None:
    migrations.migrate(empty_url, "0002")
    with look.begin() as connection:
        board = _add_board(connection)
        school = _insert(connection, "school", **(_blank(connection, "school") | {"board_id": board, "kind": "bao"}))
        given = {"board_id": board, "school_id": school, "state": "preview", "counts": {"problems": 2}, "problems": []}
        _insert(connection, "delivery", **(_blank(connection, "delivery") | given))

    migrations.migrate(empty_url, "0003")
    kept = "SELECT filename, state, guesses, guesses_at, guesses_by FROM delivery"
    with look.connect() as connection:
        (row,) = connection.execute(text(kept)).all()
    assert (row.filename, row.state, row.guesses_at, row.guesses_by) == ("x", "preview", None, None)
    assert row.guesses in ("[]", [])
    with pytest.raises(DBAPIError), look.begin() as connection:
        connection.execute(text("UPDATE delivery SET guesses_by = 'somebody'"))
    with pytest.raises(DBAPIError), look.begin() as connection:
        connection.execute(text("UPDATE delivery SET state = 'nonsense'"))

    migrations.downgrade(empty_url, "0002")
    with look.connect() as connection:
        assert connection.execute(text("SELECT filename, state FROM delivery")).all() == [("x", "preview")]


def test_a_crash_half_way_leaves_the_old_schema_whole(
    empty_url: str, look: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrations.migrate(empty_url, "0001")
    before = _schema(look), _triggers(look)
    original = command.upgrade

    def upgrade_and_crash(*arguments: object) -> None:
        original(*arguments)
        raise ZeroDivisionError

    monkeypatch.setattr(command, "upgrade", upgrade_and_crash)
    with pytest.raises(ZeroDivisionError):
        migrations.migrate(empty_url)
    monkeypatch.undo()

    assert (_schema(look), _triggers(look), _current(look)) == (*before, "0001")
    migrations.migrate(empty_url)
    assert _current(look) == migrations.head()


def test_two_runners_at_once_do_the_work_once(empty_url: str, look: Engine) -> None:
    failures: list[Exception] = []

    def run() -> None:
        try:
            migrations.migrate(empty_url)
        except Exception as failure:  # noqa: BLE001 - whatever it was is asserted below
            failures.append(failure)

    runners = [threading.Thread(target=run) for _ in range(2)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()

    assert failures == []
    assert _current(look) == migrations.head()


def test_there_is_one_newest_step_and_each_is_numbered() -> None:
    files = sorted(path.name for path in (Path(migrations.__file__).parent / "versions").glob("*.py"))

    assert [name[:5] for name in files] == [f"{number:04}_" for number in range(1, len(files) + 1)]
    assert ScriptDirectory.from_config(migrations.configuration()).get_heads() == [migrations.head()]


def test_steps_import_nothing_of_ours() -> None:
    for path in (Path(migrations.__file__).parent / "versions").glob("*.py"):
        assert "parentportal" not in path.read_text(), path.name


def test_history_is_refused_a_change(database: Database) -> None:
    board = new_id()
    database.write(lambda session: _add_audit_event(session.connection(), board))

    for statement in ("UPDATE audit_event SET event = 'other'", "DELETE FROM audit_event"):
        with pytest.raises(DBAPIError, match="history is added, never edited"):
            database.write(lambda session, statement=statement: session.execute(text(statement)))
    with database.read() as session:
        assert session.execute(text("SELECT event FROM audit_event")).scalars().all() == ["a-test"]


def _add_board(connection: Connection) -> UUID:
    return _insert(connection, "board", code="waterlijn", name="Stichting De Waterlijn", created_at=MOMENT)


def _add_authority(connection: Connection, confirmed_by: UUID | None) -> None:
    """A confirmed relation with everything that it hangs on."""
    board = _insert(connection, "board", code=new_id().hex, name="Stichting Zilverduin", created_at=MOMENT)
    own = {"board_id": board, "created_at": MOMENT}
    school = _insert(
        connection, "school", **own, branch="", name="De Zandloper", place="Zomerdijk", kind="bao", address="",
        phone="", email="",
    )  # fmt: skip
    pupil = _insert(
        connection, "pupil", **own, school_id=school, call_name="Fien", prefix="", surname="Smit", enrolment="enrolled"
    )
    adult = _insert(
        connection, "adult", **own, first_name="Olga", initials="", prefix="", surname="Smit", deceased=False,
        organisation=False,
    )  # fmt: skip
    _insert(
        connection, "authority", **own, pupil_id=pupil, adult_id=adult, kind="sole", relation_word="", declared="yes",
        status="confirmed", evidence="register", confirmed_at=MOMENT, confirmed_by_id=confirmed_by, suspended_reason="",
        no_contact=False, secret_address=False, no_location=False,
    )  # fmt: skip


def _confirmed_by(engine: Engine) -> set[UUID | None]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT confirmed_by_id FROM authority").columns(confirmed_by_id=Uuid()))
        return set(rows.scalars())


def _add_audit_event(connection: Connection, board: UUID) -> UUID:
    return _insert(
        connection, "audit_event", board_id=board, number=1, event="a-test", at=MOMENT, by_role="nobody",
        about_kind="board", detail={}, content_digest="", previous_hash="", row_hash="x",
    )  # fmt: skip


def _insert(connection: Connection, table: str, **values: object) -> UUID:
    """Add a row to a table as the database has it now, not as the models have it."""
    now = MetaData()
    now.reflect(connection, only=[table])
    key = new_id()
    written = {name: _as_stored(connection, value) for name, value in (values | {"id": key}).items()}
    connection.execute(now.tables[table].insert().values(written))
    return key


def _blank(connection: Connection, table: str) -> dict[str, object]:
    """Something for every column that must be filled and points nowhere."""
    blanks = {"DATETIME": MOMENT, "TIMESTAMP": MOMENT, "INTEGER": 1, "JSON": {}, "BOOLEAN": False}
    return {
        column["name"]: blanks.get(str(column["type"]).split("(")[0], "x")
        for column in inspect(connection).get_columns(table)
        if not column["nullable"] and column["name"] != "id" and not column["name"].endswith("_id")
    }


def _as_stored(connection: Connection, value: object) -> object:
    """SQLite keeps moments without their zone and keys as text."""
    if connection.dialect.name == "sqlite" and isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if connection.dialect.name == "sqlite" and isinstance(value, UUID):
        return value.hex
    return value


def _boards(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT name FROM board")).scalars())
