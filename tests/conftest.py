"""What every test may ask for: a clock that stands still, a vault, and a fresh database of either kind."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from parentportal.app import create_app
from parentportal.db import Database
from parentportal.outside.clock import FrozenClock
from parentportal.outside.vault import Vault
from parentportal.rules.roles import Role
from parentportal.rules.step_ups import Act
from parentportal.settings import Settings
from tests import postgres
from tests.databases import KINDS, START, VAULT_KEY, Databases, settings_on
from tests.people import ROLES_OF, People
from tests.sessions import open_session
from tests.visit import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")

gc.set_threshold(50_000, 20, 50)  # what a test makes mostly dies with it: looking for circles less often saves a tenth


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
        alike = metafunc.definition.get_closest_marker("same_on_both") is not None
        both = KINDS[:1] if alike else KINDS
        metafunc.parametrize("database_kind", both if chosen == "both" else (chosen,), scope="session")


@pytest.fixture
def clock() -> FrozenClock:
    """A clock that stands still at START; `clock.advance(timedelta(...))` moves it."""
    return FrozenClock(START)


@pytest.fixture
def vault() -> Vault:
    """A vault with a key of its own."""
    return Vault([VAULT_KEY])


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """What makes databases of either kind."""
    made = Databases(tmp_path_factory.mktemp("templates"), WORKER)
    yield made
    made.close()


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Chromium, for every test of this process that asks for it."""
    from tests.browsers import launched  # most tests need no browser, and this takes a while to load

    with launched() as started:
        yield started


@pytest.fixture
def new_database_url(database_kind: str, tmp_path: Path, databases: Databases) -> Iterator[Callable[..., str]]:
    """Makes databases: `new_database_url(migrated)` gives the address of a fresh one, gone after the test.

    With `settled=True` the cast lives in it already.
    """
    made: list[str] = []

    def make(migrated: bool, *, settled: bool = False) -> str:
        folder = tmp_path / "data"
        folder.mkdir(mode=0o700, exist_ok=True)
        made.append(databases.fresh(database_kind, folder, migrated=migrated, settled=settled))
        return made[-1]

    yield make
    for url in made:
        databases.drop(url)


@pytest.fixture
def database(
    databases: Databases, database_kind: str, clock: FrozenClock, vault: Vault, request: pytest.FixtureRequest
) -> Iterator[Database]:
    """A fresh, migrated database, whose sessions know the test's clock and vault.

    It is empty, or has the cast in it for tests that ask for `people`.
    """
    lent = databases.lend(database_kind, {"clock": clock, "vault": vault}, settled="people" in request.fixturenames)
    yield lent
    lent.dispose()


@pytest.fixture
def database_url(database: Database) -> str:
    """The address of `database`."""
    return database.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of an installation on https, on the same database as `database`."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700, exist_ok=True)
    return settings_on(database_url, folder)


@pytest.fixture
def people(database: Database, database_kind: str, databases: Databases) -> People:
    """The cast, living in `database`."""
    return databases.people(database_kind)


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
    """Opens a browser of somebody who is signed in: `visit_as("noor")`, `visit_as("ilse")`.

    `proved` are the acts for which a second factor was shown a moment ago.
    """

    def open_browser(name: str, role: Role | None = None, *, proved: Iterable[Act] = ()) -> Visit:
        own_role, school = ROLES_OF[name]
        school_id = getattr(people, school) if school else None
        token = open_session(database, clock, getattr(people, name), role or own_role, school_id, proved=proved)
        return Visit(app).sign_in_as(token)

    return open_browser
