"""How queues and workers stand now, from counters, a few index probes a queue, and the heartbeats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine

from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.dbos_tables import QueueLimit
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.jobs_sql import oldest_query, sums_query
from execution_ops.backends.embedded.keyset import Query, one_of
from execution_ops.backends.embedded.rates import RateReader
from execution_ops.backends.embedded.rows import fetch
from execution_ops.domain.fleet import GONE_KEEP_MS
from execution_ops.domain.jobs import Health, QueueHealth, Worker
from execution_ops.domain.rates import Window
from execution_ops.domain.states import JobState, WorkerState
from execution_ops.domain.times import from_ms, now_ms

WORKERS_SHOWN = 500
_ACTIVE = (JobState.SCHEDULED.value, JobState.PENDING.value, JobState.RUNNING.value)
_COUNTED = ("counter", "counter_delta")


def health(
    engine: Engine,
    rates: RateReader,
    *,
    tenants: frozenset[str] | None,
    limits_of: Callable[[Connection], Mapping[str, QueueLimit]] = lambda _: {},
) -> Health:
    """Queues and workers, see `JobBackend.health`; `limits_of` reads what the engine enforces."""
    now = now_ms()
    seen = {} if tenants is None else {"tenant": tuple(sorted(tenants))}
    with read(engine) as connection:
        workers = _workers(connection)
        if tenants is not None and not tenants:
            return Health(queues=(), workers=workers, as_of=from_ms(now))
        active = active_jobs(connection, seen)
        types = _job_types(connection, seen)
        names = sorted(set(types) | {queue for worker in workers for queue in worker.queues})
        waits = _oldest_waits(connection, names, seen, now)
        hour = rates.within(connection, Window.HOUR, tenants=tenants, now=now)
        limits = limits_of(connection)
    queues = []
    for name in names:
        serving = [worker for worker in workers if worker.state is WorkerState.ONLINE and name in worker.queues]
        ended = hour.of(name)
        queues.append(
            QueueHealth(
                queue=name,
                job_types=tuple(types.get(name, ())),
                waiting=active.get((name, JobState.SCHEDULED), 0),
                pending=active.get((name, JobState.PENDING), 0),
                running=active.get((name, JobState.RUNNING), 0),
                limit=_limit(limits.get(name), serving),
                oldest_wait_ms=waits.get(name),
                done_last_hour=ended.done_total,
                failed_last_hour=ended.failed_total,
                done_series=ended.done,
                failed_series=ended.failed,
                workers=len(serving),
            )
        )
    return Health(queues=tuple(queues), workers=workers, as_of=from_ms(now))


def facets(engine: Engine) -> dict[str, list[str]]:
    """The values that each dimension takes, by name; see `JobBackend.facets`."""
    sql = " UNION ".join(
        f"SELECT '{name}' AS name, {name} AS value FROM {table}"
        for name in ("job_type", "queue", "tenant")
        for table in _COUNTED
    )
    found: dict[str, list[str]] = {"job_type": [], "queue": [], "tenant": []}
    with read(engine) as connection:
        for row in fetch(connection, Query(sql, {})):
            found[row["name"]].append(row["value"])
    return {name: sorted(values) for name, values in found.items()}


def _limit(limit: QueueLimit | None, serving: Sequence[Worker]) -> int | None:
    """How many jobs these workers take at once; None if there are no workers."""
    if not serving:
        return None
    each = limit.per_worker if limit is not None else None
    taken = len(serving) * each if each is not None else sum(worker.concurrency for worker in serving)
    return taken if limit is None or limit.in_all is None else min(taken, limit.in_all)


def active_jobs(connection: Connection, seen: dict[str, tuple[str, ...]]) -> dict[tuple[str, str], int]:
    """How many jobs that have not ended are in each (queue, state)."""
    rows = fetch(connection, sums_query({"state": _ACTIVE, **seen}, ("queue", "state")))
    return {(row["queue"], row["state"]): int(row["jobs"]) for row in rows}


def _job_types(connection: Connection, seen: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """The types of the jobs that each queue has or had, by name."""
    where, params = one_of(seen)
    sql = " UNION ".join(f"SELECT DISTINCT queue, job_type FROM {table} WHERE {where}" for table in _COUNTED)
    types: dict[str, list[str]] = defaultdict(list)
    for row in fetch(connection, Query(f"{sql} ORDER BY queue, job_type", params)):
        types[row["queue"]].append(row["job_type"])
    return types


def _oldest_waits(
    connection: Connection, queues: list[str], seen: dict[str, tuple[str, ...]], now: int
) -> dict[str, int]:
    """The longest time that one of the oldest waiting jobs has been allowed to start, by queue, in ms.

    A job in its back-off, whose time is yet to come, has waited 0 ms.
    """
    waits: dict[str, int] = {}
    # In parts: SQLite joins at most 500 selects.
    for few_queues in _parts(queues):
        for few_tenants in _parts(seen.get("tenant", ("",))):
            closed = {**({"tenant": few_tenants} if seen else {}), "queue": few_queues}
            for row in fetch(connection, oldest_query(closed, connection.dialect.name)):
                since = row["eligible_at"] or row["scheduled_at"] or row["created_at"]
                waits[row["queue"]] = max(waits.get(row["queue"], 0), now - since)
    return waits


def _parts(values: Sequence[str], size: int = 20) -> list[tuple[str, ...]]:
    return [tuple(values[start : start + size]) for start in range(0, len(values), size)]


def _workers(connection: Connection) -> tuple[Worker, ...]:
    """The workers that live, and of those that ended lately the last ones, by id."""
    running = "SELECT count(*) FROM job_attempt AS a WHERE a.worker_id = w.id AND a.state = 'running'"
    sql = (
        f"SELECT w.*, ({running}) AS running FROM worker AS w WHERE w.ended_at IS NULL OR w.ended_at >= :since "
        "ORDER BY (w.ended_at IS NOT NULL), w.heartbeat_at DESC LIMIT :most"
    )
    params = {"most": WORKERS_SHOWN, "since": clock_ms(connection) - GONE_KEEP_MS}
    rows: list[Any] = sorted(fetch(connection, Query(sql, params)), key=lambda row: row["id"])
    return tuple(
        Worker(
            id=row["id"],
            host=row["host"],
            pid=row["pid"],
            version=row["version"],
            state=WorkerState(row["state"]),
            queues=tuple(name for name in row["queues"].split(",") if name),
            concurrency=row["concurrency"],
            running=row["running"],
            started_at=from_ms(row["started_at"]),
            heartbeat_at=from_ms(row["heartbeat_at"]),
            ended_at=None if row["ended_at"] is None else from_ms(row["ended_at"]),
        )
        for row in rows
    )
