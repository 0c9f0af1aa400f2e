"""What the list of the page of performance shows, prepared from results: flat, small, already in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from execution_ops import routes
from execution_ops.domain.benchmarks import Judged, say_figure, say_ms, scenario_title
from execution_ops.domain.jobs import JobRow
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.text import visible
from execution_ops.domain.times import iso
from execution_ops.scanner.scenarios import SCENARIOS
from execution_ops.state.performance_facts import change_look
from execution_ops.texts import performance as words

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class ResultLine:
    """One row: the latest result of a scenario and analyzer."""

    id: str
    href: str
    title: str
    analyzer: str
    tenant: str
    state: str
    mean: str
    p95: str
    slowest: str
    over: bool
    peak: str
    against: str
    against_more: str
    against_look: str
    syft: str
    measured_at: str
    breaches: list[str]


@dataclass(frozen=True)
class RunningLine:
    """A benchmark that waits or runs. `parts` are the shares of its bar."""

    id: str
    href: str
    title: str
    state: str
    canceling: bool
    note: str
    progress: str
    parts: list[tuple[str, int]]
    whole: int
    since: str


def result_line(one: Judged, pairs: Pairs) -> ResultLine:
    """A row as the table draws it; `pairs` are those of the list's address."""
    result, figures, verdict = one.result, one.figures, one.verdict
    against, more, look = _against(one)
    return ResultLine(
        id=result.id,
        href=routes.performance([*pairs, ("result", result.id)]),
        title=visible(scenario_title(result.scenario, SCENARIOS)),
        analyzer=result.analyzer,
        tenant=result.tenant,
        state=verdict.state.value,
        mean=say_ms(figures.mean_ms),
        p95=say_ms(figures.p95_ms),
        slowest=say_ms(figures.max_ms),
        over=verdict.over_budget,
        peak=describe_bytes(figures.peak_bytes),
        against=against,
        against_more=more,
        against_look=look,
        syft=visible(result.syft),
        measured_at=iso(result.created_at),
        breaches=list(verdict.breaches),
    )


def _against(one: Judged) -> tuple[str, str, str]:
    """How it stands against the baseline: words, more words, tone. The worst figure speaks."""
    verdict = one.verdict
    if verdict.is_baseline:
        return words.IS_THE_BASELINE, "", "fg3"
    if not verdict.changes:
        return words.NO_BASELINE_YET, "", "fg3"
    worst = max(verdict.changes, key=lambda change: (change.breach, change.percent or 0))
    shown = worst if worst.breach else verdict.changes[0]
    return shown.words, words.was(shown.label, say_figure(shown.figure, shown.was)), change_look(shown)


def running_line(row: JobRow) -> RunningLine:
    """A benchmark that waits or runs."""
    done, total = row.progress_done, row.progress_total
    return RunningLine(
        id=row.id,
        href=routes.job(row.id),
        title=visible(row.label),
        state=row.state.value,
        canceling=row.canceling,
        note=visible(row.progress_note) or words.WAITS_FOR_A_WORKER,
        progress=words.passes_done(done, total) if total > 1 else "",
        parts=[("run", done)],
        whole=max(total, 1),
        since=iso(row.created_at),
    )
