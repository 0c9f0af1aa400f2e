"""What stands in place of rows: loading, empty, filtered to nothing, error, forbidden."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.copy import copy_button
from execution_ops.components.icons import icon
from execution_ops.components.links import link
from execution_ops.texts import states as words


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
    return rx.el.div(rx.el.span(words.LOADING, class_name="sr"), *lines, class_name="skeleton", aria_busy="true")


def _in_place(
    icon_name: str, title: object, text: object, *more: rx.Component, tone: str, stroke: float = 1.75, role: str = ""
) -> rx.Component:
    said = {"role": role} if role else {}
    mark = icon(icon_name, 22, class_name=tone, stroke=stroke)
    return rx.el.div(mark, rx.el.h2(title), rx.el.p(text), *more, class_name="emp", **said)


def _steps(*steps: rx.Component) -> rx.Component:
    return rx.el.div(*steps, class_name="row wrap")


def empty(title: object, text: object, *steps: rx.Component, icon_name: str = "inbox") -> rx.Component:
    """Nothing here yet: why, and the real first step (buttons or links)."""
    return _in_place(icon_name, title, text, *([_steps(*steps)] if steps else []), tone="t-accent")


def filtered_empty(
    filters: int | rx.Var[int], hidden: object, clear_href: str | rx.Var[str], *extra: rx.Component, noun: str
) -> rx.Component:
    """`3 filters hide 412 jobs · Clear`. `hidden` is how many there are without filters (text or
    number; empty when that is not known); `extra` may offer to drop one filter."""
    count = rx.Var.create(filters)
    title = rx.fragment(rx.cond(count == 1, words.ONE_FILTER_HIDES, words.filters_hide(count)), hidden, f" {noun}")
    why = rx.cond(count == 1, words.NOTHING_MATCHES_IT, words.NOTHING_MATCHES)
    clear = link(icon("x"), words.CLEAR_FILTERS, href=clear_href, look="btn")
    return _in_place("list-filter", title, why, _steps(clear, *extra), tone="fg3")


def error_state(
    message: str | rx.Var[str], code: str | rx.Var[str], on_retry: Any, *, trace: str | rx.Var[str] = ""
) -> rx.Component:
    """Plain words, the code, the trace id if there is one, and Retry."""
    trace_var = rx.Var.create(trace)
    traced = (words.TRACE, rx.el.span(trace_var, class_name="mono"), copy_button(trace_var, words.COPY_TRACE_ID))
    return _in_place(
        "circle-x",
        words.NOT_READ,
        message,
        _steps(action(words.RETRY, on_click=on_retry, icon="refresh-cw", look="pri")),
        rx.el.p(rx.el.span(code, class_name="mono"), rx.cond(trace_var != "", rx.fragment(*traced)), class_name="meta"),
        tone="t-bad",
        stroke=2,
        role="alert",
    )


def forbidden(message: str | rx.Var[str], code: str | rx.Var[str], on_retry: Any) -> rx.Component:
    """What the viewer may not see; `message` names the permission that is missing."""
    return _in_place(
        "eye-off",
        words.FORBIDDEN,
        message,
        rx.el.p(words.WHO_CAN_PERMIT, class_name="meta"),
        _steps(action(words.LOOK_AGAIN, on_click=on_retry, icon="refresh-cw")),
        rx.el.p(rx.el.span(code, class_name="mono"), class_name="meta"),
        tone="fg3",
        stroke=2,
        role="alert",
    )


def signed_out(message: str | rx.Var[str], sign_in: rx.Var[str], on_retry: Any) -> rx.Component:
    """Nobody is known to look; `sign_in` is where that is mended, "" where it is not the console's to do."""
    here = link(icon("key-round"), words.SIGN_IN, href=sign_in, look="btn pri", target="_self")
    again = action(words.LOOK_AGAIN, on_click=on_retry, icon="refresh-cw")
    return _in_place(
        "key-round",
        words.SIGNED_OUT,
        message,
        rx.cond(
            sign_in != "", _steps(here), rx.fragment(rx.el.p(words.PROXY_SIGNS_IN, class_name="meta"), _steps(again))
        ),
        tone="t-accent",
        role="alert",
    )


def content(page: Any, body: rx.Component) -> rx.Component:
    """The one order of a live page's states: what is wrong, else the skeleton until loaded, else the body.

    `page` is the State of the page, a `LivePage`.
    """
    failed = error_state(page.problem, page.problem_code, page.refresh, trace=page.problem_trace)
    refused = forbidden(page.problem, page.problem_code, page.refresh)
    unknown = signed_out(page.problem, page.sign_in, page.refresh)
    return rx.cond(
        page.problem != "",
        rx.el.div(
            rx.match(page.problem_code, ("FORBIDDEN", refused), ("UNAUTHENTICATED", unknown), failed),
            class_name="panel",
        ),
        rx.cond(page.loaded, body, skeleton()),
    )
