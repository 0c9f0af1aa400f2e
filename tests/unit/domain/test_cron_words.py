"""A cron rule in words: what fires, and the same words only for the same times."""

from __future__ import annotations

import random
from datetime import datetime

import pytest

from execution_ops.domain.cron import Cron
from execution_ops.domain.cron_words import in_words

EXACT = {
    "* * * * *": "Every minute",
    "*/15 * * * *": "Every 15 minutes",
    "0,20,40 * * * *": "Every 20 minutes",
    "0 * * * *": "At minute 0 of every hour",
    "5,35 * * * *": "At minutes 5 and 35 of every hour",
    "5/15 * * * *": "At minutes 5, 20, 35 and 50 of every hour",
    "*/7 * * * *": "At minutes 0 to 56 (in steps of 7) of every hour",
    "30 2 * * *": "At 02:30 every day",
    "30 2 * * 1-5": "At 02:30, Monday to Friday",
    "30 2,14 * * *": "At 02:30 and 14:30 every day",
    "15 30 2 * * *": "At 02:30:15 every day",
    "*/10 * * * * *": "Every 10 seconds",
    "* * * * * *": "Every second",
    "5 * * * * *": "At second 5 of every minute",
    "5 * 2 * * *": "At second 5 of every minute of the hour 02 every day",
    "* 0-5 * * * *": "Every second of the minutes 0 to 5 of every hour",
    "*/10 */15 * * * *": "Every 10 seconds of the minutes 0, 15, 30 and 45 of every hour",
    "0 5 * * * *": "At minute 5 of every hour",
    "0 */2 * * *": "At minute 0 of the hours 00 to 22 (in steps of 2) every day",
    "0 */5 * * *": "At 00:00, 05:00, 10:00, 15:00 and 20:00 every day",
    "0 9-17 * * MON-FRI": "At minute 0 of the hours 09 to 17, Monday to Friday",
    "*/15 9-17 * * *": "Every 15 minutes of the hours 09 to 17 every day",
    "* 2 * * *": "Every minute of the hour 02 every day",
    "0 22-4 * * *": "At minute 0 of the hours 22 to 04 every day",
    "*/15 1,3,5 * * 6": "Every 15 minutes of the hours 01, 03 and 05 on Saturday",
    "0 0 1 * *": "At 00:00 on day 1 of the month",
    "@weekly": "At 00:00 on Sunday",
    "@yearly": "At 00:00 on day 1 of January",
    "0 0 13 * 5": "At 00:00 on day 13 of the month and also on Friday",
    "0 0 13 6 FRI": "At 00:00 on day 13 of June and also on Friday in June",
    "0 0 */2 * 1": "At 00:00 on days 1 to 31 (in steps of 2) of the month and also on Monday",
    "0 0 L * *": "At 00:00 on the last day of the month",
    "0 0 1,15,L * *": "At 00:00 on days 1 and 15 and the last day of the month",
    "0 0 1-7 * *": "At 00:00 on days 1 to 7 of the month",
    "0 0 29 2 *": "At 00:00 on day 29 of February",
    "0 0 1 */3 *": "At 00:00 on day 1 of January, April, July and October",
    "0 0 * * 0,7": "At 00:00 on Sunday",
    "0 0 * * 6,0": "At 00:00 on Saturday and Sunday",
    "0 0 * * FRI-MON": "At 00:00, Friday to Monday",
    "0 0 * * MON-WED,SAT": "At 00:00 on Monday to Wednesday and Saturday",
    "0 0 * * FRI#3": "At 00:00 on the third Friday of the month",
    "0 0 * * LFRI": "At 00:00 on the last Friday of the month",
    "0 0 L * FRI#1,LMON,TUE": "At 00:00 on the last day of the month and also on Tuesday "
    "and also on the first Friday of the month and the last Monday of the month",
    "0 0 * 6-8 *": "At 00:00 every day of June to August",
    "*/30 * * 12 *": "Every 30 minutes every day of December",
    "0 0 * 11-2 MON": "At 00:00 on Monday in November to February",
    "0 0 * 12,1 *": "At 00:00 every day of December and January",
    "0 0 1-31 * 1": "At 00:00 every day",
}


@pytest.mark.parametrize(("text", "words"), EXACT.items(), ids=EXACT)
def test_the_words_of_a_rule(text: str, words: str) -> None:
    assert in_words(Cron.parse(text)) == words


def _field(source: random.Random, low: int, high: int, *others: str) -> str:
    if source.random() < 0.4:
        return "*"
    first = source.randint(low, high - 1)
    run = f"{first}-{source.randint(first, high)}"
    choices = (str(first), str(first), run, f"{run}/{source.randint(2, 4)}", f"*/{source.randint(2, 6)}", *others)
    return ",".join(source.choice(choices) for _ in range(source.choice((1, 1, 2, 3))))


def test_the_same_words_are_never_said_of_different_times() -> None:
    source = random.Random(7)
    said: dict[str, tuple[object, ...]] = {}
    for _ in range(3_000):
        clock = [source.choice(("0", _field(source, 0, 59))), _field(source, 0, 59), _field(source, 0, 23)]
        days = [_field(source, 1, 28, "L"), _field(source, 1, 12), _field(source, 0, 6, "FRI#2", "LMON")]
        if source.random() < 0.7:
            # Half of all rules are about the time only or the days only, so that words do meet.
            clock, days = (clock, ["*"] * 3) if source.random() < 0.5 else (["0", "0", "0"], days)
        cron = Cron.parse(" ".join(clock + days))
        midnights = Cron.parse(" ".join(["0 0 0", *days])).walls(datetime(2026, 1, 1), datetime(2029, 1, 1))
        times = (cron.seconds, cron.minutes, cron.hours, tuple(midnights))
        words = in_words(cron)
        assert words
        assert said.setdefault(words, times) == times, cron.text
