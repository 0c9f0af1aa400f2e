"""What the leading worker does at the gate: lets in as tokens come, and settles who governs whom.

When a quota is made or deleted, jobs that wait belong to another quota, or to none. Each start is
judged by the quotas of that moment anyway; settling brings the waiting jobs in line, in small
transactions, so that they wait in the right place and in the right order.
"""

from __future__ import annotations

import threading
import time

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, or_, select, true, update

from execution_ops.backends.embedded.dbos_tables import take_back
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.gate import (
    Seat,
    enqueue,
    held_queues,
    hold,
    lock_set,
    open_held,
    room_of,
    seat_of,
    seats_of,
)
from execution_ops.backends.embedded.keyset import Query, one_of
from execution_ops.backends.embedded.quota_reads import HOLD, QUOTA, Scope, scope_list, scope_terms, scopes
from execution_ops.backends.embedded.rows import fetch
from execution_ops.backends.embedded.workflow import Runtime
from execution_ops.domain.quotas import Scopes

TICK_S = 0.25
BATCH = 200
# Lets waiting writers in between two batches.
PAUSE_S = 0.02


class Gatekeeper:
    """The leader's duties at the gate. A second one at the same time does no harm."""

    def __init__(self, runtime: Runtime, stopping: threading.Event) -> None:
        self._engine = runtime.engine
        self._dispatcher = runtime.dispatcher
        self._stopping = stopping
        # None: whoever led before may have left something unsettled.
        self._settled: list[Scope] | None = None
        self._opened_at = 0.0

    def rest(self) -> None:
        """Another leads: what is settled is its business."""
        self._settled = None

    def tick(self) -> None:
        """Settle if the set of quotas changed; let in what there is room for."""
        with read(self._engine) as connection:
            known = scope_list(connection)
        if known != self._settled and self._settle([one for one in known if one not in (self._settled or [])]):
            self._settled = known
        self._open_ready()

    def _open_ready(self) -> None:
        with read(self._engine) as connection:
            unpaused = select(QUOTA.c.n).where(QUOTA.c.paused_at.is_(None)).order_by(QUOTA.c.n)
            ready = [n for n in connection.execute(unpaused).scalars() if self._may_open(connection, n)]
        for n in ready:
            with write(self._engine) as connection:
                open_held(connection, self._dispatcher, n)
        self._opened_at = time.monotonic()

    def _may_open(self, connection: Connection, n: int) -> bool:
        if not held_queues(connection, n):
            return False
        quota = connection.execute(select(QUOTA).where(QUOTA.c.n == n)).mappings().one()
        return room_of(connection, quota) > 0

    def _settle(self, added: list[Scope]) -> bool:
        """Bring what waits in line with the quotas; False if the worker leaves before it is done."""
        return self._settle_held(added) and all(self._adopt(scope) for scope in added)

    def _goes_on(self) -> bool:
        """Between two batches: let waiting writers in, and the jobs whose token has come meanwhile."""
        if self._stopping.wait(PAUSE_S):
            return False
        if time.monotonic() - self._opened_at > TICK_S:
            self._open_ready()
        return True

    def _settle_held(self, added: list[Scope]) -> bool:
        """Look at the held jobs whose quota is gone, or that an added one may govern."""
        # A number may have been another quota's before.
        stray = [HOLD.c.quota_n.not_in(select(QUOTA.c.n)), HOLD.c.quota_n.in_([scope.n for scope in added])]
        asked = or_(*stray, *(_fits(scope) for scope in added))
        last, busy = 0, list[int]()
        while True:
            with write(self._engine) as connection:
                lock_set(connection)
                following = select(HOLD.c.n).where(HOLD.c.n > last, asked).order_by(HOLD.c.n).limit(BATCH)
                numbers = list(connection.execute(following).scalars())
                held = self._lock(connection, numbers)
                self._assign(connection, held)
            busy += sorted(set(numbers) - {row["n"] for row in held})
            if len(numbers) < BATCH:
                break
            last = numbers[-1]
            if not self._goes_on():
                return False
        for n in busy:
            # Alone in its transaction, this may wait for who is at it.
            with write(self._engine) as connection:
                lock_set(connection)
                found = connection.execute(select(HOLD).where(HOLD.c.n == n).with_for_update())
                self._assign(connection, list(found.mappings()))
        return True

    def _lock(self, connection: Connection, numbers: list[int]) -> list[RowMapping]:
        free = select(HOLD).where(HOLD.c.n.in_(numbers)).order_by(HOLD.c.n).with_for_update(skip_locked=True)
        return list(connection.execute(free).mappings())

    def _assign(self, connection: Connection, held: list[RowMapping]) -> None:
        """Give held jobs to the quotas that govern them now; let in those that none governs."""
        by_scope = scopes(connection) if held else Scopes[Scope]([])
        free: list[int] = []
        for row in held:
            scope = by_scope.governing(row["tenant"], row["job_type"])
            if scope is None:
                free.append(row["n"])
            elif scope.n != row["quota_n"]:
                connection.execute(update(HOLD).where(HOLD.c.n == row["n"]).values(quota_n=scope.n))
        waiting = {row["n"] for row in held if row["opened_at"] is None}
        if free:
            connection.execute(delete(HOLD).where(HOLD.c.n.in_(free)))
            for seat in seats_of(connection, [n for n in free if n in waiting]):
                enqueue(connection, self._dispatcher, seat)

    def _adopt(self, scope: Scope) -> bool:
        """Hold what was enqueued before its quota was made: a worker would take it only to give it back."""
        place = (-1, -1)
        while True:
            with write(self._engine) as connection:
                jobs = self._enqueued(connection, scope, place)
                lock_set(connection)
                self._take_over(connection, jobs)
            if len(jobs) < BATCH:
                return True
            place = (jobs[-1]["created_at"], jobs[-1]["n"])
            if not self._goes_on():
                return False

    def _enqueued(self, connection: Connection, scope: Scope, place: tuple[int, int]) -> list[RowMapping]:
        """The next scheduled jobs in the scope that no quota holds, locked; those that others change are
        left out."""
        skip = " FOR NO KEY UPDATE OF j SKIP LOCKED" if connection.dialect.name == "postgresql" else ""
        where = one_of(scope_terms(scope.tenant, scope.job_type), "j.")
        sql = (
            "SELECT j.n, j.id, j.dispatch, j.tenant, j.job_type, j.queue, j.priority, j.created_at FROM job AS j "
            f"WHERE j.state = 'scheduled' AND {where.sql} AND (j.created_at, j.n) > (:at, :n) "
            "AND NOT EXISTS (SELECT 1 FROM quota_hold AS h WHERE h.n = j.n) "
            f"ORDER BY j.created_at, j.n LIMIT :limit{skip}"
        )
        return fetch(connection, Query(sql, {**where.params, "at": place[0], "n": place[1], "limit": BATCH}))

    def _take_over(self, connection: Connection, jobs: list[RowMapping]) -> None:
        if not jobs:
            return
        by_scope = scopes(connection)
        governed = {
            job["id"]: (scope, job) for job in jobs if (scope := by_scope.governing(job["tenant"], job["job_type"]))
        }
        taken = (
            take_back(connection, {job_id: job["dispatch"] for job_id, (_, job) in governed.items()})
            if governed
            else set()
        )
        theirs: dict[int, list[Seat]] = {}
        for job_id in sorted(taken):
            scope, job = governed[job_id]
            theirs.setdefault(scope.n, []).append(seat_of(job, job["dispatch"] + 1))
        for quota_n, seats in theirs.items():
            hold(connection, quota_n, seats)


def _fits(scope: Scope) -> ColumnElement[bool]:
    """The condition that a held job is in the scope."""
    terms = scope_terms(scope.tenant, scope.job_type)
    return and_(true(), *(HOLD.c[name].in_(values) for name, values in terms.items()))
