"""Opens what a command works with: the settings of this installation, its database, clock and vault."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import click

from parentportal.db import Busy, Database
from parentportal.outside.clock import Clock, SystemClock
from parentportal.outside.vault import Vault
from parentportal.settings import Settings, UnsafeSettings

#: Exit status of a command that could not start, or that the database had no turn for.
COULD_NOT = 1


@dataclass(frozen=True)
class Opened:
    """One installation, opened for one command."""

    settings: Settings
    database: Database
    clock: Clock
    vault: Vault


def safe_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment; unsafe ones end the command with every reason and status `COULD_NOT`."""
    try:
        return Settings.from_environment(os.environ if environ is None else environ)
    except UnsafeSettings as unsafe:
        raise click.ClickException("\n".join(str(problem) for problem in unsafe.problems)) from unsafe


@contextmanager
def opened(environ: Mapping[str, str] | None = None) -> Iterator[Opened]:
    """The installation that the environment describes; closed afterwards.

    Unsafe settings and a database that stays busy end the command with a Dutch message and status `COULD_NOT`.
    """
    settings = safe_settings(environ)
    clock, vault = SystemClock(), Vault.from_keys(list(settings.vault_keys))
    database = Database(settings.database_url, info={"clock": clock, "vault": vault})
    try:
        yield Opened(settings, database, clock, vault)
    except Busy as busy:
        raise click.ClickException("De database is bezet. Er is niets veranderd. Probeer het zo nog eens.") from busy
    finally:
        database.dispose()
