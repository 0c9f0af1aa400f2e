"""A console process and workers at full speed on one database, and limits that the clock decides."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from execution_ops.backends.embedded.backend import EmbeddedBackend
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.job_types import DagSpec
from execution_ops.domain.states import JobState
from tests.execution import STAMP, Bench, node, wait_until
from tests.jobs import REGISTRY
from tests.processes import WorkerProcess

JOBS = 100
READERS = 2


def test_console_and_workers_share_a_database_at_full_speed(bench: Bench, tmp_path: Path) -> None:
    """Two worker processes run jobs while another engine submits, lists, counts and cancels."""
    workers = [WorkerProcess(bench), WorkerProcess(bench)]
    console = EmbeddedBackend(bench.settings, REGISTRY)
    errors: list[BaseException] = []
    finished = threading.Event()

    def repeat(action: Callable[[], object]) -> threading.Thread:
        def loop() -> None:
            while not finished.is_set():
                try:
                    action()
                except BaseException as error:  # noqa: BLE001  (any error fails the test)
                    errors.append(error)
                    return

        thread = threading.Thread(target=loop)
        thread.start()
        return thread

    def look() -> None:
        console.list_jobs(JobFilter(), tenants=None, cursor=None, limit=50)
        console.count_jobs(JobFilter(), tenants=None)
        console.changes_after(console.last_change() - 10)
        console.health(tenants=None)

    try:
        readers = [repeat(look) for _ in range(READERS)]
        canceled = []
        for number in range(JOBS // 10):
            nodes = tuple(
                node(f"n{i}", "test.number", {"value": i}, (f"n{i - 1}",) if i % 5 else ()) for i in range(10)
            )
            done = console.submit(DagSpec(title=str(number), nodes=nodes), tenant=f"t{number % 3}", stamp=STAMP)
            if number % 5 == 0:
                [outcome] = console.cancel([done.job_ids["n9"]], STAMP)
                canceled += [outcome.id] if outcome.done else []
        ended = "SELECT count(*) AS jobs FROM job WHERE state IN ('succeeded', 'canceled')"
        wait_until(lambda: bench.rows(ended)[0]["jobs"] == JOBS, "all jobs ended")
    finally:
        finished.set()
        for thread in readers:
            thread.join()
        for worker in workers:
            worker.close()
        console.close()
    assert errors == []
    states = {row["state"]: row["jobs"] for row in bench.rows("SELECT state, count(*) AS jobs FROM job GROUP BY state")}
    assert states.get("canceled", 0) <= len(canceled)
    assert bench.rows("SELECT 1 FROM job WHERE attempts > 1") == []
    bench.check_counters()


def test_a_rate_limit_is_exact(bench: Bench) -> None:
    """With timestamps of whole seconds it would let twice as many through."""
    limit, period_ms = 4, 500
    bench.limit_queue(limit, period_ms / 1000)
    bench.work()
    jobs = [bench.one("test.echo") for _ in range(13)]
    for job_id in jobs:
        bench.until(job_id, JobState.SUCCEEDED)
    table = "workflow_status" if bench.beneath.engine.dialect.name == "sqlite" else "dbos.workflow_status"
    starts = [
        row["at"] for row in bench.rows(f"SELECT started_at_epoch_ms AS at FROM {table} ORDER BY started_at_epoch_ms")
    ]
    assert len(starts) == 13
    assert any(start % 1000 for start in starts)
    # Any start and the one `limit` later are at least a period apart.
    assert all(later - earlier >= period_ms for earlier, later in zip(starts, starts[limit:], strict=False))
    assert all(earlier <= later for earlier, later in pairwise(starts))
