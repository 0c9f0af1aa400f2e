"""How benchmarks of the console show what they measured."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from rich.table import Table


def new_table(title: str, *headings: str) -> Table:
    """An empty table; all columns but the first have figures."""
    made = Table(title=title, title_justify="left", caption_justify="left")
    for heading in headings:
        made.add_column(heading, justify="left" if heading == headings[0] else "right")
    return made


def spread(times: Sequence[float]) -> tuple[str, str]:
    """Median and p95, as they are shown."""
    return f"{statistics.median(times):.0f}", f"{p95(times):.0f}"


def p95(times: Sequence[float]) -> float:
    """What 95 of 100 do not exceed."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def judge(what: str, figure: float, target: float, unit: str) -> str:
    """The target, and whether the figure is within."""
    return f"{what} ≤ {target:.0f} {unit}: {'yes' if figure <= target else 'NO'}"
