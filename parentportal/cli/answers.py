"""How a command answers: sentences and tables for people, one JSON object for machines."""

import errno
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

_CAUSES = {
    errno.ENOENT: "de map bestaat niet",
    errno.EACCES: "dit account mag daar niet schrijven",
    errno.EPERM: "dit account mag daar niet schrijven",
    errno.EROFS: "deze schijf is alleen te lezen",
    errno.ENOSPC: "de schijf is vol",
    errno.EDQUOT: "de schijf is vol",
    errno.EEXIST: "daar staat al een bestand met deze naam",
    errno.ENOTDIR: "een deel van dit pad is geen map",
    errno.ENAMETOOLONG: "deze naam is te lang",
}


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


def cause_of(error: OSError) -> str:
    """Why a file could not be written, in Dutch; the number of the fault where there are no words for it."""
    return _CAUSES.get(error.errno or 0, f"fout {error.errno} van het systeem")


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
