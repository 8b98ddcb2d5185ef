"""The privacy class of a column: each column is made by one of these five functions and by nothing else."""

from enum import StrEnum
from typing import Any

from sqlalchemy.orm import MappedColumn, mapped_column


class Privacy(StrEnum):
    """How a value is to be treated by export, scrubbing, retention and the register (AVG 30)."""

    KEY = "key"
    SYSTEM = "system"
    PERSONAL = "personal"
    SPECIAL = "special"
    SECRET = "secret"


def key(*args: Any, **options: Any) -> MappedColumn[Any]:
    """A column that only points at rows; says nothing about a person by itself."""
    return mapped_column(*args, info={"privacy": Privacy.KEY}, **options)


def system(*args: Any, **options: Any) -> MappedColumn[Any]:
    """A column about the working of the portal: moments, states, counters, codes."""
    return mapped_column(*args, info={"privacy": Privacy.SYSTEM}, **options)


def personal(*args: Any, **options: Any) -> MappedColumn[Any]:
    """A column that says something about a person (AVG 4(1))."""
    return mapped_column(*args, info={"privacy": Privacy.PERSONAL}, **options)


def special(*args: Any, **options: Any) -> MappedColumn[Any]:
    """A column that may hold a special category, a citizen number or a bank number; always sealed by the vault."""
    return mapped_column(*args, info={"privacy": Privacy.SPECIAL}, **options)


def secret(*args: Any, **options: Any) -> MappedColumn[Any]:
    """A column that opens something: a hash, a digest of a token, a sealed second factor. Never exported."""
    return mapped_column(*args, info={"privacy": Privacy.SECRET}, **options)
