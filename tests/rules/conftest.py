"""Rules decide without a network and without a database; whoever reaches for one here fails."""

import sqlite3
from collections.abc import Iterator

import psycopg
import pytest
import pytest_socket


class OutsideOfRules(Exception):
    """A test of a rule tried to open a database."""


def refuse(*_: object, **__: object) -> None:
    raise OutsideOfRules("rules decide on plain values")


@pytest.fixture(autouse=True)
def no_outside_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sqlite3, "connect", refuse)
    monkeypatch.setattr(sqlite3.dbapi2, "connect", refuse)
    monkeypatch.setattr(psycopg, "connect", refuse)
    pytest_socket.disable_socket(allow_unix_socket=False)
    yield
    pytest_socket.enable_socket()
