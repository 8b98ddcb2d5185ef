"""`parentportal db`: the schema up, down, or held against the models."""

import sys

import click

from parentportal import migrations
from parentportal.cli.answers import Unusable, say
from parentportal.cli.opening import COULD_NOT, opened
from parentportal.db import Database


@click.group()
def db() -> None:
    """De tabellen van de database: bijwerken, terugzetten, nakijken."""


@db.command()
def upgrade() -> None:
    """Werk de database bij tot deze versie van het portaal."""
    with opened() as portal:
        before = level(portal.database)
        migrations.migrate(portal.settings.database_url)
        after = level(portal.database)
    say("De database was al bij." if before == after else f"De database is bijgewerkt tot stap {after}.")


@db.command()
@click.argument("revision", metavar="REV")
def downgrade(revision: str) -> None:
    """Ga terug naar stap REV. “base” verwijdert elke tabel, met alles wat erin staat."""
    from alembic.util import CommandError  # here, so that the server starts without Alembic

    with opened() as portal:
        try:
            migrations.downgrade(portal.settings.database_url, revision)
        except CommandError as error:
            raise Unusable(f"Stap {revision} bestaat niet. Er is niets veranderd.") from error
        after = level(portal.database)
    say(f"De database staat nu op stap {after or 'base'}.")


@db.command()
def check() -> None:
    """Kijk of de database de tabellen van deze versie heeft. Status 1 als dat niet zo is."""
    with opened() as portal:
        now, wanted = level(portal.database), migrations.head()
        with portal.database.read() as session:
            differences = migrations.check(session.connection()) if now == wanted else []
    if now != wanted:
        say(f"De database staat op stap {now or 'base'}, het portaal verwacht {wanted}.")
        say("Herstel dit met “parentportal db upgrade”.")
        sys.exit(COULD_NOT)
    for difference in differences:
        say(difference)
    if differences:
        say("De tabellen zijn buiten het portaal om veranderd. Zet een back-up terug of herstel ze met de hand.")
        sys.exit(COULD_NOT)
    say(f"De database is in orde (stap {now}).")


def level(database: Database) -> str | None:
    """The revision that the database is at; None for an empty one."""
    with database.read() as session:
        return migrations.current(session.connection())
