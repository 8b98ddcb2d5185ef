"""The import of a large school, in a process of its own so that its memory can be told."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from parentportal import migrations
from parentportal.access import OPERATOR
from parentportal.cli.imports import bring
from parentportal.db import Database
from parentportal.outside.clock import SystemClock
from parentportal.outside.vault import Vault
from parentportal.reads.boards import find_school
from parentportal.services import boards, imports
from parentportal.settings import sqlite_url

PUPILS = 10_000
BOARD = Path(__file__).parents[2] / "parentportal" / "demo" / "waterlijn.toml"


def write_files(folder: Path) -> list[Path]:
    """A school of ten thousand pupils, and both guardians of each."""
    from tests.deliveries import edexml, guardians, many

    pupils = many(PUPILS, geslacht="1")
    rows = [
        {
            "Leerlingnummer": child["key"],
            "Verzorgernummer": f"{child['key']}-{who}",
            "Voornaam": name,
            "Achternaam": child["achternaam"],
            "Relatie": relation,
            "E-mailadres": f"{name.lower()}.{child['key'].lower()}@post.example",
        }
        for child in pupils
        for who, name, relation in ((1, "Anna", "moeder"), (2, "Bram", "vader"))
    ]
    paths = [folder / "leerlingen.xml", folder / "ouders.csv"]
    paths[0].write_bytes(edexml(*pupils))
    paths[1].write_bytes(guardians(*rows))
    return paths


def measured(paths: list[Path]) -> dict[str, float]:
    """Seconds to parse, seconds for the whole import of the same files, and the peak of memory in MiB."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.importing", *map(str, paths)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"the import failed:\n{done.stderr}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _main(paths: list[Path]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "import.sqlite3")
        migrations.migrate(url)
        database = Database(url, info={"clock": SystemClock(), "vault": Vault([bytes(range(32))])})
        database.write(lambda session: boards.load(session, BOARD.read_text(encoding="utf-8"), by=OPERATOR))
        with database.read() as session:
            school = find_school(session, "99AA")
        if school is None:
            sys.exit("the board has no school 99AA")
        started = time.perf_counter()
        for path in paths:
            imports.parse(path.read_bytes(), path.name, "auto")
        parsing = time.perf_counter() - started
        started = time.perf_counter()
        for path in paths:
            parsed = imports.parse(path.read_bytes(), path.name, "auto")
            report = bring(database, school.id, parsed, applies=True, confirm=True)
            if report.outcome not in ("applied", "held"):
                sys.exit(f"{path.name}: {report.outcome}: {report.message}")
        whole = time.perf_counter() - started
        database.dispose()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"parsing": parsing, "whole": whole, "peak": peak}) + "\n")


if __name__ == "__main__":
    _main([Path(name) for name in sys.argv[1:]])
