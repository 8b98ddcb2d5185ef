"""Statements that pages send over and over: built once per process, and read as plain rows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Dialect, Executable, Row, Text, TypeDecorator, bindparam, cast, or_
from sqlalchemy.orm import InstrumentedAttribute, Session


def fetch(session: Session, statement: Executable, **values: Any) -> Sequence[Row[Any]]:
    """The rows of a statement that selects columns; `values` fill what it left open by name.

    Building a statement and the ORM's part of running it each cost more than the query: hence a statement is made
    once, by a cached function, and is handed to the connection itself.
    """
    session.flush()  # as the ORM does by itself: a write unit sees what it just changed
    return session.connection().execute(statement, values).all()


def fetch_value(session: Session, statement: Executable, **values: Any) -> Any:
    """The first column of the first row; None when there is none."""
    session.flush()
    return session.connection().execute(statement, values).scalar()


def given(name: str) -> BindParameter[Any]:
    """A value that is filled in when the statement is sent; its type follows from what it is compared with."""
    return bindparam(name)


def given_list(name: str) -> BindParameter[Any]:
    """Any number of values, for `in_`."""
    return bindparam(name, expanding=True)


def among(column: InstrumentedAttribute[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """That a column has one of a few values that are always the same; `in_` is written out anew for each request."""
    return or_(*(column == value for value in values))


def parsed_once(column: InstrumentedAttribute[dict[str, Any]]) -> ColumnElement[Any]:
    """A column of JSON that holds the same few texts in every answer: each text is parsed once, and is read-only."""
    return cast(column, _Parsed).label(column.key)


class _Parsed(TypeDecorator[Mapping[str, Any]]):
    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> Mapping[str, Any] | None:
        return None if value is None else _parse(value)


@lru_cache(maxsize=1024)
def _parse(text: str) -> Mapping[str, Any]:
    return MappingProxyType(json.loads(text))
