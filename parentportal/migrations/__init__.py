"""The numbered steps from one schema to the next, and the one who takes them.

Every step runs inside one real transaction, on SQLite too: a crash half-way leaves the old schema whole. No
write unit runs beside it, and of two runners the second waits and then finds the work done.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, column, inspect, select, table

from parentportal.db import Database

if TYPE_CHECKING:
    from alembic.config import Config  # whoever only asks for the level need not wait for Alembic

#: Seconds that a second runner waits for the first, which may be moving many rows.
WAIT_FOR_ANOTHER_RUNNER = 120.0

_HERE = Path(__file__).resolve().parent
_LEVEL = table("alembic_version", column("version_num"))


def migrate(database_url: str, revision: str = "head") -> None:
    """Bring the schema up to a revision; one that is there already changes nothing."""
    from alembic import command

    _run(database_url, lambda config: command.upgrade(config, revision))


def downgrade(database_url: str, revision: str) -> None:
    """Bring the schema back to an older revision; "base" takes every table away."""
    from alembic import command

    _run(database_url, lambda config: command.downgrade(config, revision))


def head() -> str | None:
    """The newest revision that this version of the portal knows: the steps are numbered in their file names."""
    return max((file.name[:4] for file in (_HERE / "versions").glob("[0-9]*.py")), default=None)


def current(connection: Connection) -> str | None:
    """The revision that the database is at; None for an empty one. `session.connection()` will do."""
    if not inspect(connection).has_table(_LEVEL.name):
        return None
    return connection.scalar(select(_LEVEL.c.version_num))


def check(connection: Connection) -> list[str]:
    """What the tables in the database and the models say differently; nothing when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from parentportal.migrations.tables import metadata, options

    context = MigrationContext.configure(connection, opts=options(connection.dialect.name))
    return [repr(difference) for difference in compare_metadata(context, metadata)]


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file of its own."""
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def _run(database_url: str, step: Any) -> None:
    database = Database(database_url, pool_size=1)
    try:
        with database.alone(wait=WAIT_FOR_ANOTHER_RUNNER) as connection:
            step(configuration(connection))
    finally:
        database.dispose()
