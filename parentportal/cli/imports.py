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
from parentportal.sources.guesses import ANSWERS, GUESSES, QUESTION_OF, Asked, Question

STATUS = {PREVIEW: 0, APPLIED: 0, NO_CHANGE: 0, REFUSED: 2, HELD: 3}
_SUBJECTS = {"pupils": "leerlingen", "guardians": "ouders", "groups": "groepen", "items": "gegevens"}
_CATEGORIES = {
    "new": "nieuw",
    "changed": "gewijzigd",
    "missing": "ontbreekt",
    "left": "van school",
    "unchanged": "gelijk",
}
_QUESTIONS = {
    Question.YEAR: "Het jaar heeft twee cijfers",
    Question.ADULT_YEAR: "Het geboortejaar van een ouder heeft twee cijfers",
    Question.SEX: "Bij het geslacht van een kind staat M",
    Question.ADULT_SEX: "Bij het geslacht van een ouder staat M",
}
_MEANINGS = {
    "two-digit-year": "17 is 2017",
    "guardian-two-digit-year": "85 is 1985",
    "sex-m-male": "M is jongen",
    "sex-m-female": "M is meisje",
    "guardian-sex-m-male": "M is man",
    "guardian-sex-m-female": "M is vrouw",
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
@click.option(
    "--accept",
    "guesses",
    multiple=True,
    type=click.Choice(GUESSES),
    help="Neem aan wat de lijst openlaat. Zonder --accept ziet u welke codes een bestand vraagt. Mag vaker.",
)
@click.option("--json", "as_json", is_flag=True, help="Eén JSON-object per bestand.")
def import_files(
    files: tuple[Path, ...],
    number: str,
    kind: str,
    applies: bool,
    confirm: bool,
    guesses: tuple[str, ...],
    as_json: bool,
) -> None:
    """Lees bestanden van een schoolsysteem en toon wat er zou veranderen.

    Met --apply wordt het bestand verwerkt. Status: 0 gelukt, 3 eerst kijken, 2 onbruikbaar.
    """
    if confirm and not applies:
        raise click.UsageError("--confirm hoort bij --apply.")
    accepted = _one_answer_each(guesses)
    heaviest = 0
    with opened() as portal:
        school_id = _school(portal, number)
        asked = _asked(files, kind, accepted)
        for path in files:
            parsed = imports.parse(_content(path), path.name, kind, confirmed=asked.get(path, frozenset()))
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


def _one_answer_each(guesses: tuple[str, ...]) -> frozenset[str]:
    """Raises UsageError for two answers to the same question."""
    accepted = frozenset(guesses)
    for question, codes in ANSWERS.items():
        both = [code for code in codes if code in accepted]
        if len(both) > 1:
            raise click.UsageError(f"--accept: {' en '.join(both)} kunnen niet samen ({question}). Kies er één.")
    return accepted


def _asked(files: tuple[Path, ...], kind: str, accepted: frozenset[str]) -> dict[Path, frozenset[str]]:
    """Which of the accepted guesses each file asks; before anything is written, each must be asked by some file."""
    if not accepted:
        return {}
    asked = {}
    for path in files:
        delivered = imports.parse(_content(path), path.name, kind).delivered
        questions = {one.question for one in delivered.asked} if delivered else set()
        asked[path] = frozenset(code for code in accepted if QUESTION_OF[code] in questions)
    useless = accepted.difference(*asked.values())
    if useless:
        raise Unusable(
            f"Geen van deze bestanden vraagt om {', '.join(sorted(useless))}. Er is niets veranderd. "
            "Laat die keuze weg, of kijk zonder --accept wat een bestand vraagt."
        )
    return asked


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
    place = f"{report.filename}, regel {report.line}" if report.line else report.filename
    say(f"{place}: {report.message}")
    if report.outcome == REFUSED:
        return
    rows = [
        [label, *(str(report.counts[subject][name]) for name in _CATEGORIES)] for subject, label in _SUBJECTS.items()
    ]
    say_table(["", *_CATEGORIES.values()], rows)
    for one in report.warnings:
        say(f"{one.count} × {one.message}")
    for question in report.asked:
        _print_question(question)


def _print_question(one: Asked) -> None:
    lines = ", ".join(str(line) for line in one.lines)
    say(f"{one.count} × {_QUESTIONS[one.question]} (zie regel {lines}).")
    for code in one.codes:
        if one.accepted is None:
            say(f"    --accept {code}: neem aan dat {_MEANINGS[code]}.")
        elif one.accepted == code:
            say(f"    Aangenomen: {_MEANINGS[code]} ({code}).")
