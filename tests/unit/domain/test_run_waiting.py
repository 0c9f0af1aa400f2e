"""Why a run waits, in words."""

from __future__ import annotations

from typing import Any

import pytest

from execution_ops.domain.jobs import Health, Worker
from execution_ops.domain.run_waiting import RunWaiting, why_run_waits
from execution_ops.domain.runs import Run, RunCounts
from execution_ops.domain.states import ENDED_RUNS, RunState, TargetState, WorkerState
from tests.unit.state.run_samples import NOW, run


def health(*queues: str) -> Health:
    """One worker that serves these queues."""
    worker = Worker(
        id="w1",
        host="h",
        pid=1,
        version="0",
        state=WorkerState.ONLINE,
        queues=queues,
        concurrency=4,
        running=0,
        started_at=NOW,
        heartbeat_at=NOW,
    )
    return Health(queues=(), workers=(worker,), as_of=NOW)


def why(*queues: str, before: Run | None = None, parallelism: int = 4, **values: Any) -> RunWaiting | None:
    """Why such a run waits while these queues are served."""
    return why_run_waits(
        run(**values), parallelism=parallelism, before=before, health=health(*queues), planner_queue="ops"
    )


@pytest.mark.parametrize("state", sorted(ENDED_RUNS))
def test_what_has_ended_waits_for_nothing(state: RunState) -> None:
    assert why(state=state) is None


def test_a_run_that_is_planned_names_the_job() -> None:
    found = why("ops", state=RunState.PLANNING, planner_job_id="plan")
    assert found == RunWaiting(sentence="A job is finding its targets.", job_id="plan")


def test_a_run_whose_planner_no_worker_takes_is_stuck() -> None:
    found = why("scan", state=RunState.PLANNING, planner_job_id="plan")
    assert found is not None
    assert found.stuck
    assert found.sentence.startswith("No worker that is online serves the queue ops.")


def test_a_run_behind_another_names_it() -> None:
    first = run(state=RunState.RUNNING)
    found = why("ops", "demo", before=first, state=RunState.QUEUED)
    assert found is not None
    assert (found.sentence, found.run_id) == (
        "It waits for the run before it to end, which is running.",
        first.id,
    )
    behind = why("ops", "demo", state=RunState.QUEUED)
    assert behind is not None
    assert "everything of the run before it has stopped" in behind.sentence


@pytest.mark.parametrize(
    ("by_state", "parallelism", "sentence"),
    [
        ({TargetState.WAITING: 5}, 4, "Its first targets start within a second or two."),
        ({TargetState.WAITING: 5, TargetState.RUNNING: 4}, 4, "5 targets wait: at most 4 targets run at once."),
        ({TargetState.WAITING: 1, TargetState.RUNNING: 1}, 1, "1 target waits: at most one target runs at once."),
    ],
)
def test_targets_wait_for_their_turn(by_state: dict[TargetState, int], parallelism: int, sentence: str) -> None:
    values = {"planner_job_id": "plan", "counts": RunCounts(by_state=by_state)}
    found = why("demo", parallelism=parallelism, state=RunState.RUNNING, **values)
    assert found is not None
    assert found.sentence == sentence
    unserved = why("ops", parallelism=parallelism, state=RunState.RUNNING, **values)
    assert unserved is not None
    assert unserved.stuck


def test_a_run_whose_last_targets_run_waits_for_nothing() -> None:
    counts = RunCounts(by_state={TargetState.RUNNING: 2})
    assert why("demo", state=RunState.RUNNING, planner_job_id="plan", counts=counts) is None
