"""The address of a graph view: round trip, defaults left out, nonsense ignored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.graph_query import GraphQuery

KEYS = st.text(min_size=1, max_size=40)


@given(
    st.builds(
        GraphQuery,
        table=st.booleans(),
        node=KEYS,
        failed_only=st.booleans(),
        critical=st.booleans(),
        large=st.booleans(),
        opened=st.frozensets(KEYS, max_size=5),
        page=st.integers(1, 500),
    )
)
def test_round_trip(query: GraphQuery) -> None:
    assert GraphQuery.from_query(query.to_query()) == query


def test_defaults_are_left_out() -> None:
    assert GraphQuery().to_query() == "?"
    assert GraphQuery(table=True, node="a b").to_query() == "?view=table&node=a+b"
    assert GraphQuery(node="a").but(node="") == "?"


def test_a_selected_box_takes_the_place_of_what_was_done() -> None:
    assert GraphQuery.from_query("done=1") == GraphQuery(done=True)
    assert GraphQuery.from_query("done=1&node=a") == GraphQuery(node="a")
    assert GraphQuery(node="a", table=True).but(node="", done=True) == "?view=table&done=1"


@pytest.mark.parametrize(
    "text", ["page=0", "page=-3", "page=x", "page=²", "view=pie", "failed=yes", "node=" + "x" * 101]
)
def test_nonsense_is_the_default(text: str) -> None:
    assert GraphQuery.from_query(text) == GraphQuery()
