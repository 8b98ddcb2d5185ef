"""What every test may ask for: a clock that stands still, a vault, and a fresh database of either kind."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from parentportal import migrations
from parentportal.app import create_app
from parentportal.db import Database
from parentportal.outside.clock import FrozenClock
from parentportal.outside.vault import Vault
from parentportal.rules.roles import Role
from parentportal.settings import Settings, sqlite_url
from tests import postgres
from tests.people import ROLES_OF, People, settle
from tests.sessions import open_session
from tests.visit import Visit

KINDS = ("sqlite", "postgresql")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")

#: A Tuesday in November, ten o'clock in the morning in Amsterdam; no holiday near.
START = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
SECRET_KEY = bytes(range(32))
VAULT_KEY = bytes(range(100, 132))
_numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=(*KINDS, "both"), default="both", help="which databases to test on")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_OWNS_SERVER] = postgres.claim_folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.stash.get(_OWNS_SERVER, False):
        postgres.release_folder()


_OWNS_SERVER = pytest.StashKey[bool]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_kind" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--database")
        metafunc.parametrize("database_kind", KINDS if chosen == "both" else (chosen,), scope="session")


@pytest.fixture
def clock() -> FrozenClock:
    """A clock that stands still at START; `clock.advance(timedelta(...))` moves it."""
    return FrozenClock(START)


@pytest.fixture
def vault() -> Vault:
    """A vault with a key of its own."""
    return Vault([VAULT_KEY])


@pytest.fixture(scope="session")
def cluster() -> postgres.Cluster:
    """The run's PostgreSQL server."""
    return postgres.start()


@pytest.fixture(scope="session")
def administrator(cluster: postgres.Cluster) -> Iterator[psycopg.Connection]:
    """A connection that makes and drops databases."""
    with cluster.administer() as connection:
        yield connection


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    migrations.migrate(sqlite_url(path))
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(cluster: postgres.Cluster, administrator: psycopg.Connection) -> Iterator[str]:
    """The name of a migrated, empty PostgreSQL database, to be copied."""
    name = f"template_{WORKER}"
    postgres.create(administrator, name)
    migrations.migrate(cluster.url(name))
    yield name
    postgres.drop(administrator, name)


def move_in(url: str) -> People:
    """Let the cast live in a database."""
    database = Database(url, info={"clock": FrozenClock(START), "vault": Vault([VAULT_KEY])})
    people = database.write(settle)
    database.dispose()
    return people


@pytest.fixture(scope="session")
def settled_sqlite(migrated_sqlite: Path) -> tuple[Path, People]:
    """An SQLite file in which the cast lives, to be copied."""
    path = migrated_sqlite.with_name("settled.sqlite3")
    shutil.copyfile(migrated_sqlite, path)
    return path, move_in(sqlite_url(path))


@pytest.fixture(scope="session")
def settled_postgresql(
    cluster: postgres.Cluster, administrator: psycopg.Connection, migrated_postgresql: str
) -> Iterator[tuple[str, People]]:
    """The name of a PostgreSQL database in which the cast lives, to be copied."""
    name = f"settled_{WORKER}"
    postgres.create(administrator, name, migrated_postgresql)
    yield name, move_in(cluster.url(name))
    postgres.drop(administrator, name)


@pytest.fixture
def new_database_url(
    database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., str]]:
    """Makes databases: `new_database_url(migrated)` gives the address of a fresh one, gone after the test.

    With `settled=True` the cast lives in it already.
    """
    made: list[str] = []

    def make(migrated: bool, *, settled: bool = False) -> str:
        number = next(_numbers)
        if database_kind == "sqlite":
            path = tmp_path / "data" / f"test-{number}.sqlite3"
            path.parent.mkdir(mode=0o700, exist_ok=True)
            if settled:
                shutil.copyfile(request.getfixturevalue("settled_sqlite")[0], path)
            elif migrated:
                shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
            return sqlite_url(path)
        template = request.getfixturevalue("migrated_postgresql") if migrated else "template0"
        if settled:
            template = request.getfixturevalue("settled_postgresql")[0]
        made.append(f"test_{WORKER}_{number}")
        postgres.create(request.getfixturevalue("administrator"), made[-1], template)
        return request.getfixturevalue("cluster").url(made[-1])

    yield make
    for name in made:
        postgres.drop(request.getfixturevalue("administrator"), name)


@pytest.fixture
def database_url(new_database_url: Callable[..., str], request: pytest.FixtureRequest) -> str:
    """The address of a fresh, migrated database; empty, or with the cast in it for tests that ask for `people`."""
    return new_database_url(True, settled="people" in request.fixturenames)


@pytest.fixture
def database(database_url: str, clock: FrozenClock, vault: Vault) -> Iterator[Database]:
    """A fresh, migrated database, whose sessions know the test's clock and vault."""
    database = Database(database_url, info={"clock": clock, "vault": vault})
    yield database
    database.dispose()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of an installation on https, on the same database as `database`."""
    return Settings(
        database_url=database_url,
        data_dir=tmp_path / "data",
        secret_keys=(SECRET_KEY,),
        vault_keys=(VAULT_KEY,),
        base_url="https://portaal.example",
        smtp_url=None,
        mail_from="portaal@portaal.example",
        trusted_proxies=0,
        log_level="INFO",
    )


@pytest.fixture
def people(database: Database, database_kind: str, request: pytest.FixtureRequest) -> People:
    """The cast, living in `database`."""
    settled: tuple[object, People] = request.getfixturevalue(f"settled_{database_kind}")
    return settled[1]


@pytest.fixture
def app(settings: Settings, database: Database, clock: FrozenClock) -> Flask:
    """The portal on `database`, with CSRF on as for everybody."""
    return create_app(settings, database=database, clock=clock)


@pytest.fixture
def visit(app: Flask) -> Callable[[], Visit]:
    """Opens a new browser of somebody who is not signed in: `visit()`."""
    return lambda: Visit(app)


@pytest.fixture
def visit_as(app: Flask, database: Database, clock: FrozenClock, people: People) -> Callable[..., Visit]:
    """Opens a browser of somebody who is signed in: `visit_as("noor")`, `visit_as("ilse")`."""

    def open_browser(name: str, role: Role | None = None) -> Visit:
        own_role, school = ROLES_OF[name]
        school_id = getattr(people, school) if school else None
        token = open_session(database, clock, getattr(people, name), role or own_role, school_id)
        return Visit(app).sign_in_as(token)

    return open_browser
