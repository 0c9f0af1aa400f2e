"""Cursors: what is written is read back, and nothing else is taken for one."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.paging import CREATED_MAX, N_MAX, Cursor, Towards, decode_cursor, encode_cursor
from execution_ops.domain.query_values import Sort

CURSORS = st.builds(
    Cursor, st.sampled_from(Sort), st.sampled_from(Towards), st.integers(0, CREATED_MAX), st.integers(-1, N_MAX)
)


@given(CURSORS)
def test_a_cursor_comes_back_from_its_text(cursor: Cursor) -> None:
    text = encode_cursor(cursor)
    assert decode_cursor(text, cursor.sort) == cursor
    assert set(text) <= set(string.ascii_letters + string.digits + "-_")


@given(CURSORS, st.integers(0, 29), st.sampled_from(string.ascii_letters + string.digits + "-_+/=. é\0"))
def test_a_changed_character_is_noticed(cursor: Cursor, place: int, char: str) -> None:
    text = encode_cursor(cursor)
    damaged = text[:place] + char + text[place + 1 :]
    if damaged != text:
        with pytest.raises(InvalidInput):
            decode_cursor(damaged, cursor.sort)


@given(st.text(max_size=64))
def test_garbage_is_no_cursor(text: str) -> None:
    with pytest.raises(InvalidInput):
        decode_cursor(text, Sort.NEWEST)


@given(CURSORS)
def test_a_cursor_is_bound_to_the_sort_of_its_list(cursor: Cursor) -> None:
    other = Sort.OLDEST if cursor.sort is Sort.NEWEST else Sort.NEWEST
    with pytest.raises(InvalidInput, match="sorted the other way"):
        decode_cursor(encode_cursor(cursor), other)
