"""Runs the attack matrix and prints it; status 1 when something does not hold, or a flaw put back is not caught."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from tests import postgres
from tests.attack.matrix import ROWS, Outcome, run
from tests.databases import KINDS, Databases

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def main(arguments: list[str]) -> int:
    asked = _read(arguments)
    wanted = [row for row in ROWS if not asked.row or row.id in asked.row]
    kinds = KINDS if asked.database == "both" else (asked.database,)
    outcomes: list[Outcome] = []
    began = time.monotonic()
    console = Console(width=200)
    with tempfile.TemporaryDirectory() as folder, _databases(Path(folder)) as databases:
        needs_browser = any(row.in_browser for row in wanted)
        with _browser() if needs_browser else nullcontext(None) as browser:
            for kind in kinds:
                for row in wanted:
                    dose = row.small if asked.dose == "small" else row.full
                    outcome = run(row, databases, kind, Path(folder) / f"{row.id}-{kind}", dose, browser)
                    outcomes.append(outcome)
                    console.print(f"{row.id} {kind}: {outcome.verdict}, {outcome.seconds:.0f} s", highlight=False)
                    console.file.flush()
    console.print(_table(outcomes, time.monotonic() - began))
    return int(not all(outcome.is_well for outcome in outcomes))


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("attack", description=__doc__)
    known = [row.id for row in ROWS]

    def rows(text: str) -> list[str]:
        chosen = [one.strip().upper() for one in text.split(",")]
        found = [row for row in known if row.upper() in chosen or row.upper().rstrip("AB") in chosen]
        if not found:
            raise argparse.ArgumentTypeError(f"no such row; there are {', '.join(known)}")
        return found

    parser.add_argument("--row", type=rows, help="some rows only, for instance B1,R3")
    parser.add_argument("--database", choices=(*KINDS, "both"), default="both")
    parser.add_argument("--dose", choices=("full", "small"), default="full")
    return parser.parse_args(arguments)


@contextmanager
def _databases(folder: Path) -> Iterator[Databases]:
    claimed = postgres.claim_folder()
    made = Databases(folder, "attack")
    try:
        yield made
    finally:
        made.close()
        if claimed:
            postgres.release_folder()


@contextmanager
def _browser() -> "Iterator[Browser]":
    from tests.browsers import launched  # takes a while to load, and most rows need none

    with launched() as started:
        yield started


def _table(outcomes: list[Outcome], seconds: float) -> Table:
    table = Table(title=f"attack matrix, {seconds / 60:.0f} minutes", show_lines=True)
    for heading in ("row", "what", "database", "dose", "bar", "measured", "", "with the flaw put back"):
        table.add_column(heading, overflow="fold")
    for outcome in outcomes:
        row = outcome.row
        table.add_row(
            row.id,
            row.what,
            outcome.kind,
            outcome.result.done,
            row.bar,
            outcome.result.measured,
            "holds" if outcome.result.holds else "DOES NOT HOLD",
            f"{row.flaw}: {outcome.with_flaw.measured} ({'caught' if outcome.is_caught else 'NOT CAUGHT'})",
        )
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
