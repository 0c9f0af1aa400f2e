"""How fast jobs come and end, by queue: figures in buckets over the last hours, and what follows from them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import cached_property

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.times import Instant, from_ms, to_ms

MINUTE_MS = 60_000
# What is said of now is taken from the end of a window, from this part of it: 5 minutes of an hour.
RECENT_SHARE = 12


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Window(StrEnum):
    """How far back figures reach. Each window has buckets of one width; they begin at whole multiples of it
    since 1970 UTC, and the last one is still filling."""

    HOUR = "1h"
    SIX_HOURS = "6h"
    DAY = "24h"

    @property
    def bucket_ms(self) -> int:
        """The width of a bucket."""
        return _WIDTHS[self] * MINUTE_MS

    @property
    def buckets(self) -> int:
        """How many buckets it has."""
        return self.ms // self.bucket_ms

    @property
    def ms(self) -> int:
        """Its length, with the whole of the last bucket."""
        return int(self.value[:-1]) * 60 * MINUTE_MS

    def since(self, now: datetime) -> datetime:
        """Where the first bucket begins when `now` is in the last one: the bound of the lists behind the figures."""
        return from_ms((to_ms(now) // self.bucket_ms - self.buckets + 1) * self.bucket_ms)


_WIDTHS = {Window.HOUR: 1, Window.SIX_HOURS: 5, Window.DAY: 30}


class Trend(StrEnum):
    """What becomes of the jobs that wait in a queue, going by the recent figures."""

    EMPTY = "empty"  # none waits
    DRAINS = "drains"  # more end than arrive
    HOLDS = "holds"  # as many end as arrive
    GROWS = "grows"  # more arrive than end
    STANDS = "stands"  # none has ended


class Drain(_Frozen):
    """When the jobs that wait will be gone: in `ms` from now, None unless the queue is empty (0) or drains."""

    trend: Trend
    ms: int | None = None


class QueueRates(_Frozen):
    """How many jobs of a queue arrived, ended well (`done`) and badly (`failed`) in each bucket, oldest first.

    They are exactly those of the job list with `after`, or with `state` and `ended_after`, at the beginning of the
    window: a job that was retried since has not ended. `last_ms` is how much of the last bucket had passed.
    """

    queue: str
    window: Window
    bucket_ms: int
    last_ms: int
    arrived: tuple[int, ...]
    done: tuple[int, ...]
    failed: tuple[int, ...]

    @property
    def arrived_total(self) -> int:
        """How many arrived in the window."""
        return sum(self.arrived)

    @property
    def done_total(self) -> int:
        """How many ended well in the window."""
        return sum(self.done)

    @property
    def failed_total(self) -> int:
        """How many failed or timed out in the window."""
        return sum(self.failed)

    @property
    def failure_rate(self) -> float | None:
        """Which part of those that ended did so badly, 0 to 1; None if none ended."""
        ended = self.done_total + self.failed_total
        return self.failed_total / ended if ended else None

    def drain(self, waiting: int) -> Drain:
        """What becomes of `waiting` jobs if they go on to arrive and to end as in the recent part of the window."""
        if waiting <= 0:
            return Drain(trend=Trend.EMPTY, ms=0)
        recent = len(self.arrived) // RECENT_SHARE
        ended = sum(self.done[-recent:]) + sum(self.failed[-recent:])
        net = ended - sum(self.arrived[-recent:])
        if ended <= 0:
            return Drain(trend=Trend.STANDS)
        if net <= 0:
            return Drain(trend=Trend.GROWS if net else Trend.HOLDS)
        return Drain(trend=Trend.DRAINS, ms=waiting * ((recent - 1) * self.bucket_ms + self.last_ms) // net)

    def drain_ms(self, waiting: int) -> int | None:
        """In how many ms `waiting` jobs will be gone, see `drain`; None if they will not."""
        return self.drain(waiting).ms


class Rates(_Frozen):
    """The figures of all queues that have any, by name. `since` is where the first bucket begins."""

    window: Window
    queues: tuple[QueueRates, ...]
    since: Instant
    as_of: Instant

    def of(self, queue: str) -> QueueRates:
        """The figures of one queue; all 0 where nothing arrived and nothing ended."""
        return self._by_name.get(queue) or queue_rates(queue, self.window, {}, self.as_of)

    @cached_property
    def _by_name(self) -> dict[str, QueueRates]:
        return {rates.queue: rates for rates in self.queues}


Figures = tuple[int, int, int]
_NOTHING: Figures = (0, 0, 0)


def queue_rates(queue: str, window: Window, buckets: dict[int, Figures], now: datetime) -> QueueRates:
    """The figures of a queue from (arrived, done, failed) of those buckets that have any, by their index in the
    window (0 is the oldest)."""
    series = [buckets.get(i, _NOTHING) for i in range(window.buckets)]
    arrived, done, failed = zip(*series, strict=True)
    bucket_ms = window.bucket_ms
    return QueueRates(
        queue=queue,
        window=window,
        bucket_ms=bucket_ms,
        last_ms=max(1, to_ms(now) % bucket_ms),
        arrived=arrived,
        done=done,
        failed=failed,
    )
