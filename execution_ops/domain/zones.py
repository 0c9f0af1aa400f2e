"""Time zones by their IANA names, and the moments at which their clocks are set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.text import visible

# What these name differs from machine to machine, or is no zone at all.
_NOT_OFFERED = {"localtime", "Factory"}
# No two changes of any zone's offset, since there are zones, are nearer than 3.9 days.
_STEP = timedelta(days=3)
_SECOND = timedelta(seconds=1)


class Stretch(NamedTuple):
    """A stretch of time, from `start` to before `end` (aware UTC), in which the wall clock is UTC + `offset`."""

    start: datetime
    end: datetime
    offset: timedelta

    @property
    def first_wall(self) -> datetime:
        """What the wall clock shows at the start."""
        return self.start.replace(tzinfo=None) + self.offset

    @property
    def end_wall(self) -> datetime:
        """What the wall clock would show at the end, were it not set then."""
        return self.end.replace(tzinfo=None) + self.offset


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """Every name that `zone` takes, sorted."""
    return tuple(sorted(available_timezones() - _NOT_OFFERED))


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(zone_names())


def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name, spelled exactly; InvalidInput for any other text.

    The name is looked up in the list, never on the disk: no path can be asked for.
    """
    if name not in _known():
        raise InvalidInput(f"There is no time zone “{visible(name[:60])}”: write a name like Europe/Berlin or UTC.")
    return ZoneInfo(name)


@lru_cache(maxsize=8192)
def stretches(zone: ZoneInfo, year: int) -> tuple[Stretch, ...]:
    """A year (of UTC), cut where the zone's offset changes.

    The offset is looked at every few days, and the second of a change then found by halving.
    """
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    found: list[Stretch] = []
    moment, offset = start, _offset(zone, start)
    while moment < end:
        following = min(moment + _STEP, end)
        # The end belongs to the next year, which has its own first offset.
        following_offset = _offset(zone, following if following < end else end - _SECOND)
        if following_offset != offset:
            change = _change(zone, moment, following)
            found.append(Stretch(start, change, offset))
            start, offset = change, following_offset
        moment = following
    return (*found, Stretch(start, end, offset))


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second at which the offset of `before` ends, which is at `after` another."""
    offset = _offset(zone, before)
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None  # a ZoneInfo always has one
    return offset
