"""What a log says when it shows no line."""

from __future__ import annotations

import pytest

from execution_ops.domain.ids import new_id
from execution_ops.domain.jobs import LogLevel, LogSlice
from execution_ops.state.log_window import LogQuery, say_nothing


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Nothing is logged yet."),
        ("q=gone", "No line has these words."),
        ("level=warning", "None of the 1,200 lines is at the level warning or above."),
        ("level=error&q=gone", "No line at the level error or above has these words."),
    ],
)
def test_an_empty_log_says_whether_it_is_the_filter_that_hides_it(query: str, said: str) -> None:
    logged = {LogLevel.INFO: 1_200} if query else {}
    part = LogSlice(lines=(), start=0, total=0, by_level=logged)
    assert say_nothing(LogQuery.read(new_id(), query, ""), part) == said
