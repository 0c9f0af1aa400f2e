"""A JSON document, opened line by line; the lines come from `domain/json_tree`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from execution_ops.components.icons import icon
from execution_ops.texts import common as words


def json_view(
    rows: rx.Var[list[Any]], *, on_toggle: Callable[[Any], Any], on_more: Callable[[Any], Any], label: str
) -> rx.Component:
    """The visible lines (`TreeRow`). `on_toggle(path)` opens or closes, `on_more(path)` shows the next children."""
    return rx.el.div(
        rx.foreach(rows, lambda row: _line(row, on_toggle, on_more)),
        class_name="json",
        role="region",
        aria_label=label,
        tab_index=0,
    )


def _line(row: Any, on_toggle: Callable[[Any], Any], on_more: Callable[[Any], Any]) -> rx.Component:
    branch = (row.kind == "object") | (row.kind == "array")
    toggle = rx.el.button(
        icon(rx.cond(row.expanded, "chevron-down", "chevron-right"), 12),
        on_click=on_toggle(row.path),
        class_name="tog",
        type="button",
        aria_expanded=row.expanded,
        aria_label=rx.cond(row.key != "", row.key, words.DOCUMENT),
    )
    more = rx.el.button(row.preview, on_click=on_more(row.path), class_name="more", type="button")
    value = rx.el.span(row.preview, class_name=f"jv {row.kind}")
    return rx.el.div(
        rx.cond(branch, toggle, rx.el.span(class_name="notog")),
        rx.cond(row.key != "", rx.el.span(row.key, ":", class_name="jk")),
        rx.cond(row.kind == "more", more, value),
        class_name="jr",
        style={"padding_left": f"calc({row.depth} * 14px)"},
        key=f"{row.path}{row.kind}",
    )
