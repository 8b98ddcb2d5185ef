"""Installations for the tests of commands."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.installation import WATERLIJN, Installation


@pytest.fixture
def empty(tmp_path: Path, database_kind: str, new_database_url: Callable[[bool], str]) -> Installation:
    """A machine on which nothing was done yet but making a database for PostgreSQL."""
    folder = tmp_path / "srv"
    return Installation(folder, {"PARENTPORTAL_DATABASE_URL": new_database_url(False)})


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
