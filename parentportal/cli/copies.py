"""A whole copy of the database in one file, and back: for SQLite by its own means, for PostgreSQL by its tools."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import click
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

from parentportal import migrations

PLAIN = "database"
MOST_SECONDS = 3600


class Unfit(Exception):
    """The copy is no database of this portal; nothing was changed."""


def dump(database_url: str, target: Path) -> None:
    """Write the database as it is at one moment; others go on writing meanwhile."""
    if make_url(database_url).get_backend_name() == "sqlite":
        _copy_sqlite(_path(database_url), target)
        _check_sqlite(target)
    else:
        _run_tool(database_url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def check(database_url: str, copy: Path) -> None:
    """Raise `Unfit` when the copy is not a whole database of this portal, as far as can be seen beforehand."""
    if make_url(database_url).get_backend_name() == "sqlite":
        _check_sqlite(copy)
        return
    _tool("pg_restore")
    try:
        _run_tool(database_url, "pg_restore", "--list", str(copy))
    except click.ClickException as error:
        raise Unfit from error


def load(database_url: str, copy: Path) -> None:
    """Put the copy in the place of the database, in one transaction: whole or not at all."""
    if make_url(database_url).get_backend_name() == "sqlite":
        _copy_sqlite(copy, _path(database_url))
        return
    options = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    _run_tool(database_url, "pg_restore", *options, f"--dbname={make_url(database_url).database}", str(copy))


def _path(database_url: str) -> Path:
    return Path(make_url(database_url).database or "").absolute()


def _copy_sqlite(source: Path, target: Path) -> None:
    """All pages in one step: the target changes in one transaction, also while somebody reads it."""
    target.touch(mode=0o600)
    with closing(_connected(source)) as reading, closing(_connected(target)) as writing:
        reading.backup(writing)


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=10)


def _check_sqlite(path: Path) -> None:
    with closing(_connected(path)) as connection:
        try:
            whole = connection.execute("PRAGMA integrity_check").fetchone()
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.DatabaseError as error:
            raise Unfit from error
    known = {script.revision for script in ScriptDirectory.from_config(migrations.configuration()).walk_revisions()}
    if whole != ("ok",) or revision is None or revision[0] not in known:
        raise Unfit


def _tool(program: str) -> str:
    """Where one of PostgreSQL's tools is; ends the command when it is not there."""
    found = shutil.which(program)
    if found is None:
        raise click.ClickException(
            f"{program} is er niet. Installeer het pakket “postgresql-client” in de versie van de database."
        )
    return found


def _run_tool(database_url: str, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's tools; the password goes through the environment, where no list of processes shows it."""
    found = _tool(program)
    url = make_url(database_url)
    place = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": url.port or url.query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": url.query.get("sslmode"),
    }
    environ = dict(os.environ) | {name: str(value) for name, value in place.items() if value}
    done = subprocess.run(  # noqa: S603 - a fixed program, no shell
        [found, *arguments], env=environ, capture_output=True, text=True, timeout=MOST_SECONDS, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["geen uitleg"])[-1]
        raise click.ClickException(
            f"{program} is niet gelukt. Kijk of de database draait, en of {program} de versie van de server heeft."
            f" {program} zegt: {last}"
        )
