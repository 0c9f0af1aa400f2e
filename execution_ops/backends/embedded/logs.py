"""Windows of a job's log."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict

from sqlalchemy import Connection, Engine

from execution_ops.backends.embedded.details import visible_job
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.keyset import Query
from execution_ops.backends.embedded.log_windows import Lines, Wanted, window
from execution_ops.backends.embedded.rows import fetch, log_level, log_line
from execution_ops.domain.jobs import LogLevel, LogSlice

_JOBS_KEPT = 256


class LogReader:
    """Reads logs, and remembers how many lines of each level it has counted. Thread-safe.

    A log only grows at its end, so a window of a live log counts only the lines that are new.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._counted: OrderedDict[int, tuple[int, Counter[LogLevel]]] = OrderedDict()

    def window(self, job_id: str, wanted: Wanted, *, tenants: frozenset[str] | None) -> LogSlice | None:
        """See `JobBackend.get_log`."""
        with read(self._engine) as connection:
            job = visible_job(connection, job_id, tenants)
            if job is None:
                return None
            by_level = self._by_level(connection, job["n"])
            lines = Lines("job_log", "job_n", "seq", "text", job["n"])
            found = window(connection, lines, wanted, by_level)
            return LogSlice(
                lines=tuple(map(log_line, found.rows)), start=found.start, total=found.total, by_level=by_level
            )

    def _by_level(self, connection: Connection, n: int) -> dict[LogLevel, int]:
        with self._lock:
            last, known = self._counted.get(n, (0, Counter[LogLevel]()))
        counted = known.copy()
        sql = (
            "SELECT level, count(*) AS lines, max(seq) AS last FROM job_log "
            "WHERE job_n = :n AND seq > :last GROUP BY level"
        )
        for row in fetch(connection, Query(sql, {"n": n, "last": last})):
            counted[log_level(row["level"])] += row["lines"]
            last = max(last, row["last"])
        with self._lock:
            self._counted[n] = (last, counted)
            self._counted.move_to_end(n)
            if len(self._counted) > _JOBS_KEPT:
                self._counted.popitem(last=False)
        return {level: counted[level] for level in LogLevel}
