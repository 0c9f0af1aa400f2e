"""How the jobs of analyzers end, kept in the transaction that ends them, and what was kept of the last ones."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection, RowMapping, delete, insert, select

from execution_ops.backends.embedded.transitions import ATTEMPT, announce_topics, table
from execution_ops.domain.analyzers import CATALOG_TYPE, AnalyzerRun
from execution_ops.domain.states import JobState
from execution_ops.domain.times import from_ms
from execution_ops.domain.topics import ANALYZERS

RUN = table("analyzer_run")
ERROR_MAX = 500


def run_ended(
    connection: Connection, job: RowMapping, state: JobState, now: int, *, body: str = "{}", error: str = ""
) -> None:
    """Keep how a locked job ended, if it was that of an analyzer; `body` is its result as JSON."""
    if job["job_type"] != CATALOG_TYPE:
        return
    tried = select(ATTEMPT.c.started_at).where(ATTEMPT.c.job_n == job["n"], ATTEMPT.c.number == job["attempts"])
    started = connection.execute(tried).scalar_one_or_none()
    result = json.loads(body)
    # A job that failed and was retried ends again.
    connection.execute(delete(RUN).where(RUN.c.job_n == job["n"]))
    connection.execute(
        insert(RUN).values(
            job_n=job["n"],
            job_id=job["id"],
            tenant=job["tenant"],
            analyzer=job["label"],
            ended_at=now,
            state=state.value,
            duration_ms=max(0, now - started) if started is not None else 0,
            components=int(result.get("components", 0)),
            cached=bool(result.get("cached", False)),
            error=error[:ERROR_MAX],
        )
    )
    announce_topics(connection, [ANALYZERS], now)


def last_runs(
    connection: Connection, analyzers: Iterable[str], *, tenants: frozenset[str] | None, limit: int
) -> dict[str, list[AnalyzerRun]]:
    """The last runs of each analyzer, the newest first. Each is one short range of an index."""
    return {name: _last(connection, name, tenants, limit) for name in analyzers}


def _last(connection: Connection, analyzer: str, tenants: frozenset[str] | None, limit: int) -> list[AnalyzerRun]:
    newest = select(RUN).order_by(RUN.c.ended_at.desc(), RUN.c.job_n.desc()).limit(limit)
    if tenants is None:
        return [_run(row) for row in connection.execute(newest.where(RUN.c.analyzer == analyzer)).mappings()]
    # One range for each tenant: who sees several sees the newest of all of them.
    rows = [
        row
        for tenant in sorted(tenants)
        for row in connection.execute(newest.where(RUN.c.tenant == tenant, RUN.c.analyzer == analyzer)).mappings()
    ]
    rows.sort(key=lambda row: (row["ended_at"], row["job_n"]), reverse=True)
    return [_run(row) for row in rows[:limit]]


def _run(row: RowMapping) -> AnalyzerRun:
    return AnalyzerRun(
        analyzer=row["analyzer"],
        job_id=row["job_id"],
        ended_at=from_ms(row["ended_at"]),
        state=JobState(row["state"]),
        duration_ms=row["duration_ms"],
        components=row["components"],
        cached=row["cached"],
        error=row["error"],
    )
