"""`parentportal backup` and `restore`: one sealed file with everything but the keys."""

import os
import tempfile
from datetime import datetime
from pathlib import Path

import click

from parentportal import migrations
from parentportal.cli import copies
from parentportal.cli.answers import Unusable, cause_of, say
from parentportal.cli.opening import Opened, opened
from parentportal.db import Database
from parentportal.outside import sealed_file
from parentportal.outside.sealed_file import Damaged
from parentportal.services import audit, backups
from parentportal.services.backups import Erasure
from parentportal.settings import sqlite_url

KEPT_DAYS = 30
UNFIT = (
    "In deze back-up zit geen database van dit portaal die hier past. Kijk of hij uit dezelfde soort database komt,"
    " en op PostgreSQL of pg_restore de versie van de server heeft. Er is niets veranderd."
)


@click.command()
@click.argument("file", metavar="BESTAND", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Maak een verzegelde kopie van de database. Het portaal draait gewoon door."""
    with opened() as portal:
        if file.exists():
            raise Unusable(f"{file} bestaat al. Kies een andere naam.")
        _write(portal, file)
    say(f"De back-up staat in {file} ({file.stat().st_size // 1024 + 1} kB).")
    say("Zonder vault.key gaat hij niet open. Bewaar die sleutel op een andere plek.")
    say(f"Bewaar back-ups niet langer dan {KEPT_DAYS} dagen: wat is gewist, staat er nog in.")


@click.command()
@click.argument("file", metavar="BESTAND", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Zet een back-up terug. Een beschadigd bestand of een andere sleutel verandert niets."""
    with opened() as portal, _workplace(portal) as folder:
        copy = Path(folder) / copies.PLAIN
        _unseal(portal, file, copy)
        erasures, kept = _set_aside(portal)
        if portal.database.is_sqlite:
            again = _prepare(portal, copy, erasures)
            copies.load(portal.settings.database_url, copy)
        else:
            copies.load(portal.settings.database_url, copy)
            migrations.migrate(portal.settings.database_url)
            again = portal.database.write(lambda session: backups.finish_restoring(session, erasures))
    say(f"De back-up is teruggezet. Alles van na die back-up is weg; {again} gewiste gegevens zijn opnieuw gewist.")
    if kept is not None:
        say(f"De database van zojuist staat verzegeld in {kept}. Verwijder die als u haar niet meer nodig heeft.")
    say("Iedereen is uitgelogd. Start het portaal en de worker opnieuw, en doe “parentportal doctor”.")


def _workplace(portal: Opened) -> tempfile.TemporaryDirectory[str]:
    """A folder for the plain copy, beside the database and as private as it; gone afterwards."""
    return tempfile.TemporaryDirectory(prefix="copy-", dir=portal.settings.data_dir)


def _write(portal: Opened, file: Path) -> None:
    """Seal a copy under a name of its own first, so that a file that is there is whole."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    with _workplace(portal) as folder:
        copy = Path(folder) / copies.PLAIN
        try:
            copies.dump(portal.settings.database_url, copy)
        except copies.Unfit as error:
            raise click.ClickException("De database zelf is niet heel. Doe “parentportal doctor”.") from error
        try:
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as target:
                sealed_file.seal_file(copy, target, portal.settings.vault_keys)
                target.flush()
                os.fsync(target.fileno())
            unfinished.replace(file)
        except OSError as error:
            raise Unusable(f"{file} kan niet worden geschreven: {cause_of(error)}.") from error


def _unseal(portal: Opened, file: Path, copy: Path) -> None:
    try:
        with file.open("rb") as source, copy.open("xb") as target:
            sealed_file.open_file(source, target, portal.settings.vault_keys)
        copies.check(portal.settings.database_url, copy)
    except Damaged as error:
        raise Unusable("Deze back-up is beschadigd, of hoort bij een andere sleutel. Er is niets veranderd.") from error
    except copies.Unfit as error:
        raise Unusable(UNFIT) from error


def _set_aside(portal: Opened) -> tuple[list[Erasure], Path | None]:
    """What the present database knows to be erased, and a sealed copy of it; nothing for one without tables."""
    with portal.database.read() as session:
        if migrations.current(session.connection()) != migrations.head():
            return [], None
        erasures = list(backups.list_erasures(session))
    stamp: datetime = portal.clock.now()
    kept = portal.settings.data_dir / f"before-restore-{stamp:%Y%m%d-%H%M%S}.backup"
    _write(portal, kept)
    return erasures, kept


def _prepare(portal: Opened, copy: Path, erasures: list[Erasure]) -> int:
    """Bring the copy up to date and look at it while the live database still stands."""
    url = sqlite_url(copy)
    migrations.migrate(url)
    prepared = Database(url, info={"clock": portal.clock, "vault": portal.vault}, pool_size=1)
    try:
        with prepared.read() as session:
            if any(audit.verify(session)):
                raise Unusable("Het logboek in deze back-up klopt niet met de sleutel. Er is niets veranderd.")
        return prepared.write(lambda session: backups.finish_restoring(session, erasures))
    finally:
        prepared.dispose()
