"""Why a job isn't running, for every state it can be in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from execution_ops.domain.jobs import Health, JobEvent, QueueHealth, Worker
from execution_ops.domain.states import JobState, WorkerState
from execution_ops.domain.waiting import WaitingKind, why_waiting
from tests.doubles import EPOCH
from tests.job_samples import job_detail, job_row


def health(*, limit: int | None = None, running: int = 0, state: WorkerState | None = WorkerState.ONLINE) -> Health:
    queue = QueueHealth(
        queue="demo",
        job_types=("demo.work",),
        waiting=7,
        pending=0,
        running=running,
        limit=limit,
        oldest_wait_ms=None,
        done_last_hour=0,
        failed_last_hour=0,
        done_series=(),
        failed_series=(),
        workers=1,
    )
    worker = Worker(
        id="w1",
        host="h",
        pid=1,
        version="1",
        state=state or WorkerState.LOST,
        queues=("demo",),
        concurrency=4,
        running=running,
        started_at=EPOCH,
        heartbeat_at=EPOCH,
    )
    return Health(queues=(queue,), workers=(worker,) if state else (), as_of=EPOCH)


def say(found: Health | None = None, *, parents: tuple[Any, ...] = (), **changes: Any) -> tuple[str, str]:
    waiting = why_waiting(job_detail(job_row(**changes), parents=parents), found or health(), EPOCH)
    return waiting.kind.value, waiting.sentence


def test_it_waits_for_the_parent_that_runs() -> None:
    slow = job_row(job_type="demo.slow", label="java", state=JobState.RUNNING)
    parents = (job_row(state=JobState.SUCCEEDED), job_row(state=JobState.SCHEDULED), slow)
    waiting = why_waiting(job_detail(job_row(state=JobState.PENDING), parents=parents), health(), EPOCH)
    assert waiting.kind is WaitingKind.PARENT
    assert waiting.sentence == "It waits for demo.slow (java), which is running and 1 more of its parents."
    assert waiting.blocking_job_id == slow.id


def test_parents_that_are_left_out_are_no_less_waited_for() -> None:
    parents = (job_row(job_type="demo.slow", state=JobState.RUNNING), job_row(state=JobState.SCHEDULED))
    detail = job_detail(job_row(state=JobState.PENDING), parents=parents, parents_total=9_000)
    assert why_waiting(detail, health(), EPOCH).sentence.endswith("and at least 1 more of its parents.")


@pytest.mark.parametrize(
    ("state", "past"),
    [(JobState.FAILED, "failed"), (JobState.TIMED_OUT, "timed out"), (JobState.CANCELED, "was canceled")],
)
def test_a_parent_that_ended_badly_is_named(state: JobState, past: str) -> None:
    broken = job_row(job_type="demo.first", state=state)
    detail = job_detail(job_row(state=JobState.PENDING), parents=(job_row(state=JobState.RUNNING), broken))
    waiting = why_waiting(detail, health(), EPOCH)
    assert waiting.kind is WaitingKind.PARENT_ENDED
    assert waiting.sentence == f"Its parent demo.first {past}. It continues when that is retried."
    assert waiting.blocking_job_id == broken.id


def test_parents_have_succeeded() -> None:
    assert say(state=JobState.PENDING, parents=(job_row(state=JobState.SUCCEEDED),))[0] == "next"


def test_back_off_says_until_when() -> None:
    kind, sentence = say(state=JobState.SCHEDULED, eligible_at=EPOCH + timedelta(seconds=90))
    assert kind == "backoff"
    assert "at 23 Jan 12:01 UTC, in 1m 30s" in sentence


def test_an_eligible_moment_that_has_passed_is_no_back_off() -> None:
    assert say(state=JobState.SCHEDULED, eligible_at=EPOCH)[0] == "next"


@pytest.mark.parametrize("state", [None, WorkerState.LOST, WorkerState.DRAINED])
def test_no_worker_serves_the_queue(state: WorkerState | None) -> None:
    known = health(state=state)
    ended = tuple(worker.model_copy(update={"ended_at": EPOCH}) for worker in known.workers)
    kind, sentence = say(known.model_copy(update={"workers": ended}), state=JobState.SCHEDULED)
    assert kind == "no_worker"
    assert sentence.startswith("No worker that is online serves the queue demo.")


@pytest.mark.parametrize("state", [WorkerState.DRAINING, WorkerState.DRAINED])
def test_workers_that_drain_take_nothing_new(state: WorkerState) -> None:
    known = health(state=state)
    kind, sentence = say(known, state=JobState.SCHEDULED)
    assert kind == "workers_drain"
    assert sentence.startswith(f"The worker of the queue demo is {state.value} and takes nothing new. Resume one")
    both = (*known.workers, known.workers[0].model_copy(update={"id": "w2", "state": WorkerState.DRAINED}))
    word = "draining or drained" if state is WorkerState.DRAINING else "drained"
    sentence = say(known.model_copy(update={"workers": both}), state=JobState.SCHEDULED)[1]
    assert sentence.startswith(f"All 2 workers of the queue demo are {word} and take nothing new.")


@pytest.mark.parametrize(
    ("limit", "running", "sentence"),
    [
        (2, 2, "All 2 slots of the queue demo are busy, with 7 waiting."),
        (8, 8, "All 8 slots of the queue demo are busy, with 7 waiting."),
        (None, 4, "All 4 slots of the queue demo are busy, with 7 waiting."),
        (1, 1, "The one slot of the queue demo is busy, with 7 waiting."),
    ],
)
def test_all_slots_are_busy(limit: int | None, running: int, sentence: str) -> None:
    assert say(health(limit=limit, running=running), state=JobState.SCHEDULED) == ("queue_full", sentence)


def test_it_is_next() -> None:
    assert say(health(limit=2, running=1), state=JobState.SCHEDULED)[0] == "next"


def test_a_job_that_runs_or_is_being_canceled() -> None:
    assert say(state=JobState.RUNNING) == ("running", "It is running on w1.")
    assert say(state=JobState.RUNNING, canceling=True)[0] == "canceling"


def test_what_ended_it() -> None:
    assert say(state=JobState.SUCCEEDED)[1] == "It succeeded on attempt 1 of 3."
    assert say(state=JobState.TIMED_OUT)[1] == "It ran out of its time of 1m 00s, on attempt 1."
    failed = say(state=JobState.FAILED, error_type="OSError", error_message="No space left.")
    assert failed == ("ended", "Attempt 1 of 3 failed: OSError: No space left.")


def test_who_canceled_it_and_why() -> None:
    event = JobEvent(
        seq=1, at=EPOCH, kind="canceled", detail="", attempt=0, actor="ann", reason="wrong branch", ticket=""
    )
    detail = job_detail(job_row(state=JobState.CANCELED), events=(event,))
    assert why_waiting(detail, health(), EPOCH).sentence == "It was canceled by ann: wrong branch."
    assert say(state=JobState.CANCELED)[1] == "It was canceled."
