"""What a table of queues shows: flat, small, already in words; every figure with the address of what it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from execution_ops import routes
from execution_ops.domain.jobs import QueueHealth
from execution_ops.domain.overview import QueuesStanding, QueueStanding
from execution_ops.domain.query_values import VALUES_MAX
from execution_ops.domain.quota_filters import QuotaFilter
from execution_ops.domain.quotas import ANY
from execution_ops.domain.rates import MINUTE_MS, Trend, Window
from execution_ops.domain.standing import is_stuck
from execution_ops.domain.states import JobState, WorkerState
from execution_ops.domain.text import visible
from execution_ops.domain.times import describe_duration, iso
from execution_ops.texts import overview as words

SUCCEEDED = ("state", JobState.SUCCEEDED.value)
BAD = (("state", JobState.FAILED.value), ("state", JobState.TIMED_OUT.value))
Pairs = Sequence[tuple[str, str]]
_SPANS = {Window.HOUR: "hour", Window.SIX_HOURS: "6 hours", Window.DAY: "24 hours"}
_SAYS_DRAIN = {
    Trend.EMPTY: words.NONE_WAITS,
    Trend.DRAINS: "{}",
    Trend.HOLDS: words.HOLDS,
    Trend.GROWS: words.GROWS,
    Trend.STANDS: words.STANDS_STILL,
}
_EXPLAINS_DRAIN = {
    Trend.EMPTY: words.NONE_WAITS_WHY,
    Trend.DRAINS: words.DRAINS_WHY,
    Trend.HOLDS: words.HOLDS_WHY,
    Trend.GROWS: words.GROWS_WHY,
    Trend.STANDS: words.STANDS_STILL_WHY,
}


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


@dataclass(frozen=True)
class RateLine(QueueLine):
    """One queue with how fast its jobs come and end; what ended is that of the window."""

    arrived: int
    arrived_href: str
    arrived_series: list[int]
    arrived_label: str
    failure_rate: str
    drain: str
    drain_title: str
    drain_bad: bool


def queue_line(queue: QueueHealth, hour: tuple[str, str]) -> QueueLine:
    """A queue as the table draws it. `hour` is the filter of what ended in the last hour."""
    return QueueLine(
        **_standing(queue, (), hour),
        href=routes.jobs([("queue", queue.queue)]),
        done=queue.done_last_hour,
        series=list(queue.done_series),
        series_label=words.done_a_minute(visible(queue.queue)),
        failed=queue.failed_last_hour,
    )


def rate_line(queue: QueueStanding, standing: QueuesStanding, keep: Pairs, href: str) -> RateLine:
    """A queue with its rates. `keep` says whose jobs are counted, `href` is where its name leads."""
    since = iso(standing.since)
    name, span, minutes = visible(queue.queue), _SPANS[standing.window], standing.bucket_ms // MINUTE_MS
    return RateLine(
        **_standing(queue, keep, ("ended_after", since)),
        href=href,
        done=queue.done,
        series=list(queue.done_series),
        series_label=words.series(name, "succeeded", span, minutes),
        failed=queue.failed,
        arrived=queue.arrived,
        arrived_href=routes.jobs([("queue", queue.queue), *keep, ("after", since)]),
        arrived_series=list(queue.arrived_series),
        arrived_label=words.series(name, "came", span, minutes),
        failure_rate=f"{queue.failure_rate:.1%}".replace("%", " %") if queue.failure_rate else "",
        drain=_SAYS_DRAIN[queue.trend].format(describe_duration(queue.drain_ms)),
        drain_title=_EXPLAINS_DRAIN[queue.trend],
        drain_bad=queue.trend in (Trend.GROWS, Trend.STANDS),
    )


def _standing(queue: QueueHealth | QueueStanding, keep: Pairs, ended: tuple[str, str]) -> dict[str, Any]:
    """What both lines say of a queue."""
    here = (("queue", queue.queue), *keep)
    return {
        "queue": queue.queue,
        "name": visible(queue.queue),
        "job_types": visible(", ".join(queue.job_types)),
        "waiting": queue.waiting,
        "waiting_href": routes.jobs([("state", "scheduled"), *here]),
        "pending": queue.pending,
        "pending_href": routes.jobs([("state", "pending"), *here]),
        "running": queue.running,
        "running_href": routes.jobs([("state", "running"), *here]),
        "limit": queue.limit,
        "limit_text": f"of {queue.limit}" if queue.limit else "",
        "oldest_wait": describe_duration(queue.oldest_wait_ms) if queue.oldest_wait_ms is not None else "none",
        "oldest_href": routes.jobs([("state", "scheduled"), *here, ("sort", "oldest")]),
        "done_href": routes.jobs([SUCCEEDED, *here, ended]),
        "failed_href": routes.jobs([*BAD, *here, ended]),
        "workers": queue.workers,
        "workers_href": routes.workers([("state", WorkerState.ONLINE.value), ("queue", queue.queue)]),
        "quotas_href": routes.quotas(governing(queue.job_types).to_pairs()),
        "stuck": is_stuck(queue),
    }


def governing(job_types: Sequence[str]) -> QuotaFilter:
    """The quotas that can govern jobs of these types: those of each, and those of any type."""
    types = (*job_types, ANY)
    return QuotaFilter(job_type=tuple(sorted(types))) if len(types) <= VALUES_MAX else QuotaFilter()
