"""Cron rules: what they name, as croniter has it where it is right, and what is refused at once."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta
from itertools import islice

import pytest
from croniter import croniter
from hypothesis import example, given
from hypothesis import strategies as st

from execution_ops.domain.cron import Cron
from execution_ops.domain.errors import InvalidInput

FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
NEW_YEAR = datetime(2026, 1, 1)


def _walls(text: str, count: int, start: datetime = NEW_YEAR) -> list[str]:
    return [f"{wall:%y-%m-%d %H:%M:%S}" for wall in islice(Cron.parse(text).walls(start, datetime(2150, 1, 1)), count)]


@pytest.mark.parametrize(
    ("text", "walls"),
    [
        ("30 2 * * *", ["26-01-01 02:30:00", "26-01-02 02:30:00"]),
        ("15 30 2 * * *", ["26-01-01 02:30:15", "26-01-02 02:30:15"]),
        ("@weekly", ["26-01-04 00:00:00", "26-01-11 00:00:00"]),
        ("@YEARLY", ["26-01-01 00:00:00", "27-01-01 00:00:00"]),
        ("0 0 13 * 5", ["26-01-02 00:00:00", "26-01-09 00:00:00", "26-01-13 00:00:00", "26-01-16 00:00:00"]),
        ("0 0 ? * mon", ["26-01-05 00:00:00", "26-01-12 00:00:00"]),
        ("0 22-2/2 * * *", ["26-01-01 00:00:00", "26-01-01 02:00:00", "26-01-01 22:00:00"]),
        ("0 23-4/2 * * *", ["26-01-01 01:00:00", "26-01-01 03:00:00", "26-01-01 23:00:00"]),
        ("10-10 3 * * *", ["26-01-01 03:10:00", "26-01-02 03:10:00"]),
        ("50/5 3 * * *", ["26-01-01 03:50:00", "26-01-01 03:55:00", "26-01-02 03:50:00"]),
        ("0 0 * * FRI-SUN", ["26-01-02 00:00:00", "26-01-03 00:00:00", "26-01-04 00:00:00", "26-01-09 00:00:00"]),
        ("0 0 * * 5-7", ["26-01-02 00:00:00", "26-01-03 00:00:00", "26-01-04 00:00:00", "26-01-09 00:00:00"]),
        ("0 0 1 NOV-JAN *", ["26-01-01 00:00:00", "26-11-01 00:00:00", "26-12-01 00:00:00"]),
        ("0 0 L * *", ["26-01-31 00:00:00", "26-02-28 00:00:00", "26-03-31 00:00:00"]),
        ("0 0 * * FRI#3", ["26-01-16 00:00:00", "26-02-20 00:00:00"]),
        ("0 0 * * LFRI,MON#1", ["26-01-05 00:00:00", "26-01-30 00:00:00", "26-02-02 00:00:00"]),
        ("0 0 29 2 *", ["28-02-29 00:00:00", "32-02-29 00:00:00"]),
        ("0 0 * 2 MON#5", ["44-02-29 00:00:00", "72-02-29 00:00:00", "12-02-29 00:00:00"]),
    ],
)
def test_a_rule_names_its_wall_times(text: str, walls: list[str]) -> None:
    assert _walls(text, len(walls)) == walls


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 0 * * *"),
        ("@monthly", "0 0 1 * *"),
        ("@annually", "0 0 1 1 *"),
        ("0 0 1-31 * 1", "0 0 * * *"),
        ("0 0 13 * 0-6", "0 0 * * *"),
        ("0 0 */1 * 1", "0 0 * * 1"),
        ("0 0 * * 0,7", "0 0 * * SUN"),
        ("0 0 * * 7-2", "0 0 * * 0-2"),
        (" 0\t0  1-31 1-12 ? ", "0 0 * * *"),
    ],
)
def test_rules_that_mean_the_same(text: str, same: str) -> None:
    one, other = Cron.parse(text), Cron.parse(same)
    assert (one.seconds, one.minutes, one.hours) == (other.seconds, other.minutes, other.hours)
    assert (one.month_days, one.months, one.week_days) == (other.month_days, other.months, other.week_days)


def _item(source: random.Random, low: int, high: int) -> str:
    """A member of a list within what croniter reads rightly: ranges run upwards over two values or more."""
    first = source.randint(low, high - 1)
    run = f"{first}-{source.randint(first + 1, high)}"
    return source.choice((str(source.randint(low, high)), run, f"{run}/{source.randint(1, 5)}", f"*/{first % 5 + 2}"))


def test_croniter_names_the_same_wall_times() -> None:
    source = random.Random(20260329)
    compared = 0
    while compared < 1_000:
        fields = [
            "*"
            if source.random() < 0.4
            else ",".join(_item(source, *bounds) for _ in range(source.choice((1, 1, 2, 3))))
            for bounds in FIELDS
        ]
        text = " ".join(fields)
        start = NEW_YEAR + timedelta(minutes=source.randint(0, 1_000_000))
        try:
            cron = Cron.parse(text)
        except InvalidInput:
            continue  # such as 30 February
        if cron.week_days is None and fields[4] != "*":
            continue  # croniter takes all seven for `*`
        theirs = croniter(text, start - timedelta(minutes=1))
        found = [theirs.get_next(datetime) for _ in range(6)]
        assert list(islice(cron.walls(start, datetime(2100, 1, 1)), 6)) == found, text
        compared += 1


REFUSED = [
    ("", "5 fields"),
    ("* * * *", "this has 4"),
    ("* * * * * * *", "this has 7"),
    ("60 * * * *", "field minute cannot hold “60”"),
    ("60 * * * * *", "field second cannot hold “60”"),
    ("* 24 * * *", "field hour"),
    ("* * 0 * *", "field day of the month"),
    ("* * 32 * *", "field day of the month"),
    ("* * * 13 *", "field month"),
    ("* * * JANUARY *", "field month"),
    ("* * * MON *", "field month"),
    ("* * * * 8", "field day of the week"),
    ("* * * * MON#6", "field day of the week"),
    ("* * * * #1", "field day of the week"),
    ("1--100000000 * * * *", "field minute"),
    ("*/0 * * * *", "step"),
    ("*/60 * * * *", "from 1 to 59"),
    ("* */24 * * *", "from 1 to 23"),
    ("*/999 * * * *", "field minute"),
    ("0-59/0 * * * *", "step"),
    ("R * * * *", "field minute"),
    ("R(0-10) * * * *", "no character “(”"),
    ("H H * * *", "field minute"),
    ("H/5 * * * *", "field minute"),
    ("? * * * *", "field minute"),
    ("-1 * * * *", "field minute"),
    ("1,,2 * * * *", "field minute"),
    (", * * * *", "field minute"),
    ("1-2-3 * * * *", "field minute"),
    ("*/5/5 * * * *", "field minute"),
    ("1.5 * * * *", "no character “.”"),
    ("* * 28-3 * *", "write 28-31,1-3"),
    ("* * 5L * *", "field day of the month"),
    ("* * LW * *", "field day of the month"),
    ("@reboot", "@hourly"),
    ("@daily 5", "@hourly"),
    ("@", "@hourly"),
    ("* * * * *\0", "no character “\\x00”"),
    ("* * * * *\n", "no character “\\x0a”"),
    ("\ud800 * * * *", "no character “\\ud800”"),
    ("١ * * * *", "no character “١”"),
    ("0\u00a00 * * *", "no character"),
    ("0 0 30 2 *", "never fires"),
    ("0 0 30,31 FEB *", "never fires"),
    ("0 0 31 2,4,6,9,11 *", "never fires"),
    ("*" * 10_240, "at most 200"),
    ("1," * 5_000 + "1 * * * *", "at most 200"),
    ("9" * 400 + " * * * *", "at most 200"),
    ("9" * 190 + " * * * *", "field minute"),
    ("1," * 95 + " * * * *", "field minute"),
    ("0-59/" * 38 + " * * * *", "field minute"),
    (" " * 10_000_000, "at most 200"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_rule_is_refused_at_once_and_in_words(text: str, words: str) -> None:
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        with pytest.raises(InvalidInput) as refused:
            Cron.parse(text)
        taken.append(time.perf_counter() - began)
    assert words in refused.value.message
    assert len(refused.value.message) < 300
    assert min(taken) < 0.01


@given(st.text(alphabet="0123456789*/,-?#L @MONJA", max_size=60) | st.text(max_size=250))
@example("0-59," * 38 + "1 * * * *")
def test_any_text_is_a_rule_that_fires_or_is_refused(text: str) -> None:
    try:
        cron = Cron.parse(text)
    except InvalidInput:
        return
    assert next(cron.walls(NEW_YEAR, datetime(2100, 1, 1)), None)
    assert Cron.parse(cron.text) == cron
