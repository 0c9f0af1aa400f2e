"""How schedules fire and how runs are listed.

    python -m benchmarks.scheduler [--schedules 5000] [--due 500] [--runs 1000000] [--only PART]

On SQLite and on PostgreSQL. `fire`: of many schedules some are due at the same instant, with one and with
three worker processes; how late each fired, and whether any fired twice. `list`: pages of runs through the
service, with no filter, each single one and pairs of them, on a ledger with a million runs. `missed`: which
of 2,000 schedules missed their last due time, asked when one fired or was changed while somebody looks.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, text

from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.run_rows import RUN
from execution_ops.backends.embedded.schedule_tables import Firing
from execution_ops.backends.embedded.schedules import SCHEDULE
from execution_ops.backends.embedded.worker import Worker
from execution_ops.domain.access import local_operator
from execution_ops.domain.ids import new_id
from execution_ops.domain.job_types import PLANNER_TYPE, JobContext, Registry, job_type
from execution_ops.domain.run_filters import RunFilter
from execution_ops.domain.runs import Trigger
from execution_ops.domain.schedules import ScheduleSpec
from execution_ops.domain.states import RunState
from execution_ops.domain.times import now_ms
from execution_ops.services.own_jobs import LEDGER
from execution_ops.services.runs import RunService
from execution_ops.services.schedules import ScheduleService
from execution_ops.settings import Settings
from execution_ops.supervisor import on_signals
from tests.databases import postgres_server
from tests.jobs import add_own

REGISTRY = Registry()
LATE_MAX_S = 5.0
PAGE_P95_MS = 25.0
LEAD_S = 12.0
BATCH = 10_000
KEPT, CAME_DUE = 2_000, 200
TENANTS = [f"tenant-{i}" for i in range(20)]
STATES = [RunState.COMPLETED] * 90 + [RunState.ERROR] * 8 + [RunState.CANCELED] * 2


class Nothing(BaseModel):
    """No payload."""


@job_type("bench.nothing", queue="bench", payload=Nothing, registry=REGISTRY)
def nothing(job: JobContext, payload: Nothing) -> None:
    """Does nothing."""


add_own(REGISTRY, "execution_ops.services.run_planner", PLANNER_TYPE)


def settings(directory: Path, url: str) -> Settings:
    """What backend and workers run with."""
    return Settings(data_dir=directory, database_url=url)


def work(directory: Path, url: str) -> None:
    """A worker process, until SIGTERM."""
    config = settings(directory, url)
    backend = EmbeddedBackend(config, REGISTRY)
    LEDGER.bind(backend)
    worker = Worker(backend, config, registry=REGISTRY)
    leave = threading.Event()
    on_signals(leave.set)
    worker.start()
    leave.wait()
    worker.stop(5)
    backend.close()


@contextmanager
def workers(count: int, directory: Path, url: str) -> Iterator[None]:
    """Worker processes on the database, ended at the end."""
    command = [sys.executable, "-m", "benchmarks.scheduler", "--worker", str(directory), url]
    started = [subprocess.Popen(command, env=os.environ) for _ in range(count)]
    try:
        yield
    finally:
        for one in started:
            one.terminate()
        for one in started:
            one.wait(30)


def schedule_row(number: int, next_at: int, now: int) -> dict[str, Any]:
    """The columns of one schedule that fires once a day from `next_at` on."""
    minute, hour = next_at // 60_000 % 60, next_at // 3_600_000 % 24
    spec = ScheduleSpec(name=f"schedule {number}", job_type="bench.nothing", cron=f"{minute} {hour} * * *")
    return {
        "id": new_id(),
        "tenant": TENANTS[number % len(TENANTS)],
        "name": spec.name,
        "job_type": spec.job_type,
        "queue": "bench",
        "catch_up_ms": spec.catch_up_s * 1000,
        "spec": spec.model_dump_json(),
        "version": 1,
        "revision": 1,
        "created_at": now,
        "changed_at": now,
        "changed_by": "benchmark",
        "next_at": next_at,
    }


def measure_fire(
    backend: EmbeddedBackend, kind: str, directory: Path, url: str, processes: int, sizes: tuple[int, int], out: Table
) -> None:
    """Let `sizes[1]` of `sizes[0]` schedules come due at one instant and see when each fired."""
    many, due = sizes
    # The ledger's clock and ours are the same machine's.
    at = int(now_ms() + LEAD_S * 1000) // 60_000 * 60_000 + 60_000
    with write(backend.engine) as connection:
        for table in ("firing", "run_target", "run_segment", "run", "schedule"):
            connection.execute(text(f"DELETE FROM {table}"))
        rows = [schedule_row(i, at if i < due else at + 3_600_000, now_ms()) for i in range(many)]
        connection.execute(insert(SCHEDULE), rows)
    with workers(processes, directory, url):
        deadline = time.monotonic() + 180

        def figure(statement: str) -> int:
            with read(backend.engine) as connection:
                return int(connection.execute(text(statement)).scalar_one() or 0)

        while figure("SELECT count(*) FROM run WHERE state = 'completed'") < due and time.monotonic() < deadline:
            time.sleep(0.5)
        with read(backend.engine) as connection:
            lates = [row[0] / 1000 for row in connection.execute(text("SELECT created_at - due_at FROM run"))]
        fired = figure("SELECT count(DISTINCT schedule_id) FROM run")
        ended = (figure("SELECT max(finished_at) FROM run") - at) / 1000
    twice = len(lates) - fired
    fine = fired == due and not twice and max(lates) <= LATE_MAX_S
    out.add_row(
        *(kind, str(processes), f"{fired} of {due}", str(twice)),
        *(f"{statistics.median(lates):.2f}", f"{max(lates):.2f}", f"{ended:.1f}", "ok" if fine else "MISSED"),
    )


def seed_runs(backend: EmbeddedBackend, count: int) -> list[str]:
    """Fill the ledger with runs of the last 90 days; the ids of their schedules."""
    chance = random.Random(1)
    schedules = [new_id() for _ in range(500)]
    first, step = now_ms() - 90 * 24 * 3_600_000, 90 * 24 * 3_600_000 // count
    fixed = {"schedule_version": 1, "spec": "{}", "job_type": "bench.nothing", "queue": "bench", "settled": True}
    for start in range(0, count, BATCH):
        rows = []
        for i in range(start, min(count, start + BATCH)):
            chosen = chance.randrange(len(schedules))
            at = first + i * step
            rows.append(
                {
                    **fixed,
                    "id": new_id(),
                    "schedule_id": schedules[chosen],
                    "schedule_name": f"schedule {chosen}",
                    "tenant": TENANTS[chosen % len(TENANTS)],
                    "trigger_kind": chance.choice(list(Trigger)).value,
                    "state": chance.choice(STATES).value,
                    "created_at": at,
                    "started_at": at,
                    "finished_at": at + 60_000,
                }
            )
        with write(backend.engine) as connection:
            connection.execute(insert(RUN), rows)
    if backend.engine.dialect.name == "postgresql":
        # What its own daemon does sooner or later.
        with backend.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE run"))
    return schedules


def filters(schedules: list[str]) -> list[RunFilter]:
    """No filter, each single one, and pairs of different fields."""
    choices: dict[str, list[str]] = {
        "state": [state.value for state in RunState],
        "trigger": [trigger.value for trigger in Trigger],
        "schedule": [schedules[0], schedules[99], new_id()],
        "tenant": [TENANTS[0], TENANTS[7], "nobody"],
        "after": ["1h", "7d"],
        "before": ["30d"],
    }
    single = [(name, value) for name, values in choices.items() for value in values]
    pairs = [pair for pair in itertools.combinations(single, 2) if pair[0][0] != pair[1][0]]
    return [RunFilter(), *(RunFilter.from_query(list(one)) for one in [*((one,) for one in single), *pairs])]


def measure_list(backend: EmbeddedBackend, kind: str, count: int, out: Table) -> None:
    """Each page once, through the service."""
    wanted = filters(seed_runs(backend, count))
    service, actor = RunService(backend), local_operator()
    calls: dict[str, Callable[[RunFilter], object]] = {
        "page": lambda where: service.list(actor, where),
        "counts": lambda where: service.counts(actor, where),
    }
    for what, call in calls.items():
        times = []
        for where in wanted:
            start = time.perf_counter()
            call(where)
            times.append((time.perf_counter() - start) * 1000)
        p95 = statistics.quantiles(times, n=20)[-1]
        target = f"<= {PAGE_P95_MS:g} {'ok' if p95 <= PAGE_P95_MS else 'MISSED'}" if what == "page" else ""
        out.add_row(
            *(kind, what, str(len(times)), f"{statistics.median(times):.1f}", f"{p95:.1f}", f"{max(times):.1f}", target)
        )


def measure_missed(backend: EmbeddedBackend, kind: str, out: Table) -> None:
    """Ask which schedules missed their last due time, each having come due often."""
    now = now_ms()
    with write(backend.engine) as connection:
        for table_name in ("firing", "schedule"):
            connection.execute(text(f"DELETE FROM {table_name}"))
        connection.execute(insert(SCHEDULE), [schedule_row(i, now + 3_600_000, now) for i in range(KEPT)])
        numbers = [row.n for row in connection.execute(text("SELECT n FROM schedule ORDER BY n"))]
    hours = [(now - hour * 3_600_000, hour) for hour in range(CAME_DUE)]
    for n in numbers:
        rows = [
            {"schedule_n": n, "due_at": at, "at": at, "missed": "no_worker" if hour % 50 == n % 400 else ""}
            for at, hour in hours
        ]
        with write(backend.engine) as connection:
            connection.execute(insert(Firing), rows)
    if backend.engine.dialect.name == "postgresql":
        with backend.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE firing"))
    service, actor = ScheduleService(backend, ()), local_operator()
    spent = []
    for _ in range(20):
        start = time.perf_counter()
        found = service.missed_last(actor)
        spent.append((time.perf_counter() - start) * 1000)
    out.add_row(kind, f"{len(found)}", f"{statistics.median(spent):.1f}", f"{max(spent):.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schedules", type=int, default=5_000)
    parser.add_argument("--due", type=int, default=500)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("fire", "list", "missed"))
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    parser.add_argument("--worker", nargs=2, metavar=("DIRECTORY", "URL"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(Path(arguments.worker[0]), arguments.worker[1])
        return
    fires = Table(
        *("database", "workers", "fired", "twice", "late p50 s", "late worst s", "all ended after s", "<= 5 s"),
        title=f"{arguments.due} of {arguments.schedules:,} schedules due at once",
    )
    lists = Table(
        *("database", "call", "calls", "median ms", "p95 ms", "worst ms", "target"), title=f"{arguments.runs:,} runs"
    )
    misses = Table(
        *("database", "missed", "median ms", "worst ms"), title=f"{KEPT:,} schedules of {CAME_DUE} due times each"
    )
    try:
        with postgres_server() as server, tempfile.TemporaryDirectory() as folder:
            for kind in (arguments.database,) if arguments.database else ("sqlite", "postgresql"):
                home = Path(folder) / kind
                home.mkdir()
                url = f"sqlite:///{home / 'execution_ops.db'}" if kind == "sqlite" else server.create()[1]
                backend = EmbeddedBackend(settings(home, url), REGISTRY)
                if arguments.only in (None, "fire"):
                    for processes in (1, 3):
                        sizes = (arguments.schedules, arguments.due)
                        measure_fire(backend, kind, home, url, processes, sizes, fires)
                if arguments.only in (None, "list"):
                    measure_list(backend, kind, arguments.runs, lists)
                if arguments.only in (None, "missed"):
                    measure_missed(backend, kind, misses)
                backend.close()
    finally:
        # What one part has seen is worth having when a later one fails.
        console = Console(width=120)
        for each in (fires, lists, misses):
            if each.row_count:
                console.print(each)


if __name__ == "__main__":
    main()
