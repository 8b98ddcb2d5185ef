"""One way to reach the database: read sessions that cannot write, and write units that are repeated whole.

Both databases get the same promise: whoever reads and then writes inside one write unit never loses another
person's change. SQLite takes an advisory file lock and BEGIN IMMEDIATE. PostgreSQL takes an advisory lock for
the length of the transaction at READ COMMITTED, so that every statement sees what the unit before it left;
the units of different boards run side by side where the caller names the board. Row locks would have asked
every service to remember them; serialisable transactions of one board collide on its audit chain anyway.

A connection may not write until a write unit opens it, and closes again on its way back to the pool.
"""

import fcntl
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine, Transaction, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")

#: Seconds that a write unit waits for its turn, all tries together.
WAIT = 3.0
TRIES = 5

_RETRY_SQLSTATES = {"40001", "40P01", "55P03"}  # serialisation, deadlock, lock not available
_READ_ONLY_SQLSTATE = "25006"
_SQLITE_PRAGMAS = (
    f"busy_timeout = {int(WAIT * 1000)}",  # first: the next one may have to wait for another process
    "journal_mode = WAL",
    "synchronous = FULL",  # NORMAL loses acknowledged consents in a power cut
    "foreign_keys = ON",
    "secure_delete = ON",
    "trusted_schema = OFF",
    "temp_store = MEMORY",  # no personal data in stray files
    "query_only = ON",
)
_POSTGRESQL_SETTINGS = {
    "statement_timeout": "30s",
    "lock_timeout": f"{int(WAIT * 1000)}ms",
    "idle_in_transaction_session_timeout": "60s",
    "default_transaction_read_only": "on",
    "timezone": "UTC",
}
_ALL_BOARDS = 0x4B696A6B  # any number of our own: the lock that every write unit holds or shares
_OPTION = "portal_unit"
_HOUSEKEEPING = {"portal_housekeeping": True}
_dice = random.SystemRandom()

#: The database cannot do its work, for longer than a moment: a disk that is full or fails, a server that is gone.
OutOfOrder = OperationalError


class Busy(Exception):
    """The database had no turn for this unit in time; nothing was written, and trying again makes sense."""


class WriteWhileReading(Exception):
    """A read session was asked to change something: a fault in the code that asked, never of a person."""


class _Turn:
    """What a write unit waits for: how long at most, and the one board it touches, if it said so."""

    def __init__(self, board: UUID | None, seconds: float) -> None:
        self.board = board
        self._deadline = time.monotonic() + seconds

    def left(self) -> float:
        return max(0.0, self._deadline - time.monotonic())


class Database:
    """One database, SQLite or PostgreSQL, with its connections.

    `info` is laid in every session's `info`: the clock and the vault that services and reads work with.
    """

    def __init__(self, url: str, *, info: Mapping[str, Any] | None = None, pool_size: int = 10) -> None:
        self.info = dict(info or {})
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._queue: _Queue | None = None
        if self.is_sqlite:
            path = Path(make_url(url).database or "").absolute()
            _make_private_file(path)
            self._queue = _Queue(path.with_name(path.name + ".lock"))
        self.engine = _engine(url, pool_size, is_sqlite=self.is_sqlite)
        self._reading, self._writing = _kinds(self.engine, is_sqlite=self.is_sqlite)
        self._inside = threading.local()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one moment of the database throughout, and cannot change it.

        Raises WriteWhileReading for any change, and Busy when no connection came free in time.
        """
        with _ReadSession(self._reading, info=self.info, expire_on_commit=False) as session:
            try:
                yield session
                session.flush()
            except PoolTimeout as error:
                raise Busy from error

    def write(self, work: Callable[[Session], T], *, board: UUID | None = None) -> T:
        """Run the work in one transaction and commit it; what it returns stays readable afterwards.

        The work is run again from its start, with a new session, when the database asks for that: it must
        load what it needs itself and do nothing outside the database. `board` promises that the work changes
        rows of this board alone. Raises Busy after at most about three seconds of waiting.
        """
        if getattr(self._inside, "unit", False):
            raise RuntimeError("a write unit inside a write unit would wait for itself")
        turn = _Turn(board, WAIT)
        self._inside.unit = True
        try:
            for attempt in range(TRIES):
                try:
                    return self._once(work, turn)
                except (DBAPIError, sqlite3.OperationalError) as error:
                    if not _is_passing(error):
                        raise
                    reason = error
                time.sleep(min(turn.left(), _dice.uniform(0, 0.02 * 2**attempt)))
                if not turn.left():
                    break
            raise Busy from reason
        except PoolTimeout as error:
            raise Busy from error
        finally:
            self._inside.unit = False

    def _once(self, work: Callable[[Session], T], turn: _Turn) -> T:
        with self._in_line(turn), Session(self._writing, info=self.info, expire_on_commit=False) as session:
            session.connection(execution_options={_OPTION: turn})
            result = work(session)
            session.flush()
            try:
                session.commit()
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise CommitUnknown from error
                raise
            return result

    @contextmanager
    def alone(self, *, wait: float = WAIT) -> Iterator[Connection]:
        """A connection in a transaction of its own that no write unit runs beside: for work on the schema.

        Commits at the end. SQLite checks foreign keys there instead of row by row, so tables can be rebuilt.
        Raises Busy after `wait` seconds without a turn.
        """
        turn = _Turn(None, wait)
        with self._in_line(turn), self._writing.connect() as connection:
            connection = connection.execution_options(**{_OPTION: turn})
            if self.is_sqlite:
                _driver(connection).execute("PRAGMA foreign_keys = OFF")
            try:
                with _begun(connection):
                    yield connection
                    if self.is_sqlite:
                        _check_foreign_keys(connection)
            finally:
                if self.is_sqlite and not connection.invalidated:
                    _driver(connection).execute("PRAGMA foreign_keys = ON")

    @contextmanager
    def _in_line(self, turn: _Turn) -> Iterator[None]:
        if self._queue is None:
            yield
        else:
            with self._queue.turn(turn):
                yield

    def dispose(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()

    def dispose_after_fork(self) -> None:
        """Forget, in a child process, the connections and locks that belong to its parent."""
        self.engine.dispose(close=False)
        self._inside = threading.local()
        if self._queue is not None:
            self._queue = _Queue(self._queue.path)


class CommitUnknown(Exception):
    """The connection broke during the commit: it may or may not have been kept, so it is not repeated."""


class Statements(list[str]):
    """The statements that were sent, in order, without those that open a transaction."""


@contextmanager
def count_statements(database: Database) -> Iterator[Statements]:
    """Note every statement that the database is sent meanwhile, by any thread."""
    statements = Statements()

    def note(_c: object, _d: object, statement: str, _p: object, context: Any, _many: bool) -> None:
        if not (context and context.execution_options.get("portal_housekeeping")):
            statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


class _ReadSession(Session):
    """A session whose flush and whose changing statements raise WriteWhileReading."""


@event.listens_for(_ReadSession, "before_flush")
def _refuse_flush(session: Session, _context: UOWTransaction, _instances: object) -> None:
    changed = [entity for entity in session.dirty if session.is_modified(entity)]
    if session.new or session.deleted or changed:
        raise WriteWhileReading("a read session was given something to save; use a write unit")


@event.listens_for(_ReadSession, "do_orm_execute")
def _refuse_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        raise WriteWhileReading("a read session was given a changing statement; use a write unit")


class _Queue:
    """Lets one write unit at a time through, over all threads and processes of this machine.

    Threads wait for a lock, which is cheap; the few processes try the file again and again. SQLite's own
    waiting sleeps ever longer, and lets the unlucky wait ten times as long.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._threads = threading.Lock()

    @contextmanager
    def turn(self, turn: _Turn) -> Iterator[None]:
        if not self._threads.acquire(timeout=turn.left()):
            raise Busy("another thread kept the write lock")
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                self._lock_file(handle, turn)
                yield
            finally:
                os.close(handle)  # which lets the lock go
        finally:
            self._threads.release()

    def _lock_file(self, handle: int, turn: _Turn) -> None:
        pause = 0.0002
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if not turn.left():
                    raise Busy("another process kept the write lock") from None
            time.sleep(_dice.uniform(pause / 2, pause))
            pause = min(pause * 2, 0.003)


def _engine(url: str, pool_size: int, *, is_sqlite: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=WAIT,
        pool_pre_ping=not is_sqlite,
        hide_parameters=True,
        connect_args={} if is_sqlite else {"connect_timeout": 5},
    )
    event.listen(engine, "connect", _prepare_sqlite if is_sqlite else _prepare_postgresql)
    event.listen(engine, "begin", _begin_sqlite if is_sqlite else _begin_postgresql)
    event.listen(engine, "handle_error", _name_the_fault)
    if is_sqlite:
        event.listen(engine, "checkin", _close_for_writing)
    return engine


def _kinds(engine: Engine, *, is_sqlite: bool) -> tuple[Engine, Engine]:
    """The same connections twice: once for reading, once for writing."""
    if is_sqlite:
        return engine, engine.execution_options()
    reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    writing = engine.execution_options(isolation_level="READ COMMITTED", postgresql_readonly=False)
    return reading, writing


def _prepare_sqlite(driver: Any, _record: ConnectionPoolEntry) -> None:
    driver.isolation_level = None  # the driver begins too late; _begin_sqlite does it
    for pragma in _SQLITE_PRAGMAS:
        driver.execute(f"PRAGMA {pragma}").close()


def _prepare_postgresql(driver: Any, _record: ConnectionPoolEntry) -> None:
    with driver.cursor() as cursor:
        for name, value in _POSTGRESQL_SETTINGS.items():
            cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
    driver.commit()


def _begin_sqlite(connection: Connection) -> None:
    turn: _Turn | None = connection.get_execution_options().get(_OPTION)
    if turn is None:
        _driver(connection).execute("BEGIN")  # locks nothing yet, so it cannot fail
        return
    connection.info["may_write"] = True
    for statement in (
        f"PRAGMA busy_timeout = {int(turn.left() * 1000)}",
        "PRAGMA query_only = OFF",
        "BEGIN IMMEDIATE",
    ):
        connection.exec_driver_sql(statement, execution_options=_HOUSEKEEPING)


def _close_for_writing(driver: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    if driver is not None and record.info.pop("may_write", False):
        for pragma in ("query_only = ON", f"busy_timeout = {int(WAIT * 1000)}"):
            driver.cursor().execute(f"PRAGMA {pragma}")


def _begin_postgresql(connection: Connection) -> None:
    turn: _Turn | None = connection.get_execution_options().get(_OPTION)
    if turn is None:
        return
    patience = f"set_config('lock_timeout', '{max(1, int(turn.left() * 1000))}ms', true)"
    if turn.board is None:
        locks = f"pg_advisory_xact_lock({_ALL_BOARDS})"
    else:
        lane = int.from_bytes(turn.board.bytes[-8:], signed=True)
        locks = f"pg_advisory_xact_lock_shared({_ALL_BOARDS}), pg_advisory_xact_lock({lane})"
    connection.exec_driver_sql(f"SELECT {patience}, {locks}", execution_options=_HOUSEKEEPING)


def _name_the_fault(context: ExceptionContext) -> None:
    error = context.original_exception
    sqlite_code = getattr(error, "sqlite_errorcode", None)
    read_only = sqlite_code is not None and sqlite_code & 0xFF == sqlite3.SQLITE_READONLY
    if read_only or getattr(error, "sqlstate", None) == _READ_ONLY_SQLSTATE:
        raise WriteWhileReading("the database refused a change in a read session") from error


def _is_passing(error: Exception) -> bool:
    """Whether the same work may well succeed in a moment."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    sqlite_code = getattr(cause, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return sqlite_code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or getattr(cause, "sqlstate", None) in _RETRY_SQLSTATES


def _begun(connection: Connection) -> Transaction:
    try:
        return connection.begin()
    except DBAPIError as error:
        if _is_passing(error):
            raise Busy from error
        raise


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - tells the type checker
    return driver


def _check_foreign_keys(connection: Connection) -> None:
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if dangling:
        tables = ", ".join(sorted({row[0] for row in dangling}))
        raise ValueError(f"rows point at rows that do not exist, in: {tables}")


def _make_private_file(path: Path) -> None:
    """The file must be ours alone before SQLite opens it; its `-wal` and `-shm` then take over its mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
