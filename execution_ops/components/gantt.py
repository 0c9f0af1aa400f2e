"""Stretches of time, one row below the other, on one scale."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.islands import FOLDER
from execution_ops.components.status import Looks, looks


class Gantt(Looks):
    """The rows with their scale; it moves on with the clock while something is not over."""

    library = f"{FOLDER}/gantt.jsx"

    table: rx.Var[Any]
    rows: rx.Var[Any]
    begin: rx.Var[Any]
    end: rx.Var[Any]
    label: rx.Var[str]


def gantt(rows: object, *, begin: object, end: object, label: str) -> rx.Component:
    """Rows of bars over time; each has

    `key`, `depth` (1 for what is part of the row above), `state` (of a target), `name`, `detail`, `href` with
    `open`, `figure` with `figure_href`, `says` (the bars in words), `bars` ({tone, start, end, title, href}) and
    `until`, its likely end or None. Instants are ms since 1970 UTC. A bar without an end goes on; one whose end
    is its start is a mark. `begin` and `end` bound the scale; without an `end` it reaches to now and what is
    likely.
    """
    return Gantt.create(table=looks("target"), rows=rows, begin=begin, end=end, label=label)


def legend(*tones: tuple[str, str]) -> rx.Component:
    """What the colours mean."""
    return rx.el.ul(
        *[rx.el.li(rx.el.i(class_name=tone, aria_hidden="true"), word) for tone, word in tones],
        class_name="gantt-legend",
    )
