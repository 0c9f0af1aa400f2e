"""Tabs that are links: each is an address of its own."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.links import link
from execution_ops.components.status import status


def state_tabs(items: rx.Var[list[dict[str, Any]]], *end: object, label: str = "States") -> rx.Component:
    """One tab a state, with its count.

    `items` are {state, href, count, on}: `state` "" is the tab All, `count` a text ("1,187", "10,000+"),
    `on` marks the current one. `end` stands far right: new changes, the age of the counts.
    """
    return rx.el.nav(
        rx.el.div(rx.foreach(items, _state_tab), class_name="items"),
        rx.el.div(*end, class_name="end"),
        class_name="tabs",
        aria_label=label,
    )


def _state_tab(item: Any) -> rx.Component:
    word = rx.cond(item["state"] == "", rx.el.span("All"), status(item["state"]))
    return link(
        word,
        rx.el.span(item["count"], class_name="c"),
        href=item["href"],
        look="",
        key=item["state"],
        custom_attrs={"aria-current": rx.cond(item["on"], "page", rx.Var("undefined"))},
    )
