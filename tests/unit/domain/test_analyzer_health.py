"""The health of an analyzer by its stated rules, and the figures that it is told by."""

from __future__ import annotations

import pytest

from execution_ops.domain.analyzer_health import RULES, Facts, figures_of, judge
from execution_ops.domain.analyzers import SyftInventory, TestRun
from execution_ops.domain.states import AnalyzerState, JobState
from tests.analyzers_double import analyzer_run, self_test

GOOD = analyzer_run()
BAD = analyzer_run(state=JobState.FAILED, components=0, error="boom")


def facts(
    good: int = 0, bad: int = 0, test: TestRun | None = None, *, problem: str = "", fixture: bool = True
) -> Facts:
    """Facts of so many runs, the good ones the newest."""
    return Facts(SyftInventory(problem=problem), figures_of([GOOD] * good + [BAD] * bad), test, fixture)


PASSED = self_test("go", ["a"], ["a"])
MISSED = self_test("go", ["a", "b"], ["a"])


@pytest.mark.parametrize(
    ("known", "state", "words"),
    [
        (facts(), AnalyzerState.UNTRIED, "It has not run yet, and was not tested."),
        (facts(fixture=False), AnalyzerState.UNTRIED, "there is no fixture"),
        (facts(test=PASSED), AnalyzerState.HEALTHY, "No run yet, and its last self-test passed."),
        (facts(good=1), AnalyzerState.HEALTHY, "Its only run succeeded."),
        (facts(good=100), AnalyzerState.HEALTHY, "100 of its last 100 runs succeeded."),
        (facts(good=96, bad=4), AnalyzerState.HEALTHY, "96 of its last 100"),
        (facts(good=95, bad=5), AnalyzerState.DEGRADED, "5 of its last 100 runs failed."),
        (facts(good=86, bad=14), AnalyzerState.DEGRADED, "14 of its last 100"),
        (facts(good=85, bad=15), AnalyzerState.FAILED, "15 of its last 100"),
        (facts(good=100, test=MISSED), AnalyzerState.FAILED, "missing: b"),
        (facts(bad=1), AnalyzerState.DEGRADED, "Its last run failed."),
        (facts(good=1, bad=1), AnalyzerState.HEALTHY, "1 of its last 2 runs succeeded."),
        (facts(bad=5), AnalyzerState.FAILED, "5 of its last 5"),
        (facts(good=100, test=PASSED, problem="Syft is not there."), AnalyzerState.FAILED, "Syft is not there."),
    ],
)
def test_the_first_rule_that_applies_decides(known: Facts, state: AnalyzerState, words: str) -> None:
    verdict = judge(known)
    assert verdict.state is state
    assert words in verdict.words
    assert RULES[verdict.place].state is state


def test_the_figures_are_of_the_runs_in_which_syft_ran() -> None:
    runs = [analyzer_run(duration_ms=n, components=1) for n in range(1, 101)]
    cached = analyzer_run(duration_ms=1_000_000, cached=True, components=7)
    figures = figures_of([cached, *runs, BAD])
    assert (figures.runs, figures.failed, figures.cached) == (102, 1, 1)
    assert (figures.p50_ms, figures.p95_ms) == (50, 95)
    assert figures.components == 107
    assert (figures.last, figures.last_error) == (cached, BAD)
    assert figures.success_percent == pytest.approx(100 * 101 / 102)


def test_without_a_run_there_is_no_figure() -> None:
    figures = figures_of([])
    assert (figures.success_percent, figures.p50_ms, figures.last, figures.last_error) == (None, None, None, None)
    one = figures_of([analyzer_run(duration_ms=7)])
    assert (one.p50_ms, one.p95_ms) == (7, 7)


def test_a_self_test_says_what_is_missing_and_what_is_too_much() -> None:
    result = self_test("go", ["a", "b"], ["a", "c"]).result
    assert (result.missing, result.unexpected, result.passed) == (("b",), ("c",), False)
    assert result.sentence() == "Found 2 components, expected 2; missing: b; unexpected: c."
