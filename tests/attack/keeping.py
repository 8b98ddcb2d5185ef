"""The database as it was: what changed since, whether that was anybody else's, and all of it put back."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Table, Uuid, and_, false, not_, or_, select, text
from sqlalchemy.orm import Session

from parentportal.models.audit import AuditEvent
from parentportal.models.base import Base
from tests.attack.portal import Portal

OWNING = frozenset(
    {"pupil_id", "adult_id", "person_id", "account_id", "request_id", "receipt_id", "session_id", "object_id"}
)
"""Columns that say whose a row is."""
NAMED_BY_BROWSERS = frozenset({"submission"})
"""Tables whose own id is what a browser sent: it may be any, and says nothing of whom the row is about."""
LOG = Base.metadata.tables[AuditEvent.__tablename__]

Row = Mapping[str, Any]
Rows = Mapping[tuple[Any, ...], Row]


class Change(NamedTuple):
    """One row that came, went (`now` is None) or is otherwise."""

    table: Table
    was: Row | None
    now: Row | None


class Kept:
    """Every row of one moment; of the log, which only grows, how far it was."""

    def __init__(self, portal: Portal) -> None:
        self._database = portal.database
        self._rows = self._read()
        self._numbers: dict[UUID, int] = {}
        self._added()

    def belongings(self, owners: Iterable[UUID]) -> frozenset[UUID]:
        """The ids of these, of every row that is theirs, and of every row that is about one of those."""
        ids, size = set(owners), 0
        while len(ids) > size:
            size = len(ids)
            for table, rows in self._rows.items():
                owning = [column.name for column in _ids(table) if column.name in OWNING]
                ids |= {row["id"] for row in rows.values() if "id" in row and any(row[name] in ids for name in owning)}
        return frozenset(ids)

    def count(self, ids: frozenset[UUID]) -> int:
        """How many rows name one of these."""
        return sum(_names(table, row, ids) for table, rows in self._rows.items() for row in rows.values())

    def put_back(self) -> list[Change]:
        """Undo everything that was written since, but in the log; answers what it was."""
        found = list(self._changes())
        if found:
            self._database.write(lambda session: _undo(session, found))
        return [*found, *self._added()]

    def _changes(self) -> Iterator[Change]:
        now = self._read()
        for table, was in self._rows.items():
            for key in was.keys() | now[table].keys():
                if was.get(key) != now[table].get(key):
                    yield Change(table, was.get(key), now[table].get(key))

    def _read(self) -> dict[Table, Rows]:
        with self._database.read() as session:
            return {table: _rows_in(session, table) for table in Base.metadata.sorted_tables if table is not LOG}

    def _added(self) -> list[Change]:
        """What came into the log, from which the database itself lets nothing go."""
        seen = [and_(LOG.c.board_id == board, LOG.c.number <= number) for board, number in self._numbers.items()]
        with self._database.read() as session:
            rows = [dict(row) for row in session.execute(select(LOG).where(not_(or_(false(), *seen)))).mappings()]
        for row in rows:
            self._numbers[row["board_id"]] = max(row["number"], self._numbers.get(row["board_id"], 0))
        return [Change(LOG, None, row) for row in rows]


def touches(change: Change, ids: frozenset[UUID]) -> bool:
    """Whether a row that came, went or changed names one of these."""
    return any(_names(change.table, row, ids) for row in (change.was, change.now) if row is not None)


def _rows_in(session: Session, table: Table) -> Rows:
    keys = [column.name for column in table.primary_key]
    rows = session.execute(select(table)).mappings()
    return {tuple(row[name] for name in keys): dict(row) for row in rows}


def _ids(table: Table) -> list[Any]:
    found = [column for column in table.columns if isinstance(column.type, Uuid)]
    return [column for column in found if column.name != "id" or table.name not in NAMED_BY_BROWSERS]


def _names(table: Table, row: Row, ids: frozenset[UUID]) -> bool:
    return any(row[column.name] in ids for column in _ids(table))


def _undo(session: Session, changes: list[Change]) -> None:
    """What came goes, what went comes back, what changed is as it was; what points where counts at the end alone."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    session.execute(
        text("PRAGMA defer_foreign_keys = ON" if sqlite else "SET LOCAL session_replication_role = replica")
    )
    for change in changes:
        if change.was is None and change.now is not None:
            session.execute(change.table.delete().where(_is(change.table, change.now)))
    for change in changes:
        if change.was is not None and change.now is None:
            session.execute(change.table.insert().values(**change.was))
        elif change.was is not None:
            session.execute(change.table.update().where(_is(change.table, change.was)).values(**change.was))


def _is(table: Table, row: Row) -> Any:
    return and_(*(column == row[column.name] for column in table.primary_key))
