"""Benchmarks: what was measured, its figures, and when they are a breach.

Times are milliseconds, memory is bytes. A result is never judged for good: it is compared with the budget and the
performance baseline that hold when somebody looks at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from math import ceil

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.domain.scanner_settings import BenchBudget
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.times import Instant

ITERATIONS_MAX, ITERATIONS_DEFAULT = 50, 5
WARM_UP_MAX, WARM_UP_DEFAULT = 10, 1
ANALYZERS_MAX = 30
# Before the path of an operator's own tree, where else the name of a scenario stands.
PATH_PREFIX = "path:"
P95_MEANS = "The smallest pass that at least 95 % of all passes do not exceed; below 20 passes that is the slowest."
_MICROS = 1000


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Scenario(_Frozen):
    """A tree to measure with. `analyzers` are those that it was made for, which run unless others are named."""

    name: str
    title: str
    ecosystem: str
    description: str
    analyzers: tuple[str, ...]


class Sample(_Frozen):
    """One measured pass of Syft: wall time, the peak of its resident memory, and how many components it found."""

    wall_ms: float = Field(ge=0)
    peak_bytes: int = Field(ge=0)
    components: int = Field(ge=0)


class Figures(_Frozen):
    """What the samples come to. `iterations` were asked for, `sample_count` were measured."""

    iterations: int
    sample_count: int
    mean_ms: float
    p95_ms: float
    max_ms: float
    peak_bytes: int


class Machine(_Frozen):
    """Where it was measured. `load` is the load average of the minute before, None where there is none to read."""

    host: str
    platform: str
    cores: int
    memory_bytes: int
    load: float | None = None

    @property
    def words(self) -> str:
        """The machine in a sentence."""
        cores = "1 core" if self.cores == 1 else f"{self.cores} cores"
        return f"{self.host}: {cores}, {describe_bytes(self.memory_bytes)}, {self.platform}"

    def same_as(self, other: Machine) -> bool:
        """Whether both are one machine, however busy it was."""
        return self.model_copy(update={"load": None}) == other.model_copy(update={"load": None})


class NewResult(_Frozen):
    """What a benchmark job measured of one analyzer. A job has one result an analyzer, however often it is tried."""

    tenant: str
    scenario: str
    analyzer: str
    iterations: int = Field(ge=1, le=ITERATIONS_MAX)
    warm_up: int = Field(ge=0, le=WARM_UP_MAX)
    samples: tuple[Sample, ...] = Field(min_length=1, max_length=ITERATIONS_MAX)
    machine: Machine
    syft: str
    job_id: str
    created_by: str

    @property
    def figures(self) -> Figures:
        """What the samples come to."""
        return figures_of(self.samples, self.iterations)

    @property
    def components(self) -> int:
        """How many components the last pass found."""
        return self.samples[-1].components


class Result(NewResult):
    """A result as it is kept."""

    id: str
    created_at: Instant


class Promotion(_Frozen):
    """A result was made the performance baseline of its scenario and analyzer."""

    result_id: str
    at: Instant
    by: str
    reason: str


class Series(_Frozen):
    """A result, the baseline of its scenario and analyzer (None before there is one), and how many results exist."""

    result: Result
    baseline: Result | None
    results: int


class BenchState(StrEnum):
    """How a result stands against the budget and the baseline."""

    WITHIN = "within"
    BREACH = "breach"


class Change(_Frozen):
    """One figure beside the baseline's. `percent` is how much worse it is (negative: better), None against nothing."""

    figure: str
    label: str
    was: float
    now: float
    percent: float | None
    breach: bool

    @property
    def words(self) -> str:
        """The change in words: "34.0 % slower", "8.2 % less memory", "the same"."""
        if self.percent is None:
            return "not comparable"
        if not self.percent:
            return "the same"
        memory = self.figure == "peak_bytes"
        worse = "more memory" if memory else "slower"
        better = "less memory" if memory else "faster"
        return f"{abs(self.percent):,.1f} % {worse if self.percent > 0 else better}"


class Verdict(_Frozen):
    """How a result stands. `breaches` say in words what is wrong, one each; `changes` are empty without a baseline."""

    state: BenchState
    breaches: tuple[str, ...]
    changes: tuple[Change, ...]
    is_baseline: bool
    other_machine: bool

    @property
    def over_budget(self) -> bool:
        """Whether a pass took longer than the budget: the breach that is of no comparison."""
        return len(self.breaches) > sum(change.breach for change in self.changes)


class Judged(Series):
    """A result with its verdict."""

    figures: Figures
    verdict: Verdict


def figures_of(samples: Sequence[Sample], iterations: int) -> Figures:
    """Mean, p95 (nearest rank), max and peak memory of at least one sample."""
    times = [_micros(one.wall_ms) for one in samples]
    return Figures(
        iterations=iterations,
        sample_count=len(times),
        mean_ms=round(sum(times) / len(times)) / _MICROS,
        p95_ms=nearest_rank(times, 95) / _MICROS,
        max_ms=max(times) / _MICROS,
        peak_bytes=max(one.peak_bytes for one in samples),
    )


def nearest_rank(values: Sequence[int], percent: int) -> int:
    """The smallest value that at least `percent` % of all values do not exceed."""
    return sorted(values)[ceil(len(values) * percent / 100) - 1]


def judge(series: Series, budget: BenchBudget) -> Judged:
    """How the result stands against the budget, and against the baseline unless it is that itself."""
    result, baseline = series.result, series.baseline
    own = baseline is not None and baseline.id == result.id
    figures = result.figures
    changes = () if baseline is None or own else _changes(figures, baseline.figures, budget.worse_percent)
    breaches = (*_over_budget(figures, budget), *(_say_breach(one) for one in changes if one.breach))
    verdict = Verdict(
        state=BenchState.BREACH if breaches else BenchState.WITHIN,
        breaches=breaches,
        changes=changes,
        is_baseline=own,
        other_machine=baseline is not None and not result.machine.same_as(baseline.machine),
    )
    return Judged(result=result, baseline=baseline, results=series.results, figures=figures, verdict=verdict)


def say_ms(value: float) -> str:
    """Milliseconds as an operator reads them: `1,204 ms`, below 10 with a decimal."""
    return f"{value:,.0f} ms" if value >= 10 else f"{value:.1f} ms"


def say_figure(figure: str, value: float) -> str:
    """A figure with its unit."""
    return describe_bytes(int(value)) if figure == "peak_bytes" else say_ms(value)


def scenario_title(name: str, known: Sequence[Scenario]) -> str:
    """What a scenario is called; a path of the operator's own is its own name."""
    if name.startswith(PATH_PREFIX):
        return name.removeprefix(PATH_PREFIX)
    return next((one.title for one in known if one.name == name), name)


_COMPARED = (("mean_ms", "mean"), ("p95_ms", "p95"), ("max_ms", "slowest pass"), ("peak_bytes", "peak memory"))


def _over_budget(figures: Figures, budget: BenchBudget) -> tuple[str, ...]:
    if figures.max_ms <= budget.max_ms:
        return ()
    return (f"The slowest pass took {say_ms(figures.max_ms)}, over the budget of {budget.max_ms:,} ms.",)


def _changes(now: Figures, was: Figures, worse_percent: int) -> tuple[Change, ...]:
    return tuple(
        _change(name, label, getattr(was, name), getattr(now, name), worse_percent) for name, label in _COMPARED
    )


def _change(figure: str, label: str, was: float, now: float, worse_percent: int) -> Change:
    # Whole numbers: 20 % worse to the microsecond is a breach whatever a float makes of it.
    before, after = (int(was), int(now)) if figure == "peak_bytes" else (_micros(was), _micros(now))
    percent = round(100 * (after - before) / before, 1) if before else None
    breach = bool(before) and after * 100 >= before * (100 + worse_percent)
    return Change(figure=figure, label=label, was=was, now=now, percent=percent, breach=breach)


def _say_breach(change: Change) -> str:
    now, was = say_figure(change.figure, change.now), say_figure(change.figure, change.was)
    more = "more" if change.figure == "peak_bytes" else "slower"
    return f"The {change.label} of {now} is {change.percent:,.1f} % {more} than the baseline's {was}."


def _micros(ms: float) -> int:
    return round(ms * _MICROS)
