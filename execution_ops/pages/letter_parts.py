"""What the pages of dead letters share: their tabs, and how an error and its category are drawn."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.table import row_link
from execution_ops.components.tabs import page_tabs
from execution_ops.texts import common
from execution_ops.texts import dead_letters as words

GROUPS, ENTRIES, REPLAYS = words.ERROR_GROUPS, common.ENTRIES, words.REPLAYS


def letter_tabs(
    current: str, *, groups: object = None, entries: object = None, entries_href: str | rx.Var[str] | None = None
) -> rx.Component:
    """Dead letters as tabs. `groups` and `entries` are counts, `entries_href` keeps a filter on the way."""
    return page_tabs(
        (GROUPS, groups, routes.dead_letter()),
        (ENTRIES, entries, routes.dead_letter_queue() if entries_href is None else entries_href),
        (REPLAYS, None, routes.replays()),
        current=current,
        label=words.DEAD_LETTERS,
    )


def template(parts: Any, full: Any, *, look: str = "") -> rx.Component:
    """An error's template: what differs from death to death as chips."""
    return rx.el.span(
        rx.foreach(parts, lambda part: rx.cond(part.chip, rx.el.span(part.text, class_name="chip"), part.text)),
        class_name=look,
        title=full,
    )


def letter_error(row: Any) -> rx.Component:
    """The error of a row, which leads to its entry."""
    message = rx.el.span(" ", row.error_message, class_name="fg2")
    return row_link(rx.el.b(row.error_type), message, href=row.href, title=row.error)


def letter_job_type(row: Any) -> rx.Component:
    """The type of a row's job with its label."""
    return rx.fragment(row.job_type, rx.cond(row.label != "", rx.el.span(" ", row.label, class_name="fg2")))
