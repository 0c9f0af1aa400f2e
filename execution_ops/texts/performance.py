"""Benchmarks of the analyzers."""

from __future__ import annotations

from typing import Final

from execution_ops.domain.benchmarks import P95_MEANS
from execution_ops.domain.words import capitalised

# pages/performance.py
EXPORT_THE_RESULTS_THAT_MATCH: Final = "Export the results that match"
RUNNING_BENCHMARKS: Final = "Running benchmarks"
MEASURED: Final = "Measured"
WITHOUT_BASELINE: Final = "Without baseline"
PERFORMANCE_FILTER: Final = "Filter by scenario, analyzer, tenant, state"
LATEST_RESULTS: Final = "Latest results"
CHANGE_THE_BUDGET: Final = "Change the budget"
SCENARIO: Final = "Scenario"
AGAINST_THE_BASELINE: Final = "Against the baseline"
MEAN: Final = "Mean"
SLOWEST: Final = "Slowest"
PEAK_MEMORY: Final = "Peak memory"
NOTHING_WAS_MEASURED_YET: Final = "Nothing was measured yet"
NOTHING_WAS_MEASURED_YET_WHY: Final = (
    "A benchmark runs an analyzer several times on a tree that is made for it, or on one of yours, and keeps "
    "mean, p95, slowest pass and peak memory. Make a result the baseline, and later ones are compared with it."
)
RUN_THE_FIRST_BENCHMARK: Final = "Run the first benchmark"

STARTED: Final = "started {age}"


# pages/performance_drawer.py, components/history_chart.py
MEAN_LINE: Final = "mean"
SLOWEST_PASS_POINTS: Final = "slowest pass"
GO_BACK_TO_THE_LIST: Final = "Go back to the list. Results are never deleted."
THIS_RESULT_IS_NOT_THERE: Final = "This result is not there"
THE_ADDRESS_MAY_BE_CUT_OFF: Final = "The address may be cut off."
IT_IS_THE_BASELINE: Final = "It is the baseline."
MEASURE_AGAIN: Final = "Measure again"
THE_RESULT: Final = "The result"
THE_BASELINE: Final = "the baseline"
HISTORY: Final = "History"
PASSES: Final = "Passes"
HOW_IT_WAS_MEASURED: Final = "How it was measured"
COMPONENTS_FOUND: Final = "Components found"
MACHINE: Final = "Machine"
LOAD: Final = "Load"
LATER_RESULTS_ARE_COMPARED_WITH_THIS: Final = "Later results are compared with this one."
THERE_IS_NO_BASELINE_YET: Final = "There is no baseline yet to compare with."
FIGURE: Final = "Figure"
THIS_RESULT: Final = "This result"
FIGURES_AND_THE_BASELINES: Final = "Figures and the baseline's"
REMARK: Final = "Remark"
PASS: Final = "Pass"
BASELINES_UNTIL_NOW: Final = "Baselines until now"

MEASURED_BY: Final = "measured {at} by {by}"
THE_BASELINE_WAS_MEASURED: Final = "The baseline was measured {at}."
OTHER_MACHINE: Final = "{first}, so figures differ for that reason too: {machine}"
THE_BASELINE_IS_OF_ANOTHER_MACHINE: Final = "The baseline is of another machine"
WHAT_P95_IS: Final = f"p95: {P95_MEANS[:1].lower()}{P95_MEANS[1:]}"


def the_last_results(count: int) -> str:
    """What the table of the history has."""
    return f"The last {count} results of this scenario and analyzer"


def pass_no(number: object) -> str:
    """One pass of a benchmark."""
    return f"pass {number}"


# pages/bench_dialog.py
A_TREE_OF_YOUR_OWN: Final = "A tree of your own"
ITERATIONS: Final = "Iterations"
MEASURED_PASSES_OF_EACH: Final = "Measured passes of each."
WARM_UP: Final = "Warm-up"
PASSES_BEFORE_THAT_DO_NOT_COUNT: Final = "Passes before that do not count."
START: Final = "Start"
PATH: Final = "Path"
PATH_HELP: Final = "A directory, archive or image below the scan roots, on the machine that runs the workers."


def from_to(meaning: str, least: int, most: int) -> str:
    """What a number means, and its bounds."""
    return f"{meaning} From {least} to {most}."


# state/performance.py


def breach_rule(max_ms: int, worse_percent: object) -> str:
    return f"A breach: a pass over {max_ms:,} ms, or a figure {worse_percent} % or more worse than the baseline's."


def results_shown(text: str, per_page: object) -> str:
    return f"{capitalised(text)}, by scenario, {per_page} per page"


def asks_cancel(title: object) -> str:
    return f"Cancel the benchmark of {title}?"


def asks_promote(title: object) -> str:
    return f"Make this the baseline of {title}?"


def is_the_baseline_now(title: object) -> str:
    return f"This result is the baseline of {title} now."


# state/performance_facts.py
NO_WARM_UP: Final = "no warm-up"
OWN_TREE: Final = "a tree of your own"
SLOWEST_PASS: Final = "Slowest pass"


def warm_up(warm_up: object) -> str:
    return f"{warm_up} to warm up before"


def made_with(analyzer: object, syft: object) -> str:
    return f"Analyzer {analyzer}, Syft {syft}"


def passes_measured(sample_count: object, iterations: object, warm_up: object) -> str:
    return f"{sample_count} of {iterations} measured, {warm_up}"


def load(load: float) -> str:
    return f"{load:.2f} in the minute before"


# state/performance_view.py
IS_THE_BASELINE: Final = "is the baseline"
NO_BASELINE_YET: Final = "no baseline yet"
WAITS_FOR_A_WORKER: Final = "waits for a worker that is free"


def was(label: object, figure: object) -> str:
    return f"{label}, was {figure}"


def passes_done(done: object, total: object) -> str:
    return f"{done} of {total} passes"


# state/bench_dialog.py
THE_BENCHMARK_WAS_STARTED: Final = "The benchmark was started."
OPEN_ITS_JOB: Final = "Open its job"
WITHOUT_A_CHOICE: Final = "Without a choice, those run that find files of their kind there."
