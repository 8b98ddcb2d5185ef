"""Fills an empty database with the demo: six weeks of two schools, through the services that people use."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from parentportal.db import Database
from parentportal.demo import beginning, files, life, settling
from parentportal.demo.town import Town
from parentportal.outside.clock import FrozenClock, amsterdam_date

#: Where the files for trying the import by hand lie, inside the data folder.
FILES_FOLDER = "bestanden"


def start(database: Database, clock: FrozenClock, today: datetime) -> Town:
    """The board with its schools and the people who work there, and nothing else; teachers have no group yet."""
    town = beginning.begin(database, clock, today)
    beginning.hire(town, with_groups=False)
    return town


def fill(database: Database, clock: FrozenClock, today: datetime, say: Callable[[str], None]) -> Town:
    """The whole demo, up to today; `say` hears what is going on. The clock ends at today."""
    say("Bestuur, scholen en medewerkers")
    town = start(database, clock, today)
    say("Bestanden van twee scholen inlezen")
    for brin in town.schools:
        beginning.deliver(town, brin)
    beginning.hire(town, with_groups=True)
    beginning.learn_ids(town)
    say("Gezag bevestigen, brieven maken, accounts maken")
    settling.join_doubles(town)
    for brin in town.schools:
        settling.confirm_authority(town, brin)
    for brin in town.schools:
        town.go_to(settling.FIRST_LETTERS, 15)
        settling.invite(town, brin)
    say("Toestemmingen en verzoeken van de afgelopen weken")
    life.live(town)
    clock.set_to(today)
    return town


def lay_ready(town: Town, data_dir: Path) -> list[Path]:
    """Write the schools' next files where somebody can find them to try the import."""
    return files.write_files(town.cast, data_dir / FILES_FOLDER, amsterdam_date(town.today), turn=2)
