"""What the commands for one school share: on whose behalf they act, days as they are typed, and pointing at a row."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

import click

from parentportal.access import SchoolActor, operator_at
from parentportal.cli.answers import Unusable
from parentportal.cli.opening import Opened
from parentportal.reads.boards import find_school, get_school_card

Row = TypeVar("Row")

#: Tables show so many of the last characters of a key; keys made together begin alike.
SHOWN = 8
#: A key may be given by its end, of at least so many characters.
FEWEST = 6

for_school = click.option("--school", "brin", metavar="BRIN", required=True, help="Het nummer van de school.")
in_json = click.option("--json", "as_json", is_flag=True, help="Eén JSON-object per regel.")


def day(_context: click.Context, option: click.Parameter, typed: str | None) -> date | None:
    """Callback of an option: the day that was typed as 2026-11-22 or as 22-11-2026, None for none."""
    if typed is None:
        return None
    for form in ("%Y-%m-%d", "%d-%m-%Y"):
        try:
            return datetime.strptime(typed, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise Unusable(f"{option.opts[0]}: “{typed}” is geen dag die bestaat. Schrijf 2026-11-22 of 22-11-2026.")


def acting(portal: Opened, brin: str) -> SchoolActor:
    """The operator on behalf of the school with this number."""
    with portal.database.read() as session:
        school = find_school(session, brin)
        if school is None:
            raise Unusable(f"School {brin} bestaat niet. Voeg haar toe met “parentportal school add”.")
        return operator_at(school.board_id, get_school_card(session, school.id))


def pick(rows: Iterable[Row], key: str, key_of: Callable[[Row], UUID], *, missing: str) -> Row:
    """The one row with this key, or whose key ends like this; `missing` is what to say when there is none."""
    wanted = key.replace("-", "").lower()
    if len(wanted) < FEWEST:
        raise Unusable(f"“{key}” is te kort. Geef de sleutel, of ten minste de laatste {FEWEST} tekens ervan.")
    found = [row for row in rows if key_of(row).hex.endswith(wanted)]
    if len(found) > 1:
        raise Unusable(f"“{key}” past op meer dan één rij. Geef de hele sleutel; --json toont hem.")
    if not found:
        raise Unusable(missing)
    return found[0]


def short(key: UUID) -> str:
    """The end of a key, as tables show it and `pick` understands it."""
    return key.hex[-SHOWN:]


def written(day: date | None) -> str:
    """A day as people write it; blank for none."""
    return f"{day:%d-%m-%Y}" if day else ""
