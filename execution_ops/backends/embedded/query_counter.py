"""How many statements an engine sends, and how long they take."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

_Spend = Callable[[float], None]


class QueryCounter:
    """Counts the statements that an engine sends from now on: `total`, and the `seconds` that they took.

    A server takes as long as it is waited for. SQLite works in the thread that asks, so what counts is the time that
    this thread used: a clock on the wall would add its waits for Python's lock. And it finds rows as they are
    fetched, so fetching them counts as well. Made before the engine connects for the first time.
    """

    def __init__(self, engine: Engine) -> None:
        self.total = 0
        self.seconds = 0.0
        self._lock = threading.Lock()
        self._clock = time.thread_time if engine.dialect.name == "sqlite" else time.perf_counter
        event.listen(engine, "before_cursor_execute", self._begin)
        event.listen(engine, "after_cursor_execute", self._end)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "do_connect", self._connect)

    def _begin(
        self, _connection: object, _cursor: object, _sql: str, _values: object, context: Any, _many: bool
    ) -> None:
        context.began_at = self._clock()
        with self._lock:
            self.total += 1

    def _end(self, _connection: object, _cursor: object, _sql: str, _values: object, context: Any, _many: bool) -> None:
        self._spend(self._clock() - context.began_at)

    def _spend(self, seconds: float) -> None:
        with self._lock:
            self.seconds += seconds

    def _connect(self, _dialect: object, _record: object, _args: object, options: dict[str, Any]) -> None:
        options["factory"] = lambda *args, **more: _TimedConnection(self._spend, *args, **more)


class _TimedConnection(sqlite3.Connection):
    def __init__(self, spend: _Spend, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.spend = spend

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(factory or _TimedCursor)


class _TimedCursor(sqlite3.Cursor):
    """A cursor that tells how long each fetch took."""

    connection: _TimedConnection

    def fetchone(self) -> Any:
        return self._timed(super().fetchone)

    def fetchmany(self, size: int | None = None) -> Any:
        return self._timed(lambda: super(_TimedCursor, self).fetchmany(self.arraysize if size is None else size))

    def fetchall(self) -> Any:
        return self._timed(super().fetchall)

    def _timed(self, fetch: Callable[[], Any]) -> Any:
        began = time.thread_time()
        try:
            return fetch()
        finally:
            self.connection.spend(time.thread_time() - began)
