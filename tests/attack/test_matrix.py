"""Every row of the attack matrix at a small dose, on both databases, and each with its flaw put back."""

from pathlib import Path

import pytest

from tests.attack.matrix import ROWS, attack, flawed
from tests.attack.rows import Row
from tests.databases import Databases

BY_ID = {row.id: row for row in ROWS}


@pytest.fixture(params=BY_ID)
def row(request: pytest.FixtureRequest) -> Row:
    return BY_ID[request.param]


def test_the_attack_comes_to_nothing(
    row: Row, databases: Databases, database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    browser = request.getfixturevalue("browser") if row.in_browser else None
    result = attack(row, databases, database_kind, tmp_path / "data", row.small, browser)
    assert result.holds, f"{row.what}: {result.measured}; the bar is {row.bar}"


def test_the_flaw_put_back_is_caught(
    row: Row, databases: Databases, database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    browser = request.getfixturevalue("browser") if row.in_browser else None
    result = flawed(row, databases, database_kind, tmp_path / "data", browser)
    assert not result.holds, f"{row.flaw}: {result.measured}, and the row does not see it"
