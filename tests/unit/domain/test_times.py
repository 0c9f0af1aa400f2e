"""Instants and durations as people and machines read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.times import describe_duration, from_ms, iso, to_ms


@given(st.integers(min_value=0, max_value=253_402_300_799_999))
def test_an_instant_is_exact_to_the_millisecond(value: int) -> None:
    assert to_ms(from_ms(value)) == value
    assert iso(from_ms(value)).endswith(f".{value % 1000:03d}Z")


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (None, ""),
        (0, "0 ms"),
        (999, "999 ms"),
        (14_600, "14.6 s"),
        (59_949, "59.9 s"),
        (59_990, "59.9 s"),
        (60_000, "1m 00s"),
        (269_000, "4m 29s"),
        (3_599_000, "59m 59s"),
        (7_500_000, "2h 05m"),
        (273_600_000, "3d 4h"),
    ],
)
def test_a_duration_reads_as_an_operator_says_it(ms: int | None, words: str) -> None:
    assert describe_duration(ms) == words
