"""`parentportal import`: look at a school system's files, or apply them (the contract of design 6 and 9)."""

import sys
from pathlib import Path
from uuid import UUID

import click

from parentportal import sources
from parentportal.access import OPERATOR
from parentportal.cli.answers import Unusable, say, say_json, say_table
from parentportal.cli.opening import Opened, opened
from parentportal.db import Database
from parentportal.reads import boards
from parentportal.services import imports
from parentportal.services.imports import Parsed, Report
from parentportal.services.imports.reporting import APPLIED, HELD, NO_CHANGE, PREVIEW, REFUSED
from parentportal.sources.detect import MOST_BYTES

STATUS = {PREVIEW: 0, APPLIED: 0, NO_CHANGE: 0, REFUSED: 2, HELD: 3}
_SUBJECTS = {"pupils": "leerlingen", "guardians": "ouders", "groups": "groepen", "items": "gegevens"}
_CATEGORIES = {
    "new": "nieuw",
    "changed": "gewijzigd",
    "missing": "ontbreekt",
    "left": "van school",
    "unchanged": "gelijk",
}


@click.command("import")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@click.option("--school", "number", metavar="BRIN", required=True, help="Schoolnummer: vier tekens, of zes.")
@click.option("--kind", type=click.Choice(sources.KINDS), default="auto", show_default=True, help="Soort bestand.")
@click.option("--apply", "applies", is_flag=True, help="Verwerk het bestand. Zonder dit verandert er niets.")
@click.option("--confirm", is_flag=True, help="Iemand heeft gekeken naar wat dit bestand tegenhoudt.")
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-object per bestand.")
def import_files(files: tuple[Path, ...], number: str, kind: str, applies: bool, confirm: bool, as_json: bool) -> None:
    """Lees bestanden van een schoolsysteem en toon wat er zou veranderen.

    Met --apply wordt het bestand verwerkt. Status: 0 gelukt, 3 eerst kijken, 2 onbruikbaar.
    """
    if confirm and not applies:
        raise click.UsageError("--confirm hoort bij --apply.")
    heaviest = 0
    with opened() as portal:
        school_id = _school(portal, number)
        for path in files:
            parsed = imports.parse(_content(path), path.name, kind)
            report = bring(portal.database, school_id, parsed, applies=applies, confirm=confirm)
            if as_json:
                say_json(report.as_json())
            else:
                _print(report)
            heaviest = max(heaviest, STATUS[report.outcome])
    sys.exit(heaviest)


def _school(portal: Opened, number: str) -> UUID:
    with portal.database.read() as session:
        school = boards.find_school(session, number)
    if school is None:
        raise Unusable(f"Er is geen school met nummer {number}. Voeg de school eerst toe.")
    return school.id


def _content(path: Path) -> bytes:
    """The file, or of a far too large one just enough to see that it is."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def bring(database: Database, school_id: UUID, parsed: Parsed, *, applies: bool, confirm: bool) -> Report:
    """Receive one file and, if asked, apply it; each step is one transaction."""
    report = database.write(lambda session: imports.receive(session, school_id, parsed, by=OPERATOR))
    if not applies or report.outcome != PREVIEW:
        return report
    return database.write(
        lambda session: imports.apply(session, report.delivery_id, parsed, confirm=confirm, by=OPERATOR)
    )


def _print(report: Report) -> None:
    say(f"{report.filename}: {report.message}")
    if report.outcome == REFUSED:
        return
    rows = [
        [label, *(str(report.counts[subject][name]) for name in _CATEGORIES)] for subject, label in _SUBJECTS.items()
    ]
    say_table(["", *_CATEGORIES.values()], rows)
    for one in report.warnings:
        say(f"{one.count} × {one.message}")
