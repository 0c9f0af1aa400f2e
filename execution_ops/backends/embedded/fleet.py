"""The workers with what they run, and the queues that wait for one: the reading half of the fleet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping

from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.dbos_tables import QueueLimit
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.health import WORKERS_SHOWN, active_jobs
from execution_ops.backends.embedded.keyset import Query, one_of
from execution_ops.backends.embedded.rows import fetch
from execution_ops.domain.fleet import (
    GONE_KEEP_MS,
    GONE_MAX,
    JOBS_SHOWN,
    Asked,
    Fleet,
    FleetWorker,
    QueueNeed,
    WorkerJob,
)
from execution_ops.domain.states import JobState, WorkerState
from execution_ops.domain.times import from_ms

_RUNNING = "(SELECT count(*) FROM job_attempt AS a WHERE a.worker_id = w.id AND a.state = 'running') AS running"
_ONE = f"SELECT w.*, {_RUNNING} FROM worker AS w WHERE w.id = :worker"
_LIVING = f"SELECT w.*, {_RUNNING} FROM worker AS w WHERE w.ended_at IS NULL ORDER BY w.started_at LIMIT :most"
_GONE = f"SELECT w.*, {_RUNNING} FROM worker AS w WHERE w.ended_at >= :since ORDER BY w.ended_at DESC, w.id LIMIT :most"


Limits = Callable[[Connection], Mapping[str, QueueLimit]]


def fleet(engine: Engine, *, tenants: frozenset[str] | None, late_after_ms: int, limits_of: Limits) -> Fleet:
    """All workers; see `WorkerBackend.fleet`. A heartbeat older than `late_after_ms` is overdue."""
    with read(engine) as connection:
        now = clock_ms(connection)
        rows = fetch(connection, Query(_LIVING, {"most": WORKERS_SHOWN}))
        rows += fetch(connection, Query(_GONE, {"since": now - GONE_KEEP_MS, "most": GONE_MAX}))
        limits = limits_of(connection)
        jobs = _running(connection, tenants, Query("IN (SELECT id FROM worker WHERE ended_at IS NULL)", {}))
        waits = {} if tenants is not None and not tenants else active_jobs(connection, _only(tenants))
    late_before = now - late_after_ms
    workers = tuple(_whole(row, limits, jobs, late_before) for row in rows)
    waiting = tuple(
        QueueNeed(queue=queue, waiting=count)
        for (queue, state), count in sorted(waits.items())
        if state == JobState.SCHEDULED and count > 0
    )
    return Fleet(workers=workers, waiting=waiting, as_of=from_ms(now))


def one_worker(
    engine: Engine, worker_id: str, *, tenants: frozenset[str] | None, late_after_ms: int, limits_of: Limits
) -> FleetWorker | None:
    """One worker; see `WorkerBackend.worker`."""
    of_it = {"worker": worker_id}
    with read(engine) as connection:
        late_before = clock_ms(connection) - late_after_ms
        rows = fetch(connection, Query(_ONE, of_it))
        limits = limits_of(connection)
        jobs = _running(connection, tenants, Query("= :worker", of_it))
    return _whole(rows[0], limits, jobs, late_before) if rows else None


def _whole(
    row: RowMapping, limits: Mapping[str, QueueLimit], jobs: Mapping[str, Sequence[WorkerJob]], late_before: int
) -> FleetWorker:
    return worker_of(
        row,
        running=row["running"],
        slots=_slots(row, limits),
        jobs=tuple(jobs.get(row["id"], ())),
        late=row["heartbeat_at"] < late_before,
    )


def worker_of(row: RowMapping, **figures: Any) -> FleetWorker:
    """A row of the table as a worker; `figures` are those that stand elsewhere."""
    return FleetWorker(
        id=row["id"],
        # One that an older version registered has no name.
        name=row["name"] or row["id"],
        host=row["host"],
        pid=row["pid"],
        version=row["version"],
        state=WorkerState(row["state"]),
        queues=tuple(name for name in row["queues"].split(",") if name),
        concurrency=row["concurrency"],
        started_at=from_ms(row["started_at"]),
        heartbeat_at=from_ms(row["heartbeat_at"]),
        ended_at=from_ms(row["ended_at"]) if row["ended_at"] is not None else None,
        memory_bytes=row["memory_bytes"],
        cpu_percent=row["cpu_percent"],
        asked=Asked(row["asked"]),
        asked_at=from_ms(row["asked_at"]) if row["asked_at"] is not None else None,
        asked_by=row["asked_by"],
        asked_reason=row["asked_reason"],
        revision=row["revision"],
        **{"running": 0, "slots": row["concurrency"], **figures},
    )


def _slots(row: RowMapping, limits: Mapping[str, QueueLimit]) -> int:
    """How many jobs it takes at once: DBOS keeps to one limit a queue, that of whoever set it last."""
    names = [name for name in row["queues"].split(",") if name]
    of_queues = [limits[name].per_worker if name in limits else None for name in names]
    return sum(row["concurrency"] if limit is None else limit for limit in of_queues)


def _only(tenants: frozenset[str] | None) -> dict[str, tuple[str, ...]]:
    return {} if tenants is None else {"tenant": tuple(sorted(tenants))}


def _running(connection: Connection, tenants: frozenset[str] | None, whose: Query) -> dict[str, list[WorkerJob]]:
    """A few of the jobs that run on each of these workers, those that run longest first."""
    if tenants is not None and not tenants:
        return {}
    where = one_of(_only(tenants), "j.")
    sql = (
        "SELECT * FROM (SELECT a.worker_id, a.started_at, j.id, j.job_type, j.label, j.tenant, "
        "row_number() OVER (PARTITION BY a.worker_id ORDER BY a.started_at, j.n) AS place "
        "FROM job_attempt AS a JOIN job AS j ON j.n = a.job_n WHERE a.state = 'running' "
        f"AND a.worker_id {whose.sql} AND {where.sql}) AS s "
        "WHERE place <= :most ORDER BY worker_id, place"
    )
    jobs: dict[str, list[WorkerJob]] = {}
    for row in fetch(connection, Query(sql, {**where.params, **whose.params, "most": JOBS_SHOWN})):
        jobs.setdefault(row["worker_id"], []).append(
            WorkerJob(
                id=row["id"],
                job_type=row["job_type"],
                label=row["label"],
                tenant=row["tenant"],
                started_at=from_ms(row["started_at"]),
            )
        )
    return jobs
