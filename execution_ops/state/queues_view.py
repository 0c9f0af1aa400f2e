"""What a table of queues shows: flat, small, already in words; every figure with the address of what it counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    """The figures of one queue: all that moves with each job."""

    queue: str
    waiting: int
    pending: int
    running: int
    limit: int | None
    limit_text: str
    oldest_wait: str
    done: int
    failed: int
    workers: int
    stuck: bool


@dataclass(frozen=True)
class RateLine(QueueLine):
    """The same with how fast its jobs come and end; what ended is that of the window."""

    arrived: int
    failure_rate: str
    drain: str
    drain_title: str
    drain_bad: bool


@dataclass(frozen=True)
class QueueWays:
    """What a queue is called, and the address of the list that each of its figures counts: these rest for a minute
    or longer, and are several times as much to send as the figures."""

    name: str
    href: str
    job_types: str
    waiting_href: str
    pending_href: str
    running_href: str
    oldest_href: str
    done_href: str
    series_label: str
    failed_href: str
    workers_href: str
    quotas_href: str


@dataclass(frozen=True)
class RateWays(QueueWays):
    """The same of a queue with its rates."""

    arrived_href: str
    arrived_label: str


@dataclass(frozen=True)
class QueueCurves:
    """How many jobs of a queue came and succeeded in each span of time, oldest first; they move with jobs that do."""

    done: list[int]
    arrived: list[int]


@dataclass(frozen=True)
class QueueRows:
    """The rows of a table of queues, and by queue what its cells take from elsewhere: each is sent only when it
    changed, so that the many viewers of a busy ledger cost little more than its figures."""

    rows: list[QueueLine]
    ways: dict[str, QueueWays]
    curves: dict[str, QueueCurves]

    def apart(self) -> dict[str, Any]:
        """What is sent apart from the rows, by Var."""
        return {"ways": self.ways, "curves": self.curves}


def queue_rows(queues: Sequence[QueueHealth], hour: tuple[str, str]) -> QueueRows:
    """Queues as the table of the summary draws them. `hour` is the filter of what ended in the last hour."""
    return QueueRows(
        rows=[
            QueueLine(**_figures(queue), done=queue.done_last_hour, failed=queue.failed_last_hour) for queue in queues
        ],
        ways={queue.queue: _ways_of(queue, hour) for queue in queues},
        curves={queue.queue: QueueCurves(list(queue.done_series), []) for queue in queues},
    )


def rate_rows(
    queues: Sequence[QueueStanding], standing: QueuesStanding, keep: Pairs, href: Callable[[str], str]
) -> QueueRows:
    """Queues with their rates. `keep` says whose jobs are counted, `href` is where the name of a queue leads."""
    return QueueRows(
        rows=[_rate_line(queue) for queue in queues],
        ways={queue.queue: _rate_ways(queue, standing, keep, href(queue.queue)) for queue in queues},
        curves={queue.queue: QueueCurves(list(queue.done_series), list(queue.arrived_series)) for queue in queues},
    )


def _rate_line(queue: QueueStanding) -> RateLine:
    return RateLine(
        **_figures(queue),
        done=queue.done,
        failed=queue.failed,
        arrived=queue.arrived,
        failure_rate=f"{queue.failure_rate:.1%}".replace("%", " %") if queue.failure_rate else "",
        drain=_SAYS_DRAIN[queue.trend].format(describe_duration(queue.drain_ms)),
        drain_title=_EXPLAINS_DRAIN[queue.trend],
        drain_bad=queue.trend in (Trend.GROWS, Trend.STANDS),
    )


def _ways_of(queue: QueueHealth, hour: tuple[str, str]) -> QueueWays:
    return QueueWays(
        **_addresses(queue, (), hour),
        href=routes.jobs([("queue", queue.queue)]),
        series_label=words.done_a_minute(visible(queue.queue)),
    )


def _rate_ways(queue: QueueStanding, standing: QueuesStanding, keep: Pairs, href: str) -> RateWays:
    since = iso(standing.since)
    name, span, minutes = visible(queue.queue), _SPANS[standing.window], standing.bucket_ms // MINUTE_MS
    return RateWays(
        **_addresses(queue, keep, ("ended_after", since)),
        href=href,
        series_label=words.series(name, "succeeded", span, minutes),
        arrived_href=routes.jobs([("queue", queue.queue), *keep, ("after", since)]),
        arrived_label=words.series(name, "came", span, minutes),
    )


def _figures(queue: QueueHealth | QueueStanding) -> dict[str, Any]:
    """What both lines say of a queue."""
    return {
        "queue": queue.queue,
        "waiting": queue.waiting,
        "pending": queue.pending,
        "running": queue.running,
        "limit": queue.limit,
        "limit_text": f"of {queue.limit}" if queue.limit else "",
        "oldest_wait": describe_duration(queue.oldest_wait_ms) if queue.oldest_wait_ms is not None else "none",
        "workers": queue.workers,
        "stuck": is_stuck(queue),
    }


def _addresses(queue: QueueHealth | QueueStanding, keep: Pairs, ended: tuple[str, str]) -> dict[str, Any]:
    """Where the figures lead that both lines have."""
    here = (("queue", queue.queue), *keep)
    return {
        "name": visible(queue.queue),
        "job_types": visible(", ".join(queue.job_types)),
        "waiting_href": routes.jobs([("state", "scheduled"), *here]),
        "pending_href": routes.jobs([("state", "pending"), *here]),
        "running_href": routes.jobs([("state", "running"), *here]),
        "oldest_href": routes.jobs([("state", "scheduled"), *here, ("sort", "oldest")]),
        "done_href": routes.jobs([SUCCEEDED, *here, ended]),
        "failed_href": routes.jobs([*BAD, *here, ended]),
        "workers_href": routes.workers([("state", WorkerState.ONLINE.value), ("queue", queue.queue)]),
        "quotas_href": routes.quotas(governing(queue.job_types).to_pairs()),
    }


def governing(job_types: Sequence[str]) -> QuotaFilter:
    """The quotas that can govern jobs of these types: those of each, and those of any type."""
    types = (*job_types, ANY)
    return QuotaFilter(job_type=tuple(sorted(types))) if len(types) <= VALUES_MAX else QuotaFilter()
