"""The tables as the models describe them, and how a migration writes their column types."""

import importlib
import pkgutil
from typing import Any

from alembic.autogenerate.api import AutogenContext
from sqlalchemy import TypeDecorator

import parentportal.models
from parentportal.models.base import Base

for _module in pkgutil.iter_modules(parentportal.models.__path__):
    importlib.import_module(f"{parentportal.models.__name__}.{_module.name}")

metadata = Base.metadata


def options(dialect: str) -> dict[str, Any]:
    """What Alembic must know to compare and to run: SQLite changes a table by building it anew."""
    return {
        "target_metadata": metadata,
        "compare_type": True,
        "compare_server_default": True,
        "render_as_batch": dialect == "sqlite",
        "render_item": _render_plain_types,
        "transaction_per_migration": False,
    }


def _render_plain_types(kind: str, item: object, _context: AutogenContext) -> str | bool:
    """Write a column type of ours as the plain one below it: a migration imports no models."""
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    return f"sa.{item.impl_instance!r}"
