"""Imports run one way, and the check that says so really bites."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PYPROJECT = ROOT / "pyproject.toml"
LINTER = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in LINTER["contracts"]}
LAYERS = [re.split(r"\s*[:|]\s*", layer) for layer in CONTRACTS["layers"]["layers"]]
BESIDE = CONTRACTS["layers"]["exhaustive_ignores"]

#: For each fault: the room it is planted in, the line, and the contracts that must break.
FAULTS = {
    "a rule asks the models": ("rules", "import parentportal.models", {"layers", "pure"}),
    "a rule asks the settings": ("rules", "import parentportal.settings", {"pure"}),
    "a rule asks the database": ("rules", "import sqlalchemy", {"pure"}),
    "a reader of files asks the vault": ("sources", "import parentportal.outside", {"layers", "pure"}),
    "a reader of files asks a rule": ("sources", "import parentportal.rules", {"layers"}),
    "the mailer asks the database": ("outside", "import parentportal.db", {"layers"}),
    "a page to look at asks a service": ("reads", "import parentportal.services", {"layers"}),
    "a service asks the web": ("services", "import parentportal.web", {"layers"}),
    "the web asks a job": ("web", "import parentportal.jobs", {"layers"}),
    "a job asks the web": ("jobs", "import parentportal.web", {"layers"}),
    "a service knows Flask": ("services", "from flask import abort", {"flask"}),
    "a rule knows Flask": ("rules", "import werkzeug", {"flask"}),
    "the demo knows Flask": ("demo", "import flask", {"flask-beside"}),
    "a view builds a query": ("web", "from sqlalchemy import select", {"views"}),
    "the catalogue asks the models": ("catalogue", "import parentportal.models", {"catalogue"}),
    "the catalogue reads a spreadsheet": ("catalogue", "import openpyxl", {"catalogue"}),
    "a rule looks something up": ("rules", "import parentportal.catalogue", {"pure", "catalogue-readers"}),
    "a migration uses a service": ("migrations", "import parentportal.services", {"migrations"}),
    "a model asks for its migration": ("models", "import parentportal.migrations", {"migrations-callers"}),
    "the portal asks the demo": ("services", "import parentportal.demo", {"demo"}),
}
#: What the plan allows, and a contract that is too strict would forbid.
ALLOWED = {
    "models": "import parentportal.catalogue",
    "catalogue": "import parentportal.rules",
    "outside": "import parentportal.settings",
    "migrations": "import parentportal.models, parentportal.db",
    "services": "import sqlalchemy, parentportal.sources, parentportal.outside, parentportal.migrations",
    "web": "import flask, parentportal.reads, parentportal.services",
    "cli": "import parentportal.app, parentportal.demo, parentportal.migrations",
    "app": "import flask, parentportal.web",
}


def _lint(folder: Path) -> tuple[int, dict[str, str], str]:
    """Exit status, what became of each contract, and all that was said."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config", folder / "pyproject.toml"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "400", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    names = {contract["name"]: contract_id for contract_id, contract in CONTRACTS.items()}
    found = re.findall(r"^(.+?) (KEPT|BROKEN)", done.stdout, re.MULTILINE)
    return done.returncode, {names[name]: state for name, state in found}, done.stdout + done.stderr


def _build(folder: Path, lines: dict[str, str]) -> None:
    """A house with every room of the plan, empty but for these lines."""
    package = folder / "parentportal"
    package.mkdir()
    (package / "__init__.py").touch()
    for room in [room for layer in LAYERS for room in layer] + BESIDE:
        (package / f"{room}.py").write_text(lines.get(room, "") + "\n")
    (folder / "pyproject.toml").write_text(PYPROJECT.read_text())


def test_our_imports_run_one_way() -> None:
    status, states, said = _lint(ROOT)

    assert states == dict.fromkeys(CONTRACTS, "KEPT"), said
    assert status == 0


def test_what_the_plan_allows_is_allowed(tmp_path: Path) -> None:
    _build(tmp_path, ALLOWED)
    status, states, said = _lint(tmp_path)

    assert states == dict.fromkeys(CONTRACTS, "KEPT"), said
    assert status == 0


@pytest.mark.parametrize(("room", "line", "broken"), FAULTS.values(), ids=FAULTS.keys())
def test_a_planted_fault_is_caught(tmp_path: Path, room: str, line: str, broken: set[str]) -> None:
    _build(tmp_path, {room: line})
    status, states, said = _lint(tmp_path)

    assert {contract for contract, state in states.items() if state == "BROKEN"} == broken, said
    assert status == 1


def test_a_room_that_is_in_no_contract_is_caught(tmp_path: Path) -> None:
    _build(tmp_path, {})
    (tmp_path / "parentportal" / "attic.py").touch()
    status, states, said = _lint(tmp_path)

    assert states["layers"] == "BROKEN", said
    assert status == 1


def test_every_contract_has_a_planted_fault() -> None:
    assert set().union(*(broken for _room, _line, broken in FAULTS.values())) == set(CONTRACTS)
