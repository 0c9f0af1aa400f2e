"""The rate of a quota: never more than it says in any window, never more than the burst at once."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.quota_rates import (
    HOUR_S,
    Full,
    Usage,
    carry,
    interval_ns,
    next_token_at,
    room,
    take,
    tokens_left,
    why_full,
    window,
)
from execution_ops.domain.quotas import Limits

START = 1_790_000_000_123
HOUR_MS = HOUR_S * 1000


class Pool:
    """A quota's starts as the ledger keeps them."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.seconds: Counter[int] = Counter()
        self.starts: list[int] = []
        self.tat = 0

    def usage(self, now: int) -> Usage:
        return Usage(0, *window(self.seconds, self.limits.max_per_hour, now), tat=self.tat)

    def start(self, now: int) -> bool:
        """Start one if that is allowed."""
        if why_full(self.limits, self.usage(now), now) is not None:
            return False
        self.tat = take(self.limits, self.tat, now)
        self.seconds[now // 1000] += 1
        self.starts.append(now)
        return True

    def left(self, now: int) -> int:
        left = tokens_left(self.limits, self.usage(now), now)
        assert left is not None
        return left

    def next_at(self, now: int) -> int | None:
        return next_token_at(self.limits, self.usage(now), now)


GAPS = st.lists(st.integers(0, HOUR_MS) | st.integers(0, 2_000), max_size=120)


@given(st.integers(1, 12), st.none() | st.integers(1, 12), GAPS)
def test_no_window_has_more_starts_than_the_limit(most: int, burst: int | None, gaps: list[int]) -> None:
    pool = Pool(Limits(max_per_hour=most, burst=None if burst is None else min(burst, most)))
    now = START
    for gap in gaps:
        now += gap
        pool.start(now)
    for first in pool.starts:
        assert sum(first <= start < first + HOUR_MS for start in pool.starts) <= most


@given(st.integers(1, 2_000), st.integers(1, 50), GAPS)
def test_no_more_than_the_burst_is_ahead_of_the_even_rate(most: int, burst: int, gaps: list[int]) -> None:
    burst = min(burst, most)
    pool = Pool(Limits(max_per_hour=most, burst=burst))
    now = START
    for gap in gaps:
        now += gap
        pool.start(now)
    interval = interval_ns(most)
    for i, first in enumerate(pool.starts):
        for j, later in enumerate(pool.starts[i:]):
            # In any stretch: the burst, and one more for each interval in it.
            assert j + 1 <= burst + (later - first) * 10**6 // interval + 1


def test_the_burst_starts_at_once_and_then_one_an_interval() -> None:
    pool = Pool(Limits(max_per_hour=3_600, burst=3))
    assert [pool.start(START) for _ in range(5)] == [True, True, True, False, False]
    assert pool.next_at(START) == START + 1_000
    assert not pool.start(START + 999)
    assert pool.start(START + 1_000)
    assert pool.left(START + 10_000) == 3


def test_the_even_rate_is_reached() -> None:
    pool = Pool(Limits(max_per_hour=360, burst=5))
    now = START
    for _ in range(3 * 360):
        due = pool.next_at(now) if pool.left(now) == 0 else now
        assert due is not None
        now = due
        assert pool.start(now)
    # 1,080 starts at 360 an hour: three hours, less the burst, and what the window's whole seconds cost.
    assert 3 * HOUR_MS - 6 * 10_000 <= now - START <= 3 * HOUR_MS + 60_000


@given(st.integers(1, 9), st.none() | st.integers(1, 9), GAPS.filter(bool))
def test_the_next_token_comes_when_it_is_said_and_not_before(most: int, burst: int | None, gaps: list[int]) -> None:
    pool = Pool(Limits(max_per_hour=most, burst=None if burst is None else min(burst, most)))
    now = START
    for gap in gaps:
        now += gap
        pool.start(now)
    left, due = pool.left(now), pool.next_at(now)
    if due is None:
        assert left == min(most, pool.limits.burst or most)
        return
    assert due > now
    assert pool.left(due) > left
    assert pool.left(due - 1) == left


def test_a_limit_below_what_has_started_waits_for_enough_to_leave() -> None:
    seconds = {100 + i: 1 for i in range(10)}
    started, leaving = window(seconds, 4, 200_000)
    assert (started, leaving) == (10, 106)
    limits = Limits(max_per_hour=4)
    assert tokens_left(limits, Usage(0, started, leaving), 200_000) == 0
    assert next_token_at(limits, Usage(0, started, leaving), 200_000) == (106 + HOUR_S + 1) * 1000


@pytest.mark.parametrize(
    ("limits", "usage", "full", "free"),
    [
        (Limits(), Usage(active=99), None, 50),
        (Limits(max_active=5), Usage(active=4), None, 1),
        (Limits(max_active=5), Usage(active=5), Full.SLOTS, 0),
        (Limits(max_active=5), Usage(active=9), Full.SLOTS, 0),
        (Limits(max_per_hour=3), Usage(started=3, leaving=1), Full.RATE, 0),
        (Limits(max_active=5, max_per_hour=9), Usage(active=3, started=8, leaving=1), None, 1),
    ],
)
def test_slots_and_rate_both_have_to_allow_a_start(limits: Limits, usage: Usage, full: Full | None, free: int) -> None:
    assert why_full(limits, usage, 0) == full
    assert room(limits, usage, 0, 50) == free


def test_other_limits_keep_how_much_of_the_burst_is_used() -> None:
    slow, quick = Limits(max_per_hour=2, burst=2), Limits(max_per_hour=3_600, burst=5)
    pool = Pool(slow)
    assert [pool.start(START), pool.start(START)] == [True, True]
    tat = carry(slow, quick, pool.tat, START)
    assert tokens_left(quick, Usage(0, 2, START // 1000, tat), START) == 3
    assert carry(slow, Limits(), pool.tat, START) == 0
    assert tokens_left(slow, Usage(tat=carry(Limits(), slow, 0, START)), START) == 2
