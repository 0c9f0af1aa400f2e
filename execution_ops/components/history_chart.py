"""The history of a benchmark as a chart: its means and slowest passes, the budget, the baseline, versions of Syft."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.links import link
from execution_ops.texts import performance as words


def history_chart(chart: Any) -> rx.Component:
    """A `domain.bench_chart.Chart` whose points have an `href`; put its table twin beside it.

    Everything is placed in percent, so that it fits any width with texts of one size. The chart says in its
    label what it shows, and a table beside it has every point: its links need no keyboard of their own.
    """
    lines = rx.el.svg(
        rx.el.svg.polyline(points=chart.slowest, class_name="slowest"),
        rx.el.svg.polyline(points=chart.means, class_name="mean"),
        view_box="0 0 100 100",
        custom_attrs={"preserveAspectRatio": "none"},
    )
    return rx.el.figure(
        rx.el.div(
            rx.foreach(chart.ticks, lambda one: _rule(one, "tick")),
            rx.foreach(chart.marks, _mark),
            rx.foreach(chart.rules, lambda one: _rule(one, one.look)),
            lines,
            rx.foreach(chart.points, _point),
            class_name="hist-plot",
            aria_hidden="true",
        ),
        rx.el.figcaption(
            rx.el.span(rx.el.i(class_name="mean"), words.MEAN_LINE),
            rx.el.span(rx.el.i(class_name="slowest"), words.SLOWEST_PASS_POINTS),
            rx.el.span(chart.words, class_name="grow r"),
        ),
        class_name="hist",
    )


def _rule(one: Any, look: Any) -> rx.Component:
    return rx.el.div(rx.el.span(one.text), class_name=f"rule {look}", style={"top": f"{one.y}%"})


def _mark(one: Any) -> rx.Component:
    return rx.el.div(rx.el.span(one.text), class_name=f"mark {one.side}", style={"left": f"{one.x}%"})


def _point(one: Any) -> rx.Component:
    dot = link(
        href=one.href,
        look=f"dot {one.look}",
        title=one.title,
        tab_index=-1,
        style={"left": f"{one.x}%", "top": f"{one.mean_y}%"},
        custom_attrs={"data-keep-scroll": "", "data-replace": ""},
        key=one.key,
    )
    return rx.fragment(dot, rx.el.i(class_name=f"top {one.look}", style={"left": f"{one.x}%", "top": f"{one.max_y}%"}))
