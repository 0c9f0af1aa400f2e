"""The replay plan of `benchmarks.dead_letters`: how fast it is sent, what other jobs and the web process notice."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel
from rich.table import Table
from sqlalchemy import text

from benchmarks.console_site import site
from benchmarks.letters_seed import seed_dead_jobs
from execution_ops import routes
from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.worker import Worker
from execution_ops.domain.access import local_operator
from execution_ops.domain.job_types import DRIVER_TYPE, DagSpec, JobContext, NodeSpec, Registry, job_type
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.replays import PlanKind, ReplayPlan
from execution_ops.domain.states import DeadLetterState, ReplayState
from execution_ops.domain.verbs import Stamp
from execution_ops.services.own_jobs import LEDGER
from execution_ops.settings import Settings
from execution_ops.supervisor import on_signals
from tests.e2e.servers import chromium
from tests.jobs import add_own

REGISTRY = Registry()
STAMP = Stamp(actor=local_operator(), reason="benchmark")
PROBES = 80
PROBE_EVERY_S = 0.05
WARM_S = 5.0


class Order(BaseModel, extra="allow"):
    """Any payload."""


@job_type("bench.replayed", queue="replayed", payload=Order, registry=REGISTRY)
def replayed(job: JobContext, payload: Order) -> None:
    """What the plan sends; no worker serves its queue, so only the sending is measured."""


@job_type("bench.other", queue="other", payload=Order, registry=REGISTRY)
def other(job: JobContext, payload: Order) -> None:
    """What others do meanwhile."""


add_own(REGISTRY, "execution_ops.services.replay_job", DRIVER_TYPE)


def settings(directory: Path, url: str) -> Settings:
    """What backend and worker run with."""
    return Settings(data_dir=directory, database_url=url, poll_interval=0.05)


def work(directory: Path, url: str) -> None:
    """A worker process that drives plans and runs the other jobs, until SIGTERM."""
    config = settings(directory, url)
    backend = EmbeddedBackend(config, REGISTRY)
    LEDGER.bind(backend)
    worker = Worker(backend, config, registry=REGISTRY, queues=("other", "ops"))
    leave = threading.Event()
    on_signals(leave.set)
    worker.start()
    leave.wait()
    worker.stop(5)
    backend.close()


class Probe:
    """Single jobs of somebody else, one after the other: the time from enqueue to result."""

    def __init__(self, backend: EmbeddedBackend) -> None:
        self._backend = backend
        self._stop = threading.Event()
        self._chance = random.Random(1)
        self._thread = threading.Thread(target=self._run)
        self.times: list[float] = []

    def _run(self) -> None:
        while not self._stop.is_set():
            start = time.perf_counter()
            node = NodeSpec(key="one", job_type="bench.other")
            made = self._backend.submit(DagSpec(title="probe", nodes=(node,)), tenant="bench", stamp=STAMP)
            job_id = made.job_ids["one"]
            while self._state(job_id) != "succeeded":
                time.sleep(0.005)
            self.times.append((time.perf_counter() - start) * 1000)
            # Not in step with the queue's poll: else each one comes just after it, and any delay costs a whole one.
            self._stop.wait(self._chance.uniform(0, 2 * PROBE_EVERY_S))

    def _state(self, job_id: str) -> str:
        with read(self._backend.engine) as connection:
            return str(connection.execute(text("SELECT state FROM job WHERE id = :id"), {"id": job_id}).scalar_one())

    def __enter__(self) -> Probe:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def p95(self) -> float:
        """In ms."""
        return statistics.quantiles(self.times, n=20)[-1]


@contextmanager
def worker_of(directory: Path, url: str) -> Iterator[None]:
    """A worker process on the database, ended at the end."""
    command = [sys.executable, "-m", "benchmarks.dead_letters", "--worker", str(directory), url]
    worker = subprocess.Popen(command, env=os.environ)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(30)


def measure_plan(backend: EmbeddedBackend, directory: Path, url: str, kind: str, count: int, out: Table) -> None:
    """A plan of `count` entries with its rate off, then some of them again at 50 a second."""
    seed_dead_jobs(backend.engine, count)
    with worker_of(directory, url):
        with Probe(backend) as idle:
            _until(lambda: len(idle.times) >= PROBES)
        # The first ones wait for the worker to start.
        quiet = statistics.quantiles(idle.times[PROBES // 4 :], n=20)[-1]
        made = time.perf_counter()
        plan = _plan(backend, rate=None)
        _until(lambda: _read(backend, plan).prepared)
        prepared = time.perf_counter() - made
        with Probe(backend) as busy:
            took = _send_all(backend, plan)
        rate, factor = count / took, busy.p95 / quiet
        out.add_row(kind, f"dry run of {count:,}", f"{count / prepared:,.0f}/s", "", "")
        out.add_row(kind, f"{count:,}, rate off", f"{rate:,.0f}/s", ">= 2,000/s", _verdict(rate >= 2_000))
        others = f"{busy.p95:.0f} ms, idle {quiet:.0f} ms"
        out.add_row(kind, "others' p95 meanwhile", others, f"<= 1.5x: {factor:.2f}x", _verdict(factor <= 1.5))
        _measure_rate(backend, kind, out)


def measure_web(backend: EmbeddedBackend, directory: Path, url: str, count: int, out: Table) -> None:
    """What a web process with two open tabs grows by while a plan of `count` entries is sent."""
    seed_dead_jobs(backend.engine, count)
    with worker_of(directory, url), site(directory / "web", 0, url) as console, chromium() as browser:
        plan = _plan(backend, rate=None)
        _until(lambda: _read(backend, plan).prepared)
        for address in (routes.replay(plan.id), routes.dead_letter_queue()):
            browser.new_page().goto(f"{console.url}{address}")
        time.sleep(WARM_S)
        before = console.load().memory_mb
        _send_all(backend, plan)
        time.sleep(WARM_S)
        grown = console.load().memory_mb - before
        out.add_row(
            "sqlite", "web process grows by", f"{grown:.0f} MB from {before:.0f}", "< 50 MB", _verdict(grown < 50)
        )


def _send_all(backend: EmbeddedBackend, plan: ReplayPlan) -> float:
    """Start the plan and wait until all is sent; how long that took in s."""
    start = time.perf_counter()
    backend.act_on_plan(plan.id, "start", STAMP)
    _until(lambda: _read(backend, plan).counts.left == 0)
    return time.perf_counter() - start


def _measure_rate(backend: EmbeddedBackend, kind: str, out: Table, rate: int = 50, most: int = 1_500) -> None:
    """Some of what was sent is put back, as if it had died again, and is sent at a rate."""
    with write(backend.engine) as connection:
        back = {"most": 10_000_000 + most}
        connection.execute(text("UPDATE job SET state = 'failed' WHERE n < :most"), back)
        connection.execute(
            text(
                "UPDATE dead_letter SET state = 'pending', plan_n = NULL "
                "WHERE job_id IN (SELECT id FROM job WHERE n < :most) AND queue = 'replayed'"
            ),
            back,
        )
        counter = "UPDATE letter_counter SET entries = :most WHERE tenant = 'bench' AND state = 'pending'"
        connection.execute(text(counter), {"most": most})
    plan = _plan(backend, rate=float(rate))
    _until(lambda: _read(backend, plan).prepared)
    backend.act_on_plan(plan.id, "start", STAMP)
    _until(lambda: _read(backend, plan).counts.sent >= rate)
    first, start = _read(backend, plan).counts.sent, time.perf_counter()
    _until(lambda: _read(backend, plan).counts.left <= rate)
    seen = (_read(backend, plan).counts.sent - first) / (time.perf_counter() - start)
    out.add_row(kind, f"held at {rate}/s", f"{seen:.1f}/s", "+- 5 %", _verdict(abs(seen - rate) <= rate * 0.05))


def _plan(backend: EmbeddedBackend, *, rate: float | None) -> ReplayPlan:
    return backend.create_plan(
        PlanKind.REPLAY,
        where=DeadLetterFilter(tenant=("bench",), state=(DeadLetterState.PENDING,)),
        ids=(),
        description="benchmark",
        rate=rate,
        starts=False,
        undoes="",
        stamp=STAMP,
    )


def _read(backend: EmbeddedBackend, plan: ReplayPlan) -> ReplayPlan:
    found = backend.get_plan(plan.id, tenants=None)
    assert found is not None
    assert found.state is not ReplayState.ABORTED
    assert not found.driver_failed
    return found


def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.05)


def _verdict(within: bool) -> str:
    return "ok" if within else "MISSED"
