"""How far queues are behind, by what is known of them."""

from __future__ import annotations

from execution_ops.domain.queue_lag import queue_lag
from execution_ops.domain.states import WorkerState
from tests.lag_samples import NOW, behind, health, queue, worker


def test_what_is_stuck_comes_first_then_the_deepest() -> None:
    lag = queue_lag(behind())
    assert [(one.queue, one.depth, one.oldest_wait_ms, one.running, one.workers) for one in lag.items] == [
        ("compare", 3, 840_000, 0, 0),
        ("scan", 7, 60_000, 2, 1),
        ("merge", 0, None, 0, 1),
    ]
    assert lag.as_of == NOW
    assert lag.items[0].stuck.startswith("No worker that is online serves the queue compare.")
    assert [one.stuck for one in lag.items[1:]] == ["", ""]


def test_a_queue_whose_workers_drain_says_so() -> None:
    lag = queue_lag(health(queue("scan", waiting=1), workers=(worker("scan", state=WorkerState.DRAINING),)))
    assert "is draining and takes nothing new" in lag.items[0].stuck


def test_a_queue_without_jobs_is_not_stuck() -> None:
    assert queue_lag(health(queue("scan"))).items[0].stuck == ""
