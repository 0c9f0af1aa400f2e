"""A worker process: takes jobs from its queues, beats, and takes part in leading."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy import select

from execution_ops.backends.embedded import dbos_tables, fleet_control
from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.backends.embedded.context import Context, Stop
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.gatekeeper import TICK_S, Gatekeeper
from execution_ops.backends.embedded.intake import Intake
from execution_ops.backends.embedded.liveness import FileLock, forget, lock_path
from execution_ops.backends.embedded.reaper import Reaper
from execution_ops.backends.embedded.retention import Retention
from execution_ops.backends.embedded.transitions import ATTEMPT, JOB
from execution_ops.backends.embedded.vitals import Vitals, memory_bytes
from execution_ops.backends.embedded.workflow import Runtime, run_job
from execution_ops.domain.errors import Unavailable
from execution_ops.domain.fleet import NAME_MAX, Asked, check_name, check_queues
from execution_ops.domain.job_types import QUEUES_OF_ONE, REGISTRY, Registry
from execution_ops.domain.states import AttemptState, WorkerState
from execution_ops.guardian import Guardian
from execution_ops.settings import Settings

logger = logging.getLogger(__name__)

FLUSH_EVERY_S = 0.2
WATCH_EVERY_S = 0.4
OBEY_EVERY_S = 0.4
RETAIN_EVERY_S = 5.0
LOOK_EVERY_S = 10.0
PULSE_MAX_S = 1.0
SWITCH_S = 0.0005
DRAIN_GRACE_S = 20.0
EXIT_FENCED = 75
EXIT_BROKEN = 70

_runtime: Runtime | None = None


@DBOS.workflow(name=dbos_tables.WORKFLOW, max_recovery_attempts=dbos_tables.MAX_RECOVERIES)
def _run_job(job_id: str, dispatch: int) -> None:
    # DBOS knows workflows by their module, so what they work with is the process's.
    assert _runtime is not None
    run_job(_runtime, job_id, dispatch)


class Worker:
    """The worker of this process; DBOS allows one at a time.

    `queues` empty means all queues of the known job types. `name` is for people, and need not be unique.
    `on_stopped` is called once it was asked to stop and has finished; who made it then calls `stop`.
    `watch` is called every `LOOK_EVERY_S` while it leads: what one process has to look at for all.
    """

    def __init__(
        self,
        backend: EmbeddedBackend,
        settings: Settings,
        *,
        registry: Registry = REGISTRY,
        queues: Sequence[str] = (),
        concurrency: int | None = None,
        name: str = "",
        on_stopped: Callable[[], None] | None = None,
        watch: Callable[[], None] | None = None,
    ) -> None:
        host = socket.gethostname()
        self.id = f"{host[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.name = check_name(name or f"{host[: NAME_MAX - 12]}-{os.getpid()}")
        self.queues = check_queues(queues) or registry.queues()
        self.concurrency = concurrency or settings.worker_concurrency
        self._settings = settings
        self._backend = backend
        self._guardian = Guardian()
        self._runtime = Runtime(
            engine=backend.engine,
            dispatcher=backend.dispatcher,
            registry=registry,
            settings=settings,
            store=backend.artifacts,
            guardian=self._guardian,
            worker_id=self.id,
        )
        self._reaper = Reaper(self._runtime, backend.driver, backend.clockwork, backend.conductor)
        self._lock = FileLock(lock_path(settings.data_dir, self.id))
        self._stopping = threading.Event()
        self._retention = Retention(backend.engine, backend.artifacts, settings.retention())
        self._gatekeeper = Gatekeeper(self._runtime, self._stopping)
        self._intake = Intake(backend.engine, self.queues)
        self._on_stopped = on_stopped
        self._look = watch
        self._vitals = Vitals()
        self._threads: list[threading.Thread] = []
        self._duty, self._obeying = threading.Lock(), threading.Lock()
        self._leads = self._obeys = True
        self._leading = False
        self._last_beat = 0.0

    def start(self) -> None:
        """Announce the worker and begin to take jobs."""
        global _runtime
        # A job that computes must not make the others wait 5 ms, Python's default, at each of their statements.
        sys.setswitchinterval(SWITCH_S)
        self._lock.acquire()
        fleet_control.register(
            self._backend.engine, self.id, name=self.name, queues=self.queues, concurrency=self.concurrency
        )
        _runtime = self._runtime
        config: DBOSConfig = {
            "name": dbos_tables.APPLICATION,
            "application_version": dbos_tables.VERSION,
            "executor_id": self.id,
            "system_database_engine": self._backend.dbos_engine,
            "serializer": DBOSPortableJSONSerializer(),
            # Consoles follow our own change feed; nothing here waits for DBOS's notifications.
            "use_listen_notify": False,
            "log_level": "DEBUG" if self._settings.log_level == "debug" else "WARNING",
        }
        for queue in self.queues:
            self._runtime.dispatcher.configure_queue(
                queue,
                worker_concurrency=1 if queue in QUEUES_OF_ONE else self.concurrency,
                poll_interval=self._settings.poll_interval,
            )
        DBOS(config=config)
        DBOS.listen_queues(())
        DBOS.launch()
        self._intake.open()
        for name, action, every in (
            # Apart: the duties may wait for a lock, and who waits is not dead.
            ("beat", self._beat, min(PULSE_MAX_S, self._settings.heartbeat_interval)),
            ("lead", self._lead, min(PULSE_MAX_S, self._settings.heartbeat_interval)),
            ("flush", self._flush, FLUSH_EVERY_S),
            ("watch", self._watch, WATCH_EVERY_S),
            ("gate", self._keep_gate, TICK_S),
            ("look", self._look_out, LOOK_EVERY_S),
            ("retain", self._retain, RETAIN_EVERY_S),
            ("obey", self._obey, OBEY_EVERY_S),
            ("intake", self._intake.look, self._settings.poll_interval),
        ):
            thread = threading.Thread(target=self._repeat, args=(action, every), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)
        logger.info("worker %s takes jobs from %s", self.id, ", ".join(self.queues))

    def stop(self, grace_s: float = DRAIN_GRACE_S) -> bool:
        """Take no more jobs, let the running ones finish for `grace_s`, then leave; True if all did.

        What did not finish is lost for this worker, goes on elsewhere, and its programs are killed.
        """
        with self._duty:
            self._leads = self._leading = False
            self._reaper.step_down()
        with self._obeying:
            self._obeys = False
            fleet_control.say_leaving(self._backend.engine, self.id)
            self._intake.close()
        # DBOS looks at its workflows once a second, and needs whole seconds.
        DBOS.destroy(workflow_completion_timeout_sec=max(1, round(grace_s)) if self._holds_any() else 0)
        left = list(self._runtime.running.values())
        self._runtime.leaving.set()
        for context in left:
            context.stop(Stop.FENCE)
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        fleet_control.say_ended(self._backend.engine, self.id)
        self._guardian.close()
        self._lock.close()
        forget(self._settings.data_dir, self.id)
        return not left

    def _repeat(self, action: Callable[[], None], every_s: float) -> None:
        while not self._stopping.wait(every_s):
            try:
                action()
            except Unavailable as error:
                logger.warning(error.message)
            except Exception:
                # A worker that no longer beats or hears cancels must not go on: start anew.
                logger.exception("%s failed", threading.current_thread().name)
                os._exit(EXIT_BROKEN)

    def _beat(self) -> None:
        if time.monotonic() - self._last_beat < self._settings.heartbeat_interval:
            return
        cpu = self._vitals.cpu_percent()
        if not fleet_control.beat(self._backend.engine, self.id, memory=memory_bytes(), cpu=cpu):
            # The others gave our jobs away. Nothing of ours counts any more; a new process gets a new id.
            logger.error("worker %s was declared lost while it did not react: it ends", self.id)
            os._exit(EXIT_FENCED)
        self._last_beat = time.monotonic()

    def _lead(self) -> None:
        with self._duty:
            # One that leaves does not lead: recovery needs a launched DBOS.
            self._leading = self._leads and self._reaper.lead()
            if self._leading:
                self._reaper.fold()
                self._reaper.settle()
                self._reaper.reconcile()
                self._reaper.reap()
                self._reaper.trim()

    def _obey(self) -> None:
        """Do what is asked of this worker: take jobs, or none, and leave once it has finished.

        A drained worker goes on to beat and to lead: the last one of a fleet still has to find the dead.
        """
        with self._obeying:
            orders = fleet_control.orders(self._backend.engine, self.id) if self._obeys else None
            if orders is None:
                return
            asked, state = orders
            if asked is Asked.NOTHING:
                self._intake.open()
                return
            self._intake.close()
            if self._holds_any():
                return
            if state is not WorkerState.DRAINED:
                fleet_control.say_drained(self._backend.engine, self.id)
            if asked is Asked.STOP and self._on_stopped is not None:
                logger.info("worker %s was asked to stop and has finished", self.id)
                self._on_stopped()
                self._obeys = False

    def _holds_any(self) -> bool:
        with read(self._backend.engine) as connection:
            return dbos_tables.holds_any(connection, self.id)

    def _keep_gate(self) -> None:
        if self._leading:
            self._gatekeeper.tick()
        else:
            self._gatekeeper.rest()

    def _look_out(self) -> None:
        """Apart from the leader's duties, which neither wait for it nor end with it."""
        if self._look is None or not self._leading:
            return
        try:
            self._look()
        except Exception:
            logger.exception("the watch failed; it looks again in %g s", LOOK_EVERY_S)

    def _retain(self) -> None:
        """Remove what is old, also apart: its pauses are longer than its work."""
        while self._leading and not self._stopping.is_set():
            pause = self._retention.step()
            if pause is None:
                return
            self._stopping.wait(pause)

    def _flush(self) -> None:
        for context in list(self._runtime.running.values()):
            context.logbook.flush()

    def _watch(self) -> None:
        """Pass cancels on, and stop what does not count any more; one query for all running jobs."""
        # Taken before the query: what began after it is not in its answer.
        contexts: list[Context] = list(self._runtime.running.values())
        if not contexts:
            return
        with read(self._backend.engine) as connection:
            rows = connection.execute(
                select(ATTEMPT.c.job_n, ATTEMPT.c.number, JOB.c.cancel_requested_at)
                .join(JOB, JOB.c.n == ATTEMPT.c.job_n)
                .where(ATTEMPT.c.worker_id == self.id, ATTEMPT.c.state == AttemptState.RUNNING.value)
            ).all()
        cancels = {(row.job_n, row.number): row.cancel_requested_at for row in rows}
        for context in contexts:
            key = (context.n, context.attempt)
            if key not in cancels:
                # Ended by itself meanwhile, or given to another worker.
                context.stop(Stop.FENCE)
            elif cancels[key] is not None:
                context.stop(Stop.CANCEL)
