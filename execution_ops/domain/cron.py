"""Cron rules on the wall clock: reading them, and the wall times that they name.

Five fields: minute, hour, day of the month, month, day of the week; or six, with the second FIRST.
This is the spelling of crontab(5), and of the engine's scheduler for six fields. A field is a list of
`*`, `5`, `1-5`, `*/15`, `1-30/5` and `5/15` (from 5 on). Names (`JAN`, `MON`) count in any case;
Sunday is 0 and 7. Ranges may run over the end (`22-2`, `FRI-MON`;
a step counts on over it), except for days of the month. `?` is `*`
in the two fields of days; `L` is the last day of the month, `FRI#2` its second Friday, `LFRI` its last.

When both fields of days are restricted (neither is `*`), a day that matches EITHER fires, as in
crontab(5); `*/2` is a restriction. A Cron knows nothing of zones: `firings` gives its instants.

The fields are evaluated here, not by croniter, which the engine uses: it reads `5-5` as the whole field,
starts a step anew where a range runs over the end, takes days of the week that are all listed for `*`,
and needs several times as long for the next time. The tests compare the two in everything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.text import visible

TEXT_MAX = 200
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
LAST = -1
"""In place of a day's number or a week's: the last of the month."""
EVERY = 0
"""In place of a week's number: every week."""

_LONGEST = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FOREIGN = re.compile(r"[^0-9A-Za-z*,/?#@ \t-]")
_ITEM = re.compile(r"(?:(\*)|(\d{1,2}|[A-Z]{3})(?:-(\d{1,2}|[A-Z]{3}))?)(?:/(\d{1,2}))?")
_WEEK = re.compile(r"L([0-7]|[A-Z]{3})|([0-7]|[A-Z]{3})#([1-5])")
_SHORT = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


class _Field(NamedTuple):
    """What one field may hold. `names` are the words for low, low + 1 and so on."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    also: str = ""
    wraps: bool = True


_SECOND = _Field("second", 0, 59)
_MINUTE = _Field("minute", 0, 59)
_HOUR = _Field("hour", 0, 23)
_MONTH_DAY = _Field("day of the month", 1, 31, also=", L for the last day", wraps=False)
_MONTH = _Field("month", 1, 12, MONTHS, also=" or JAN to DEC")
_WEEK_DAY = _Field(
    "day of the week",
    0,
    6,
    WEEKDAYS,
    also=" or SUN to SAT, 7 for Sunday, FRI#2 for the second Friday, LFRI for the last",
)


@dataclass(frozen=True, slots=True)
class Cron:
    """A rule that fires: at the wall times whose every part is named by it.

    `month_days` and `week_days` are None where the field leaves every day in. `LAST` among the month's
    days is its last. A day of the week is a pair of its number (Sunday is 0) and which of the month it
    is: `EVERY`, 1 to 5, or `LAST`.
    """

    text: str
    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    month_days: frozenset[int] | None
    months: frozenset[int]
    week_days: frozenset[tuple[int, int]] | None

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Read a rule. InvalidInput names the field and what it may hold, or says that no day fits."""
        fields = _split(text)
        second, minute, hour, month_day, month, week_day = ["0", *fields] if len(fields) == 5 else fields
        month_days, week_days = _month_days(month_day), _week_days(week_day)
        if month_days and week_days and (_full(month_days, 31) or _full(week_days, 7)):
            # Either matches, and one of the two matches every day.
            month_days = week_days = None
        cron = cls(
            text=" ".join(text.split()),
            seconds=tuple(sorted(_values(_SECOND, second))),
            minutes=tuple(sorted(_values(_MINUTE, minute))),
            hours=tuple(sorted(_values(_HOUR, hour))),
            month_days=None if month_days and _full(month_days, 31) else month_days,
            months=frozenset(_values(_MONTH, month)),
            week_days=None if week_days and _full(week_days, 7) else week_days,
        )
        if not cron._has_days():
            raise InvalidInput("The rule never fires: none of its months has such a day of the month.")
        return cron

    @property
    def hourly(self) -> bool:
        """Whether every hour is in: such a rule keeps on firing where the clock is set back."""
        return len(self.hours) == 24

    def walls(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The wall times (naive, whole seconds) that the rule names, from `start` to before `end`."""
        for day in self._days(start.date(), end.date()):
            # Times before the start are passed over by hour and by minute, not one by one.
            first = (start.hour, start.minute, start.second) if day == start.date() else (0, 0, 0)
            for hour in self.hours:
                if hour < first[0]:
                    continue
                for minute in self.minutes:
                    if (hour, minute) < first[:2]:
                        continue
                    for second in self.seconds:
                        if (hour, minute, second) < first:
                            continue
                        wall = datetime(day.year, day.month, day.day, hour, minute, second)
                        if wall >= end:
                            return
                        yield wall

    def _days(self, first: date, last: date) -> Iterator[date]:
        """The days that fit, from `first` to `last`, passing over months that are out as a whole."""
        year, month, day = first.year, first.month, first.day
        while (year, month) <= (last.year, last.month):
            if month in self.months:
                length = _length(year, month)
                weekday = date(year, month, day).isoweekday()
                for number in range(day, length + 1):
                    if self._fits(number, (weekday + number - day) % 7, length):
                        yield date(year, month, number)
            year, month, day = (year, month + 1, 1) if month < 12 else (year + 1, 1, 1)

    def _fits(self, day: int, weekday: int, length: int) -> bool:
        dates, weeks = self.month_days, self.week_days
        if dates is not None and (day in dates or (day == length and LAST in dates)):
            return True
        if weeks is None:
            return dates is None
        return (
            (weekday, EVERY) in weeks
            or (weekday, (day + 6) // 7) in weeks
            or (day > length - 7 and (weekday, LAST) in weeks)
        )

    def _has_days(self) -> bool:
        """Whether some day fits. Every month has every weekday, and a fifth one in some year."""
        if self.month_days is None or self.week_days is not None:
            return True
        # LAST is below every length.
        return min(self.month_days) <= max(_LONGEST[month] for month in self.months)


def _split(text: str) -> list[str]:
    if len(text) > TEXT_MAX:
        raise InvalidInput(f"A cron rule has at most {TEXT_MAX} characters.")
    if foreign := _FOREIGN.search(text):
        raise InvalidInput(f"A cron rule has no character “{visible(foreign[0])}”.")
    fields = text.split()
    if fields and fields[0].startswith("@"):
        if len(fields) > 1 or fields[0].lower() not in _SHORT:
            raise InvalidInput(f"A rule with @ is one of {', '.join(_SHORT)}.")
        return _SHORT[fields[0].lower()].split()
    if len(fields) not in (5, 6):
        raise InvalidInput(
            f"A cron rule has 5 fields (minute, hour, day of the month, month, day of the week), "
            f"or 6 with the second first; this has {len(fields)}."
        )
    return [field.upper() for field in fields]


def _month_days(text: str) -> frozenset[int] | None:
    """The days of the month of its field, None for all of them."""
    if text in ("*", "?", "*/1"):
        return None
    found: set[int] = set()
    for item in text.split(","):
        found |= {LAST} if item == "L" else _item(_MONTH_DAY, item)
    return frozenset(found)


def _week_days(text: str) -> frozenset[tuple[int, int]] | None:
    """The days of the week of its field, None for all of them."""
    if text in ("*", "?", "*/1"):
        return None
    found: set[tuple[int, int]] = set()
    for item in text.split(","):
        if match := _WEEK.fullmatch(item):
            weekday = _number(_WEEK_DAY, match[1] or match[2], item) % 7
            found.add((weekday, int(match[3]) if match[3] else LAST))
        else:
            found |= {(weekday, EVERY) for weekday in _item(_WEEK_DAY, item)}
    return frozenset(found)


def _values(field: _Field, text: str) -> set[int]:
    return set().union(*(_item(field, item) for item in text.split(",")))


def _item(field: _Field, item: str) -> set[int]:
    """The values of one member of a field's list."""
    match = _ITEM.fullmatch(item)
    if not match:
        raise _refused(field, item)
    star, first, last, step_text = match.groups()
    low = field.low if star else _number(field, first, item)
    high = field.high if star or step_text else low
    if last:
        high = _number(field, last, item)
    step = int(step_text) if step_text else 1
    if not 1 <= step <= field.high:
        raise InvalidInput(f"The step of “{item}” in the field {field.name} is not from 1 to {field.high}.")
    size = field.high - field.low + 1
    if low > high:
        if not field.wraps:
            raise InvalidInput(f"The range “{item}” in the field {field.name} runs backwards: write 28-31,1-3.")
        high += size
    return {(value - field.low) % size + field.low for value in range(low, high + 1, step)}


def _number(field: _Field, text: str, item: str) -> int:
    """The value of a number or a name. 7, for Sunday, stays 7: `5-7` runs upwards."""
    if text in field.names:
        return field.names.index(text) + field.low
    if not text.isdigit() or not field.low <= int(text) <= (7 if field is _WEEK_DAY else field.high):
        raise _refused(field, item)
    return int(text)


def _refused(field: _Field, item: str) -> InvalidInput:
    return InvalidInput(
        f"The field {field.name} cannot hold “{item[:20]}”: write *, numbers from {field.low} to {field.high}"
        f"{field.also}, lists (1,2), ranges (1-5) and steps (*/2)."
    )


def _full(values: frozenset[int] | frozenset[tuple[int, int]], count: int) -> bool:
    """Whether each of `count` days is in, of every month and every week."""
    return sum(1 for value in values if value != LAST and (isinstance(value, int) or value[1] == EVERY)) == count


def _length(year: int, month: int) -> int:
    if month == 2 and (year % 4 or (year % 100 == 0 and year % 400)):
        return 28
    return _LONGEST[month]
