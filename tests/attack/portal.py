"""A portal of its own for each attack: a fresh database with the cast in it, and what attackers and owners use."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Flask
from sqlalchemy import delete

from parentportal.app import create_app
from parentportal.db import Database
from parentportal.models.sign_in import Attempt
from parentportal.outside.clock import FrozenClock
from parentportal.outside.vault import Vault
from parentportal.rules.step_ups import Act
from parentportal.services.throttling import Action
from parentportal.settings import Settings
from tests.databases import START, VAULT_KEY, Databases, settings_on
from tests.people import ROLES_OF, People
from tests.sessions import make_account, open_session
from tests.visit import Visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CROWD = 32
"""Connections that are kept, and as many more that come and go: enough for sixty-four at once."""


@dataclass
class Portal:
    """One portal. `keys` holds the key in the codes app of everybody who has an account, by first name."""

    kind: str
    settings: Settings
    people: People
    clock: FrozenClock
    database: Database
    browser: "Browser | None" = None
    keys: dict[str, str] = field(default_factory=dict)

    @cached_property
    def app(self) -> Flask:
        return self.make_app()

    def make_app(self, **changes: object) -> Flask:
        """The portal as a worker of its own would have it, with other settings if need be."""
        settings = replace(self.settings, **changes)  # type: ignore[arg-type]  # the caller names settings
        return create_app(settings, database=self.database, clock=self.clock)

    def key_of(self, name: str) -> str:
        """The key in somebody's codes app; makes the account when there is none."""
        if name not in self.keys:
            self.keys[name] = make_account(self.database, self.clock, self.person(name))
        return self.keys[name]

    def person(self, name: str) -> UUID:
        found: UUID = getattr(self.people, name)
        return found

    def token_of(self, name: str, *, proved: Iterable[Act] = ()) -> str:
        """A new full session of somebody, in the role that is theirs; a second factor was just shown for `proved`."""
        role, school = ROLES_OF[name]
        school_id = getattr(self.people, school) if school else None
        return open_session(self.database, self.clock, self.person(name), role, school_id, proved=proved)

    def visit(self) -> Visit:
        return Visit(self.app)

    def visit_as(self, name: str, *, proved: Iterable[Act] = ()) -> Visit:
        return self.visit().sign_in_as(self.token_of(name, proved=proved))

    def forget_tries(self) -> None:
        """Empty the counters, for attacks that the budget alone would already stop."""
        self.database.write(lambda session: session.execute(delete(Attempt)))

    def forget_wishes(self) -> None:
        """Empty the counters of forgotten passwords alone."""
        self.database.write(
            lambda session: session.execute(delete(Attempt).where(Attempt.action == Action.RESET.value))
        )

    def wait(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))


@contextmanager
def portal_on(databases: Databases, kind: str, folder: Path, browser: "Browser | None" = None) -> Iterator[Portal]:
    """A fresh portal on SQLite or PostgreSQL, gone afterwards."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    url = databases.fresh(kind, folder, settled=True)
    clock = FrozenClock(START)
    database = Database(url, info={"clock": clock, "vault": Vault([VAULT_KEY])}, pool_size=CROWD)
    try:
        yield Portal(kind, settings_on(url, folder), databases.people(kind), clock, database, browser)
    finally:
        database.dispose()
        databases.drop(url)
