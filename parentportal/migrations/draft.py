"""Write the next numbered step from what the models have that the steps have not; a person then edits it."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from parentportal.db import Database
from parentportal.migrations import configuration, head, migrate
from parentportal.settings import sqlite_url


def draft(message: str) -> Path:
    """Draft a step on an empty database of today's schema; returns the file to read and correct."""
    number = f"{int(head() or '0') + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "draft.sqlite3")
        migrate(url)
        database = Database(url, pool_size=1)
        with database.alone() as connection:
            script = command.revision(configuration(connection), message, autogenerate=True, rev_id=number)
        database.dispose()
    if script is None or isinstance(script, list):
        raise ValueError("one step was expected")
    return Path(script.path)


if __name__ == "__main__":
    sys.stdout.write(f"{draft(' '.join(sys.argv[1:]))}\n")
