"""`parentportal board` and `parentportal school`: boards with their policy, and schools with their number."""

from pathlib import Path

import click

from parentportal.access import OPERATOR
from parentportal.catalogue import CatalogueError
from parentportal.cli.answers import Unusable, explained, say, say_json
from parentportal.cli.opening import opened
from parentportal.models.boards import SchoolKind
from parentportal.reads.boards import find_board_id
from parentportal.services import boards
from parentportal.services.boards import Loaded


@click.group()
def board() -> None:
    """Besturen: een bestuursbestand laden, of een bestuur met de standaardregels maken."""


@board.command()
@click.argument("file", metavar="BESTAND.toml", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Antwoord als één JSON-object.")
def load(file: Path, as_json: bool) -> None:
    """Maak of wijzig een bestuur, zijn scholen en zijn vragen volgens een bestand."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{file} kan niet als tekst (UTF-8) worden gelezen.") from error
    with opened() as portal:
        try:
            loaded = portal.database.write(lambda session: boards.load(session, text, by=OPERATOR))
        except CatalogueError as faulty:
            raise Unusable("\n".join([*faulty.problems, "Er is niets veranderd."])) from faulty
    _answer(loaded, as_json=as_json)


@board.command()
@click.option("--name", required=True, help="De naam van het bestuur.")
@click.option("--json", "as_json", is_flag=True, help="Antwoord als één JSON-object.")
def add(name: str, as_json: bool) -> None:
    """Maak een bestuur met voorzichtige standaardregels."""
    with opened() as portal, explained("Dit bestuur bestaat niet."):
        loaded = portal.database.write(lambda session: boards.add(session, name, by=OPERATOR))
    _answer(loaded, as_json=as_json)


def _answer(loaded: Loaded, *, as_json: bool) -> None:
    if as_json:
        say_json(
            {
                "board": loaded.board_id,
                "name": loaded.name,
                "version": loaded.version,
                "changed": loaded.changed,
                "new_schools": loaded.new_schools,
                "new_questions": loaded.new_questions,
                "new_wordings": loaded.new_wordings,
            }
        )
    elif loaded.changed:
        say(f"{loaded.name}: regels geladen, versie {loaded.version}.")
        say(f"Nieuwe scholen: {loaded.new_schools}. Nieuwe vragen: {loaded.new_questions}.")
    elif loaded.new_wordings:
        say(f"{loaded.name}: versie {loaded.version} geldt al.")
    else:
        say(f"{loaded.name}: niets veranderd, versie {loaded.version} geldt al.")
    if loaded.new_wordings and not as_json:
        say(f"Nieuwe teksten van vragen, alle talen samen: {loaded.new_wordings}.")


@click.group()
def school() -> None:
    """Scholen van een bestuur."""


@school.command("add")
@click.option("--board", "board_name", required=True, help="De naam of code van het bestuur.")
@click.option("--brin", required=True, help="Het nummer van de school, zoals 12AB of 12AB01.")
@click.option("--name", required=True, help="De naam van de school.")
@click.option("--place", required=True, help="De plaats van de school.")
@click.option("--kind", type=click.Choice([kind.value for kind in SchoolKind]), default="bao", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Antwoord als één JSON-object.")
def add_school(board_name: str, brin: str, name: str, place: str, kind: str, as_json: bool) -> None:
    """Voeg een school toe, of geef een school uit het bestuursbestand haar nummer."""
    with opened() as portal, explained("Dit bestuur bestaat niet."):
        with portal.database.read() as session:
            board_id = find_board_id(session, board_name)
        if board_id is None:
            raise Unusable(f"Bestuur “{board_name}” bestaat niet. Maak het met “parentportal board add”.")
        added = portal.database.write(
            lambda session: boards.add_school(
                session, board_id, brin=brin, name=name, place=place, kind=SchoolKind(kind), by=OPERATOR
            )
        )
    if as_json:
        say_json(
            {
                "school": added.school_id,
                "board": added.board_id,
                "brin": added.brin,
                "branch": added.branch,
                "name": added.name,
                "place": added.place,
                "completed": added.completed,
            }
        )
    else:
        verb = "heeft nu" if added.completed else "is toegevoegd met"
        say(f"{added.name} in {added.place} {verb} nummer {added.brin}{added.branch}.")
