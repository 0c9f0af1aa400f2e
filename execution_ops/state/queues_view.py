"""What a table of queues shows: flat, small, already in words; every figure with the address of what it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from execution_ops import routes
from execution_ops.domain.jobs import QueueHealth
from execution_ops.domain.query_values import VALUES_MAX
from execution_ops.domain.quota_filters import QuotaFilter
from execution_ops.domain.quotas import ANY
from execution_ops.domain.standing import is_stuck
from execution_ops.domain.states import JobState, WorkerState
from execution_ops.domain.text import visible
from execution_ops.domain.times import describe_duration

SUCCEEDED = ("state", JobState.SUCCEEDED.value)
BAD = (("state", JobState.FAILED.value), ("state", JobState.TIMED_OUT.value))
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class QueueLine:
    """One queue. Every figure has the address of the list that it counts."""

    queue: str
    name: str
    href: str
    job_types: str
    waiting: int
    waiting_href: str
    pending: int
    pending_href: str
    running: int
    running_href: str
    limit: int | None
    limit_text: str
    oldest_wait: str
    oldest_href: str
    done: int
    done_href: str
    series: list[int]
    series_label: str
    failed: int
    failed_href: str
    workers: int
    workers_href: str
    quotas_href: str
    stuck: bool


def queue_line(queue: QueueHealth, hour: tuple[str, str], keep: Pairs = (), href: str = "") -> QueueLine:
    """A queue as the table draws it. `hour` is the filter of what ended in the last hour, `keep` that of whose jobs
    are counted; `href` is where its name leads, to its jobs if nothing is said."""
    here = (("queue", queue.queue), *keep)
    name = visible(queue.queue)
    return QueueLine(
        queue=queue.queue,
        name=name,
        href=href or routes.jobs(here),
        job_types=visible(", ".join(queue.job_types)),
        waiting=queue.waiting,
        waiting_href=routes.jobs([("state", "scheduled"), *here]),
        pending=queue.pending,
        pending_href=routes.jobs([("state", "pending"), *here]),
        running=queue.running,
        running_href=routes.jobs([("state", "running"), *here]),
        limit=queue.limit,
        limit_text=f"of {queue.limit}" if queue.limit else "",
        oldest_wait=describe_duration(queue.oldest_wait_ms) if queue.oldest_wait_ms is not None else "none",
        oldest_href=routes.jobs([("state", "scheduled"), *here, ("sort", "oldest")]),
        done=queue.done_last_hour,
        done_href=routes.jobs([SUCCEEDED, *here, hour]),
        series=list(queue.done_series),
        series_label=f"Jobs of {name} done a minute, in the last hour",
        failed=queue.failed_last_hour,
        failed_href=routes.jobs([*BAD, *here, hour]),
        workers=queue.workers,
        workers_href=routes.workers([("state", WorkerState.ONLINE.value), ("queue", queue.queue)]),
        quotas_href=routes.quotas(governing(queue).to_pairs()),
        stuck=is_stuck(queue),
    )


def governing(queue: QueueHealth) -> QuotaFilter:
    """The quotas that can govern its jobs: those of its types, and those of any type."""
    types = (*queue.job_types, ANY)
    return QuotaFilter(job_type=tuple(sorted(types))) if len(types) <= VALUES_MAX else QuotaFilter()
