"""The rules stay pure: no network, no database, no clock, no other room of the house."""

import ast
import socket
import sqlite3
from pathlib import Path

import psycopg
import pytest
from pytest_socket import SocketBlockedError

import parentportal.rules as rules
from tests.rules.conftest import OutsideOfRules

FILES = sorted(Path(next(iter(rules.__path__))).glob("*.py"))
ALLOWED = {"holidays", "phonenumbers", "stdnum", "parentportal.rules"}
STANDARD = {
    "calendar", "collections", "dataclasses", "datetime", "enum", "functools",
    "hmac", "re", "string", "types", "typing", "unicodedata", "uuid", "zoneinfo",
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_rule_cannot_reach_the_network():
    with pytest.raises(SocketBlockedError):
        socket.socket()


@pytest.mark.parametrize("connect", [lambda: sqlite3.connect(":memory:"), lambda: psycopg.connect("")])
def test_a_rule_cannot_open_a_database(connect):
    with pytest.raises(OutsideOfRules):
        connect()


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_rule_imports_only_plain_things(path):
    foreign = {
        name
        for name in imported(path)
        if name.split(".")[0] not in STANDARD and not any(name.startswith(good) for good in ALLOWED)
    }
    assert not foreign


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_rule_never_looks_at_the_clock(path):
    calls = {
        node.attr for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)
    }
    assert not calls & {"now", "today", "utcnow"}
