"""A database with one table of its own: these tests are about the connection, not about what it holds."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from parentportal.db import Database


class Base(DeclarativeBase):
    pass


class Tally(Base):
    """A number that people count up."""

    __tablename__ = "tally"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(default=0)


class Mark(Base):
    """A mark at a tally, for what a foreign key promises."""

    __tablename__ = "mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    tally_id: Mapped[int]


@pytest.fixture
def tally_url(new_database_url: Callable[[bool], str]) -> str:
    """A database with a tally at nought."""
    url = new_database_url(False)
    database = Database(url)
    with database.alone() as connection:
        Base.metadata.create_all(connection)
        connection.execute(text("INSERT INTO tally (id, number) VALUES (1, 0)"))
    database.dispose()
    return url


@pytest.fixture
def tallies(tally_url: str) -> Iterator[Database]:
    database = Database(tally_url, info={"clock": "a clock"})
    yield database
    database.dispose()


def count_up(session: Session) -> int:
    """The read-modify-write that loses changes wherever a database is used carelessly."""
    tally = session.get_one(Tally, 1)
    tally.number += 1
    return tally.number


def reading(database: Database) -> int:
    with database.read() as session:
        return session.get_one(Tally, 1).number
