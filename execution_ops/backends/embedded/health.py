"""How queues and workers stand now, from counters, an index probe a queue now and then, and the heartbeats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine

from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.dbos_tables import QueueLimit
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.jobs_sql import sums_query
from execution_ops.backends.embedded.keyset import Query
from execution_ops.backends.embedded.queue_memory import QueueMemory, job_types
from execution_ops.backends.embedded.rates import RateReader
from execution_ops.backends.embedded.rows import fetch
from execution_ops.domain.fleet import GONE_KEEP_MS
from execution_ops.domain.jobs import Health, QueueHealth, Worker
from execution_ops.domain.rates import Window
from execution_ops.domain.states import JobState, WorkerState
from execution_ops.domain.times import from_ms, now_ms

WORKERS_SHOWN = 500
_ACTIVE = (JobState.SCHEDULED.value, JobState.PENDING.value, JobState.RUNNING.value)
# One step into the key for each.
_TENANTS = (
    "WITH RECURSIVE known (tenant) AS (SELECT min(tenant) FROM counter UNION ALL "
    "SELECT (SELECT min(c.tenant) FROM counter AS c WHERE c.tenant > k.tenant) FROM known AS k "
    "WHERE k.tenant IS NOT NULL) SELECT tenant FROM known WHERE tenant IS NOT NULL "
    "UNION SELECT DISTINCT tenant FROM counter_delta"
)


class HealthReader:
    """Reads how queues and workers stand, and remembers what need not be read each time. Thread-safe.

    `limits_of` reads what the engine enforces.
    """

    def __init__(
        self, engine: Engine, rates: RateReader, limits_of: Callable[[Connection], Mapping[str, QueueLimit]]
    ) -> None:
        self._engine = engine
        self._rates = rates
        self._limits_of = limits_of
        self._memory = QueueMemory()

    def health(self, *, tenants: frozenset[str] | None) -> Health:
        """Queues and workers, see `JobBackend.health`."""
        now = now_ms()
        seen = {} if tenants is None else {"tenant": tuple(sorted(tenants))}
        with read(self._engine) as connection:
            workers = _workers(connection)
            if tenants is not None and not tenants:
                return Health(queues=(), workers=workers, as_of=from_ms(now))
            active = active_jobs(connection, seen)
            hour = self._rates.within(connection, Window.HOUR, tenants=tenants, now=now)
            used = {queue for (queue, _), jobs in active.items() if jobs} | {rates.queue for rates in hour.queues}
            types = self._memory.job_types(connection, seen, used)
            waiting = sorted(queue for (queue, state), jobs in active.items() if state == JobState.SCHEDULED and jobs)
            since = self._memory.waiting_since(connection, seen, waiting)
            limits = self._limits_of(connection)
        serving: dict[str, list[Worker]] = defaultdict(list)
        for worker in workers:
            for queue in worker.queues:
                serving[queue] += [worker] if worker.state is WorkerState.ONLINE else []
        queues = []
        for name in sorted(types.keys() | serving.keys()):
            ended = hour.of(name)
            queues.append(
                QueueHealth(
                    queue=name,
                    job_types=tuple(types.get(name, ())),
                    waiting=active.get((name, JobState.SCHEDULED), 0),
                    pending=active.get((name, JobState.PENDING), 0),
                    running=active.get((name, JobState.RUNNING), 0),
                    limit=_limit(limits.get(name), serving[name]),
                    # A job in its back-off, whose time is yet to come, has waited 0 ms.
                    oldest_wait_ms=max(0, now - since[name]) if name in since else None,
                    done_last_hour=ended.done_total,
                    failed_last_hour=ended.failed_total,
                    done_series=ended.done,
                    failed_series=ended.failed,
                    workers=len(serving[name]),
                )
            )
        return Health(queues=tuple(queues), workers=workers, as_of=from_ms(now))


def facets(engine: Engine, *, tenants: frozenset[str] | None) -> dict[str, list[str]]:
    """The values that each dimension takes, by name; see `JobBackend.facets`."""
    if tenants is not None and not tenants:
        return {"job_type": [], "queue": [], "tenant": []}
    with read(engine) as connection:
        types = job_types(connection, {} if tenants is None else {"tenant": tuple(sorted(tenants))})
        known = [row["tenant"] for row in fetch(connection, Query(_TENANTS, {}))]
    return {
        "job_type": sorted(set().union(*types.values())),
        "queue": sorted(types),
        "tenant": sorted(name for name in known if tenants is None or name in tenants),
    }


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
            # One that an older version registered has no name.
            name=row["name"] or row["id"],
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
