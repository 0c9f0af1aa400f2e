"""What it costs the others while a million old jobs are removed.

    python -m benchmarks.retention --url sqlite:///empty.db --jobs 1000000

Fills an empty ledger, unless it has jobs already, with jobs of thirty days, and has one process remove all that ended
more than a day ago, as the
leading worker does. Meanwhile a worker runs jobs and a console submits them and reads lists; the same before, without
the removal, for comparison.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from sqlalchemy import Engine, text

from benchmarks.seed import seed
from benchmarks.tables import new_table, p95
from execution_ops.backends.embedded import retention as rounds
from execution_ops.backends.embedded.artifacts import ArtifactStore
from execution_ops.backends.embedded.engines import ledger_engine, read
from execution_ops.backends.embedded.migrate import upgrade
from execution_ops.backends.embedded.retention import Retention, status
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.retention import Policy
from tests.execution import Bench, node
from tests.processes import ROOT, WorkerProcess

POLICY = Policy(jobs=1, runs=1, dead_letters=1, audit=0)
SUBMIT_EVERY_S, READ_EVERY_S, CALM_S = 0.1, 0.1, 20.0


def main() -> None:
    """Fill, measure, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--url", required=True)
    options.add_argument("--jobs", type=int, default=1_000_000)
    options.add_argument("--remove", action="store_true", help="only remove, and print what each step took")
    given = options.parse_args()
    if given.remove:
        remove(given.url)
        return
    engine = ledger_engine(given.url)
    upgrade(engine)
    with read(engine) as connection:
        filled = connection.execute(text("SELECT 1 FROM job LIMIT 1")).first()
    if not filled:
        seed(engine, given.jobs)
    engine.dispose()
    table = new_table("beside the removal", "what", "median ms", "p95 ms", "worst ms")
    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(given.url, Path(directory))
        worker = WorkerProcess(bench)
        try:
            calm = watch(bench, lambda began: time.monotonic() - began > CALM_S)
            told = Path(directory) / "told.json"
            with told.open("w") as file:
                command = [sys.executable, "-m", "benchmarks.retention", "--url", given.url, "--remove"]
                removal = subprocess.Popen(command, cwd=ROOT, stdout=file)
            busy = watch(bench, lambda _began: removal.poll() is not None)
            found = json.loads(told.read_text())
        finally:
            worker.kill()
            bench.close()
    for name, times in [*calm.items()]:
        table.add_row(f"{name}, without", *figures(times))
        table.add_row(f"{name}, meanwhile", *figures(busy[name]))
    table.add_row("a transaction that removes", *figures(found["held"]))
    Console().print(table)
    print(
        f"{found['removed']:,} jobs in {found['seconds']:,.0f} s, {statistics.mean(found['sizes']):.0f} a transaction"
    )


def figures(times: list[float]) -> tuple[str, str, str]:
    """Median, p95 and worst."""
    return f"{statistics.median(times):.1f}", f"{p95(times):.1f}", f"{max(times):.0f}"


def watch(bench: Bench, over: Callable[[float], bool]) -> dict[str, list[float]]:
    """What submitting, running and reading takes until it is over, in ms."""
    found: dict[str, list[float]] = {"submit a job": [], "submit until done": [], "first page of a list": []}
    began, stop = time.monotonic(), threading.Event()

    def read_lists() -> None:
        while not stop.wait(READ_EVERY_S):
            start = time.perf_counter()
            bench.backend.list_jobs(JobFilter.from_query("state=failed"), tenants=None, cursor=None, limit=50)
            found["first page of a list"].append((time.perf_counter() - start) * 1000)

    reader = threading.Thread(target=read_lists)
    reader.start()
    try:
        while not over(began):
            start = time.perf_counter()
            job_id = bench.submit(node("one", "test.number", {"value": 1})).job_ids["one"]
            found["submit a job"].append((time.perf_counter() - start) * 1000)
            while bench.state(job_id) != "succeeded":
                time.sleep(0.005)
            found["submit until done"].append((time.perf_counter() - start) * 1000)
            time.sleep(SUBMIT_EVERY_S)
    finally:
        stop.set()
        reader.join()
    return found


def remove(url: str) -> None:
    """One round, with what each transaction took."""
    engine = ledger_engine(url)
    held: list[float] = []
    sizes: list[int] = []
    next_batch = rounds.next_batch

    def noted(size: int, took_ms: float) -> int:
        held.append(took_ms)
        sizes.append(size)
        return next_batch(size, took_ms)

    rounds.next_batch = noted
    with tempfile.TemporaryDirectory() as directory:
        retention = Retention(engine, ArtifactStore(Path(directory)), POLICY)
        before = _removed(engine)
        began = time.monotonic()
        while (pause := retention.step()) is not None:
            time.sleep(pause)
    seconds = time.monotonic() - began
    removed = _removed(engine) - before
    print(json.dumps({"removed": removed, "seconds": seconds, "held": held, "sizes": sizes}))


def _removed(engine: Engine) -> int:
    return sum(tally.removed for tally in status(engine, POLICY).kinds)


if __name__ == "__main__":
    main()
