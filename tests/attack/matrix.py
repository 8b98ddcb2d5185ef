"""All rows, and how one is run: first as the portal is, then with its flaw put back."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.attack import (
    browser,
    codes,
    counters,
    doors,
    forging,
    forms,
    mails,
    passkeys,
    passwords,
    races,
    sessions,
    timing,
)
from tests.attack.portal import portal_on
from tests.attack.rows import Result, Row
from tests.databases import Databases

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FAMILIES = (passwords, counters, codes, passkeys, sessions, timing, doors, forging, races, forms, browser, mails)
ROWS: tuple[Row, ...] = tuple(sorted((row for family in FAMILIES for row in family.ROWS), key=lambda row: row.id))


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row on one database; the flaw must be caught, or the row proves nothing."""

    row: Row
    kind: str
    result: Result
    with_flaw: Result
    seconds: float

    @property
    def is_caught(self) -> bool:
        return not self.with_flaw.holds

    @property
    def is_well(self) -> bool:
        return self.result.holds and self.is_caught

    @property
    def verdict(self) -> str:
        held = "holds" if self.result.holds else "DOES NOT HOLD"
        caught = "caught" if self.is_caught else f"NOT CAUGHT ({self.with_flaw.measured})"
        return f"{held} ({self.result.measured}); flaw {caught}"


def run(
    row: Row, databases: Databases, kind: str, folder: Path, dose: int, browser: "Browser | None" = None
) -> Outcome:
    """One attack and its control, each on a portal of its own."""
    began = time.monotonic()
    result = _or_broken(lambda: attack(row, databases, kind, folder / "whole", dose, browser), as_held=False)
    with_flaw = _or_broken(lambda: flawed(row, databases, kind, folder / "flawed", browser), as_held=True)
    return Outcome(row, kind, result, with_flaw, time.monotonic() - began)


def _or_broken(work: Callable[[], Result], *, as_held: bool) -> Result:
    """An attack that breaks off proves nothing: neither that the portal holds, nor that the flaw was seen."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - the other rows go on, and the table says what went wrong here
        words = str(error).splitlines()[:1]
        return Result("broken off", f"{type(error).__name__}: {''.join(words)}", as_held)


def attack(
    row: Row, databases: Databases, kind: str, folder: Path, dose: int, browser: "Browser | None" = None
) -> Result:
    with portal_on(databases, kind, folder, browser) as portal:
        return row.attack(portal, dose)


def flawed(row: Row, databases: Databases, kind: str, folder: Path, browser: "Browser | None" = None) -> Result:
    with portal_on(databases, kind, folder, browser) as portal, row.control(portal):
        return row.attack(portal, row.controlled)
