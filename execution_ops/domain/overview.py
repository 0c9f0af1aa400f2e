"""Jobs & Queues in figures: how many are behind each tab, and the totals of its filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.jobs import Counts, QueueHealth
from execution_ops.domain.rates import QueueRates, Rates, Trend, Window
from execution_ops.domain.states import JobState
from execution_ops.domain.times import Instant

S = TypeVar("S", bound=StrEnum)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Figure(_Frozen):
    """A count; where it is not `exact` there are that many or more."""

    count: int = 0
    exact: bool = True


class QueueStanding(_Frozen):
    """How one queue stands, and how fast its jobs come and end.

    `waiting` jobs may start, `pending` ones are behind a parent, `running` run; `limit` is how many its workers
    that are online take at once, None without any. `oldest_wait_ms` is None where none waits. `arrived`, `done` and
    `failed` count the window, the series its buckets, oldest first. `failure_rate` is the part of those that ended,
    0 to 1, None if none did. `drain_ms` is when those that wait will be gone as far as one can tell, None if never.
    """

    queue: str
    job_types: tuple[str, ...]
    waiting: int
    pending: int
    running: int
    limit: int | None
    oldest_wait_ms: int | None
    workers: int
    arrived: int
    done: int
    failed: int
    failure_rate: float | None
    trend: Trend
    drain_ms: int | None
    arrived_series: tuple[int, ...]
    done_series: tuple[int, ...]
    failed_series: tuple[int, ...]


class QueuesStanding(_Frozen):
    """The queues, those that are stuck first, then by name. Their rates are of the `window` since `since`, in buckets
    of `bucket_ms`."""

    items: tuple[QueueStanding, ...]
    window: Window
    bucket_ms: int
    since: Instant
    as_of: Instant


def queue_standing(queue: QueueHealth, rates: QueueRates) -> QueueStanding:
    """A queue from both samples."""
    drain = rates.drain(queue.waiting)
    return QueueStanding(
        queue=queue.queue,
        job_types=queue.job_types,
        waiting=queue.waiting,
        pending=queue.pending,
        running=queue.running,
        limit=queue.limit,
        oldest_wait_ms=queue.oldest_wait_ms,
        workers=queue.workers,
        arrived=rates.arrived_total,
        done=rates.done_total,
        failed=rates.failed_total,
        failure_rate=rates.failure_rate,
        trend=drain.trend,
        drain_ms=drain.ms,
        arrived_series=rates.arrived,
        done_series=rates.done,
        failed_series=rates.failed,
    )


def queues_standing(queues: Iterable[QueueHealth], rates: Rates) -> QueuesStanding:
    """All of them, in the order given."""
    return QueuesStanding(
        items=tuple(queue_standing(queue, rates.of(queue.queue)) for queue in queues),
        window=rates.window,
        bucket_ms=rates.window.bucket_ms,
        since=rates.since,
        as_of=rates.as_of,
    )


class Totals(_Frozen):
    """What a filter leaves: jobs that wait and run, jobs that ended since `since` (the beginning of the last hour),
    dead letters that need somebody, and workers that take jobs."""

    waiting: Figure
    running: Figure
    done: Figure
    failed: Figure
    letters: Figure
    workers: Figure
    since: Instant
    as_of: Instant


def of_states(by_state: Mapping[S, int], states: Iterable[S], *, exact: bool) -> Figure:
    """How many are in these states."""
    return Figure(count=sum(by_state.get(state, 0) for state in states), exact=exact)


def of_counts(counts: Counts, *states: JobState) -> Figure:
    """How many of the counted jobs are in these states."""
    return of_states(counts.by_state, states, exact=counts.exact)
