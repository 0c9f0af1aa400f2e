"""The background job that drives a replay plan: it freezes and judges, then sends at the plan's rate."""

from __future__ import annotations

import threading
import time

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base_letters import ReplayBackend
from execution_ops.domain.job_types import (
    ATTEMPTS_MAX,
    DRIVER_TYPE,
    TIMEOUT_MAX_S,
    JobContext,
    JobResult,
    job_type,
)
from execution_ops.domain.replays import Dispatched, Pace
from execution_ops.services.bulk import QUEUE
from execution_ops.services.own_jobs import LEDGER, failing_in_words

PREPARE_BATCH = 200
DISPATCH_BATCH = 100
# How long a change of the rate, or a pause, may go unnoticed.
LOOK_S = 0.2


class ReplayPayload(BaseModel):
    """Which plan, and the how many-th driver of it this is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan_id: str
    round: int


# A worker that is restarted costs an attempt each time, and a slow plan outlives many.
@job_type(
    DRIVER_TYPE, queue=QUEUE, payload=ReplayPayload, max_attempts=ATTEMPTS_MAX, timeout_s=TIMEOUT_MAX_S, backoff_s=1.0
)
def run_replay(job: JobContext, payload: ReplayPayload) -> JobResult:
    """Prepares a replay plan, or sends what is left of it."""
    driver = _Driver(LEDGER.get(), job, payload)
    with failing_in_words():
        driver.prepare()
        return driver.send()


class _Driver:
    """One try; whatever an earlier one did is in the plan."""

    def __init__(self, backend: ReplayBackend, job: JobContext, payload: ReplayPayload) -> None:
        self._backend = backend
        self._job = job
        self._plan = payload
        self._pause = threading.Event()
        self.sent = 0
        self.skipped = 0

    def prepare(self) -> None:
        """Freeze and judge what is left to be frozen."""
        while True:
            self._job.checkpoint()
            done = self._backend.prepare_plan(self._plan.plan_id, batch=PREPARE_BATCH)
            self._job.progress(done.frozen, done.frozen, "frozen and judged")
            if done.finished:
                return
            self._pause.wait(self._backend.pause_s)

    def send(self) -> JobResult:
        """Send what is left until nothing is, or the plan is held, aborted or driven by another."""
        pace = Pace()
        batch = self._step(pace, 0)
        total = batch.left
        while batch.left:
            self._job.checkpoint()
            now = time.monotonic()
            pace.set_rate(batch.rate, now)
            most = pace.allowance(now, DISPATCH_BATCH)
            if most:
                batch = self._step(pace, most)
                self._job.progress(self.sent + self.skipped, total, f"{self.sent} sent, {self.skipped} skipped")
                self._pause.wait(self._backend.pause_s)
            else:
                self._pause.wait(min(LOOK_S, pace.wait_s(now)))
                batch = self._step(pace, 0)
        self._job.log.info("%d sent, %d skipped", self.sent, self.skipped)
        return JobResult(value={"sent": self.sent, "skipped": self.skipped, "state": batch.state.value})

    def _step(self, pace: Pace, most: int) -> Dispatched:
        batch = self._backend.dispatch_plan(self._plan.plan_id, self._plan.round, most=most)
        pace.count(batch.sent + batch.skipped)
        self.sent += batch.sent
        self.skipped += batch.skipped
        return batch
