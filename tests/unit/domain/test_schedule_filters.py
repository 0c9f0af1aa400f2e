"""The filter of the schedules and its pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.runs import FiredAt
from execution_ops.domain.schedule_filters import ScheduleFilter, check_cursor, page_of
from execution_ops.domain.schedules import Missed, ScheduleState
from tests.schedule_samples import EPOCH, schedule

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40)
FILTERS = st.builds(
    ScheduleFilter,
    tenant=st.sets(TEXTS, max_size=3).map(lambda found: tuple(sorted(found))),
    state=st.sets(st.sampled_from(ScheduleState)).map(
        lambda found: tuple(one for one in ScheduleState if one in found)
    ),
    job_type=st.sets(TEXTS, max_size=3).map(lambda found: tuple(sorted(found))),
    missed=st.sampled_from([None, True, False]),
    text=st.one_of(st.just(""), TEXTS),
)
MISSED = FiredAt(due_at=EPOCH, missed=Missed.PAUSED)


@given(FILTERS)
def test_a_filter_survives_its_query(where: ScheduleFilter) -> None:
    assert ScheduleFilter.from_query(where.to_query()) == where
    assert where.active() == len(where.to_pairs())


@pytest.mark.parametrize("query", ["state=asleep", "missed=maybe", "tenant=" + "x" * 201, "text=%00"])
def test_what_no_schedule_could_have_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput):
        ScheduleFilter.from_query(query)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "all schedules"),
        ("state=paused&tenant=acme&job_type=scan.inspect", "paused schedules of tenant acme for scan.inspect"),
        ("missed=yes", "schedules that missed their last due time"),
        ("text=night", "schedules with “night” in their name or description"),
    ],
)
def test_a_filter_is_told_in_words(query: str, words: str) -> None:
    assert ScheduleFilter.from_query(query).describe() == words


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("state=enabled", True),
        ("state=paused", False),
        ("tenant=acme&tenant=other", True),
        ("tenant=other", False),
        ("job_type=scan.inspect", True),
        ("text=NIGHT", True),
        ("text=day", False),
        ("missed=yes", True),
        ("missed=no", False),
    ],
)
def test_all_conditions_have_to_match(query: str, found: bool) -> None:
    assert ScheduleFilter.from_query(query).matches(schedule(name="Nightly"), MISSED) is found


def test_one_that_was_never_due_was_not_missed() -> None:
    assert ScheduleFilter(missed=False).matches(schedule(), None)
    assert not ScheduleFilter(missed=True).matches(schedule(), None)


def test_pages_go_on_from_a_name_that_need_not_exist_any_more() -> None:
    # The longest name, of the characters that take most place in a cursor.
    rows = [schedule(name="\x01" * 99 + letter) for letter in "cab"] + [schedule(name="z" + letter) for letter in "cab"]
    first = page_of(rows, None, 4)
    assert [one.spec.name[-1] for one in first.rows] == ["a", "b", "c", "a"]
    assert (first.before, first.total) == (None, 6)
    assert first.after is not None
    second = page_of([one for one in rows if one not in first.rows], check_cursor(first.after), 4)
    assert [one.spec.name for one in second.rows] == ["zb", "zc"]
    back = page_of(rows, second.before or page_of(rows, first.after, 4).before, 4)
    assert back.rows == first.rows


@pytest.mark.parametrize("cursor", ["x", "W10", "WzAsImEiXQ", "é", "A" * 5000])
def test_a_damaged_cursor_is_told(cursor: str) -> None:
    with pytest.raises(InvalidInput, match="damaged"):
        check_cursor(cursor)


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_refused_as_one(text: str) -> None:
    code = ""
    try:
        page_of([schedule()], text, 1)
    except InvalidInput as error:
        code = error.code
    assert code in ("", "BAD_CURSOR")
