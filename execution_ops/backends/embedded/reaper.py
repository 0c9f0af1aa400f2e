"""What one worker does for all: finds the dead, frees their jobs, folds counters, trims the feed.

Who leads is decided by a row with an end of validity and an epoch. The lease only saves work:
every act is guarded by the state that it changes, so two leaders do no harm.
"""

from __future__ import annotations

import logging
import math
import shutil
import socket
import time

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from execution_ops.backends.embedded import attempts, counters, dbos_tables
from execution_ops.backends.embedded.clock import clock_ms
from execution_ops.backends.embedded.conductor import Conductor
from execution_ops.backends.embedded.context import work_dir
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.firing import Clockwork
from execution_ops.backends.embedded.fleet_control import ALIVE, WORKER
from execution_ops.backends.embedded.letter_counters import fold_letters
from execution_ops.backends.embedded.liveness import forget, surely_dead
from execution_ops.backends.embedded.replay_driver import ReplayDriver
from execution_ops.backends.embedded.transitions import ATTEMPT, CHANGE, JOB, announce_topics, table
from execution_ops.backends.embedded.workflow import Runtime
from execution_ops.domain.fleet import REMEMBERED_MS
from execution_ops.domain.states import AttemptState, WorkerState
from execution_ops.domain.times import now_ms
from execution_ops.domain.topics import WORKERS

logger = logging.getLogger(__name__)

LEASE = table("lease")
LEASE_NAME = "reaper"
CHANGE_KEEP_MS = 3_600_000
WORKFLOW_KEEP_MS = 3_600_000
TRIM_EVERY_S = 60.0
RECONCILE_EVERY_S = 24 * 3600.0


class Reaper:
    """The leader's duties of one worker."""

    def __init__(self, runtime: Runtime, replays: ReplayDriver, clockwork: Clockwork, conductor: Conductor) -> None:
        self._runtime = runtime
        self._replays = replays
        self._clockwork = clockwork
        self._conductor = conductor
        self._engine = runtime.engine
        self._settings = runtime.settings
        self._host = socket.gethostname()
        self._last_pass = (time.monotonic(), time.time())
        self._last_trim = 0.0
        self._last_count = -math.inf

    def lead(self) -> bool:
        """Take or keep the lead; True while we have it."""
        me = self._runtime.worker_id
        lease_ms = int(3_000 * self._settings.heartbeat_interval)
        try:
            with write(self._engine) as connection:
                now = clock_ms(connection)
                lease = connection.execute(select(LEASE).where(LEASE.c.name == LEASE_NAME)).mappings().one_or_none()
                if lease is None:
                    values = {"name": LEASE_NAME, "owner": me, "until": now + lease_ms, "epoch": 1}
                    connection.execute(insert(LEASE).values(**values))
                    return True
                free = lease["owner"] == me or lease["until"] < now or self._dead(lease["owner"])
                if not free:
                    return False
                mine = update(LEASE).where(LEASE.c.name == LEASE_NAME, LEASE.c.epoch == lease["epoch"])
                epoch = lease["epoch"] + (0 if lease["owner"] == me else 1)
                taken = connection.execute(
                    mine.where(LEASE.c.owner == lease["owner"]).values(owner=me, until=now + lease_ms, epoch=epoch)
                )
                return taken.rowcount == 1
        except IntegrityError:
            return False

    def step_down(self) -> None:
        """Let another lead at once."""
        with write(self._engine) as connection:
            owned = update(LEASE).where(LEASE.c.name == LEASE_NAME, LEASE.c.owner == self._runtime.worker_id)
            connection.execute(owned.values(until=0))

    def fold(self) -> None:
        """Bring the counters up to date."""
        counters.fold(self._engine)
        fold_letters(self._engine)

    def settle(self) -> None:
        """Fire what is due, bring runs on, and see what became of replay plans."""
        self._clockwork.fire()
        self._conductor.advance()
        self._replays.settle()

    def reconcile(self) -> None:
        """Count all jobs when it takes the lead and once a day, and say so if a counter was wrong."""
        if time.monotonic() - self._last_count < RECONCILE_EVERY_S:
            return
        self._last_count = time.monotonic()
        if wrong := counters.reconcile(self._engine):
            logger.warning("%d counters were wrong and are corrected", wrong)

    def reap(self) -> None:
        """Free what dead workers held. Whatever a pass acts on was true at one moment and stays true,
        so a leader that is frozen in the middle of a pass does no harm when it wakes up."""
        dead = self._find_dead()
        for worker_id in dead:
            logger.warning("worker %s is lost", worker_id)
        self._free_attempts()
        with read(self._engine) as connection:
            executors = dbos_tables.stranded_executors(connection)
        if executors:
            count = dbos_tables.recover(executors)
            logger.warning("recovered %d workflows of %s", count, ", ".join(executors))
        for worker_id in dead:
            forget(self._settings.data_dir, worker_id)
        self._bury_crash_loops()

    def trim(self) -> None:
        """Forget old entries of the change feed, old rates, old workflows of DBOS and old workers; by the minute."""
        if time.monotonic() - self._last_trim < TRIM_EVERY_S:
            return
        self._last_trim = time.monotonic()
        now = now_ms()
        with write(self._engine) as connection:
            newest = select(CHANGE.c.seq).order_by(CHANGE.c.seq.desc()).limit(1).scalar_subquery()
            # The newest entry stays: on SQLite it keeps the numbers growing.
            connection.execute(delete(CHANGE).where(CHANGE.c.at < now - CHANGE_KEEP_MS, CHANGE.c.seq < newest))
            connection.execute(delete(WORKER).where(WORKER.c.ended_at < clock_ms(connection) - REMEMBERED_MS))
        counters.forget_rates(self._engine)
        while self._forget_workflows(now) == 1000:
            # Lets waiting writers in.
            time.sleep(0.02)

    def _forget_workflows(self, now: int) -> int:
        with write(self._engine) as connection:
            return dbos_tables.forget_finished(connection, now - WORKFLOW_KEEP_MS)

    def _was_frozen(self) -> bool:
        """Whether this process, or the whole machine, slept since the last pass: then the heartbeats of
        the others look old though they are only about to beat."""
        # Two clocks: one stands still while the machine sleeps, the other can be set.
        last, self._last_pass = self._last_pass, (time.monotonic(), time.time())
        gaps = (now - then for now, then in zip(self._last_pass, last, strict=True))
        return any(abs(gap) > self._settings.lost_after / 2 for gap in gaps)

    def _find_dead(self) -> list[str]:
        """Declare lost who does not live any more; their ids."""
        ages_count = not self._was_frozen()
        with write(self._engine) as connection:
            now = clock_ms(connection)
            oldest = now - self._settings.lost_after * 1000
            rows = connection.execute(select(WORKER.c.id, WORKER.c.host, WORKER.c.heartbeat_at).where(ALIVE)).all()
            dead = [
                row.id
                for row in rows
                if (ages_count and row.heartbeat_at < oldest) or (row.host == self._host and self._dead(row.id))
            ]
            if dead:
                lost = update(WORKER).where(WORKER.c.id.in_(dead), ALIVE)
                connection.execute(lost.values(state=WorkerState.LOST.value, ended_at=now))
                announce_topics(connection, [WORKERS], now)
        return dead

    def _dead(self, worker_id: str) -> bool:
        return surely_dead(self._settings.data_dir, worker_id)

    def _free_attempts(self) -> None:
        with read(self._engine) as connection:
            held = connection.execute(
                select(JOB.c.id, ATTEMPT.c.number, WORKER.c.id, WORKER.c.name)
                .join(JOB, JOB.c.n == ATTEMPT.c.job_n)
                .join(WORKER, WORKER.c.id == ATTEMPT.c.worker_id)
                .where(ATTEMPT.c.state == AttemptState.RUNNING.value, WORKER.c.ended_at.is_not(None))
            ).all()
        for job_id, number, worker_id, name in held:
            if attempts.lose(self._engine, job_id, number, f"worker {name or worker_id} died"):
                shutil.rmtree(work_dir(self._settings, job_id, number), ignore_errors=True)

    def _bury_crash_loops(self) -> None:
        with read(self._engine) as connection:
            ended = dbos_tables.ended_without_outcome(connection)
        for job_id, dispatch, status in ended:
            logger.error("job %s: the engine gave up its workflow %d (%s)", job_id, dispatch, status)
            attempts.give_up(self._engine, job_id, dispatch)
