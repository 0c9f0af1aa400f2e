"""A cron rule in plain English, on the 24-hour clock.

The words are made from the values that fire, not from the text: `0,7` and `SUN` read the same, and a
step that does not divide its field is no "every 7 minutes".
"""

from __future__ import annotations

from calendar import day_name, month_name
from collections.abc import Callable, Iterable, Sequence

from execution_ops.domain.cron import EVERY, LAST, Cron

# More times of day than these are told by their hours.
_CLOCKS_MAX = 6
_STEPS_MIN = 5
_WHICH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", LAST: "last"}


def in_words(cron: Cron) -> str:
    """The rule as a sentence without its full stop: "At 02:30, Monday to Friday"."""
    return _time(cron) + _day(cron)


def _time(cron: Cron) -> str:
    if len(cron.hours) * len(cron.minutes) * len(cron.seconds) <= _CLOCKS_MAX:
        return "At " + _and(
            f"{hour:02d}:{minute:02d}" + (f":{second:02d}" if cron.seconds != (0,) else "")
            for hour in cron.hours
            for minute in cron.minutes
            for second in cron.seconds
        )
    words, steady = "", True
    if cron.seconds != (0,):
        words, steady = _first_part("second", cron.seconds)
    if not words:
        words, steady = _first_part("minute", cron.minutes)
    elif len(cron.minutes) == 60:
        # "Every second of every minute" says no more than "every second".
        words += "" if steady else " of every minute"
        steady = True
    else:
        words += f" of {_named('minute', cron.minutes)}"
        steady = False
    if len(cron.hours) == 24:
        return words if steady else f"{words} of every hour"
    return f"{words} of {_named('hour', cron.hours)}"


def _first_part(unit: str, values: Sequence[int]) -> tuple[str, bool]:
    """How seconds or minutes begin the sentence, and whether that goes on evenly from one to the next."""
    if len(values) == 60:
        return f"Every {unit}", True
    step = 60 // len(values)
    if len(values) > 1 and 60 % len(values) == 0 and list(values) == list(range(0, 60, step)):
        return f"Every {step} {unit}s", True
    return f"At {_plural(unit, values)} {_spoken(values, 60, str)}", False


def _named(unit: str, values: Sequence[int]) -> str:
    spell = "{:02d}".format if unit == "hour" else str
    return f"the {_plural(unit, values)} {_spoken(values, 24 if unit == 'hour' else 60, spell)}"


def _day(cron: Cron) -> str:
    months = "" if len(cron.months) == 12 else _spoken(sorted(cron.months), 12, lambda month: month_name[month], low=1)
    of_month = months or "the month"
    if cron.month_days is None and cron.week_days is None:
        if months:
            return f" every day of {months}"
        return " every day" if len(cron.hours) < 24 else ""
    dates = _dates(cron.month_days, of_month) if cron.month_days is not None else ""
    if cron.week_days is None:
        return f" on {dates}"
    plain = sorted(weekday for weekday, week in cron.week_days if week == EVERY)
    weekdays = _spoken(plain, 7, _weekday) if plain else ""
    weeks = [
        f"the {_WHICH[week]} {_weekday(weekday)} of {of_month}"
        for weekday, week in sorted(cron.week_days, key=lambda pair: (pair[1] == LAST, pair[1], pair[0]))
        if week != EVERY and weekday not in plain
    ]
    if not dates and not weeks:
        # One run of days reads as an aside: "At 02:30, Monday to Friday".
        joint = ", " if " to " in weekdays and " and " not in weekdays else " on "
        return f"{joint}{weekdays}" + (f" in {months}" if months else "")
    if weekdays and months:
        weekdays += f" in {months}"
    return " on " + " and also on ".join(part for part in (dates, weekdays, _and(weeks) if weeks else "") if part)


def _dates(days: frozenset[int], of_month: str) -> str:
    """Days of the month: "days 1 to 7 and the last day of the month"."""
    numbers = sorted(days - {LAST})
    parts = [f"{_plural('day', numbers)} {_spoken(numbers, 0, str)}"] if numbers else []
    return _and([*parts, *(["the last day"] if LAST in days else [])]) + f" of {of_month}"


def _weekday(number: int) -> str:
    return day_name[(number - 1) % 7]


def _spoken(values: Sequence[int], cycle: int, spell: Callable[[int], str], low: int = 0) -> str:
    """Sorted values as runs ("9 to 17"), even steps or a list.

    A field of `cycle` values starts again at `low` after its end; 0 for one that does not.
    """
    runs: list[list[int]] = []
    for value in values:
        if runs and runs[-1][-1] == value - 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    if cycle and len(runs) > 1 and runs[0][0] == low and runs[-1][-1] == low + cycle - 1:
        # Over the end, as in 22 to 02; it is told as the last.
        runs.append(runs.pop() + runs.pop(0))
    step = values[1] - values[0] if len(values) > 1 else 0
    if len(values) >= _STEPS_MIN and step > 1 and list(values) == list(range(values[0], values[-1] + 1, step)):
        return f"{spell(values[0])} to {spell(values[-1])} (in steps of {step})"
    return _and(
        text
        for run in runs
        for text in ([f"{spell(run[0])} to {spell(run[-1])}"] if len(run) > 2 else [spell(value) for value in run])
    )


def _plural(unit: str, values: Sequence[int]) -> str:
    return unit if len(values) == 1 else f"{unit}s"


def _and(parts: Iterable[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
