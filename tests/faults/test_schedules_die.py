"""kill -9 of workers while schedules fire: no due time fires twice, every run ends, each target runs in it once."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from execution_ops.domain.schedule_verbs import SCHEDULE_PAUSE
from execution_ops.domain.schedules import Overlap
from execution_ops.domain.states import RunState
from tests.execution import STAMP, Bench, wait_until
from tests.processes import WorkerProcess
from tests.schedule_bench import schedule

KILLS = 6
TARGETS = 6
RUNS = 20

pytestmark = pytest.mark.long


def runs(bench: Bench) -> int:
    """How many runs there are."""
    return int(bench.rows("SELECT count(*) AS runs FROM run")[0]["runs"])


def more_than(bench: Bench, known: int) -> bool:
    """Whether there are more runs than that."""
    return runs(bench) > known


def test_no_due_time_fires_twice_and_every_run_ends(
    bench: Bench, start_worker: Callable[[], WorkerProcess], tmp_path: Path
) -> None:
    for i in range(TARGETS):
        (tmp_path / "sources" / f"target-{i}").mkdir(parents=True)
    made = schedule(bench, cron="* * * * * *", overlap=Overlap.ALLOW, targets=(f"{tmp_path}/sources/*",), parallelism=2)
    chance = random.Random(7)
    workers = [start_worker(), start_worker()]
    for _ in range(KILLS):
        known = runs(bench)
        wait_until(lambda known=known: bench.rows("SELECT count(*) AS runs FROM run")[0]["runs"] > known, "it fires")  # type: ignore[misc]
        threading.Event().wait(chance.uniform(0.1, 1.0))
        victim = chance.randrange(len(workers))
        workers[victim].kill()
        workers[victim] = start_worker()
    wait_until(partial(more_than, bench, RUNS), "runs enough")
    bench.backend.act_on_schedule(made.id, SCHEDULE_PAUSE, STAMP, revision=None)
    open_runs = "SELECT count(*) AS runs FROM run WHERE state NOT IN ('completed', 'error', 'canceled')"
    wait_until(lambda: bench.rows(open_runs)[0]["runs"] == 0, "every run has ended", 120)
    made_runs = bench.rows("SELECT n, due_at, state, completed FROM run ORDER BY n")
    assert len({row["due_at"] for row in made_runs}) == len(made_runs)
    assert {row["state"] for row in made_runs} == {RunState.COMPLETED}
    assert {row["completed"] for row in made_runs} == {TARGETS}
    # Each due time from the first to the last one is accounted for.
    firings = bench.rows("SELECT due_at, run_n, missed FROM firing ORDER BY due_at")
    first, last = made_runs[0]["due_at"], made_runs[-1]["due_at"]
    assert [row["due_at"] for row in firings if first <= row["due_at"] <= last] == list(range(first, last + 1, 1000))
    dags = bench.rows("SELECT count(*) AS targets, count(DISTINCT dag_id) AS dags FROM run_target")[0]
    assert dags["targets"] == dags["dags"] == len(made_runs) * TARGETS
    echoes = bench.rows("SELECT count(*) AS jobs FROM job WHERE job_type = 'test.echo'")[0]["jobs"]
    assert echoes == len(made_runs) * TARGETS
