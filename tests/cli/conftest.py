"""Installations for the tests of commands."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import postgres
from tests.cli.installation import WATERLIJN, Installation
from tests.people import People, settle


@pytest.fixture
def machine(tmp_path: Path, database_kind: str) -> Callable[[str], Installation]:
    """A machine on which nothing was done yet but making this database."""

    def prepared(url: str) -> Installation:
        environ = {"PARENTPORTAL_DATABASE_URL": url}
        if database_kind == "postgresql":
            environ["PATH"] = f"{postgres.programs()}{os.pathsep}{os.environ['PATH']}"
        return Installation(tmp_path / "srv", environ)

    return prepared


@pytest.fixture
def empty(machine: Callable[[str], Installation], new_database_url: Callable[[bool], str]) -> Installation:
    """Before `parentportal init`; the database has no tables."""
    return machine(new_database_url(False))


@pytest.fixture
def installed(machine: Callable[[str], Installation], new_database_url: Callable[[bool], str]) -> Installation:
    """After `parentportal init`, which found the tables there already."""
    found = machine(new_database_url(True))
    found.run("init")
    return found


@pytest.fixture
def waterlijn(installed: Installation) -> Installation:
    """With the board of the cast."""
    installed.run("board", "load", str(WATERLIJN))
    return installed


@pytest.fixture
def cast(installed: Installation) -> People:
    """The whole cast lives in the installation."""
    return installed.write(settle)
