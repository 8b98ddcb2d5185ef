"""Opens what a command works with: the settings of this installation, its database, clock and vault."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import click
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError

from parentportal.db import Busy, Database
from parentportal.outside.clock import Clock, SystemClock
from parentportal.outside.vault import Vault
from parentportal.settings import Settings, UnsafeSettings

#: Exit status of a command that could not start, or that the database had no turn for.
COULD_NOT = 1

BUSY = "De database is bezet. Er is niets veranderd. Probeer het zo nog eens."
UNKNOWN_ADDRESS = "PARENTPORTAL_DATABASE_URL: op dit adres kan geen database staan. Controleer het adres."
NO_TABLES = (
    "De database heeft de tabellen van deze versie niet. Doe “parentportal init”, of maak van een oudere database"
    " een back-up en doe “parentportal db upgrade”."
)
NO_ANSWER = "De database antwoordt niet, of is beschadigd ({kind}). Doe “parentportal doctor”."
_UNDEFINED_SQLSTATES = {"42P01", "42703"}  # no such table, no such column
_UNDEFINED_IN_SQLITE = ("no such table", "no such column", "has no column named")


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

    Unsafe settings and a database that cannot be reached, lacks its tables or stays busy end the command with a
    Dutch message and status `COULD_NOT`.
    """
    settings = safe_settings(environ)
    clock, vault = SystemClock(), Vault.from_keys(list(settings.vault_keys))
    try:
        database = Database(settings.database_url, info={"clock": clock, "vault": vault})
    except (ArgumentError, OSError, ValueError) as error:
        raise click.ClickException(UNKNOWN_ADDRESS) from error
    try:
        yield Opened(settings, database, clock, vault)
    except Busy as busy:
        raise click.ClickException(BUSY) from busy
    except (DataError, IntegrityError):
        raise  # a fault of ours, which no operator can mend
    except DBAPIError as error:
        raise click.ClickException(_explained(error)) from error
    finally:
        database.dispose()


def _explained(error: DBAPIError) -> str:
    words = str(error.orig)
    undefined = getattr(error.orig, "sqlstate", None) in _UNDEFINED_SQLSTATES
    if undefined or any(sign in words for sign in _UNDEFINED_IN_SQLITE):
        return NO_TABLES
    return NO_ANSWER.format(kind=type(error).__name__)
