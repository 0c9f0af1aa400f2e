"""What the drawer of a benchmark result shows: flat, small, already in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from execution_ops import routes
from execution_ops.domain.bench_chart import chart
from execution_ops.domain.benchmarks import (
    PATH_PREFIX,
    BenchState,
    Change,
    Judged,
    Promotion,
    say_figure,
    say_ms,
    scenario_title,
)
from execution_ops.domain.scanner_settings import BenchBudget
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.scanner.scenarios import SCENARIOS
from execution_ops.texts import performance as words

Pairs = Sequence[tuple[str, str]]
# From here on a mark's words stand left of it: right of it they would be cut off.
_TURN = 70


@dataclass(frozen=True)
class CompareLine:
    """One figure of a result beside the baseline's."""

    label: str
    now: str
    was: str
    words: str
    look: str


@dataclass(frozen=True)
class SampleLine:
    """One measured pass."""

    no: int
    time: str
    peak: str
    components: str


@dataclass(frozen=True)
class HistoryLine:
    """One result of the history."""

    key: str
    href: str
    at: str
    mean: str
    slowest: str
    peak: str
    syft: str
    note: str
    look: str
    here: bool


@dataclass(frozen=True)
class ChartPoint:
    """A point of the chart with its link."""

    key: str
    href: str
    x: float
    mean_y: float
    max_y: float
    look: str
    title: str


@dataclass(frozen=True)
class ChartRule:
    """A line across the chart."""

    y: float
    text: str
    look: str = ""


@dataclass(frozen=True)
class ChartMark:
    """Where the version of Syft changes."""

    x: float
    text: str
    side: str


@dataclass(frozen=True)
class ChartView:
    """The chart as its component draws it."""

    points: list[ChartPoint] = field(default_factory=list)
    means: str = ""
    slowest: str = ""
    ticks: list[ChartRule] = field(default_factory=list)
    rules: list[ChartRule] = field(default_factory=list)
    marks: list[ChartMark] = field(default_factory=list)
    words: str = ""


@dataclass(frozen=True)
class PromotionLine:
    """When a result was made the baseline."""

    key: str
    href: str
    at: str
    by: str
    reason: str


@dataclass(frozen=True)
class ResultFacts:
    """What the drawer says of a result."""

    title: str = ""
    subtitle: str = ""
    state: str = ""
    breaches: list[str] = field(default_factory=list)
    is_baseline: bool = False
    has_baseline: bool = False
    baseline_href: str = ""
    baseline_at: str = ""
    other_machine: str = ""
    passes: str = ""
    components: str = ""
    syft: str = ""
    machine: str = ""
    load: str = ""
    by: str = ""
    at: str = ""
    tenant: str = ""
    job_href: str = ""
    scenario: str = ""
    again_href: str = ""


def change_look(change: Change) -> str:
    """The tone of a change: only what is a breach has one."""
    return "t-bad" if change.breach else ""


def result_facts(one: Judged, pairs: Pairs) -> ResultFacts:
    """What the drawer says of a result."""
    result, verdict, baseline = one.result, one.verdict, one.baseline
    title = visible(scenario_title(result.scenario, SCENARIOS))
    warm_up = words.NO_WARM_UP if not result.warm_up else words.warm_up(result.warm_up)
    return ResultFacts(
        title=title,
        subtitle=words.made_with(result.analyzer, visible(result.syft)),
        state=verdict.state.value,
        breaches=list(verdict.breaches),
        is_baseline=verdict.is_baseline,
        has_baseline=baseline is not None,
        baseline_href=routes.performance([*pairs, ("result", baseline.id)]) if baseline else "",
        baseline_at=iso(baseline.created_at) if baseline else "",
        other_machine=visible(baseline.machine.words) if baseline and verdict.other_machine else "",
        passes=words.passes_measured(one.figures.sample_count, result.iterations, warm_up),
        components=f"{result.components:,}",
        syft=visible(result.syft),
        machine=visible(result.machine.words),
        load="" if result.machine.load is None else words.load(result.machine.load),
        by=visible(result.created_by),
        at=iso(result.created_at),
        tenant=result.tenant,
        job_href=routes.job(result.job_id),
        scenario=result.scenario if not result.scenario.startswith(PATH_PREFIX) else words.OWN_TREE,
        again_href=routes.performance([*pairs, ("run", result.scenario), ("with", result.analyzer)]),
    )


def compare_lines(one: Judged) -> list[CompareLine]:
    """Its figures beside those of the baseline."""
    changes = {change.figure: change for change in one.verdict.changes}
    return [
        CompareLine(
            label=label,
            now=say_figure(name, getattr(one.figures, name)),
            was=say_figure(name, changes[name].was) if name in changes else "",
            words=changes[name].words if name in changes else "",
            look=change_look(changes[name]) if name in changes else "",
        )
        for name, label in (
            ("mean_ms", words.MEAN),
            ("p95_ms", "p95"),
            ("max_ms", words.SLOWEST_PASS),
            ("peak_bytes", words.PEAK_MEMORY),
        )
    ]


def sample_lines(one: Judged) -> list[SampleLine]:
    """Its passes."""
    return [
        SampleLine(no, say_ms(sample.wall_ms), describe_bytes(sample.peak_bytes), f"{sample.components:,}")
        for no, sample in enumerate(one.result.samples, 1)
    ]


def history_lines(rows: Sequence[Judged], here: str, pairs: Pairs) -> list[HistoryLine]:
    """The history as a table, the newest first."""
    return [
        HistoryLine(
            key=one.result.id,
            href=routes.performance([*pairs, ("result", one.result.id)]),
            at=iso(one.result.created_at),
            mean=say_ms(one.figures.mean_ms),
            slowest=say_ms(one.figures.max_ms),
            peak=describe_bytes(one.figures.peak_bytes),
            syft=visible(one.result.syft),
            note=_note(one),
            look="t-bad" if one.verdict.state is BenchState.BREACH else "fg3",
            here=one.result.id == here,
        )
        for one in rows
    ]


def _note(one: Judged) -> str:
    told = ["baseline"] if one.verdict.is_baseline else []
    told += ["breach"] if one.verdict.state is BenchState.BREACH else []
    return ", ".join(told)


def chart_view(rows: Sequence[Judged], here: str, pairs: Pairs, budget: BenchBudget) -> ChartView:
    """The chart of the history, which is given the newest first."""
    found = chart(rows[::-1], budget.max_ms)
    rules = [(found.budget, "budget"), (found.baseline, "base")]
    return ChartView(
        points=[
            ChartPoint(
                key=one.result_id,
                href=routes.performance([*pairs, ("result", one.result_id)]),
                x=one.x,
                mean_y=one.mean_y,
                max_y=one.max_y,
                look=" ".join(word for word, on in (("bad", one.breach), ("here", one.result_id == here)) if on),
                title=visible(one.title),
            )
            for one in found.points
        ],
        means=found.means,
        slowest=found.slowest,
        ticks=[ChartRule(one.y, one.text) for one in found.ticks],
        rules=[ChartRule(one.y, one.text, look) for one, look in rules if one],
        marks=[ChartMark(one.x, visible(one.text), "left" if one.x > _TURN else "right") for one in found.marks],
        words=found.words,
    )


def promotion_lines(found: Sequence[Promotion], pairs: Pairs) -> list[PromotionLine]:
    """What was made the baseline."""
    return [
        PromotionLine(
            key=iso(one.at),
            href=routes.performance([*pairs, ("result", one.result_id)]),
            at=iso(one.at),
            by=visible(one.by),
            reason=visible(one.reason),
        )
        for one in found
    ]
