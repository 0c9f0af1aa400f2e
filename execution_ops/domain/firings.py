"""When a cron rule fires in a time zone, and which of its times are left out when the clock is set.

The rule for daylight saving (and any other change of a zone's offset):

- A wall time that does not exist, since the clock is set forward over it, is SKIPPED.
- A wall time that comes twice, since the clock is set back, fires ONCE, at its first occurrence.
- But a rule whose hour field has all 24 hours (`*/15 * * * *`, `0 * * * *`) says "keep on": it
  fires each time that the wall clock shows a time of it, so in both passes. Times that do not exist
  cannot fire here either, but are no loss to tell of: the hour itself is missing from the day.
  Every other rule, `0 */2 * * *` too, names hours, and is of the first two kinds.

What is shown as upcoming and what fires come from one generator, `occurrences`.
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice, pairwise, takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from execution_ops.domain.cron import Cron
from execution_ops.domain.times import EPOCH
from execution_ops.domain.zones import Stretch, stretches

# A fifth Monday in February comes after 40 years at most; a time that is in the gap each time, never.
YEARS_AHEAD = 50
_YEARS_END = 9000
_SECOND = timedelta(seconds=1)


class Occurrence(NamedTuple):
    """A wall time that the rule names. If it `fires`, `at` is the instant (aware UTC).

    Else it does not exist: `at` is the instant when the clock is set forward over it, and `wall` the first
    of the times left out there. `note` says what is unusual, "" for nothing.
    """

    at: datetime
    wall: datetime
    fires: bool
    note: str


def occurrences(cron: Cron, zone: ZoneInfo, after: datetime) -> Iterator[Occurrence]:
    """What comes after the instant `after` (aware), in order: firings, and times left out when the clock is set.

    Instants are whole seconds. It ends when 50 years bring no firing, as with 02:30 on the very day on
    which that is always left out.
    """
    # In UTC; a naive datetime, of which nobody knows the zone, is a TypeError.
    after = EPOCH + (after - EPOCH) // _SECOND * _SECOND
    last_year = after.year + YEARS_AHEAD
    # From two days before, so that a change of the clock on the eve of a new year is known.
    years = range((after - timedelta(days=2)).year, _YEARS_END)
    timeline = chain.from_iterable(stretches(zone, year) for year in years)
    # Up to where the wall clock has been already.
    shown: datetime | None = None
    for stretch, following in pairwise(timeline):
        if stretch.start.year > last_year:
            return
        shown = shown or stretch.first_wall
        if stretch.start > after and not cron.hourly:
            yield from _left_out(cron, stretch, shown)
        if stretch.end > after:
            for firing in _fire(cron, stretch, following, shown, after):
                last_year = firing.at.year + YEARS_AHEAD
                yield firing
        shown = max(shown, stretch.end_wall)


def firings(cron: Cron, zone: ZoneInfo, after: datetime) -> Iterator[Occurrence]:
    """The firings strictly after an instant; their `at` is strictly increasing."""
    return (found for found in occurrences(cron, zone, after) if found.fires)


def next_after(cron: Cron, zone: ZoneInfo, after: datetime) -> Occurrence | None:
    """The first firing strictly after an instant, None if 50 years have none."""
    return next(firings(cron, zone, after), None)


def between(cron: Cron, zone: ZoneInfo, after: datetime, until: datetime, limit: int) -> list[Occurrence]:
    """The firings after an instant, up to and with `until`; the first `limit` of them."""
    return list(islice(takewhile(lambda found: found.at <= until, firings(cron, zone, after)), limit))


def upcoming(cron: Cron, zone: ZoneInfo, after: datetime, count: int) -> list[Occurrence]:
    """What comes next, `count` in all, firings and times left out, as a preview shows it."""
    return list(islice(occurrences(cron, zone, after), count))


def _fire(cron: Cron, stretch: Stretch, following: Stretch, shown: datetime, after: datetime) -> Iterator[Occurrence]:
    """The firings of a stretch, strictly after `after`."""
    start = stretch.first_wall if cron.hourly else max(stretch.first_wall, shown)
    if after >= stretch.start:
        start = max(start, after.replace(tzinfo=None) + stretch.offset + _SECOND)
    for wall in cron.walls(start, stretch.end_wall):
        note = ""
        if wall >= following.first_wall:
            note = _twice(wall, "fires at both, this is the first" if cron.hourly else "fires at the first")
        elif wall < shown:
            note = _twice(wall, "fires at both, this is the second")
        yield Occurrence((wall - stretch.offset).replace(tzinfo=UTC), wall, True, note)


def _left_out(cron: Cron, stretch: Stretch, shown: datetime) -> Iterator[Occurrence]:
    """The times of the rule over which the clock is set forward at the start of a stretch, as one occurrence."""
    first = last = None
    count = 0
    for last in cron.walls(shown, stretch.first_wall):
        first = first or last
        count += 1
    if first is None or last is None:
        return
    if count == 1:
        note = f"{_clock(first)} does not exist on {_day(first)}: skipped"
    else:
        end = _clock(last) if last.date() == first.date() else f"{_clock(last)} on {_day(last)}"
        note = f"{count:,} times from {_clock(first)} on {_day(first)} to {end} do not exist: skipped"
    yield Occurrence(stretch.start, first, False, note)


def _twice(wall: datetime, what: str) -> str:
    return f"{_clock(wall)} comes twice on {_day(wall)}: {what}"


def _clock(wall: datetime) -> str:
    """The time of day, with its seconds only if there are any."""
    return f"{wall:%H:%M:%S}" if wall.second else f"{wall:%H:%M}"


def _day(wall: datetime) -> str:
    return f"{wall.day} {month_name[wall.month]}"
