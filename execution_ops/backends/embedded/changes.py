"""Reading the change feed without missing what commits late.

On SQLite the numbers of the feed are in the order of commits. On PostgreSQL they are not: a
number below one that was read may become visible later. So a reader stops before a missing
number until every transaction that could still bring it has ended.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Engine, RowMapping

from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.jobs_sql import Query
from execution_ops.backends.embedded.rows import fetch
from execution_ops.domain.jobs import Change

# A transaction elsewhere in the database, however long, does not hold the feed up longer.
PATIENCE_S = 5.0
_LOOK_BACK = 1_000


class _Gap(NamedTuple):
    """When a missing number was noticed: the next transaction id then, and the clock."""

    next_transaction: int
    noticed: float


class ChangeFeed:
    """The feed as one process reads it. Thread-safe; readers at different places do not disturb
    each other."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ordered = engine.dialect.name == "sqlite"
        self._gaps: dict[int, _Gap] = {}
        self._lock = threading.Lock()

    def last(self) -> int:
        """The newest number below which nothing is missing, 0 for an empty feed."""
        with read(self._engine) as connection:
            rows = fetch(
                connection, Query("SELECT seq FROM change ORDER BY seq DESC LIMIT :limit", {"limit": _LOOK_BACK})
            )
            rows.reverse()
            if not rows:
                return 0
            settled = self._settled(connection, rows[0]["seq"] - 1, rows)
            return int(settled[-1]["seq"]) if settled else int(rows[0]["seq"]) - 1

    def after(self, seq: int, limit: int) -> tuple[list[Change], bool]:
        """The changes after `seq`, oldest first, and whether some in between were trimmed.

        Also a feed that ends before `seq` says so: the database was put back to an older state.
        """
        with read(self._engine) as connection:
            # From `seq` itself: the entry of a reader's place tells that nothing is missing, without a
            # second query. The newest entry is never trimmed, so there is always one at or after it.
            sql = "SELECT seq, job_id, dag_id, queue, topic FROM change WHERE seq >= :seq ORDER BY seq LIMIT :limit"
            rows = fetch(connection, Query(sql, {"seq": seq, "limit": limit + 1}))
            if not rows:
                return [], seq > 0
            start, trimmed = seq, False
            if rows[0]["seq"] == seq:
                del rows[0]
            elif rows[0]["seq"] > seq + 1:
                oldest = fetch(connection, Query("SELECT min(seq) AS seq FROM change", {}))[0]["seq"]
                trimmed = oldest > seq + 1
                start = oldest - 1 if trimmed else seq
            settled = self._settled(connection, start, rows[:limit]) if rows else rows
        return [Change(**row) for row in settled], trimmed

    def _settled(self, connection: Connection, seq: int, rows: Sequence[RowMapping]) -> Sequence[RowMapping]:
        """The rows up to the first number after `seq` that may still come."""
        if self._ordered:
            return rows
        sql = (
            "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS oldest, "
            "CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint) AS next"
        )
        snapshot = fetch(connection, Query(sql, {}))[0]
        with self._lock:
            self._forget(seq)
            for i, row in enumerate(rows):
                if row["seq"] != seq + 1 and self._may_come(seq + 1, snapshot["oldest"], snapshot["next"]):
                    return rows[:i]
                seq = row["seq"]
        return rows

    def _may_come(self, missing: int, oldest: int, following: int) -> bool:
        gap = self._gaps.setdefault(missing, _Gap(following, time.monotonic()))
        return oldest < gap.next_transaction and time.monotonic() < gap.noticed + PATIENCE_S

    def _forget(self, seq: int) -> None:
        for missing in [missing for missing in self._gaps if missing < seq - _LOOK_BACK]:
            del self._gaps[missing]
