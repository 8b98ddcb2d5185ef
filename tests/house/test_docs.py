"""Walks settings, commands, roles and rooms: each is explained where somebody would look for it."""

import re
from importlib.metadata import distributions
from pathlib import Path

from packaging.specifiers import SpecifierSet

from parentportal.catalogue import bundled_boards
from parentportal.cli import COMMANDS
from parentportal.rules.roles import Role
from parentportal.settings import NAMES, PREFIX

ROOT = Path(__file__).parents[2]
OLDEST_PYTHON = "3.11.2"  # the one of Debian 12
README = (ROOT / "README.md").read_text("utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text("utf-8")


def unexplained(words: list[str], text: str) -> list[str]:
    return [word for word in words if not re.search(rf"\b{re.escape(word)}\b", text)]


def test_every_setting_is_explained() -> None:
    assert unexplained([name for name in NAMES if name != "DEMO"], OPERATING) == []
    assert PREFIX in OPERATING


def test_every_command_is_explained() -> None:
    assert unexplained([f"parentportal {name}" for name in COMMANDS], OPERATING) == []


def test_every_role_is_in_the_glossary() -> None:
    assert unexplained([role.value for role in Role if role not in (Role.BOARD, Role.TECHNICAL)], README) == []


def test_every_room_is_on_the_map() -> None:
    rooms = [path.name for path in (ROOT / "parentportal").iterdir() if (path / "__init__.py").exists()]
    assert len(rooms) > 10
    assert [room for room in rooms if f"parentportal/{room}/" not in README] == []


def test_every_dependency_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text("utf-8").splitlines()
    bare = [line for line in lines if re.match(r'    "[a-z][\w\[\]-]*>=', line) and "#" not in line]
    assert bare == []


def test_the_lock_files_carry_hashes_and_no_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text("utf-8")
        assert text.count("--hash=sha256:") > 30
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)


def test_what_is_locked_runs_on_the_python_of_debian() -> None:
    wanted = {found.name: SpecifierSet(found.metadata.get("Requires-Python", "")) for found in distributions()}
    assert len(wanted) > 60
    assert [name for name, versions in wanted.items() if OLDEST_PYTHON not in versions] == []


def test_five_boards_come_with_the_product() -> None:
    assert len(bundled_boards()) == 5


def test_an_unexplained_word_is_caught() -> None:
    assert unexplained(["PARENTPORTAL_SECRET_DOOR"], OPERATING) == ["PARENTPORTAL_SECRET_DOOR"]
