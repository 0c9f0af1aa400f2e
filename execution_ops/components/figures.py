"""Small graphics beside figures: sparkline, bars, gauge of places, shares of a whole."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from execution_ops.components.islands import FOLDER, Island


class _FigureIsland(Island):
    library = f"{FOLDER}/figures.jsx"


class Spark(_FigureIsland):
    """A line of values over time."""

    values: rx.Var[Any]
    label: rx.Var[Any]
    width: rx.Var[int]
    height: rx.Var[int]
    muted: rx.Var[Any]


class Bars(_FigureIsland):
    """Counts of equal spans of time."""

    values: rx.Var[Any]
    label: rx.Var[Any]


class Gauge(_FigureIsland):
    """Places taken of a limit."""

    used: rx.Var[Any]
    limit: rx.Var[Any]
    tone: rx.Var[str]


class Shares(_FigureIsland):
    """Shares of a whole."""

    parts: rx.Var[Any]
    total: rx.Var[Any]
    label: rx.Var[Any]


def sparkline(
    values: object, label: str | rx.Var[str], *, width: int = 110, height: int = 22, muted: bool | rx.Var[bool] = False
) -> rx.Component:
    """A sparkline of whole numbers, oldest first. `label` says in words what it shows."""
    return Spark.create(values=values, label=label, width=width, height=height, muted=muted)


def bars(values: object, label: str | rx.Var[str]) -> rx.Component:
    """A bar for each span of time, oldest first; the last span, which is not over, stands out."""
    return Bars.create(values=values, label=label)


def gauge(
    used: int | rx.Var[int], limit: object, *, tone: Literal["", "warn", "mute"] | rx.Var[str] = ""
) -> rx.Component:
    """Cells up to a limit of 24, above that a bar; put the figures beside it. `limit` None: unlimited."""
    return rx.el.span(Gauge.create(used=used, limit=limit, tone=tone), class_name="track")


def shares(parts: object, total: int | rx.Var[int], label: str | rx.Var[str]) -> rx.Component:
    """A bar of shares: `parts` are (tone, count), the rest of `total` stays empty. `label` says it in words."""
    return Shares.create(parts=parts, total=total, label=label)
