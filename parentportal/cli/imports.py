"""`parentportal import`: look at a school system's files, or apply them (the contract of design 6 and 9)."""

import json
import sys
from pathlib import Path
from uuid import UUID

import click
from rich.console import Console
from rich.table import Table

from parentportal import sources
from parentportal.access import OPERATOR
from parentportal.cli.opening import Opened, opened
from parentportal.db import Database
from parentportal.reads import boards
from parentportal.services import imports
from parentportal.services.imports import Parsed, Report
from parentportal.services.imports.reporting import APPLIED, HELD, NO_CHANGE, PREVIEW, REFUSED

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
    with opened() as portal:
        reports = [_one(portal, path, number, kind, applies=applies, confirm=confirm) for path in files]
    for path, report in zip(files, reports, strict=True):
        if as_json:
            click.echo(json.dumps({**report.as_json(), "file": path.name}, ensure_ascii=False))
        else:
            _print(report)
    sys.exit(max(STATUS[report.outcome] for report in reports))


def _one(portal: Opened, path: Path, number: str, kind: str, *, applies: bool, confirm: bool) -> Report:
    with portal.database.read() as session:
        school = boards.find_school(session, number)
    if school is None:
        raise click.UsageError(f"Er is geen school met nummer {number}. Voeg de school eerst toe.")
    parsed = imports.parse(path.read_bytes(), path.name, kind)
    return bring(portal.database, school.id, parsed, applies=applies, confirm=confirm)


def bring(database: Database, school_id: UUID, parsed: Parsed, *, applies: bool, confirm: bool) -> Report:
    """Receive one file and, if asked, apply it; each step is one transaction."""
    report = database.write(lambda session: imports.receive(session, school_id, parsed, by=OPERATOR))
    if not applies or report.outcome != PREVIEW:
        return report
    return database.write(
        lambda session: imports.apply(session, report.delivery_id, parsed, confirm=confirm, by=OPERATOR)
    )


def _print(report: Report) -> None:
    console = Console(highlight=False)
    console.print(f"{report.filename}: {report.message}", markup=False)
    if report.outcome == REFUSED:
        return
    table = Table("", *(_CATEGORIES[name] for name in _CATEGORIES))
    for subject, label in _SUBJECTS.items():
        table.add_row(label, *(str(report.counts[subject][name]) for name in _CATEGORIES))
    console.print(table)
    for one in report.warnings:
        console.print(f"{one.count} × {one.message}", markup=False)
