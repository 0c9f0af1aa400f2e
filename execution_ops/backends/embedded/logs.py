"""Windows of a job's log."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict

from sqlalchemy import Connection, Engine

from execution_ops.backends.embedded.details import visible_job
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.keyset import Query
from execution_ops.backends.embedded.rows import LEVELS, fetch, log_level, log_line
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

    def window(
        self,
        job_id: str,
        *,
        tenants: frozenset[str] | None,
        after: int,
        skip: int,
        limit: int,
        level: LogLevel | None,
        text: str,
        last: bool,
    ) -> LogSlice | None:
        """See `JobBackend.get_log`. `text` is found in any case of ASCII letters."""
        with read(self._engine) as connection:
            job = visible_job(connection, job_id, tenants)
            if job is None:
                return None
            by_level = self._by_level(connection, job["n"])
            where, params = "job_n = :n", {"n": job["n"], "after": after, "skip": skip, "limit": limit}
            least = 0 if level is None else LEVELS[level]
            total = sum(lines for of, lines in by_level.items() if LEVELS[of] >= least)
            if least:
                where, params = f"{where} AND level >= :level", {**params, "level": least}
            if text:
                like = "LIKE" if connection.dialect.name == "sqlite" else "ILIKE"
                where, params = f"{where} AND text {like} :pattern ESCAPE '!'", {**params, "pattern": _contains(text)}
                counting = Query(f"SELECT count(*) AS lines FROM job_log WHERE {where}", params)
                total = fetch(connection, counting)[0]["lines"]
            way = "DESC" if last else "ASC"
            sql = f"SELECT * FROM job_log WHERE {where} AND seq > :after ORDER BY seq {way} LIMIT :limit OFFSET :skip"
            lines = [log_line(row) for row in fetch(connection, Query(sql, params))]
            if last:
                lines.reverse()
                start = max(0, total - skip - len(lines))
            else:
                before = Query(f"SELECT count(*) AS lines FROM job_log WHERE {where} AND seq <= :after", params)
                start = skip + (fetch(connection, before)[0]["lines"] if after else 0)
            return LogSlice(lines=tuple(lines), start=start, total=total, by_level=by_level)

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


def _contains(text: str) -> str:
    """The LIKE pattern (with `!` as escape) of a text that occurs anywhere."""
    for special in "!%_":
        text = text.replace(special, f"!{special}")
    return f"%{text}%"
