"""Where the points of a history stand in its chart. Places are percent of the chart, from its top left corner."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.benchmarks import BenchState, Judged, say_ms

_STEPS = (1, 2, 2.5, 5, 10)
_TICKS = 4
# The budget is drawn unless it would press what was measured into the lower half.
_BUDGET_REACH = 2
# Points keep off the edges, or half of the first and the last would be cut off.
_EDGE = 2.0


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Point(_Frozen):
    """One result: its mean and its slowest pass."""

    result_id: str
    x: float
    mean_y: float
    max_y: float
    breach: bool
    title: str


class Rule(_Frozen):
    """A line across the chart, or a tick of its scale, with its words."""

    y: float
    text: str


class Mark(_Frozen):
    """From here on another version of Syft was measured."""

    x: float
    text: str


class Chart(_Frozen):
    """The whole chart, oldest result first. `means` and `slowest` are the points of the two lines, as SVG has them."""

    points: tuple[Point, ...] = ()
    means: str = ""
    slowest: str = ""
    ticks: tuple[Rule, ...] = ()
    marks: tuple[Mark, ...] = ()
    budget: Rule | None = None
    baseline: Rule | None = None
    words: str = ""


def chart(rows: Sequence[Judged], budget_ms: int) -> Chart:
    """The chart of results given oldest first; empty without any."""
    if not rows:
        return Chart()
    highest = max(one.figures.max_ms for one in rows)
    baseline = rows[-1].baseline
    base = baseline.figures.mean_ms if baseline else 0.0
    shows_budget = budget_ms <= _BUDGET_REACH * highest
    step = _step(max(highest, base, budget_ms if shows_budget else 0.0) or 1.0)
    top = step * _TICKS
    points = tuple(_point(one, n, len(rows), top) for n, one in enumerate(rows))
    return Chart(
        points=points,
        means=" ".join(f"{one.x},{one.mean_y}" for one in points),
        slowest=" ".join(f"{one.x},{one.max_y}" for one in points),
        ticks=tuple(Rule(y=_y(step * n, top), text=say_ms(step * n) if n else "0") for n in range(_TICKS + 1)),
        marks=_marks(rows, points),
        budget=Rule(y=_y(budget_ms, top), text=f"budget {budget_ms:,} ms") if shows_budget else None,
        baseline=Rule(y=_y(base, top), text=f"baseline {say_ms(base)}") if baseline else None,
        words=_words(rows),
    )


def _step(highest: float) -> float:
    """The smallest round distance of ticks with which `highest` is in the chart."""
    power = 1.0
    while power * _STEPS[-1] * _TICKS < highest:
        power *= 10
    while power * _STEPS[0] * _TICKS >= highest:
        power /= 10
    return next(power * step for step in _STEPS if power * step * _TICKS >= highest)


def _point(one: Judged, n: int, count: int, top: float) -> Point:
    figures, result = one.figures, one.result
    breach = one.verdict.state is BenchState.BREACH
    x = 50.0 if count == 1 else _EDGE + n * (100 - 2 * _EDGE) / (count - 1)
    return Point(
        result_id=result.id,
        x=round(x, 2),
        mean_y=_y(figures.mean_ms, top),
        max_y=_y(figures.max_ms, top),
        breach=breach,
        title=f"{result.created_at:%d %b %H:%M} UTC: mean {say_ms(figures.mean_ms)}, slowest {say_ms(figures.max_ms)}, "
        f"Syft {result.syft}{', breach' if breach else ''}",
    )


def _y(value: float, top: float) -> float:
    return round(100 - 100 * value / top, 2)


def _marks(rows: Sequence[Judged], points: Sequence[Point]) -> tuple[Mark, ...]:
    found, known = [], ""
    for one, point in zip(rows, points, strict=True):
        if one.result.syft != known:
            known = one.result.syft
            found.append(Mark(x=point.x, text=f"Syft {known}"))
    return tuple(found)


def _words(rows: Sequence[Judged]) -> str:
    means = [one.figures.mean_ms for one in rows]
    count = "1 result" if len(rows) == 1 else f"{len(rows)} results"
    return f"{count}, means from {say_ms(min(means))} to {say_ms(max(means))}, the newest {say_ms(means[-1])}"
