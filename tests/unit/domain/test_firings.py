"""When rules fire where clocks are set: against an oracle that looks at every real minute or second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.cron import Cron
from execution_ops.domain.firings import Occurrence, between, firings, next_after, occurrences, upcoming
from execution_ops.domain.zones import zone_names

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
VALUES = (range(60), range(60), range(24), range(1, 32), range(1, 13), range(7))
ZONES = ("Europe/Berlin", "America/New_York", "America/Santiago", "Africa/Cairo", "Australia/Lord_Howe", "UTC")


def _in_field(field: str, value: int, values: range) -> bool:
    """Whether a value is in a field of `*`, `*/n`, numbers and ranges upwards."""
    for item in field.split(","):
        run, _, step = item.partition("/")
        low, _, high = (f"{values[0]}-{values[-1]}" if run == "*" else run).partition("-")
        if value in range(int(low), int(high or low) + 1, int(step or 1)):
            return True
    return False


def _fits(text: str, wall: datetime) -> bool:
    """Whether the rule names a wall time: written anew, from the fields' text."""
    fields = text.split() if len(text.split()) == 6 else ["0", *text.split()]
    parts = (wall.second, wall.minute, wall.hour, wall.day, wall.month, wall.isoweekday() % 7)
    fit = [_in_field(*three) for three in zip(fields, parts, VALUES, strict=True)]
    day = fit[3] or fit[5] if fields[3] != "*" and fields[5] != "*" else fit[3] and fit[5]
    return all(fit[:3]) and fit[4] and day


def _oracle(
    text: str, zone: ZoneInfo, start: datetime, end: datetime, step: timedelta
) -> tuple[list[tuple[datetime, datetime]], list[datetime]]:
    """The firings (instant, wall time) from `start` to before `end`, and the wall times left out."""
    every_hour = text.split()[-4] == "*"
    seen: set[datetime] = set()
    fired = []
    # What the clock has shown in the hours before counts as seen: the start may lie in a second pass.
    moment = start - timedelta(hours=3)
    while moment < end:
        wall = moment.astimezone(zone).replace(tzinfo=None)
        if moment >= start and _fits(text, wall) and (every_hour or wall not in seen):
            fired.append((moment, wall))
        seen.add(wall)
        moment += step
    skipped = []
    wall, last = (start - step).astimezone(zone).replace(tzinfo=None), max(seen)
    while wall < last and not every_hour:
        if wall not in seen and _fits(text, wall):
            skipped.append(wall)
        wall += step
    return fired, skipped


def _compare(text: str, zone: ZoneInfo, start: datetime, end: datetime, step: timedelta = MINUTE) -> list[Occurrence]:
    """Both ways to say what happens from `start` to before `end`."""
    found = []
    for occurrence in occurrences(Cron.parse(text), zone, start - SECOND):
        if occurrence.at >= end:
            break
        found.append(occurrence)
    fired, skipped = _oracle(text, zone, start, end, step)
    assert [(each.at, each.wall) for each in found if each.fires] == fired, (text, zone.key)
    left_out = [each for each in found if not each.fires]
    counts = [int(each.note.split()[0].replace(",", "")) if " times " in each.note else 1 for each in left_out]
    assert sum(counts) == len(skipped), (text, zone.key)
    assert [each.wall for each in left_out[:1]] == skipped[:1]
    assert [each.at for each in found] == sorted(each.at for each in found)
    return found


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


@cache
def _changes() -> list[tuple[ZoneInfo, datetime, timedelta]]:
    """Every change of a zone's offset in 2026 to 2028: the zone, the first minute after it, by how much."""
    found = []
    step = timedelta(days=1)
    for name in sorted(available_timezones() & set(zone_names())):
        zone = ZoneInfo(name)
        before = datetime(2026, 1, 1, tzinfo=UTC)
        while before.year < 2029:
            if _offset(zone, before) != _offset(zone, before + step):
                moment = before
                while _offset(zone, moment) == _offset(zone, before):
                    moment += timedelta(minutes=15)
                found.append((zone, moment, _offset(zone, moment) - _offset(zone, before)))
            before += step
    return found


def test_every_change_of_every_zone_skips_and_fires_once_as_the_rule_says() -> None:
    changes = _changes()
    assert len({zone.key for zone, _, _ in changes}) > 100
    assert {forward > timedelta() for _, _, forward in changes} == {True, False}
    gaps = overlaps = 0
    for zone, moment, by in changes:
        start, end = moment - timedelta(minutes=150), moment + timedelta(minutes=150)
        wall = (moment - MINUTE).astimezone(zone).replace(tzinfo=None) + MINUTE
        # The first wall time of the gap; of an overlap, the first that comes twice.
        wall = wall if by > timedelta() else wall + by
        at = f"{wall.minute} {wall.hour} {wall.day} {wall.month} *"
        found = _compare(at, zone, start, end)
        if by > timedelta():
            gaps += 1
            assert [(each.fires, "does not exist" in each.note) for each in found] == [(False, True)]
        else:
            overlaps += 1
            assert [(each.fires, "fires at the first" in each.note) for each in found] == [(True, True)]
        _compare(f"*/10 {wall.hour} * * *", zone, start, end)
        every = _compare("*/10 * * * *", zone, start, end)
        assert len(every) == 30
    assert gaps > 100
    assert overlaps > 100


@pytest.mark.parametrize("text", ["*/15 * * * *", "*/7 1-3 * * *", "0 */2 * * *", "30 0-3 * * *", "* 2 * * 0"])
@pytest.mark.parametrize("name", ZONES)
def test_three_years_of_changes_in_some_zones(text: str, name: str) -> None:
    for zone, moment, _ in _changes():
        if zone.key == name:
            _compare(text, zone, moment - timedelta(hours=26), moment + timedelta(hours=5))


@pytest.mark.parametrize(
    ("text", "name", "moment"),
    [
        ("*/7 * 2 * * *", "Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("*/7 * 2 * * *", "Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
        ("5 */10 * * * *", "Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
        ("*/20 1-45 1 * * *", "Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
        ("*/20 1-45 2 * * *", "Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ],
)
def test_seconds(text: str, name: str, moment: datetime) -> None:
    _compare(text, ZoneInfo(name), moment - timedelta(minutes=70), moment + timedelta(minutes=70), SECOND)


@pytest.mark.parametrize(
    ("text", "name", "after", "notes"),
    [
        (
            "30 2 * * *",
            "Europe/Berlin",
            datetime(2026, 3, 28, 12, tzinfo=UTC),
            ["02:30 does not exist on 29 March: skipped", "", ""],
        ),
        (
            "*/15 2 * * *",
            "Europe/Berlin",
            datetime(2026, 3, 28, 12, tzinfo=UTC),
            ["4 times from 02:00 on 29 March to 02:45 do not exist: skipped", ""],
        ),
        (
            "30 1 * * *",
            "Europe/London",
            datetime(2026, 10, 24, 12, tzinfo=UTC),
            ["01:30 comes twice on 25 October: fires at the first", ""],
        ),
        (
            "30 * * * *",
            "Europe/London",
            datetime(2026, 10, 24, 23, 40, tzinfo=UTC),
            [
                "01:30 comes twice on 25 October: fires at both, this is the first",
                "01:30 comes twice on 25 October: fires at both, this is the second",
                "",
            ],
        ),
        (
            "0 0 * * *",
            "Africa/Cairo",
            datetime(2026, 4, 23, 12, tzinfo=UTC),
            ["00:00 does not exist on 24 April: skipped", ""],
        ),
        (
            "0 */6 30 12 *",
            "Pacific/Apia",
            datetime(2011, 12, 29, tzinfo=UTC),
            ["4 times from 00:00 on 30 December to 18:00 do not exist: skipped", ""],
        ),
    ],
)
def test_what_a_preview_says(text: str, name: str, after: datetime, notes: list[str]) -> None:
    found = upcoming(Cron.parse(text), ZoneInfo(name), after, len(notes))
    assert [each.note for each in found] == notes
    assert [each for each in found if each.fires] == list(
        islice(firings(Cron.parse(text), ZoneInfo(name), after), sum(each.fires for each in found))
    )


def test_samoa_left_out_a_day() -> None:
    moment = datetime(2011, 12, 30, 10, tzinfo=UTC)
    for text in ("*/30 5 * * *", "*/30 * * * *", "0 0 30 12 *", "0 23,0 * * *"):
        _compare(text, ZoneInfo("Pacific/Apia"), moment - timedelta(hours=30), moment + timedelta(hours=30))


def test_the_second_pass_fires_nothing_that_the_first_did() -> None:
    berlin, twice = ZoneInfo("Europe/Berlin"), Cron.parse("30 2 * * *")
    for after in (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 15, tzinfo=UTC)):
        following = next_after(twice, berlin, after)
        assert following is not None
        assert following.at == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_rule_whose_only_time_is_always_left_out_has_no_firing() -> None:
    # The last Sunday of March is when Berlin's clocks leave out 02:30.
    cron, berlin, now = Cron.parse("30 2 * 3 LSUN"), ZoneInfo("Europe/Berlin"), datetime(2026, 11, 1, tzinfo=UTC)
    assert next_after(cron, berlin, now) is None
    assert [each.fires for each in upcoming(cron, berlin, now, 3)] == [False] * 3
    assert len(upcoming(cron, berlin, now, 1_000)) == 50


def test_a_moment_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(TypeError):
        next_after(Cron.parse("@daily"), ZoneInfo("UTC"), datetime(2026, 1, 1))


def test_between_takes_the_end_in_and_the_beginning_out() -> None:
    cron, utc = Cron.parse("0 * * * *"), ZoneInfo("UTC")
    after, until = datetime(2026, 1, 1, 0, tzinfo=UTC), datetime(2026, 1, 1, 3, tzinfo=UTC)
    assert [each.at.hour for each in between(cron, utc, after, until, 100)] == [1, 2, 3]
    assert [each.at.hour for each in between(cron, utc, after, until, 2)] == [1, 2]
    assert between(cron, utc, after, after, 100) == []
    assert [each.at.hour for each in between(cron, utc, after - timedelta(microseconds=1), after, 100)] == [0]


def _fields(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    run = st.lists(number, min_size=2, max_size=2).map(lambda two: f"{min(two)}-{max(two)}")
    item = number.map(str) | run | st.integers(2, 6).map("*/{}".format)
    return st.just("*") | st.lists(item, min_size=1, max_size=3).map(",".join)


TEXTS = st.tuples(_fields(0, 59), _fields(0, 23), _fields(1, 28), _fields(1, 12), _fields(0, 6)).map(" ".join)
MOMENTS = st.datetimes(datetime(1975, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


@given(TEXTS, st.sampled_from(ZONES), MOMENTS)
def test_firings_rise_and_fit_and_none_is_missed(text: str, name: str, after: datetime) -> None:
    zone, cron = ZoneInfo(name), Cron.parse(text)
    found = list(islice(firings(cron, zone, after), 20))
    moments = [after, *(each.at for each in found)]
    assert all(first < second for first, second in pairwise(moments))
    for each in found:
        assert _fits(text, each.wall)
        assert each.at.astimezone(zone).replace(tzinfo=None) == each.wall
    for start in _windows(after, found):
        _compare(text, zone, start, start + timedelta(hours=20))


def _windows(after: datetime, found: list[Occurrence]) -> Iterator[datetime]:
    """Where to look minute by minute: at the beginning, and around a firing."""
    yield after.replace(second=0, microsecond=0)
    if found:
        yield found[-1].at.replace(second=0) - timedelta(hours=10)


@given(st.sampled_from(ZONES), MOMENTS, TEXTS, st.timedeltas(timedelta(), timedelta(days=3)))
def test_asking_again_from_any_moment_goes_on_where_it_was(
    name: str, after: datetime, text: str, later: timedelta
) -> None:
    zone, cron = ZoneInfo(name), Cron.parse(text)
    known = between(cron, zone, after, after + timedelta(days=5), 10_000)
    again = between(cron, zone, after + later, after + timedelta(days=5), 10_000)
    assert again == [each for each in known if each.at > after + later]
