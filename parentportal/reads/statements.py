"""Statements that pages send over and over: built once per process, and read as plain rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, Executable, Row, bindparam
from sqlalchemy.orm import Session


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
