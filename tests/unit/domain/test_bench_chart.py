"""The places of a history's points in its chart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.bench_chart import Chart, chart
from execution_ops.domain.benchmarks import Judged, Result, Series, judge
from execution_ops.domain.scanner_settings import BenchBudget
from tests.bench_samples import result


def rows(*results: Result, baseline: Result | None = None) -> list[Judged]:
    return [judge(Series(result=one, baseline=baseline, results=9), BenchBudget()) for one in results]


@given(st.lists(st.integers(0, 10**9).map(lambda us: us / 1000), min_size=1, max_size=12), st.integers(1, 10**6))
def test_everything_is_inside_and_in_its_order(times: list[float], budget: int) -> None:
    found = chart(rows(*(result(time) for time in times)), budget)
    places = [place for one in found.points for place in (one.x, one.mean_y, one.max_y)]
    places += [one.y for one in found.ticks] + [one.y for one in (found.budget, found.baseline) if one]
    assert all(0 <= place <= 100 for place in places)
    assert [one.x for one in found.points] == sorted(one.x for one in found.points)
    assert found.ticks[0].y == 100
    assert found.ticks[-1].y == 0
    assert found.ticks[0].text == "0"
    assert len(found.means.split()) == len(times)
    # Half of the scale's height at least is used, unless the budget needs the rest.
    assert found.budget is not None or max(times) == 0 or min(one.max_y for one in found.points) <= 60.1


def test_a_new_version_of_syft_is_marked() -> None:
    found = chart(rows(result(1.0, syft="1.0"), result(2.0, syft="1.0"), result(3.0, syft="1.1")), 5000)
    assert [(one.text, one.x) for one in found.marks] == [("Syft 1.0", 2.0), ("Syft 1.1", 98.0)]
    assert found.budget is None
    assert found.words == "3 results, means from 1.0 ms to 3.0 ms, the newest 3.0 ms"


def test_budget_and_baseline_are_drawn_where_they_matter() -> None:
    first = result(4_000.0)
    found = chart(rows(first, result(6_000.0), baseline=first), 5000)
    assert found.budget is not None
    assert found.baseline is not None
    assert (found.budget.text, found.baseline.text) == ("budget 5,000 ms", "baseline 4,000 ms")
    assert found.points[1].max_y < found.budget.y < found.baseline.y
    assert [one.breach for one in found.points] == [False, True]
    assert "slowest 6,000 ms" in found.points[1].title


def test_nothing_measured_is_no_chart_and_one_result_stands_in_the_middle() -> None:
    assert chart([], 5000) == Chart()
    assert chart(rows(result(3.0)), 5000).points[0].x == 50
