"""What stands in place of rows: loading, empty, filtered to nothing, error, forbidden."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.copy import copy_button
from execution_ops.components.icons import icon
from execution_ops.components.links import link


def skeleton(rows: int = 8) -> rx.Component:
    """Rows to come, at the height of real ones; invisible for the first 150 ms."""
    widths = ((84, 120), (72, 96), (84, 140), (60, 110))
    lines = [
        rx.el.div(
            rx.el.i(class_name="sk c"),
            rx.el.i(class_name="sk", style={"width": f"{widths[n % 4][0]}px"}),
            rx.el.i(class_name="sk", style={"width": f"{widths[n % 4][1]}px"}),
            rx.el.span(class_name="grow"),
            rx.el.i(class_name="sk", style={"width": "48px"}),
            class_name="skr",
        )
        for n in range(rows)
    ]
    return rx.el.div(rx.el.span("Loading", class_name="sr"), *lines, class_name="skeleton", aria_busy="true")


def empty(title: object, text: object, *steps: rx.Component, icon_name: str = "inbox") -> rx.Component:
    """Nothing here yet: why, and the real first step (buttons or links)."""
    return rx.el.div(
        icon(icon_name, 22, class_name="t-accent"),
        rx.el.h2(title),
        rx.el.p(text),
        *([rx.el.div(*steps, class_name="row wrap")] if steps else []),
        class_name="emp",
    )


def filtered_empty(
    filters: int | rx.Var[int], hidden: object, clear_href: str | rx.Var[str], *extra: rx.Component, noun: str = "jobs"
) -> rx.Component:
    """`3 filters hide 412 jobs · Clear`. `hidden` is how many there are without filters (text or
    number; empty when that is not known); `extra` may offer to drop one filter."""
    count = rx.Var.create(filters)
    words = rx.cond(count == 1, "1 filter hides ", f"{count} filters hide ")
    return rx.el.div(
        icon("list-filter", 22, class_name="fg3"),
        rx.el.h2(words, hidden, f" {noun}"),
        rx.el.p("Nothing matches all of them."),
        rx.el.div(link(icon("x"), "Clear filters", href=clear_href, look="btn"), *extra, class_name="row wrap"),
        class_name="emp",
    )


def error_state(
    message: str | rx.Var[str],
    code: str | rx.Var[str],
    on_retry: Any,
    *,
    title: str = "This could not be read",
    trace: str | rx.Var[str] = "",
) -> rx.Component:
    """Plain words, the code, the trace id if there is one, and Retry."""
    trace_var = rx.Var.create(trace)
    return rx.el.div(
        icon("circle-x", 22, class_name="t-bad", stroke=2),
        rx.el.h2(title),
        rx.el.p(message),
        rx.el.div(action("Retry", on_click=on_retry, icon="refresh-cw", look="pri"), class_name="row wrap"),
        rx.el.p(
            rx.el.span(code, class_name="mono"),
            rx.cond(
                trace_var != "",
                rx.fragment(
                    " · trace ", rx.el.span(trace_var, class_name="mono"), copy_button(trace_var, "Copy trace id")
                ),
            ),
            class_name="meta",
        ),
        class_name="emp",
        role="alert",
    )


def forbidden(message: str | rx.Var[str], code: str | rx.Var[str], on_retry: Any) -> rx.Component:
    """What the viewer may not see; `message` names the permission that is missing."""
    return rx.el.div(
        icon("eye-off", 22, class_name="fg3", stroke=2),
        rx.el.h2("You may not see this"),
        rx.el.p(message),
        rx.el.p("Who looks after this console can give it to you.", class_name="meta"),
        rx.el.div(action("Look again", on_click=on_retry, icon="refresh-cw"), class_name="row wrap"),
        rx.el.p(rx.el.span(code, class_name="mono"), class_name="meta"),
        class_name="emp",
        role="alert",
    )


def content(page: Any, body: rx.Component) -> rx.Component:
    """The one order of a live page's states: what is wrong, else the skeleton until loaded, else the body.

    `page` is the State of the page, a `LivePage`.
    """
    failed = error_state(page.problem, page.problem_code, page.refresh, trace=page.problem_trace)
    refused = forbidden(page.problem, page.problem_code, page.refresh)
    return rx.cond(
        page.problem != "",
        rx.el.div(rx.cond(page.problem_code == "FORBIDDEN", refused, failed), class_name="panel"),
        rx.cond(page.loaded, body, skeleton()),
    )
