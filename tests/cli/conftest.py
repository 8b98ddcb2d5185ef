"""Installations for the tests of commands."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import postgres
from tests.cli.installation import WATERLIJN, Installation
from tests.people import People, settle


@pytest.fixture
def empty(tmp_path: Path, database_kind: str, new_database_url: Callable[[bool], str]) -> Installation:
    """A machine on which nothing was done yet but making a database for PostgreSQL."""
    environ = {"PARENTPORTAL_DATABASE_URL": new_database_url(False)}
    if database_kind == "postgresql":
        environ["PATH"] = f"{postgres.programs()}{os.pathsep}{os.environ['PATH']}"
    return Installation(tmp_path / "srv", environ)


@pytest.fixture
def installed(empty: Installation) -> Installation:
    """After `parentportal init`."""
    empty.run("init")
    return empty


@pytest.fixture
def waterlijn(installed: Installation) -> Installation:
    """With the board of the cast."""
    installed.run("board", "load", str(WATERLIJN))
    return installed


@pytest.fixture
def cast(installed: Installation) -> People:
    """The whole cast lives in the installation."""
    return installed.write(settle)
