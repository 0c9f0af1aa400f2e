"""The filter of the baselines survives its query, and refuses in words what no list could show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.baselines import LABEL_MAX, check_label
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.query_values import Sort
from execution_ops.domain.states import BaselineState

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
FILTERS = st.builds(
    BaselineFilter,
    state=st.sampled_from([(), (BaselineState.CANDIDATE,), tuple(BaselineState)]),
    tenant=st.lists(TEXT.filter(bool), unique=True, max_size=3).map(lambda names: tuple(sorted(names))),
    source=TEXT,
    label=TEXT,
    after=st.sampled_from(["", "24h", "2026-01-02T03:04:05.000Z"]),
    sort=st.sampled_from(Sort),
)


@given(FILTERS)
def test_a_filter_survives_its_query(where: BaselineFilter) -> None:
    assert BaselineFilter.from_query(where.to_query()) == where
    assert bool(where.active()) == (where != BaselineFilter(sort=where.sort))


def test_it_is_said_in_words() -> None:
    where = BaselineFilter.from_query("state=promoted&tenant=acme&source=shop&label=1&after=24h&before=1h&left=x")
    assert where.describe() == (
        "promoted baselines of tenant acme with “shop” in their source with “1” in their label "
        "since 24 h ago before 1 h ago"
    )
    assert BaselineFilter().describe() == "all baselines"
    now = datetime(2026, 1, 2, tzinfo=UTC)
    assert where.window(now) == (now - timedelta(hours=24), now - timedelta(hours=1))


@pytest.mark.parametrize("query", ["state=gone", "after=soon", "sort=size", "source=%00", f"label={'x' * 201}"])
def test_what_no_list_could_show_is_refused(query: str) -> None:
    with pytest.raises(InvalidInput):
        BaselineFilter.from_query(query)


def test_labels_are_trimmed_and_checked() -> None:
    assert check_label("  1.0 ") == "1.0"
    for wrong in ("x" * (LABEL_MAX + 1), "a\0b", "\ud800"):
        with pytest.raises(InvalidInput):
            check_label(wrong)
