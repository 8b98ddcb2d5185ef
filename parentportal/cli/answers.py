"""How a command answers: sentences and tables for people, one JSON object for machines."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

import click
from rich.console import Console
from rich.table import Table

from parentportal.rules.errors import Invalid, NotFound, NotNow

#: Exit status for what cannot be used: an unknown school, a faulty file, a role that does not exist.
UNUSABLE = 2


def say(sentence: str) -> None:
    """One sentence for a person."""
    click.echo(sentence)


def say_json(answer: Mapping[str, object]) -> None:
    """One object on one line, with its letters as they are."""
    click.echo(json.dumps(answer, ensure_ascii=False, default=str))


def say_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table as wide as the terminal; words wrap and nothing is cut off."""
    table = Table(show_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, markup=False).print(table)


class Unusable(click.ClickException):
    """What was given cannot be used; nothing was changed. Ends with status `UNUSABLE`."""

    exit_code = UNUSABLE


@contextmanager
def explained(not_found: str, options: Mapping[str, str] = MappingProxyType({})) -> Iterator[None]:
    """Say in words what a service refused; `not_found` is the sentence for what does not exist.

    `options` names the option of the command that a field of the service comes from.
    """
    try:
        yield
    except Invalid as invalid:
        problems = [
            f"{options[field]}: {sentence}" if field in options else sentence
            for field, sentence in invalid.problems.items()
        ]
        raise Unusable("\n".join(problems)) from invalid
    except NotNow as refused:
        raise Unusable(refused.message) from refused
    except NotFound as missing:
        raise Unusable(not_found) from missing
