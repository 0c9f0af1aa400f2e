"""Windows of figures, and what follows from them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from execution_ops.domain.rates import Drain, QueueRates, Rates, Trend, Window, queue_rates
from execution_ops.domain.times import EPOCH, from_ms, to_ms

# 14:07:30 of some day.
NOW = EPOCH + timedelta(days=20_000, hours=14, minutes=7, seconds=30)


def rates(window: Window = Window.HOUR, **last: tuple[int, int, int]) -> QueueRates:
    """Figures of buckets counted from the end: `b0` is the last one."""
    buckets = {window.buckets - 1 - int(name[1:]): figures for name, figures in last.items()}
    return queue_rates("scan", window, buckets, NOW)


@pytest.mark.parametrize(
    ("window", "buckets", "since"),
    [
        (Window.HOUR, 60, "13:08:00"),
        (Window.SIX_HOURS, 72, "08:10:00"),
        (Window.DAY, 48, "14:30:00"),
    ],
)
def test_the_last_bucket_is_that_of_now(window: Window, buckets: int, since: str) -> None:
    assert window.buckets == buckets
    first = window.since(NOW)
    assert f"{first:%H:%M:%S}" == since
    last = first + timedelta(milliseconds=window.bucket_ms * (buckets - 1))
    assert last <= NOW < last + timedelta(milliseconds=window.bucket_ms)
    # On a border a new bucket begins.
    assert window.since(last + timedelta(milliseconds=window.bucket_ms)) == first + timedelta(
        milliseconds=window.bucket_ms
    )


def test_figures_are_summed_and_those_that_are_missing_are_zero() -> None:
    found = rates(b0=(5, 3, 1), b59=(1, 0, 0))
    assert len(found.arrived) == len(found.done) == len(found.failed) == 60
    assert (found.arrived[0], found.arrived[-1]) == (1, 5)
    assert (found.arrived_total, found.done_total, found.failed_total) == (6, 3, 1)
    assert found.failure_rate == 0.25
    assert found.last_ms == 30_000


def test_there_is_no_failure_rate_without_an_end() -> None:
    assert rates(b0=(5, 0, 0)).failure_rate is None
    assert rates(b0=(0, 0, 2)).failure_rate == 1


@pytest.mark.parametrize(
    ("last", "waiting", "expected"),
    [
        ({"b0": (9, 9, 9)}, 0, Drain(trend=Trend.EMPTY, ms=0)),
        # 45 more ended than came in four and a half minutes: ten a minute.
        ({"b4": (30, 40, 5), "b0": (0, 30, 0)}, 100, Drain(trend=Trend.DRAINS, ms=10 * 60_000)),
        # What was before the last five minutes does not count.
        ({"b5": (500, 0, 0), "b0": (0, 45, 0)}, 100, Drain(trend=Trend.DRAINS, ms=10 * 60_000)),
        ({"b5": (0, 500, 0)}, 1, Drain(trend=Trend.STANDS)),
        ({"b1": (7, 0, 0)}, 7, Drain(trend=Trend.STANDS)),
        ({"b1": (7, 4, 2)}, 7, Drain(trend=Trend.GROWS)),
        ({"b1": (6, 4, 2)}, 7, Drain(trend=Trend.HOLDS)),
    ],
)
def test_when_a_queue_will_be_empty(last: dict[str, tuple[int, int, int]], waiting: int, expected: Drain) -> None:
    found = rates(**last)
    assert found.drain(waiting) == expected
    assert found.drain_ms(waiting) == expected.ms


def test_longer_windows_go_by_longer_stretches() -> None:
    # 55 in half an hour less the half of its last five minutes that is yet to come.
    found = rates(Window.SIX_HOURS, b5=(0, 55, 0))
    assert found.drain_ms(55) == (5 * 5 + 2.5) * 60_000
    assert rates(Window.SIX_HOURS, b6=(0, 55, 0)).drain(1).trend is Trend.STANDS


def test_a_queue_without_figures_has_zeros() -> None:
    known = rates(b0=(1, 1, 0))
    all_of_them = Rates(window=Window.HOUR, queues=(known,), since=Window.HOUR.since(NOW), as_of=NOW)
    assert all_of_them.of("scan") == known
    other = all_of_them.of("other")
    assert (other.queue, other.arrived, other.last_ms) == ("other", (0,) * 60, known.last_ms)


def test_a_bucket_that_begins_now_has_some_length() -> None:
    begins = from_ms(to_ms(NOW) // 60_000 * 60_000)
    assert queue_rates("scan", Window.HOUR, {}, begins).last_ms == 1
