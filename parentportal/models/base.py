"""What all tables share: naming of constraints, aware moments, enums by value, time-ordered keys."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Dialect, Enum, LargeBinary, MetaData, Text, TypeDecorator, Uuid
from sqlalchemy.orm import DeclarativeBase
from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A key of version 7: later rows have larger keys, so rows made together lie together."""
    return UUID(int=uuid7().int)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC on both databases; a naive one is refused with `ValueError`."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def stored_enum(kind: type[StrEnum], name: str = "") -> Enum:
    """An enum kept as its value in a text column with a check, so that both databases read the same.

    The second column of the same kind in one table needs a `name`: PostgreSQL wants every check to have its own.
    """
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=name or kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """Ancestor of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: dict[Any, Any] = {
        datetime: UtcDateTime,
        UUID: Uuid,
        str: Text,
        bytes: LargeBinary,
    }
