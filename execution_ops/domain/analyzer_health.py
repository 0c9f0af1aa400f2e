"""The health of an analyzer by stated rules: the table below decides, and the page shows it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from execution_ops.domain.analyzers import AnalyzerRun, Figures, SyftInventory, TestRun
from execution_ops.domain.states import AnalyzerState, JobState

# How many of an analyzer's last runs its figures are made of.
WINDOW = 200
# With fewer runs a rate says nothing: then the last run alone counts.
RATE_FROM = 5
WARN_PERCENT = 5.0
FAIL_PERCENT = 15.0


@dataclass(frozen=True)
class Facts:
    """What is known of an analyzer."""

    inventory: SyftInventory
    figures: Figures
    test: TestRun | None
    has_fixture: bool = True


class Rule(NamedTuple):
    """One rule. `applies` answers whether it decides, `says` in words why, for this analyzer."""

    state: AnalyzerState
    words: str
    applies: Callable[[Facts], bool]
    says: Callable[[Facts], str]


def _failing(facts: Facts, percent: float) -> bool:
    figures = facts.figures
    return figures.runs >= RATE_FROM and 100 * figures.failed >= percent * figures.runs


def _rate(facts: Facts) -> str:
    figures = facts.figures
    return f"{figures.failed} of its last {figures.runs} runs failed."


def _last_failed(facts: Facts) -> bool:
    last = facts.figures.last
    return last is not None and last.state is not JobState.SUCCEEDED and facts.figures.runs < RATE_FROM


def _well(facts: Facts) -> str:
    figures = facts.figures
    ran = f"{figures.runs - figures.failed} of its last {figures.runs} runs succeeded" if figures.runs else "No run yet"
    if figures.runs == 1:
        ran = "Its only run succeeded"
    tested = ", and its last self-test passed" if facts.test is not None else ""
    return f"{ran}{tested}."


# The first that applies decides.
RULES: tuple[Rule, ...] = (
    Rule(
        AnalyzerState.FAILED,
        "Syft could not be asked the last time.",
        lambda facts: bool(facts.inventory.problem),
        lambda facts: facts.inventory.problem,
    ),
    Rule(
        AnalyzerState.FAILED,
        "Its last self-test failed.",
        lambda facts: facts.test is not None and not facts.test.result.passed,
        lambda facts: f"Its last self-test failed. {facts.test.result.sentence() if facts.test else ''}",
    ),
    Rule(
        AnalyzerState.FAILED,
        f"{FAIL_PERCENT:.0f} % or more of its last {WINDOW} runs failed (from {RATE_FROM} runs on).",
        lambda facts: _failing(facts, FAIL_PERCENT),
        _rate,
    ),
    Rule(
        AnalyzerState.DEGRADED,
        f"{WARN_PERCENT:.0f} % or more of its last {WINDOW} runs failed (from {RATE_FROM} runs on).",
        lambda facts: _failing(facts, WARN_PERCENT),
        _rate,
    ),
    Rule(
        AnalyzerState.DEGRADED,
        f"Its last run failed, and there are fewer than {RATE_FROM} runs to tell a rate from.",
        _last_failed,
        lambda facts: f"Its last run failed. {_rate(facts)}",
    ),
    Rule(
        AnalyzerState.UNTRIED,
        "It has neither run nor been tested.",
        lambda facts: not facts.figures.runs and facts.test is None,
        lambda facts: (
            "It has not run yet, and was not tested."
            if facts.has_fixture
            else "It has not run yet, and there is no fixture to test it with."
        ),
    ),
    Rule(AnalyzerState.HEALTHY, "None of the above.", lambda _: True, _well),
)


class Judgement(NamedTuple):
    """The health of an analyzer, in words why, and the place in RULES of the rule that decided."""

    state: AnalyzerState
    words: str
    place: int


def judge(facts: Facts) -> Judgement:
    """The health of an analyzer."""
    place = next(place for place, rule in enumerate(RULES) if rule.applies(facts))
    return Judgement(RULES[place].state, RULES[place].says(facts), place)


def figures_of(runs: Sequence[AnalyzerRun]) -> Figures:
    """What these runs of one analyzer, the newest first, come to."""
    failed = [run for run in runs if run.state is not JobState.SUCCEEDED]
    took = sorted(run.duration_ms for run in runs if run.state is JobState.SUCCEEDED and not run.cached)
    return Figures(
        runs=len(runs),
        failed=len(failed),
        cached=sum(run.cached for run in runs),
        p50_ms=_percentile(took, 50),
        p95_ms=_percentile(took, 95),
        components=sum(run.components for run in runs),
        last=runs[0] if runs else None,
        last_error=failed[0] if failed else None,
    )


def _percentile(ordered: Sequence[int], percent: int) -> int | None:
    """The nearest rank: the smallest value that `percent` of all do not exceed."""
    return ordered[math.ceil(percent / 100 * len(ordered)) - 1] if ordered else None
