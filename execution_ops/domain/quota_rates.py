"""When a quota lets the next job start: slots, and two exact rules on the rate that both must allow.

The window: of starts counted by whole seconds, none in any 3,600 s is beyond `max_per_hour`. A start
counts until its whole second has left the window, so it never overshoots. The bucket (with `burst`):
`tat` is when all starts so far would have been due if they had come evenly; starting ahead of it is
allowed by `burst` starts at most. All arithmetic is in integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from execution_ops.domain.quotas import Limits

HOUR_S = 3_600
_HOUR_NS = HOUR_S * 10**9
_MS = 10**6


class Usage(NamedTuple):
    """How much of a quota is used. `tat` is in ns since 1970.

    `started` counts the starts whose second is in the window. `leaving` is the second that has to
    leave it for one more start to be allowed by it, None if nothing was started.
    """

    active: int = 0
    started: int = 0
    leaving: int | None = None
    tat: int = 0


class Full(StrEnum):
    """Why nothing more may start."""

    SLOTS = "slots"
    RATE = "rate"


def window_from(now_ms: int) -> int:
    """The first second that still counts."""
    return now_ms // 1000 - HOUR_S


def window(starts: Mapping[int, int], max_per_hour: int | None, now_ms: int) -> tuple[int, int | None]:
    """`started` and `leaving` of a Usage, from the starts by second."""
    inside = {second: count for second, count in starts.items() if second >= window_from(now_ms) and count}
    started = sum(inside.values())
    excess = max(1, started - max_per_hour + 1) if max_per_hour is not None else 1
    gone = 0
    for second in sorted(inside):
        gone += inside[second]
        if gone >= excess:
            return started, second
    return started, None


def interval_ns(max_per_hour: int) -> int:
    """How far apart even starts are, never too near."""
    return -(-_HOUR_NS // max_per_hour)


def tokens_left(limits: Limits, usage: Usage, now_ms: int) -> int | None:
    """How many may start now as far as the rate goes; None without a rate."""
    if limits.max_per_hour is None:
        return None
    left = max(0, limits.max_per_hour - usage.started)
    if limits.burst is None:
        return left
    interval = interval_ns(limits.max_per_hour)
    now = now_ms * _MS
    ahead = max(0, usage.tat - now)
    return min(left, max(0, limits.burst - -(-ahead // interval)))


def next_token_at(limits: Limits, usage: Usage, now_ms: int) -> int | None:
    """When one more than `tokens_left` may start, in ms since 1970; None if that is never more."""
    left = tokens_left(limits, usage, now_ms)
    if (
        left is None
        or limits.max_per_hour is None
        or left == min(limits.max_per_hour, limits.burst or limits.max_per_hour)
    ):
        return None
    moment = now_ms
    if limits.max_per_hour - usage.started <= left and usage.leaving is not None:
        moment = max(moment, (usage.leaving + HOUR_S + 1) * 1000)
    if limits.burst is not None:
        due = usage.tat - (limits.burst - left - 1) * interval_ns(limits.max_per_hour)
        moment = max(moment, -(-due // _MS))
    return moment


def why_full(limits: Limits, usage: Usage, now_ms: int) -> Full | None:
    """Why nothing may start now; None if one may."""
    if limits.max_active is not None and usage.active >= limits.max_active:
        return Full.SLOTS
    return Full.RATE if tokens_left(limits, usage, now_ms) == 0 else None


def room(limits: Limits, usage: Usage, now_ms: int, most: int) -> int:
    """How many may start now, at most `most`."""
    slots = most if limits.max_active is None else limits.max_active - usage.active
    tokens = tokens_left(limits, usage, now_ms)
    return max(0, min(most, slots, most if tokens is None else tokens))


def take(limits: Limits, tat: int, now_ms: int) -> int:
    """The `tat` after one start."""
    if limits.burst is None or limits.max_per_hour is None:
        return tat
    return max(tat, now_ms * _MS) + interval_ns(limits.max_per_hour)


def carry(old: Limits, new: Limits, tat: int, now_ms: int) -> int:
    """The `tat` under other limits: as many starts ahead as before, but no more than the new burst."""
    if new.burst is None or new.max_per_hour is None:
        return 0
    now = now_ms * _MS
    if old.burst is None or old.max_per_hour is None or tat <= now:
        return now
    ahead = -(-(tat - now) // interval_ns(old.max_per_hour))
    return now + min(ahead, new.burst) * interval_ns(new.max_per_hour)
