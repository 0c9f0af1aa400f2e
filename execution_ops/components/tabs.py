"""Tabs that are links: each is an address of its own."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.links import link
from execution_ops.components.status import Kind, status


def state_tabs(
    items: rx.Var[list[dict[str, Any]]], *end: object, label: str = "States", kind: Kind = "job"
) -> rx.Component:
    """One tab a state, with its count.

    `items` are {state, href, count, on}: `state` "" is the tab All, `count` a text ("1,187", "10,000+"),
    `on` marks the current one, `kind` says what has the states. `end` stands far right: new
    changes, the age of the counts.
    """
    return rx.el.nav(
        rx.el.div(rx.foreach(items, lambda item: _state_tab(item, kind)), class_name="items"),
        rx.el.div(*end, class_name="end"),
        class_name="tabs",
        aria_label=label,
    )


def _state_tab(item: Any, kind: Kind) -> rx.Component:
    word = rx.cond(item["state"] == "", rx.el.span("All"), status(item["state"], kind=kind))
    return link(
        word,
        rx.el.span(item["count"], class_name="c"),
        href=item["href"],
        look="",
        key=item["state"],
        custom_attrs={"aria-current": rx.cond(item["on"], "page", rx.Var("undefined"))},
    )


def word_tabs(items: rx.Var[list[Any]], *end: object, label: str) -> rx.Component:
    """Tabs of words with their counts: `items` have `title`, `href`, `count` (a text, empty for none) and `on`."""
    return rx.el.nav(
        rx.el.div(rx.foreach(items, _word_tab), class_name="items"),
        rx.el.div(*end, class_name="end"),
        class_name="tabs",
        aria_label=label,
    )


def _word_tab(item: Any) -> rx.Component:
    return link(
        rx.el.span(item.title),
        rx.cond(item.count != "", rx.el.span(item.count, class_name="c")),
        href=item.href,
        look="",
        key=item.title,
        custom_attrs={"aria-current": rx.cond(item.on, "page", rx.Var("undefined"))},
    )


def page_tabs(*items: tuple[str, object, str | rx.Var[str]], current: str, label: str) -> rx.Component:
    """Pages that belong together: (title, count or None, address); `current` is the title of this one."""
    return rx.el.nav(
        rx.el.div(*[_page_tab(*item, on=item[0] == current) for item in items], class_name="items"),
        class_name="tabs pages",
        aria_label=label,
    )


def _page_tab(title: str, count: object, href: str | rx.Var[str], *, on: bool) -> rx.Component:
    parts = [rx.el.span(title), *([rx.el.span(count, class_name="c")] if count is not None else [])]
    return link(*parts, href=href, look="", custom_attrs={"aria-current": "page"} if on else {})


def choice(items: rx.Var[list[Any]], label: str) -> rx.Component:
    """A few alternatives side by side, each an address: `items` have `title`, `href` and `on`."""
    return rx.el.nav(rx.foreach(items, _choice), class_name="seg", aria_label=label)


def _choice(item: Any) -> rx.Component:
    return link(
        item.title,
        href=item.href,
        look=rx.cond(item.on, "on", ""),
        key=item.title,
        custom_attrs={"aria-current": rx.cond(item.on, "page", rx.Var("undefined")), "data-keep-scroll": ""},
    )
