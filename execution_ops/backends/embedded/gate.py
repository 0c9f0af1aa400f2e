"""The gate that quotas put before DBOS: it holds jobs back, lets them in, and judges each start.

What a quota allows is decided in one place, `admit`, in the transaction in which a job starts to run:
there it is exact, also while an operator changes the quota. All else is thrift: jobs that could not
start yet are kept out of DBOS's queues, and let in as slots and tokens become free. A job let in too
early is only held again.

Locks on PostgreSQL, in this order: DAGs, jobs, the set of quotas (shared by all who ask which quota
governs a job, exclusive for who makes or deletes one), one quota, held jobs. Who lets in or settles
skips what others hold, and nobody waits for a job while holding anything of a quota.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, delete, select, text, update

from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.dispatcher import Dispatch, Dispatcher
from execution_ops.backends.embedded.keyset import Query
from execution_ops.backends.embedded.quota_reads import (
    HOLD,
    QUOTA,
    START,
    Scope,
    governing_quota,
    limits_of,
    scopes,
    usage_of,
)
from execution_ops.backends.embedded.rows import fetch, statement
from execution_ops.backends.embedded.transitions import JOB
from execution_ops.domain.quota_rates import room, take, why_full, window_from
from execution_ops.domain.quotas import Scopes

# More than this is not let in ahead at once, so a quota without a limit on slots costs no long transaction.
OPEN_MAX = 100
# Any number that nothing else in the database locks.
_SET_LOCK = 7_246_113_906

_HOLD = text(
    "INSERT INTO quota_hold (n, quota_n, tenant, job_type, queue, priority, created_at, opened_at) "
    "VALUES (:n, :quota_n, :tenant, :job_type, :queue, :priority, :created_at, NULL) "
    "ON CONFLICT (n) DO UPDATE SET quota_n = excluded.quota_n, opened_at = NULL"
)
_COUNT_START = text(
    "INSERT INTO quota_start (quota_n, second, starts) VALUES (:quota_n, :second, 1) "
    "ON CONFLICT (quota_n, second) DO UPDATE SET starts = quota_start.starts + 1"
)
# The queues with held jobs, each found by one step in the index, however many jobs it has.
_QUEUES = (
    "WITH RECURSIVE q (queue) AS ("
    "SELECT min(queue) FROM quota_hold WHERE quota_n = :n AND opened_at IS NULL UNION ALL "
    "SELECT (SELECT min(h.queue) FROM quota_hold AS h WHERE h.quota_n = :n AND h.opened_at IS NULL "
    "AND h.queue > q.queue) FROM q WHERE q.queue IS NOT NULL) SELECT queue FROM q WHERE queue IS NOT NULL"
)


class Seat(NamedTuple):
    """A job that may start as far as its parents go: what the gate has to know of it."""

    n: int
    id: str
    dispatch: int
    tenant: str
    job_type: str
    queue: str
    priority: int
    created_at: int


def lock_set(connection: Connection, *, changing: bool = False) -> None:
    """Keep the set of quotas as it is until this transaction ends; `changing`, keep everybody out of it."""
    # On SQLite the one writer is alone with it anyway.
    if connection.dialect.name == "postgresql":
        shared = "" if changing else "_shared"
        connection.execute(statement(f"SELECT pg_advisory_xact_lock{shared}(:key)"), {"key": _SET_LOCK})


def admit(connection: Connection, job: RowMapping) -> bool:
    """Whether a locked job may start now; if so the start is counted, else the job is held."""
    lock_set(connection)
    quota = governing_quota(connection, job["tenant"], job["job_type"])
    if quota is None:
        return True
    limits, now = limits_of(quota), clock_ms(connection)
    if quota["paused_at"] is not None or why_full(limits, usage_of(connection, quota, now), now) is not None:
        hold(connection, quota["n"], [seat_of(job, job["dispatch"] + 1)])
        return False
    tat = take(limits, quota["tat"], now)
    if tat != quota["tat"]:
        connection.execute(update(QUOTA).where(QUOTA.c.n == quota["n"]).values(tat=tat))
    connection.execute(_COUNT_START, {"quota_n": quota["n"], "second": now // 1000})
    connection.execute(delete(START).where(START.c.quota_n == quota["n"], START.c.second < window_from(now)))
    return True


def hold(connection: Connection, quota_n: int, seats: Sequence[Seat]) -> None:
    """Hold locked jobs back; what was dispatched of them before has nothing to do any more."""
    connection.execute(_HOLD, [{**seat._asdict(), "quota_n": quota_n} for seat in seats])
    for seat in seats:
        connection.execute(
            update(JOB).where(JOB.c.n == seat.n, JOB.c.dispatch != seat.dispatch).values(dispatch=seat.dispatch)
        )


def seat_of(job: RowMapping, dispatch: int) -> Seat:
    """The seat of a job's row, with the dispatch that is to start it."""
    return Seat(
        n=job["n"],
        id=job["id"],
        dispatch=dispatch,
        tenant=job["tenant"],
        job_type=job["job_type"],
        queue=job["queue"],
        priority=job["priority"],
        created_at=job["created_at"],
    )


class Gate:
    """The gate within one transaction. Call `open` at its end."""

    def __init__(self, connection: Connection, dispatcher: Dispatcher) -> None:
        self._connection = connection
        self._dispatcher = dispatcher
        self._scopes: dict[str, Scopes[Scope]] = {}
        self._touched: set[int] = set()

    def enter(self, seats: Sequence[Seat]) -> None:
        """Jobs may start: enqueue those without a quota, hold the others."""
        free: list[Seat] = []
        held: dict[int, list[Seat]] = {}
        for seat in seats:
            scope = self._governing(seat.tenant, seat.job_type)
            if scope is None:
                free.append(seat)
            else:
                held.setdefault(scope.n, []).append(seat)
        if free:
            self._dispatcher.enqueue_many(
                self._connection, [Dispatch(seat.id, seat.dispatch, seat.queue, seat.priority) for seat in free]
            )
        for quota_n, theirs in sorted(held.items()):
            self._connection.execute(_HOLD, [{**seat._asdict(), "quota_n": quota_n} for seat in theirs])
            self._touched.add(quota_n)

    def enter_job(self, job: RowMapping, dispatch: int, *, delay_ms: int = 0) -> None:
        """A job may start by this dispatch; if only after a pause, its quota judges it then."""
        seat = seat_of(job, dispatch)
        if delay_ms:
            enqueue(self._connection, self._dispatcher, seat, delay_ms=delay_ms)
        else:
            self.enter([seat])

    def leave(self, tenant: str, job_type: str) -> None:
        """A job of this kind no longer runs: its quota may have a slot for the next one."""
        scope = self._governing(tenant, job_type)
        if scope is not None:
            self._touched.add(scope.n)

    def open(self) -> None:
        """Let in what the quotas that were touched have room for."""
        for quota_n in sorted(self._touched):
            open_held(self._connection, self._dispatcher, quota_n)
        self._touched.clear()

    def _governing(self, tenant: str, job_type: str) -> Scope | None:
        if not self._scopes:
            lock_set(self._connection)
        if tenant not in self._scopes:
            self._scopes[tenant] = scopes(self._connection, tenant)
        return self._scopes[tenant].governing(tenant, job_type)


def enqueue(connection: Connection, dispatcher: Dispatcher, seat: Seat, *, delay_ms: int = 0) -> None:
    """Put the job's workflow into its queue."""
    dispatcher.enqueue(connection, seat.id, seat.dispatch, queue=seat.queue, priority=seat.priority, delay_ms=delay_ms)


def open_held(connection: Connection, dispatcher: Dispatcher, quota_n: int) -> int:
    """Let the next held jobs of a quota into their queues, as many as may start now; how many.

    Each queue gets all that is free: a queue without workers must not use up what others can.
    """
    found = connection.execute(select(QUOTA).where(QUOTA.c.n == quota_n)).mappings().one_or_none()
    if found is None or found["paused_at"] is not None:
        return 0
    queues = held_queues(connection, quota_n)
    free = room_of(connection, found) if queues else 0
    return sum(_open_queue(connection, dispatcher, quota_n, queue, free) for queue in queues) if free else 0


def held_queues(connection: Connection, quota_n: int) -> list[str]:
    """The queues in which the quota holds jobs back."""
    return [row["queue"] for row in fetch(connection, Query(_QUEUES, {"n": quota_n}))]


def room_of(connection: Connection, quota: RowMapping) -> int:
    """How many jobs of the quota could start now, as far as anything is let in ahead."""
    now = clock_ms(connection)
    return room(limits_of(quota), usage_of(connection, quota, now), now, OPEN_MAX)


def _open_queue(connection: Connection, dispatcher: Dispatcher, quota_n: int, queue: str, free: int) -> int:
    of_queue = {"n": quota_n, "queue": queue}
    opened = "SELECT count(*) AS jobs FROM quota_hold WHERE quota_n = :n AND queue = :queue AND opened_at IS NOT NULL"
    more = free - int(fetch(connection, Query(opened, of_queue))[0]["jobs"])
    if more <= 0:
        return 0
    skip = " FOR UPDATE SKIP LOCKED" if connection.dialect.name == "postgresql" else ""
    following = (
        "SELECT n FROM quota_hold WHERE quota_n = :n AND queue = :queue AND opened_at IS NULL "
        f"ORDER BY priority, n LIMIT :more{skip}"
    )
    numbers = [row["n"] for row in fetch(connection, Query(following, {**of_queue, "more": more}))]
    if numbers:
        connection.execute(update(HOLD).where(HOLD.c.n.in_(numbers)).values(opened_at=clock_ms(connection)))
    # Only now: whoever changes a job's dispatch holds its row here as well.
    for seat in seats_of(connection, numbers):
        enqueue(connection, dispatcher, seat)
    return len(numbers)


def seats_of(connection: Connection, numbers: Sequence[int]) -> list[Seat]:
    """The seats of these jobs, the first to start first."""
    columns: list[Any] = [JOB.c[name] for name in Seat._fields]
    jobs = connection.execute(select(*columns).where(JOB.c.n.in_(numbers)).order_by(JOB.c.priority, JOB.c.n))
    return [Seat(*row) for row in jobs]
