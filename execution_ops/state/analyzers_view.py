"""What the page of analyzers shows, prepared: flat, small, already in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from execution_ops import routes
from execution_ops.domain.analyzers import Analyzer, AnalyzerList, AnalyzerRun, TestRun
from execution_ops.domain.scanner_settings import AnalyzerDefaults
from execution_ops.domain.states import AnalyzerState, JobState
from execution_ops.domain.text import visible
from execution_ops.domain.times import describe_duration, iso
from execution_ops.domain.words import counted
from execution_ops.services.analyzers import AnalyzerDetail
from execution_ops.texts import analyzers as words

# The order of the table.
_NEED = (AnalyzerState.FAILED, AnalyzerState.DEGRADED, AnalyzerState.HEALTHY, AnalyzerState.UNTRIED)

NOT_TRIED = words.UNTRIED
NOT_OFFERED = words.NOT_IN_THIS_SYFT
NO_FIXTURE = words.NO_FIXTURE


@dataclass(frozen=True)
class AnalyzerLine:
    """One row. Times are ISO 8601 or empty; addresses are empty where there is nothing to open."""

    name: str
    href: str
    ecosystem: str
    health: str
    word: str
    words: str
    is_default: bool
    last_at: str
    last_href: str
    last_text: str
    runs: str
    rate: str
    rate_tone: str
    p50: str
    p95: str
    components: str
    components_all: str
    test: str
    test_word: str
    test_href: str
    error: str
    error_href: str
    test_off: str


@dataclass(frozen=True)
class RunLine:
    """One of the last runs."""

    job_id: str
    href: str
    at: str
    state: str
    took: str
    text: str


@dataclass(frozen=True)
class RuleLine:
    """One rule of health; `decides` marks the one that decided."""

    state: str
    word: str
    words: str
    decides: bool


@dataclass(frozen=True)
class ComponentLine:
    """One component of a self-test: `state` is found, missing or unexpected."""

    purl: str
    state: str


@dataclass(frozen=True)
class AnalyzerFacts:
    """What the drawer says of one analyzer."""

    name: str = ""
    ecosystem: str = ""
    health: str = ""
    word: str = ""
    words: str = ""
    syft: str = ""
    is_default: bool = True
    catalogers: list[str] = field(default_factory=list)
    capabilities: str = ""
    figures: str = ""
    last_error: str = ""
    last_error_href: str = ""
    test_off: str = ""
    test_sentence: str = ""
    test_passed: bool = False
    test_at: str = ""
    test_href: str = ""
    test_syft: str = ""


@dataclass(frozen=True)
class ChoiceLine:
    """One analyzer in the editor of the defaults; `chosen` in the draft. `label` is its name, safe to show."""

    name: str
    label: str
    ecosystem: str
    chosen: bool


@dataclass(frozen=True)
class ChangeLine:
    """One line of the difference between the draft and what holds; `adds` if it will run again."""

    label: str
    adds: bool
    words: str


@dataclass(frozen=True)
class DefaultsLine:
    """One saved version; `off` is why it can't be rolled back to."""

    version: int
    at: str
    by: str
    reason: str
    words: str
    now: bool
    off: str


def analyzer_lines(analyzers: Iterable[Analyzer]) -> list[AnalyzerLine]:
    """The rows of the table: those that need somebody first, those of which nothing is known last."""
    return [analyzer_line(one) for one in sorted(analyzers, key=lambda one: _NEED.index(one.health))]


def analyzer_line(one: Analyzer) -> AnalyzerLine:
    """A row as the table draws it."""
    figures = one.figures
    last, error = figures.last, figures.last_error
    rate = figures.success_percent
    test = one.test
    return AnalyzerLine(
        name=one.name,
        href=routes.analyzer(one.name),
        ecosystem=one.ecosystem,
        health=one.health.value,
        word=_word(one.health),
        words=visible(one.health_words),
        is_default=one.is_default,
        last_at=iso(last.ended_at) if last else "",
        last_href=routes.job(last.job_id) if last else "",
        last_text=_ended(last) if last else "",
        runs="" if not figures.runs else f"of {counted(figures.runs, 'run')}",
        rate="" if rate is None else f"{rate:.1f} %".replace(".0 %", " %"),
        rate_tone="" if not figures.failed else "t-bad",
        p50=describe_duration(figures.p50_ms),
        p95=describe_duration(figures.p95_ms),
        components=f"{last.components:,}" if last and last.state is JobState.SUCCEEDED else "",
        components_all=words.in_all(figures.components) if figures.runs else "",
        test="" if test is None else _test_state(test),
        test_word="" if test is None else "passed" if test.result.passed else "failed",
        test_href=routes.job(test.job_id) if test and test.job_id else "",
        error=visible(error.error or error.state.value.replace("_", " ")) if error else "",
        error_href=routes.job(error.job_id) if error else "",
        test_off="" if one.has_fixture else NO_FIXTURE,
    )


def analyzer_facts(detail: AnalyzerDetail, off: str) -> AnalyzerFacts:
    """The drawer of one analyzer; `off` is why the viewer can't test."""
    one = detail.analyzer
    line, test = analyzer_line(one), one.test
    return AnalyzerFacts(
        name=one.name,
        ecosystem=one.ecosystem,
        health=line.health,
        word=line.word,
        words=line.words,
        syft=detail.syft_version,
        is_default=one.is_default,
        catalogers=[visible(name) for name in one.catalogers],
        capabilities=visible(", ".join(one.capabilities)),
        figures=_figures(one),
        last_error=line.error,
        last_error_href=line.error_href,
        test_off=off or line.test_off,
        test_sentence=visible(test.result.sentence()) if test else "",
        test_passed=test is not None and test.result.passed,
        test_at=iso(test.at) if test else "",
        test_href=line.test_href,
        test_syft=test.result.syft_version if test else "",
    )


def run_line(run: AnalyzerRun) -> RunLine:
    """One of the last runs."""
    return RunLine(
        job_id=run.job_id,
        href=routes.job(run.job_id),
        at=iso(run.ended_at),
        state=run.state.value,
        took=words.FROM_THE_CACHE if run.cached else describe_duration(run.duration_ms),
        text=_ended(run),
    )


def rule_lines(detail: AnalyzerDetail) -> list[RuleLine]:
    """The rules of health in their order."""
    decided = detail.analyzer.health_rule
    return [
        RuleLine(state=rule.state.value, word=_word(rule.state), words=rule.words, decides=place == decided)
        for place, rule in enumerate(detail.rules)
    ]


def component_lines(test: TestRun | None) -> list[ComponentLine]:
    """What a self-test expected and found; what is wrong comes first."""
    if test is None:
        return []
    result = test.result
    wrong = [ComponentLine(visible(purl), "missing") for purl in result.missing]
    wrong += [ComponentLine(visible(purl), "unexpected") for purl in result.unexpected]
    return wrong + [ComponentLine(visible(purl), "found") for purl in result.found if purl in result.expected]


def choice_lines(found: AnalyzerList, without: frozenset[str]) -> list[ChoiceLine]:
    """All analyzers as the draft has them; then those left out that the Syft in use does not have, so that one is not
    left out for good."""
    offered = [ChoiceLine(one.name, one.name, one.ecosystem, one.name not in without) for one in found.analyzers]
    others = sorted(set(found.defaults.disabled) - {one.name for one in found.analyzers})
    why = NOT_OFFERED if found.analyzers else words.SYFT_WAS_NOT_ASKED_YET
    return offered + [ChoiceLine(name, visible(name), why, name not in without) for name in others]


def change_lines(before: Sequence[str], without: frozenset[str], offered: frozenset[str]) -> list[ChangeLine]:
    """What it changes to leave out `without` where `before` was left out."""
    stops = [
        ChangeLine(visible(name), False, words.SCANS_STARTED_AFTERWARDS_LEAVE_IT_OUT)
        for name in sorted(without - set(before))
    ]
    runs = [
        ChangeLine(
            visible(name),
            True,
            words.SCANS_STARTED_AFTERWARDS_RUN if name in offered else words.RUNS_ONCE_SYFT_HAS_IT,
        )
        for name in sorted(set(before) - without)
    ]
    return stops + runs


def defaults_lines(versions: Sequence[AnalyzerDefaults], now: AnalyzerDefaults, off: str) -> list[DefaultsLine]:
    """What was saved, the newest first; `off` is why the viewer can't roll back."""
    return [
        DefaultsLine(
            version=one.version,
            at=iso(one.at) if one.at else "",
            by=visible(one.by),
            reason=visible(one.reason),
            words=words.without(", ".join(map(visible, one.disabled))) if one.disabled else words.ALL_ANALYZERS,
            now=one.version == now.version,
            off=off or (words.THIS_IS_WHAT_HOLDS_NOW if one.disabled == now.disabled else ""),
        )
        for one in versions
    ]


def without_words(found: AnalyzerList) -> str:
    """What the defaults leave out."""
    return visible(", ".join(found.defaults.disabled))


def untested_words(found: AnalyzerList) -> str:
    """Which analyzers have no fixture, in a sentence; empty if all have."""
    names = [one.name for one in found.analyzers if not one.has_fixture]
    return words.no_fixture_for(", ".join(names)) if names else ""


def _word(state: AnalyzerState) -> str:
    return NOT_TRIED if state is AnalyzerState.UNTRIED else ""


def _test_state(test: TestRun) -> str:
    return (AnalyzerState.HEALTHY if test.result.passed else AnalyzerState.FAILED).value


def _ended(run: AnalyzerRun) -> str:
    if run.state is JobState.SUCCEEDED:
        return counted(run.components, "component")
    return visible(run.error or run.state.value.replace("_", " "))


def _figures(one: Analyzer) -> str:
    figures = one.figures
    if not figures.runs:
        return words.IT_HAS_NOT_RUN_YET
    parts = [words.of_succeeded(figures.runs - figures.failed, figures.runs)]
    if figures.cached:
        parts.append(words.taken_from_the_cache(figures.cached))
    if figures.p50_ms is not None:
        parts.append(f"p50 {describe_duration(figures.p50_ms)}, p95 {describe_duration(figures.p95_ms)}")
    parts.append(words.components_in_all(figures.components))
    return "; ".join(parts)
