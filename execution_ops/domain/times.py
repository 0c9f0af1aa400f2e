"""Time: UTC instants in whole milliseconds, and how they are written."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import PlainSerializer

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_ms() -> int:
    """Milliseconds since 1970-01-01 UTC: the unit of every stored instant."""
    return time.time_ns() // 1_000_000


def from_ms(value: int) -> datetime:
    """The aware UTC datetime of a stored instant, exact to the millisecond."""
    return EPOCH + timedelta(milliseconds=value)


def to_ms(value: datetime) -> int:
    """The stored instant of an aware datetime."""
    return (value - EPOCH) // timedelta(milliseconds=1)


def iso(value: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z, as every API answer has it."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[datetime, PlainSerializer(iso, return_type=str, when_used="json")]


def describe_instant(at: datetime, *, year: bool = False) -> str:
    """An instant within a sentence: `23 Nov 14:01 UTC`, or `23 Nov 2026 14:01 UTC`."""
    return f"{at.astimezone(UTC):{'%-d %b %Y %H:%M' if year else '%-d %b %H:%M'}} UTC"


def describe_duration(ms: int | None) -> str:
    """A duration as an operator says it, cut, not rounded: `640 ms`, `14.6 s`, `4m 29s`, `2h 05m`, `3d 4h`."""
    if ms is None:
        return ""
    if ms < 1000:
        return f"{ms} ms"
    if ms < 60_000:
        return f"{ms // 100 / 10:.1f} s"
    minutes, second = divmod(ms // 1000, 60)
    if minutes < 60:
        return f"{minutes}m {second:02d}s"
    hours, minute = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}h {minute:02d}m"
    days, hour = divmod(hours, 24)
    return f"{days}d {hour}h"
