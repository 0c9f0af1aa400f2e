"""JSON as rows: exact, paged and safe to look at."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.json_tree import PREVIEW_MAX, ROWS_MAX, STEP, JsonTree

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)


@pytest.mark.parametrize("literal", ["1e400", "-0", "9" * 40, "0.10", "1E+2", "-1.50e-300", "9" * 5000])
def test_a_number_is_shown_as_written(literal: str) -> None:
    (row,) = JsonTree(literal).rows({})
    assert row.kind == "number"
    assert row.preview.rstrip("…") == literal[:PREVIEW_MAX]
    assert row.truncated is (len(literal) > PREVIEW_MAX)


def test_nothing_is_open_at_first() -> None:
    (row,) = JsonTree('{"a": 1, "b": []}').rows({})
    assert (row.path, row.kind, row.preview, row.size, row.expanded) == ("", "object", "2 keys", 2, False)


def test_an_open_object_shows_its_children_by_pointer() -> None:
    rows = JsonTree('{"a/b": 1, "~": [true, null, "x"]}').rows({"": STEP, "/~0": STEP, "/gone": STEP})
    assert [(row.path, row.depth, row.key, row.kind, row.preview) for row in rows[1:]] == [
        ("/a~1b", 1, "a/b", "number", "1"),
        ("/~0", 1, "~", "array", "3 items"),
        ("/~0/0", 2, "0", "boolean", "true"),
        ("/~0/1", 2, "1", "null", "null"),
        ("/~0/2", 2, "2", "string", "x"),
    ]


def test_children_come_by_the_hundred() -> None:
    tree = JsonTree(json.dumps(list(range(250))))
    rows = tree.rows({"": 1})
    assert len(rows) == 1 + STEP + 1
    assert (rows[-1].kind, rows[-1].path, rows[-1].preview) == ("more", "", "100 of 250 shown")
    assert len(tree.rows({"": 101})) == 1 + 200 + 1
    assert tree.rows({"": 300})[-1].preview == "249"


def test_the_lines_on_view_are_bounded() -> None:
    assert len(JsonTree(json.dumps(list(range(10_000)))).rows({"": 10_000})) == ROWS_MAX


def test_hostile_strings_are_spelled_out() -> None:
    text = json.dumps({"\u202ekey\x1b[31m": "a\u0000\u2066b" + "x" * 1000})
    _, row = JsonTree(text).rows({"": 1})
    assert row.key == "\\u202ekey\\x1b[31m"
    assert row.preview.startswith("a\\x00\\u2066b")
    assert row.truncated
    assert row.size == 1004


def test_nesting_without_end_is_refused_in_words() -> None:
    with pytest.raises(InvalidInput, match="nested too deeply"):
        JsonTree("[" * 200_000)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not JSON"):
        JsonTree("{'a': 1}")


@given(VALUES)
def test_every_value_is_reached_by_opening_everything(value: Any) -> None:
    tree = JsonTree(json.dumps(value))
    opened: dict[str, int] = {}
    while closed := [row.path for row in tree.rows(opened) if row.kind in ("object", "array") and not row.expanded]:
        opened |= dict.fromkeys(closed, STEP)
    assert len(tree.rows(opened)) == _count(value)


def _count(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_count, value.values()))
    return 1 + sum(map(_count, value)) if isinstance(value, list) else 1
