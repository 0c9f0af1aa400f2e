"""How many jobs are where, kept so that no request ever counts.

Every writer appends what it changed to `counter_delta` in its own transaction: no two jobs wait
for one counter row. The leader folds the deltas into `counter` and `queue_minute` each second;
a reader adds both, so its sums are exact at any moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, Engine, text

from execution_ops.backends.embedded.engines import write
from execution_ops.domain.states import JobState
from execution_ops.domain.times import now_ms

MINUTE_MS = 60_000
KEEP_MINUTES = 120
FOLD_MAX = 20_000
_FAILED = frozenset({JobState.FAILED, JobState.TIMED_OUT})

_APPEND = text(
    "INSERT INTO counter_delta (at, tenant, job_type, queue, state, jobs) "
    "VALUES (:at, :tenant, :job_type, :queue, :state, :jobs)"
)
_TAKE = text(
    "DELETE FROM counter_delta WHERE seq IN (SELECT seq FROM counter_delta ORDER BY seq LIMIT :most) "
    "RETURNING at, tenant, job_type, queue, state, jobs"
)
_ADD = text(
    "INSERT INTO counter (tenant, job_type, queue, state, jobs) "
    "VALUES (:tenant, :job_type, :queue, :state, :jobs) "
    "ON CONFLICT (tenant, job_type, queue, state) DO UPDATE SET jobs = counter.jobs + excluded.jobs"
)
_ADD_MINUTE = text(
    "INSERT INTO queue_minute (minute, queue, tenant, done, failed) "
    "VALUES (:minute, :queue, :tenant, :done, :failed) "
    "ON CONFLICT (minute, queue, tenant) DO UPDATE "
    "SET done = queue_minute.done + excluded.done, failed = queue_minute.failed + excluded.failed"
)
_TRUTH = text("SELECT tenant, job_type, queue, state, count(*) FROM job GROUP BY tenant, job_type, queue, state")
_STORED = text("SELECT tenant, job_type, queue, state, jobs FROM counter")


class Move(NamedTuple):
    """One job's change of state. `old` is None for a new job, `new` is None for a deleted one.

    `ended_at` is when it had ended in the old state, in ms, if it had: a job that is retried is
    taken out of the figures of that minute.
    """

    tenant: str
    job_type: str
    queue: str
    old: JobState | None
    new: JobState | None
    ended_at: int | None = None


def count(connection: Connection, moves: Iterable[Move], now: int) -> None:
    """Count the moves, in the transaction that made them. `now` is their time in ms."""
    sums: Counter[tuple[str, str, str, JobState, int, int]] = Counter()
    for tenant, job_type, queue, old, new, ended_at in moves:
        # Arrivals and departures stay apart: those of ended states are also figures of their minutes.
        if old is not None:
            sums[tenant, job_type, queue, old, -1, now if ended_at is None else ended_at] += 1
        if new is not None:
            sums[tenant, job_type, queue, new, 1, now] += 1
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
                }
                for (tenant, job_type, queue, state, sign, at), jobs in sums.items()
            ],
        )


def fold(engine: Engine) -> int:
    """Fold the deltas that are there into the counters; how many they were. The leader calls it
    each second; a second caller at the same time waits and does no harm."""
    total = 0
    while True:
        with write(engine) as connection:
            _lock(connection)
            folded = _fold(connection)
            if total == 0:
                connection.execute(
                    text("DELETE FROM queue_minute WHERE minute < :oldest"),
                    {"oldest": now_ms() // MINUTE_MS - KEEP_MINUTES},
                )
        total += folded
        if folded < FOLD_MAX:
            return total


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
    return len(corrections)


def _lock(connection: Connection) -> None:
    # On SQLite the writer is alone anyway. LOCK TABLE takes no snapshot, so the one of a
    # repeatable read begins after the wait.
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE counter IN EXCLUSIVE MODE"))


def _fold(connection: Connection) -> int:
    taken = connection.execute(_TAKE, {"most": FOLD_MAX}).all()
    sums: Counter[tuple[str, ...]] = Counter()
    minutes: dict[tuple[int, str, str], list[int]] = {}
    for at, tenant, job_type, queue, state, jobs in taken:
        sums[tenant, job_type, queue, state] += jobs
        ended_well = state == JobState.SUCCEEDED
        if ended_well or state in _FAILED:
            figures = minutes.setdefault((at // MINUTE_MS, queue, tenant), [0, 0])
            figures[0 if ended_well else 1] += jobs
    _add(connection, sums)
    if minutes:
        connection.execute(
            _ADD_MINUTE,
            [
                {"minute": minute, "queue": queue, "tenant": tenant, "done": done, "failed": failed}
                for (minute, queue, tenant), (done, failed) in sorted(minutes.items())
            ],
        )
    return len(taken)


def _add(connection: Connection, sums: dict[tuple[str, ...], int]) -> None:
    rows = [
        dict(zip(("tenant", "job_type", "queue", "state", "jobs"), (*key, jobs), strict=True))
        for key, jobs in sorted(sums.items())
        if jobs
    ]
    if rows:
        connection.execute(_ADD, rows)
