"""The figures of benchmarks, and when they are a breach."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.bench_exports import COLUMNS, BenchExportFormat, write_benchmarks
from execution_ops.domain.bench_filters import BenchFilter, bench_page, check_bench_cursor
from execution_ops.domain.benchmarks import (
    BenchState,
    Judged,
    Result,
    Sample,
    Series,
    figures_of,
    judge,
    nearest_rank,
    scenario_title,
)
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.scanner_settings import BenchBudget
from tests.bench_samples import EPOCH, MACHINE, result

BUDGET = BenchBudget()
times = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=50)


def judged(now: Result, baseline: Result | None = None, budget: BenchBudget = BUDGET) -> Judged:
    return judge(Series(result=now, baseline=baseline, results=2), budget)


@given(times)
def test_p95_is_the_smallest_value_that_95_percent_do_not_exceed(values: list[int]) -> None:
    found = nearest_rank(values, 95)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= 95 * len(values)
    smaller = [value for value in values if value < found]
    assert not smaller or sum(value <= max(smaller) for value in values) * 100 < 95 * len(values)


@given(times)
def test_the_figures_are_in_their_order_and_exact_to_the_microsecond(values: list[int]) -> None:
    samples = [Sample(wall_ms=value / 1000, peak_bytes=value, components=1) for value in values]
    found = figures_of(samples, 50)
    assert min(values) / 1000 <= found.mean_ms <= found.max_ms
    assert found.p95_ms <= found.max_ms == max(values) / 1000
    assert abs(found.mean_ms * 1000 - sum(values) / len(values)) <= 0.501
    assert (found.peak_bytes, found.sample_count, found.iterations) == (max(values), len(values), 50)


def test_below_20_passes_p95_is_the_slowest() -> None:
    assert nearest_rank(list(range(1, 20)), 95) == 19
    assert nearest_rank(list(range(1, 21)), 95) == 19


def test_only_more_than_the_budget_is_a_breach() -> None:
    assert judged(result(5_000.0)).verdict.state is BenchState.WITHIN
    over = judged(result(100.0, 5_000.001)).verdict
    assert (over.state, over.breaches) == (
        BenchState.BREACH,
        ("The slowest pass took 5,000 ms, over the budget of 5,000 ms.",),
    )
    assert judged(result(60.0), budget=BenchBudget(max_ms=50)).verdict.state is BenchState.BREACH


@pytest.mark.parametrize(("now", "breach"), [(119.999, False), (120.0, True), (120.001, True), (80.0, False)])
def test_20_percent_worse_than_the_baseline_is_a_breach(now: float, breach: bool) -> None:
    verdict = judged(result(now), result(100.0)).verdict
    assert (verdict.state is BenchState.BREACH) == breach
    assert [change.breach for change in verdict.changes] == [breach, breach, breach, False]
    assert len(verdict.breaches) == 3 * breach


def test_a_breach_says_which_figure_and_how_much() -> None:
    heavy = Sample(wall_ms=100.0, peak_bytes=150_000_000, components=7)
    verdict = judged(result(100.0, samples=(heavy,)), result(100.0)).verdict
    assert verdict.breaches == ("The peak memory of 150.0 MB is 50.0 % more than the baseline's 100.0 MB.",)
    assert [change.words for change in verdict.changes] == ["the same", "the same", "the same", "50.0 % more memory"]
    slower = judged(result(1340.0), result(1000.0)).verdict
    assert slower.breaches[0] == "The mean of 1,340 ms is 34.0 % slower than the baseline's 1,000 ms."
    assert judged(result(900.0), result(1000.0)).verdict.changes[0].words == "10.0 % faster"


@given(st.integers(1, 10**7), st.integers(0, 10**7), st.integers(1, 1000))
def test_the_rule_is_exact(was: int, now: int, percent: int) -> None:
    budget = BenchBudget(max_ms=3_600_000, worse_percent=percent)
    verdict = judged(result(now / 1000), result(was / 1000), budget).verdict
    assert (verdict.state is BenchState.BREACH) == (now * 100 >= was * (100 + percent))


def test_nothing_is_compared_with_nothing() -> None:
    verdict = judged(result(10.0), result(0.0)).verdict
    assert verdict.changes[0].words == "not comparable"
    assert verdict.state is BenchState.WITHIN
    assert judged(result(10.0)).verdict.changes == ()


def test_the_baseline_is_not_compared_with_itself_but_keeps_its_budget() -> None:
    own = result(6_000.0)
    verdict = judged(own, own).verdict
    assert (verdict.is_baseline, verdict.changes, verdict.state) == (True, (), BenchState.BREACH)


def test_another_machine_is_told_but_not_another_load() -> None:
    busy = MACHINE.model_copy(update={"load": 7.5})
    assert not judged(result(1.0, machine=busy), result(1.0)).verdict.other_machine
    bigger = MACHINE.model_copy(update={"cores": 8})
    assert judged(result(1.0, machine=bigger), result(1.0)).verdict.other_machine


def test_titles() -> None:
    assert scenario_title("path:/srv/app", ()) == "/srv/app"
    assert scenario_title("unknown", ()) == "unknown"


WORDS = st.lists(st.sampled_from(["go", "rust", "path:/a b&c", "ü"]), max_size=3).map(tuple)


@given(scenario=WORDS, analyzer=WORDS, tenant=WORDS, state=st.lists(st.sampled_from(list(BenchState)), max_size=2))
def test_a_filter_is_what_its_query_says(
    scenario: tuple[str, ...], analyzer: tuple[str, ...], tenant: tuple[str, ...], state: list[BenchState]
) -> None:
    pairs = [("scenario", one) for one in scenario] + [("analyzer", one) for one in analyzer]
    pairs += [("tenant", one) for one in tenant] + [("state", one.value) for one in state]
    where = BenchFilter.from_query(pairs)
    assert BenchFilter.from_query(where.to_query()) == where
    assert where.active() == len(set(pairs))


def test_a_filter_says_what_it_shows_and_refuses_what_is_none() -> None:
    where = BenchFilter.from_query("scenario=go_modules&analyzer=go&state=breach&tenant=acme")
    assert where.describe() == "latest results of go_modules with the analyzer go of tenant acme that are a breach"
    assert BenchFilter().describe() == "all latest results"
    with pytest.raises(InvalidInput, match="state"):
        BenchFilter.from_query("state=fine")
    row = judged(result(9_000.0))
    assert where.matches(row)
    assert not BenchFilter(analyzer=("rust",)).matches(row)


def test_pages_go_through_all_also_of_long_paths() -> None:
    rows = [judged(result(1.0, scenario=f"path:/{'é' * 2000}/{n}", analyzer=a)) for n in range(3) for a in ("go", "r")]
    first = bench_page(rows, BenchFilter(), None, 4)
    assert first.after is not None
    second = bench_page(rows, BenchFilter(), check_bench_cursor(first.after), 4)
    seen = [(one.result.scenario, one.result.analyzer) for one in (*first.rows, *second.rows)]
    assert sorted(seen) == sorted((one.result.scenario, one.result.analyzer) for one in rows)
    assert second.before is not None
    assert bench_page(rows, BenchFilter(), second.before, 4).rows == first.rows
    with pytest.raises(InvalidInput):
        check_bench_cursor("%%%")


def test_the_csv_begins_with_the_columns_that_others_expect_and_runs_nothing() -> None:
    row = judged(result(100.0, 200.0, scenario="path:/srv/=x", created_by="=1+1"))
    text = write_benchmarks([row], BenchExportFormat.CSV, EPOCH).decode()
    header, line = csv.reader(io.StringIO(text))
    assert header[:6] == ["scenario", "iterations", "sample_count", "mean_ms", "p95_ms", "max_ms"]
    assert tuple(header) == COLUMNS
    found = dict(zip(header, line, strict=True))
    assert (found["mean_ms"], found["max_ms"], found["sample_count"]) == ("150.0", "200.0", "2")
    assert found["created_by"] == "'=1+1"
    body = json.loads(write_benchmarks([row], BenchExportFormat.JSON, EPOCH))
    assert body["items"][0]["samples"][1]["wall_ms"] == 200.0
    assert body["exported_at"] == "2026-01-23T12:00:00.000Z"
