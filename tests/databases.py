"""Fresh databases of either kind: copied from one that was migrated once, or in which the cast lives already."""

import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from parentportal import migrations
from parentportal.db import Database
from parentportal.outside.clock import FrozenClock
from parentportal.outside.vault import Vault
from parentportal.settings import Settings, sqlite_url
from tests import postgres
from tests.people import People, settle

KINDS = ("sqlite", "postgresql")

#: A Tuesday in November, ten o'clock in the morning in Amsterdam; no holiday near.
START = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
SECRET_KEY = bytes(range(32))
VAULT_KEY = bytes(range(100, 132))


class Databases:
    """Makes databases. What they are copied from is made in `folder` when it is first needed.

    `label` keeps apart what several processes make on one PostgreSQL server. `close` takes everything away that is
    on that server.
    """

    def __init__(self, folder: Path, label: str) -> None:
        self._folder, self._label = folder, label
        self._open = ExitStack()
        self._server: tuple[postgres.Cluster, psycopg.Connection] | None = None
        self._templates: dict[tuple[str, str], str] = {}
        self._people: dict[str, People] = {}
        self._numbers = count(1)
        self._lent: dict[str, tuple[str, Database]] = {}

    def fresh(self, kind: str, folder: Path, *, migrated: bool = True, settled: bool = False) -> str:
        """The address of a new database; with `settled` the cast lives in it already."""
        which = "settled" if settled else "migrated" if migrated else "empty"
        return self._copy(kind, which, folder, str(next(self._numbers)))

    def lend(self, kind: str, info: Mapping[str, Any], *, settled: bool) -> Database:
        """A fresh, migrated database like the one before, on the same engine: it keeps the statements it compiled.

        The one that was lent before is gone by then; `database.info` is exactly `info`.
        """
        if kind in self._lent:
            url, database = self._lent[kind]
            database.dispose()
            self._remove(url)
        url = self._copy(kind, "settled" if settled else "migrated", self._folder, "lent")
        if kind not in self._lent:
            self._lent[kind] = url, Database(url)
        database = self._lent[kind][1]
        database.info.clear()
        database.info.update(info)
        return database

    def _copy(self, kind: str, which: str, folder: Path, name: str) -> str:
        """A database of this name, copied from a template."""
        if kind == "sqlite":
            path = folder / f"test-{name}.sqlite3"
            if which != "empty":
                shutil.copyfile(self._template(kind, which), path)
                path.chmod(0o600)
            return sqlite_url(path)
        cluster, connection = self._postgresql()
        postgres.create(
            connection, f"test_{self._label}_{name}", self._template(kind, which) if which != "empty" else "template0"
        )
        return cluster.url(f"test_{self._label}_{name}")

    def _remove(self, url: str) -> None:
        """Take a database away, also when somebody still has it open."""
        path = make_url(url).database
        if make_url(url).get_backend_name() == "sqlite":
            for name in (path, f"{path}-wal", f"{path}-shm"):
                Path(str(name)).unlink(missing_ok=True)
        self.drop(url)

    def drop(self, url: str) -> None:
        """Take a database away; the file of SQLite goes with its folder."""
        name = make_url(url).database
        if name and make_url(url).get_backend_name() == "postgresql":
            postgres.drop(self._postgresql()[1], name)

    def people(self, kind: str) -> People:
        """The cast, as it lives in every settled database of this kind."""
        self._template(kind, "settled")
        return self._people[kind]

    def close(self) -> None:
        for url, database in self._lent.values():
            database.dispose()
            self.drop(url)
        for (kind, _which), name in self._templates.items():
            if kind == "postgresql":
                postgres.drop(self._postgresql()[1], name)
        self._open.close()

    def _template(self, kind: str, which: str) -> str:
        if (kind, which) not in self._templates:
            self._templates[kind, which] = self._make(kind, which)
        return self._templates[kind, which]

    def _make(self, kind: str, which: str) -> str:
        source = self._template(kind, "migrated") if which == "settled" else None
        if kind == "sqlite":
            path = self._folder / f"{which}.sqlite3"
            if source:
                shutil.copyfile(source, path)
            name, url = str(path), sqlite_url(path)
        else:
            cluster, connection = self._postgresql()
            name = f"{which}_{self._label}"
            postgres.create(connection, name, source or "template0")
            url = cluster.url(name)
        if source:
            self._people[kind] = _move_in(url)
        else:
            migrations.migrate(url)
        return name

    def _postgresql(self) -> tuple[postgres.Cluster, psycopg.Connection]:
        """The run's server, and a connection that makes and drops databases."""
        if self._server is None:
            cluster = postgres.start()
            self._server = cluster, self._open.enter_context(cluster.administer())
        return self._server


def _move_in(url: str) -> People:
    """Let the cast live in a database."""
    database = Database(url, info={"clock": FrozenClock(START), "vault": Vault([VAULT_KEY])})
    people = database.write(settle)
    database.dispose()
    return people


def settings_on(url: str, data_dir: Path) -> Settings:
    """Settings of an installation on https, on this database."""
    return Settings(
        database_url=url,
        data_dir=data_dir,
        secret_keys=(SECRET_KEY,),
        vault_keys=(VAULT_KEY,),
        base_url="https://portaal.example",
        smtp_url=None,
        mail_from="portaal@portaal.example",
        trusted_proxies=0,
        log_level="INFO",
    )
