"""Queues and workers as a sample of health has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from execution_ops.domain.jobs import Health, QueueHealth, Worker
from execution_ops.domain.states import WorkerState

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def queue(name: str, **values: Any) -> QueueHealth:
    """A queue in which nothing happens, changed as wanted."""
    given: dict[str, Any] = {
        "job_types": ("demo.work",),
        "waiting": 0,
        "pending": 0,
        "running": 0,
        "limit": None,
        "oldest_wait_ms": None,
        "done_last_hour": 0,
        "failed_last_hour": 0,
        "done_series": (),
        "failed_series": (),
        "workers": 0,
    }
    return QueueHealth(queue=name, **{**given, **values})


def worker(*queues: str, **values: Any) -> Worker:
    """A worker that is online and serves these queues, changed as wanted."""
    given: dict[str, Any] = {"id": "w1", "state": WorkerState.ONLINE, "running": 0}
    return Worker(
        host="node-1",
        pid=1,
        version="0",
        queues=queues,
        concurrency=4,
        started_at=NOW,
        heartbeat_at=NOW,
        **{**given, **values},
    )


def health(*queues: QueueHealth, workers: tuple[Worker, ...] = ()) -> Health:
    """A sample of these."""
    return Health(queues=queues, workers=workers, as_of=NOW)


def behind() -> Health:
    """One queue that is worked on, one that nobody serves, one at rest."""
    return health(
        queue("scan", waiting=7, oldest_wait_ms=60_000, running=2, workers=1),
        queue("compare", waiting=3, oldest_wait_ms=840_000),
        queue("merge", oldest_wait_ms=5, workers=1),
        workers=(worker("scan", "merge"),),
    )
