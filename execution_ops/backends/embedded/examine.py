"""Facts of a database for a check-up: it is looked at as it is, neither made nor migrated."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError

from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.engines import is_sqlite_url
from execution_ops.backends.embedded.migrate import SCRIPTS
from execution_ops.domain.doctor_rules import DatabaseFacts, WorkerFacts
from execution_ops.domain.times import now_ms

_CONNECT_S = 5
_STEPS = 10_000
_WORKERS = text(
    "SELECT name, id, version, state, heartbeat_at FROM worker WHERE ended_at IS NULL ORDER BY heartbeat_at LIMIT 500"
)


def examine(url: str, place: str, *, patience_s: float) -> tuple[DatabaseFacts, list[WorkerFacts] | None]:
    """The facts of the database, and the workers that it believes to live, None where that cannot be asked.

    `patience_s` bounds the integrity check of SQLite. Whatever goes wrong is a fact.
    """
    sqlite = is_sqlite_url(url)
    path = Path(make_url(url).database or "") if sqlite else None
    if path is not None and not path.exists():
        return DatabaseFacts(place, sqlite, exists=False), None
    try:
        with _connected(url, path) as connection:
            schema, known, wanted = _schema(connection)
            workers = _workers(connection) if schema is not None and known else None
            skew = None if sqlite else clock_ms(connection) - now_ms()
            journal = str(connection.execute(text("PRAGMA journal_mode")).scalar()) if sqlite else ""
    except (SQLAlchemyError, OSError) as error:
        return DatabaseFacts(place, sqlite, error=_first_line(error)), None
    facts = DatabaseFacts(place, sqlite, schema=schema, known=known, wanted=wanted, journal=journal, skew_ms=skew)
    return (facts if path is None else _with_file(facts, path, patience_s)), workers


@contextmanager
def _connected(url: str, path: Path | None) -> Iterator[Connection]:
    if path is None:
        engine = create_engine(url, connect_args={"connect_timeout": _CONNECT_S, "application_name": "execution-ops"})
    else:
        # Read-only: a check-up makes no file, and enters no mode.
        file = f"file:{quote(str(path))}?mode=ro"
        engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(file, uri=True, timeout=_CONNECT_S))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _schema(connection: Connection) -> tuple[str | None, bool, str]:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    scripts = ScriptDirectory.from_config(config)
    wanted = ", ".join(scripts.get_heads())
    if not inspect(connection).has_table("alembic_version"):
        return None, True, wanted
    found = sorted(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    known = {script.revision for script in scripts.walk_revisions()}
    return ", ".join(found) or None, set(found) <= known, wanted


def _workers(connection: Connection) -> list[WorkerFacts] | None:
    now = clock_ms(connection)
    try:
        rows = connection.execute(_WORKERS).all()
    except SQLAlchemyError:
        # The table of an older schema.
        return None
    return [WorkerFacts(row.name or row.id, row.version, row.state, max(0, now - row.heartbeat_at)) for row in rows]


def _with_file(facts: DatabaseFacts, path: Path, patience_s: float) -> DatabaseFacts:
    fields = facts.__dict__ | {"size_bytes": path.stat().st_size, "free_bytes": shutil.disk_usage(path.parent).free}
    return DatabaseFacts(**fields | {"integrity": _integrity(path, patience_s)})


def _integrity(path: Path, patience_s: float) -> str | None:
    deadline = time.monotonic() + patience_s
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        connection.set_progress_handler(lambda: int(time.monotonic() > deadline), _STEPS)
        try:
            return "; ".join(str(row[0]) for row in connection.execute("PRAGMA quick_check(5)"))
        except sqlite3.OperationalError as error:
            return None if "interrupt" in str(error) else str(error)
        except sqlite3.DatabaseError as error:
            return str(error)


def _first_line(error: Exception) -> str:
    reason = getattr(error, "orig", None) or error
    return (str(reason).strip().splitlines() or ["no reason given"])[0][:300]
