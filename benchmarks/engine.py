"""How fast the engine is: jobs per second and the time from submit to running.

`python -m benchmarks.engine [--jobs N]` prints a table for SQLite and PostgreSQL with one and two
worker processes. A job is a handler that does nothing, with all that the ledger keeps of it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.backends.embedded.engines import read
from execution_ops.backends.embedded.worker import Worker
from execution_ops.domain.access import local_operator
from execution_ops.domain.job_types import DagSpec, JobContext, NodeSpec, Registry, job_type
from execution_ops.domain.verbs import Stamp
from execution_ops.settings import Settings
from execution_ops.supervisor import on_signals
from tests.databases import postgres_server

REGISTRY = Registry()
CONCURRENCY = 20
POLL_S = 0.05
PROBES = 40
BATCH = 100


class Nothing(BaseModel):
    """No payload."""


@job_type("bench.nothing", queue="bench", payload=Nothing, registry=REGISTRY)
def nothing(job: JobContext, payload: Nothing) -> None:
    """Does nothing."""


def settings(directory: Path, url: str) -> Settings:
    """What backend and workers run with."""
    return Settings(data_dir=directory, database_url=url, poll_interval=POLL_S, worker_concurrency=CONCURRENCY)


def work(directory: Path, url: str) -> None:
    """A worker process, until SIGTERM."""
    config = settings(directory, url)
    backend = EmbeddedBackend(config, REGISTRY)
    worker = Worker(backend, config, registry=REGISTRY)
    leave = threading.Event()
    on_signals(leave.set)
    worker.start()
    leave.wait()
    worker.stop(5)
    backend.close()


class Run:
    """One database with some worker processes."""

    def __init__(self, directory: Path, url: str, workers: int) -> None:
        self._backend = EmbeddedBackend(settings(directory, url), REGISTRY)
        self._command = [sys.executable, "-m", "benchmarks.engine", "--worker", str(directory), url]
        self._count = workers
        self._workers: list[subprocess.Popen[bytes]] = []

    def measure(self, jobs: int) -> tuple[float, list[float]]:
        """Jobs per second with a full queue, then the latencies in ms of single jobs."""
        try:
            for _ in range(jobs // BATCH):
                self._submit(BATCH)
            for _ in range(self._count):
                self._workers.append(subprocess.Popen(self._command, env=os.environ))
            self._until_done(jobs)
            first, last = "SELECT min(started_at) FROM job", "SELECT max(finished_at) FROM job"
            rate = jobs / ((self._figure(last) - self._figure(first)) / 1000)
            for number in range(1, PROBES + 1):
                self._submit(1)
                self._until_done(jobs + number)
            with read(self._backend.engine) as connection:
                newest = text("SELECT started_at - created_at FROM job ORDER BY n DESC LIMIT :probes")
                return rate, [float(ms) for ms in connection.execute(newest, {"probes": PROBES}).scalars()]
        finally:
            for worker in self._workers:
                worker.terminate()
            for worker in self._workers:
                worker.wait(30)
            self._backend.close()

    def _submit(self, count: int) -> None:
        nodes = tuple(NodeSpec(key=str(i), job_type="bench.nothing") for i in range(count))
        stamp = Stamp(actor=local_operator())
        self._backend.submit(DagSpec(title="benchmark", nodes=nodes), tenant="bench", stamp=stamp)

    def _figure(self, statement: str) -> int:
        with read(self._backend.engine) as connection:
            return int(connection.execute(text(statement)).scalar_one() or 0)

    def _until_done(self, jobs: int) -> None:
        while self._figure("SELECT count(*) FROM job WHERE state = 'succeeded'") < jobs:
            time.sleep(0.02)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2_000)
    parser.add_argument("--worker", nargs=2, metavar=("DIRECTORY", "URL"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(Path(arguments.worker[0]), arguments.worker[1])
        return
    table = Table(
        title=f"{arguments.jobs:,} jobs that do nothing, concurrency {CONCURRENCY}, poll {POLL_S * 1000:.0f} ms"
    )
    for heading in ("database", "workers", "jobs/s", "submit → running p50 ms", "p95 ms"):
        table.add_column(heading, justify="right")
    with postgres_server() as server, tempfile.TemporaryDirectory() as directory:
        for kind in ("sqlite", "postgresql"):
            for workers in (1, 2):
                home = Path(directory) / f"{kind}-{workers}"
                home.mkdir()
                url = f"sqlite:///{home / 'bench.db'}" if kind == "sqlite" else server.create()[1]
                rate, latencies = Run(home, url, workers).measure(arguments.jobs)
                p95 = statistics.quantiles(latencies, n=20)[-1]
                table.add_row(kind, str(workers), f"{rate:.0f}", f"{statistics.median(latencies):.0f}", f"{p95:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
