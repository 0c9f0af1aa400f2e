"""Connections to the one database that the ledger and DBOS share, and short transactions on it.

On SQLite the pools are small on purpose: waiting for a pooled connection is fair, waiting for
SQLite's write lock is not, and many threads on that lock wait for seconds.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from execution_ops.backends.embedded.clock import register_clock
from execution_ops.domain.errors import Unavailable

BUSY_TIMEOUT_MS = 30_000
IDLE_IN_TRANSACTION_MS = 10_000
POOL_TIMEOUT_S = 60
# What SQLite says when the file, the disk or a lock is at fault rather than the statement.
_SQLITE_FAULTS = ("unable to open", "locked", "disk", "readonly", "not a database", "malformed")
# SQLSTATE classes of PostgreSQL: connection, resources, operator intervention, system.
_POSTGRES_FAULTS = ("08", "53", "57P", "58")


def ledger_engine(url: str) -> Engine:
    """The engine of the ledger: reads stay readers, a writer takes the lock when it begins."""
    engine = _sqlite(url, driver_begins=False) if is_sqlite_url(url) else _postgres(url, pool=4)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", _begin)
    return engine


def dbos_engine(url: str) -> Engine:
    """The engine that DBOS gets. Its migrations begin their own transactions, so on SQLite the
    driver begins, never a listener."""
    return _sqlite(url, driver_begins=True) if is_sqlite_url(url) else _postgres(url, pool=8)


def is_sqlite_url(url: str) -> bool:
    """Whether the URL names a SQLite file."""
    return make_url(url).get_backend_name() == "sqlite"


@contextmanager
def read(engine: Engine) -> Iterator[Connection]:
    """A short transaction that only reads and sees one moment of the database throughout.

    Raises Unavailable when the database does not answer.
    """
    options: dict[str, Any] = (
        {"readonly": True}
        if engine.dialect.name == "sqlite"
        else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    )
    with _in_plain_words(), engine.connect() as connection, connection.execution_options(**options).begin():
        yield connection


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """A short transaction that writes; committed at the end, rolled back by any exception.

    Raises Unavailable when the database does not answer. Do no slow work inside.
    """
    with _in_plain_words(), engine.begin() as connection:
        yield connection


@contextmanager
def _in_plain_words() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable("The database is too busy: no connection became free in time.") from error
    except DBAPIError as error:
        if is_outage(error):
            raise Unavailable(f"The database does not answer: {_first_line(error)}") from error
        raise


def is_outage(error: DBAPIError) -> bool:
    """Whether the database itself is at fault (gone, full, locked), not the statement."""
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        return any(words in str(error.orig) for words in _SQLITE_FAULTS)
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is None:
        # libpq failed before any server answered.
        return type(error.orig).__name__ in {"OperationalError", "ConnectionTimeout"}
    return state.startswith(_POSTGRES_FAULTS)


def _first_line(error: DBAPIError) -> str:
    return (str(error.orig).splitlines() or ["no reason given"])[0][:300]


def _sqlite(url: str, *, driver_begins: bool) -> Engine:
    database = make_url(url).database
    if not database:
        raise ValueError("SQLite in memory cannot be shared between processes: name a file")
    directory = Path(database).parent
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        # It holds what redaction hides, so it is its owner's alone; SQLite gives its side files the same mode.
        Path(database).touch(mode=0o600)
    except OSError as error:
        raise Unavailable(f"The data directory {directory} cannot be made: {error.strerror}.") from error
    engine = create_engine(
        url,
        pool_size=2,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = "IMMEDIATE" if driver_begins else None
        register_clock(connection)
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        _enter_wal(connection)

    return engine


def _enter_wal(connection: sqlite3.Connection) -> None:
    # The first connections of a new file race for the change of mode, and the loser is told
    # "locked" at once: SQLite's busy timeout does not apply to it.
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def _begin(connection: Connection) -> None:
    readonly = connection.get_execution_options().get("readonly", False)
    connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")


def _postgres(url: str, *, pool: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool,
        max_overflow=pool,
        pool_timeout=POOL_TIMEOUT_S,
        # A server that restarted is noticed before a statement fails on the dead connection.
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10, "application_name": "execution-ops"},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # A process that is frozen, or whose machine is gone, in the middle of a transaction holds its locks: of the
        # lease, of jobs, of quotas. The server takes them back, else every other worker would wait for it.
        connection.execute(f"SET idle_in_transaction_session_timeout = {IDLE_IN_TRANSACTION_MS}")
        connection.commit()

    return engine
