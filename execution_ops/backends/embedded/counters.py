"""How many jobs are where, and how many came and ended when, kept so that no request ever counts.

Every writer appends what it changed to `counter_delta` in its own transaction: no two jobs wait
for one counter row. The leader folds the deltas into `counter` and `queue_rate` each second;
a reader adds both, so its sums are exact at any moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, Engine, TextClause, text

from execution_ops.backends.embedded.engines import write
from execution_ops.domain.rates import MINUTE_MS, Window
from execution_ops.domain.states import JobState
from execution_ops.domain.times import now_ms

FOLD_MAX = 20_000
# In `queue_counter` and `queue_rate` the tenant of the sum over all tenants; no tenant has this name.
ALL_TENANTS = ""
_FAILED = frozenset({JobState.FAILED, JobState.TIMED_OUT})

_APPEND = text(
    "INSERT INTO counter_delta (at, tenant, job_type, queue, state, jobs, arrived) "
    "VALUES (:at, :tenant, :job_type, :queue, :state, :jobs, :arrived)"
)
_TAKE = text(
    "DELETE FROM counter_delta WHERE seq IN (SELECT seq FROM counter_delta ORDER BY seq LIMIT :most) "
    "RETURNING at, tenant, job_type, queue, state, jobs, arrived"
)
_ADD = text(
    "INSERT INTO counter (tenant, job_type, queue, state, jobs) "
    "VALUES (:tenant, :job_type, :queue, :state, :jobs) "
    "ON CONFLICT (tenant, job_type, queue, state) DO UPDATE SET jobs = counter.jobs + excluded.jobs"
)
_ADD_SUM = text(
    "INSERT INTO queue_counter (tenant, state, queue, jobs) VALUES (:tenant, :state, :queue, :jobs) "
    "ON CONFLICT (tenant, state, queue) DO UPDATE SET jobs = queue_counter.jobs + excluded.jobs"
)
_SUM_UP = (
    "INSERT INTO queue_counter (tenant, state, queue, jobs) "
    "SELECT {tenant}, state, queue, sum(jobs) FROM counter GROUP BY 1, 2, 3"
)
_ADD_RATE = text(
    "INSERT INTO queue_rate (width, tenant, start, queue, arrived, done, failed, folded) "
    "VALUES (:width, :tenant, :start, :queue, :arrived, :done, :failed, :folded) "
    "ON CONFLICT (width, tenant, start, queue) DO UPDATE SET arrived = queue_rate.arrived + excluded.arrived, "
    "done = queue_rate.done + excluded.done, failed = queue_rate.failed + excluded.failed, folded = excluded.folded"
)
_LAST_FOLD = text("SELECT max(folded) FROM queue_rate WHERE width = :width AND tenant = :tenant")
# Each tenant's rows begin with its oldest.
_FORGET = text(
    "DELETE FROM queue_rate WHERE width = :width AND start < :oldest "
    "AND (tenant = :everyone OR tenant IN (SELECT DISTINCT tenant FROM counter))"
)
_TRUTH = text("SELECT tenant, job_type, queue, state, count(*) FROM job GROUP BY tenant, job_type, queue, state")
_STORED = text("SELECT tenant, job_type, queue, state, jobs FROM counter")


class Move(NamedTuple):
    """One job's change of state; `old` is None for a new job.

    `ended_at` is when it had ended in the old state, in ms, if it had: a job that is retried is
    taken out of the figures of that minute.
    """

    tenant: str
    job_type: str
    queue: str
    old: JobState | None
    new: JobState
    ended_at: int | None = None


def count(connection: Connection, moves: Iterable[Move], now: int) -> None:
    """Count the moves, in the transaction that made them. `now` is their time in ms."""
    sums: Counter[tuple[str, str, str, JobState, int, int, bool]] = Counter()
    for tenant, job_type, queue, old, new, ended_at in moves:
        # What comes and what leaves stay apart: those of ended states are also figures of their minutes.
        if old is not None:
            sums[tenant, job_type, queue, old, -1, now if ended_at is None else ended_at, False] += 1
        sums[tenant, job_type, queue, new, 1, now, old is None] += 1
    if sums:
        connection.execute(
            _APPEND,
            [
                {
                    "at": at,
                    "tenant": tenant,
                    "job_type": job_type,
                    "queue": queue,
                    "state": state.value,
                    "jobs": sign * jobs,
                    "arrived": jobs if arrived else 0,
                }
                for (tenant, job_type, queue, state, sign, at, arrived), jobs in sums.items()
            ],
        )


class Gone(NamedTuple):
    """A job that is removed, in the state in which it ended; instants in ms."""

    tenant: str
    job_type: str
    queue: str
    state: JobState
    created_at: int
    ended_at: int


def uncount(connection: Connection, jobs: Iterable[Gone], now: int) -> None:
    """Take removed jobs out of all figures, in the transaction that removes them."""
    sums: Counter[tuple[int, str, str, str, JobState]] = Counter()
    arrivals: Counter[tuple[int, str, str, str, JobState]] = Counter()
    # What no window reaches any more is not told apart by its minute.
    kept = now - 2 * Window.DAY.ms
    for job in jobs:
        key = (job.tenant, job.job_type, job.queue, job.state)
        sums[job.ended_at if job.ended_at > kept else 0, *key] -= 1
        if job.created_at > kept:
            arrivals[job.created_at, *key] -= 1
    names = ("at", "tenant", "job_type", "queue", "state")
    rows = [
        {**dict(zip(names, key, strict=True)), **figures}
        for found, name, other in ((sums, "jobs", "arrived"), (arrivals, "arrived", "jobs"))
        for key, number in found.items()
        for figures in ({name: number, other: 0},)
    ]
    if rows:
        connection.execute(_APPEND, rows)


def fold(engine: Engine) -> int:
    """Fold the deltas that are there into the counters; how many they were. The leader calls it
    each second; a second caller at the same time waits and does no harm."""
    total = 0
    while True:
        with write(engine) as connection:
            _lock(connection)
            folded = _fold(connection)
        total += folded
        if folded < FOLD_MAX:
            return total


def add_rates(connection: Connection, minutes: dict[tuple[int, str, str], list[int]]) -> None:
    """Add (arrived, done, failed) by minute since 1970, tenant and queue to the buckets of every width."""
    last = connection.scalar(_LAST_FOLD, {"width": 1, "tenant": ALL_TENANTS}) if minutes else None
    # Clocks are put back, too; a reader must find every fold after the one before.
    folded = max(now_ms(), (last or 0) + 1)
    for window in Window:
        width, oldest = window.bucket_ms // MINUTE_MS, _oldest(window)
        buckets: dict[tuple[int, str, str], list[int]] = {}
        for (minute, tenant, queue), figures in minutes.items():
            start = minute // width * window.bucket_ms
            if start >= oldest:
                _sum(buckets, (start, tenant, queue), figures)
                _sum(buckets, (start, ALL_TENANTS, queue), figures)
        rows = [
            {
                **dict(zip(("start", "tenant", "queue"), key, strict=True)),
                **dict(zip(("arrived", "done", "failed"), figures, strict=True)),
                "width": width,
                "folded": folded,
            }
            for key, figures in sorted(buckets.items())
        ]
        if rows:
            connection.execute(_ADD_RATE, rows)


def forget_rates(engine: Engine) -> None:
    """Forget the buckets that no window has any more. The leader calls it each minute."""
    with write(engine) as connection:
        for window in Window:
            width, oldest = window.bucket_ms // MINUTE_MS, _oldest(window)
            connection.execute(_FORGET, {"width": width, "oldest": oldest, "everyone": ALL_TENANTS})


def reconcile(engine: Engine) -> int:
    """Count all jobs and correct the counters; how many were wrong. Reads the whole index once
    (about 0.2 s per million jobs), so run it rarely, at start and by night."""
    # One snapshot for jobs and deltas: what commits meanwhile stays behind as a delta.
    one_moment = (
        engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="REPEATABLE READ")
    )
    with write(one_moment) as connection:
        _lock(connection)
        while _fold(connection) == FOLD_MAX:
            pass
        truth = {tuple(row[:4]): row[4] for row in connection.execute(_TRUTH)}
        stored = {tuple(row[:4]): row[4] for row in connection.execute(_STORED)}
        wrong = Counter(truth)
        wrong.subtract(stored)
        corrections = {key: jobs for key, jobs in wrong.items() if jobs}
        _add(connection, corrections)
        connection.execute(text("DELETE FROM counter WHERE jobs = 0"))
        sum_up(connection)
    return len(corrections)


def sum_up(connection: Connection) -> None:
    """Make the sums of the counters anew."""
    connection.execute(text("DELETE FROM queue_counter"))
    for tenant in ("tenant", f"'{ALL_TENANTS}'"):
        connection.execute(text(_SUM_UP.format(tenant=tenant)))


def _lock(connection: Connection) -> None:
    # On SQLite the writer is alone anyway. LOCK TABLE takes no snapshot, so the one of a
    # repeatable read begins after the wait.
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE counter IN EXCLUSIVE MODE"))


def _fold(connection: Connection) -> int:
    taken = connection.execute(_TAKE, {"most": FOLD_MAX}).all()
    sums: Counter[tuple[str, ...]] = Counter()
    minutes: dict[tuple[int, str, str], list[int]] = {}
    for at, tenant, job_type, queue, state, jobs, arrived in taken:
        sums[tenant, job_type, queue, state] += jobs
        done = jobs if state == JobState.SUCCEEDED else 0
        failed = jobs if state in _FAILED else 0
        if arrived or done or failed:
            _sum(minutes, (at // MINUTE_MS, tenant, queue), (arrived, done, failed))
    _add(connection, sums)
    add_rates(connection, minutes)
    return len(taken)


def _sum(figures: dict[tuple[int, str, str], list[int]], key: tuple[int, str, str], more: Iterable[int]) -> None:
    known = figures.setdefault(key, [0, 0, 0])
    known[:] = [old + new for old, new in zip(known, more, strict=True)]


def _oldest(window: Window) -> int:
    """Where the oldest bucket begins that is kept: a window back, and a little for clocks that differ."""
    return (now_ms() - window.ms - window.ms // 4) // window.bucket_ms * window.bucket_ms


def _add(connection: Connection, sums: dict[tuple[str, ...], int]) -> None:
    """Add to the counters, and to their sums."""
    queues: Counter[tuple[str, ...]] = Counter()
    for (tenant, _, queue, state), jobs in sums.items():
        for whose in (tenant, ALL_TENANTS):
            queues[whose, queue, state] += jobs
    _add_to(connection, _ADD, ("tenant", "job_type", "queue", "state"), sums)
    _add_to(connection, _ADD_SUM, ("tenant", "queue", "state"), queues)


def _add_to(connection: Connection, add: TextClause, names: tuple[str, ...], sums: dict[tuple[str, ...], int]) -> None:
    rows = [dict(zip((*names, "jobs"), (*key, jobs), strict=True)) for key, jobs in sorted(sums.items()) if jobs]
    if rows:
        connection.execute(add, rows)
