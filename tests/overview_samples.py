"""A ledger in which much is going on, for stories and pictures of Jobs & Queues: made at once, without a worker."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, text

from execution_ops.backends.embedded import attempts
from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.fleet_tables import Worker
from execution_ops.domain.ids import new_id
from execution_ops.domain.quota_verbs import QUOTA_PAUSE
from execution_ops.domain.schedules import Missed
from execution_ops.domain.states import ENDED, JobState, WorkerState
from execution_ops.domain.times import now_ms
from tests.execution import Bench
from tests.factories import add_jobs, announce, job_values
from tests.letters import die, submit
from tests.quota_bench import act, many, quota
from tests.schedule_bench import run_now, schedule

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
# By queue: job types, how many wait, are behind a parent, run, and end well and badly in an hour.
QUEUES: dict[str, tuple[tuple[str, ...], int, int, int, int, int]] = {
    "scan": (("scan.catalog", "scan.inspect"), 31, 6, 12, 60, 1),
    "maven": (("scan.catalog",), 12, 0, 6, 20, 9),
    "compare": (("scan.compare",), 18, 2, 0, 0, 0),
    "merge": (("scan.merge",), 4, 12, 3, 30, 0),
    "feeds": (("feed.import", "advisory.sync"), 8, 0, 1, 12, 0),
    "export": (("scan.export",), 2, 4, 3, 25, 0),
    "maintenance": (("cache.evict", "log.prune"), 0, 0, 1, 6, 0),
    "kits": (("kit.verify",), 1, 0, 1, 2, 0),
}
TENANTS = ("acme", "globex")


def add_worker(bench: Bench, name: str, state: WorkerState, queues: Sequence[str], **values: Any) -> str:
    """A worker as the ledger knows it; its id."""
    now = now_ms()
    given: dict[str, Any] = {
        "id": name,
        "name": name,
        "host": "vm-1",
        "pid": 4711,
        "version": "0.1.0",
        "state": state.value,
        "queues": ",".join(queues),
        "concurrency": 8,
        "started_at": now - 5 * HOUR_MS,
        "heartbeat_at": now,
        "ended_at": None,
    }
    with write(bench.beneath.engine) as connection:
        connection.execute(insert(Worker).values(**Worker(**{**given, **values}).model_dump()))
    return name


def add_queue(bench: Bench, queue: str, *, worker: str = "", seed: int = 1) -> list[dict[str, Any]]:
    """The jobs of one of `QUEUES`; those that run do so on the worker."""
    types, waits, behind, runs, well, badly = QUEUES[queue]
    dice, made = random.Random(f"{queue}{seed}"), []

    def job(state: JobState, ago_ms: int, **more: Any) -> None:
        at = now_ms() - ago_ms
        ended = {"created_at": at - 3 * MINUTE_MS, "finished_at": at} if state in ENDED else {"created_at": at}
        values = {"queue": queue, "job_type": dice.choice(types), "tenant": dice.choice(TENANTS), "state": state.value}
        made.append(job_values(**values, **ended, **more))

    for state, count in ((JobState.SCHEDULED, waits), (JobState.PENDING, behind), (JobState.RUNNING, runs)):
        for _ in range(count):
            job(
                state, dice.randrange(1, 20) * MINUTE_MS, **({"worker_id": worker} if state is JobState.RUNNING else {})
            )
    for state, count in ((JobState.SUCCEEDED, well), (JobState.FAILED, badly)):
        for _ in range(count):
            job(state, dice.randrange(1, 40) * MINUTE_MS)
    rows = add_jobs(bench.beneath.engine, made)
    announce(bench.beneath.engine, rows)
    return rows


def fill(bench: Bench) -> None:
    """All queues, the workers of all but `compare`, dead letters, a paused quota, runs and a schedule that missed."""
    served = [queue for queue in QUEUES if queue != "compare"]
    add_worker(bench, "builder-1", WorkerState.ONLINE, served)
    add_worker(bench, "builder-2", WorkerState.ONLINE, ["scan", "maven", "test", "ops"])
    add_worker(bench, "night", WorkerState.DRAINED, ["scan"])
    for queue in QUEUES:
        add_queue(bench, queue, worker="builder-1")
    die(bench, submit(bench, 7), message="cannot read POM of org.acme:core")
    die(bench, submit(bench, 2, tenant="globex"), error_type="TimeoutError", message="no answer in 30 s")
    hold(bench)
    lose(bench)
    nightly = schedule(bench, name="nightly")
    run_now(bench, nightly)
    miss(bench, nightly.id)


def hold(bench: Bench) -> None:
    """A paused quota that holds three jobs."""
    act(bench, quota(bench, max_active=1), QUOTA_PAUSE)
    many(bench, 3)


def lose(bench: Bench, name: str = "victim") -> None:
    """A worker that died with two jobs on it."""
    add_worker(bench, name, WorkerState.ONLINE, ["test"])
    for job_id in submit(bench, 2):
        assert attempts.begin(bench.beneath.engine, job_id, bench.job(job_id)["dispatch"], name) is not None
    with write(bench.beneath.engine) as connection:
        sql = "UPDATE worker SET state = 'lost', heartbeat_at = :at, ended_at = :at WHERE id = :id"
        connection.execute(text(sql), {"at": now_ms() - 2 * MINUTE_MS, "id": name})


def miss(bench: Bench, schedule_id: str) -> None:
    """The last due time of the schedule brought no run."""
    with write(bench.beneath.engine) as connection:
        n = connection.execute(text("SELECT n FROM schedule WHERE id = :id"), {"id": schedule_id}).scalar_one()
        sql = "INSERT INTO firing (schedule_n, due_at, missed, times, at) VALUES (:n, :at, :missed, 2, :at)"
        at = (now_ms() - 3 * HOUR_MS) // HOUR_MS * HOUR_MS
        connection.execute(text(sql), {"n": n, "at": at, "missed": Missed.NO_WORKER.value})


def strand(bench: Bench, queues: int) -> None:
    """So many queues with a job each that nobody serves."""
    at = now_ms() - 4 * MINUTE_MS
    rows = [job_values(id=new_id(), queue=f"stranded-{n:03d}", state="scheduled", created_at=at) for n in range(queues)]
    announce(bench.beneath.engine, add_jobs(bench.beneath.engine, rows)[:1])
