"""How dead letters behave by the million: pages, fingerprints, and a replay plan of 100,000 entries.

    python -m benchmarks.dead_letters [--entries 1000000] [--plan 100000] [--only PART]

Fills an empty ledger with entries in 300 groups on SQLite and on PostgreSQL, then measures through the
services: the page of the groups, the page of the queue with every single filter and pairs of them; how
many fingerprints a second one core makes; how fast a plan is sent with its rate off and at 50 a second
while a worker process runs other jobs, and what these notice of it. Parts: `pages`, `fingerprints`, `plan`.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from benchmarks.letters_seed import GROUPS, STATES, TENANTS, TYPES, failure, seed, seed_dead_jobs
from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.worker import Worker
from execution_ops.domain.access import local_operator
from execution_ops.domain.fingerprints import fingerprint
from execution_ops.domain.job_types import REGISTRY as EVERY_TYPE
from execution_ops.domain.job_types import DagSpec, JobContext, NodeSpec, Registry, job_type
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.replays import PlanKind, ReplayPlan
from execution_ops.domain.states import DeadLetterState, ReplayState
from execution_ops.domain.verbs import Stamp
from execution_ops.services import replay_job
from execution_ops.services.dead_letters import DeadLetterService
from execution_ops.settings import Settings
from execution_ops.supervisor import on_signals
from tests.databases import postgres_server

REPEAT = 40
PROBE_EVERY_S = 0.05
REGISTRY = Registry()
STAMP = Stamp(actor=local_operator(), reason="benchmark")


class Order(BaseModel, extra="allow"):
    """Any payload."""


@job_type("bench.replayed", queue="replayed", payload=Order, registry=REGISTRY)
def replayed(job: JobContext, payload: Order) -> None:
    """What the plan sends; no worker serves its queue, so only the sending is measured."""


@job_type("bench.other", queue="other", payload=Order, registry=REGISTRY)
def other(job: JobContext, payload: Order) -> None:
    """What others do meanwhile."""


driver = EVERY_TYPE.get(replay_job.DRIVER_TYPE)
assert driver is not None
REGISTRY.add(driver)


def measure_pages(backend: EmbeddedBackend, kind: str, out: Table) -> None:
    """The two pages through the service, each call once."""
    service, actor = DeadLetterService(backend), local_operator()
    found = service.groups(actor, DeadLetterFilter())
    marks = [group.fingerprint for group in found.groups]
    few = [[("tenant", TENANTS[3])], [("job_type", TYPES[4])], [("retryable", "yes")], [("category", "auth")], []]
    group_filters = [DeadLetterFilter.from_query(pairs) for pairs in few]
    _row(out, kind, "groups page", 50, _times(lambda where: service.groups(actor, where), group_filters * 12))
    plain = [DeadLetterFilter.from_query(pairs) for pairs in queue_filters(marks, 1)]
    _row(out, kind, "queue page, none or one filter", 25, _times(lambda where: service.list(actor, where), plain * 3))
    pairs = [DeadLetterFilter.from_query(pairs) for pairs in queue_filters(marks, 2)]
    _row(out, kind, "queue page, two filters", 25, _times(lambda where: service.list(actor, where), pairs))
    _row(out, kind, "counts beside it", None, _times(lambda where: service.counts(actor, where), plain + pairs))


def queue_filters(marks: list[str], size: int) -> Iterator[list[tuple[str, str]]]:
    """No filter and each single one, or each pair of two different fields."""
    choices: dict[str, list[str]] = {
        "state": [state.value for state in STATES],
        "group": [marks[0], marks[20], marks[-1]],
        "tenant": [TENANTS[0], TENANTS[7], TENANTS[-1]],
        "job_type": [TYPES[0], TYPES[15], "no.such"],
        "category": ["transient", "auth", "unknown"],
        "retryable": ["yes", "no"],
        "error_type": ["Error00", "Error39"],
        "after": ["1h", "24h", "7d"],
    }
    single = [(name, value) for name, values in choices.items() for value in values]
    if size == 1:
        yield []
        yield from ([pair] for pair in single)
    else:
        yield from ([one, two] for i, one in enumerate(single) for two in single[i + 1 :] if one[0] != two[0])


def _times(call: Callable[[DeadLetterFilter], object], filters: list[DeadLetterFilter]) -> list[float]:
    times = []
    for where in filters:
        start = time.perf_counter()
        call(where)
        times.append((time.perf_counter() - start) * 1000)
    return times


def _row(out: Table, kind: str, what: str, target: float | None, times: list[float]) -> None:
    p95 = statistics.quantiles(times, n=20)[-1]
    within = "" if target is None else f"<= {target:g} {'ok' if p95 <= target else 'MISSED'}"
    out.add_row(
        kind, what, str(len(times)), f"{statistics.median(times):.1f}", f"{p95:.1f}", f"{max(times):.1f}", within
    )


def measure_fingerprints(console: Console, count: int = 40_000) -> None:
    """Complete fingerprints of failures with stacks of about 2 kB, on one core."""
    chance = random.Random(1)
    failures = [failure(chance) for _ in range(2_000)]
    start = time.process_time()
    for i in range(count):
        fingerprint(*failures[i % len(failures)])
    rate = count / (time.process_time() - start)
    size = statistics.mean(len(stack) for _, _, stack in failures)
    console.print(f"fingerprints: {rate:,.0f}/s on one core, stacks of {size:,.0f} characters (target 20,000/s)")


def settings(directory: Path, url: str) -> Settings:
    """What backend and worker run with."""
    return Settings(data_dir=directory, database_url=url, poll_interval=0.05)


def work(directory: Path, url: str) -> None:
    """A worker process that drives plans and runs the other jobs, until SIGTERM."""
    config = settings(directory, url)
    backend = EmbeddedBackend(config, REGISTRY)
    replay_job.register(backend)
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
            self._stop.wait(PROBE_EVERY_S)

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


def measure_plan(backend: EmbeddedBackend, directory: Path, url: str, kind: str, count: int, out: Table) -> None:
    """A plan of `count` entries with its rate off, then the rest of another one at 50 a second."""
    seed_dead_jobs(backend.engine, count)
    command = [sys.executable, "-m", "benchmarks.dead_letters", "--worker", str(directory), url]
    worker = subprocess.Popen(command, env=os.environ)
    try:
        with Probe(backend) as idle:
            _until(lambda: len(idle.times) >= REPEAT * 2)
        quiet = statistics.quantiles(idle.times[REPEAT // 2 :], n=20)[-1]
        made = time.perf_counter()
        plan = _plan(backend, rate=None)
        _until(lambda: _read(backend, plan).prepared)
        prepared = time.perf_counter() - made
        with Probe(backend) as busy:
            start = time.perf_counter()
            backend.act_on_plan(plan.id, "start", STAMP)
            _until(lambda: _read(backend, plan).counts.left == 0)
            took = time.perf_counter() - start
        factor = busy.p95 / quiet
        out.add_row(kind, f"dry run of {count:,}", f"{count / prepared:,.0f}/s", "", "")
        out.add_row(
            kind, f"{count:,}, rate off", f"{count / took:,.0f}/s", ">= 2,000/s", _verdict(count / took >= 2_000)
        )
        out.add_row(
            kind, "others' p95 meanwhile", f"{busy.p95:.0f} ms, idle {quiet:.0f} ms", "<= 1.5x", f"{factor:.2f}x"
        )
        _measure_rate(backend, kind, out)
    finally:
        worker.terminate()
        worker.wait(30)


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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--plan", type=int, default=100_000)
    parser.add_argument("--only", choices=("pages", "fingerprints", "plan"))
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    parser.add_argument("--worker", nargs=2, metavar=("DIRECTORY", "URL"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(Path(arguments.worker[0]), arguments.worker[1])
        return
    console = Console()
    if arguments.only in (None, "fingerprints"):
        measure_fingerprints(console)
    pages = Table(
        "database",
        "call",
        "calls",
        "median ms",
        "p95 ms",
        "worst ms",
        "target",
        title=f"{arguments.entries:,} entries in {GROUPS} groups",
    )
    plans = Table("database", "what", "seen", "target", "", title=f"a replay plan of {arguments.plan:,} entries")
    with postgres_server() as server, tempfile.TemporaryDirectory() as folder:
        for kind in (arguments.database,) if arguments.database else ("sqlite", "postgresql"):
            for part in ("pages", "plan"):
                if arguments.only not in (None, part):
                    continue
                home = Path(folder) / f"{kind}-{part}"
                home.mkdir()
                url = f"sqlite:///{home / 'execution_ops.db'}" if kind == "sqlite" else server.create()[1]
                backend = EmbeddedBackend(settings(home, url), REGISTRY)
                if part == "pages":
                    seed(backend.engine, arguments.entries)
                    measure_pages(backend, kind, pages)
                else:
                    measure_plan(backend, home, url, kind, arguments.plan, plans)
                backend.close()
    for each in (pages, plans):
        if each.row_count:
            console.print(each)


if __name__ == "__main__":
    main()
