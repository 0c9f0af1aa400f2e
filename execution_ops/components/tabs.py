"""Tabs that are links: each is an address of its own."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.links import is_here, link
from execution_ops.components.status import status
from execution_ops.texts import common


def state_tabs(
    items: rx.Var[list[dict[str, Any]]], *end: object, label: str = common.STATES, kind: str = "job"
) -> rx.Component:
    """One tab a state, with its count.

    `items` are {state, href, count, on}: `state` "" is the tab All, `count` a text ("1,187", "10,000+"),
    `on` marks the current one, `kind` says what has the states. `end` stands far right: new
    changes, the age of the counts.
    """

    def tab(item: Any) -> rx.Component:
        word = rx.cond(item["state"] == "", rx.el.span(common.ALL), status(item["state"], kind=kind))
        count = _count(item["count"])
        return link(word, count, href=item["href"], look="", key=item["state"], custom_attrs=is_here(item["on"]))

    return _bar([rx.foreach(items, tab)], rx.el.div(*end, class_name="end"), label=label)


def word_tabs(items: rx.Var[list[Any]], *end: object, label: str) -> rx.Component:
    """Tabs of words with their counts: `items` have `title`, `href`, `count` (a text, empty for none) and `on`."""

    def tab(item: Any) -> rx.Component:
        count = rx.cond(item.count != "", _count(item.count))
        attrs = is_here(item.on)
        return link(rx.el.span(item.title), count, href=item.href, look="", key=item.title, custom_attrs=attrs)

    return _bar([rx.foreach(items, tab)], rx.el.div(*end, class_name="end"), label=label)


def page_tabs(*items: tuple[str, object, str | rx.Var[str]], current: str, label: str) -> rx.Component:
    """Pages that belong together: (title, count or None, address); `current` is the title of this one."""

    def tab(title: str, count: object, href: str | rx.Var[str]) -> rx.Component:
        parts = [rx.el.span(title), *([_count(count)] if count is not None else [])]
        return link(*parts, href=href, look="", custom_attrs={"aria-current": "page"} if title == current else {})

    return _bar([tab(*item) for item in items], label=label, look="tabs pages")


def _bar(items: Any, *end: rx.Component, label: str, look: str = "tabs") -> rx.Component:
    return rx.el.nav(rx.el.div(*items, class_name="items"), *end, class_name=look, aria_label=label)


def _count(count: object) -> rx.Component:
    return rx.el.span(count, class_name="c")


def choice(items: rx.Var[list[Any]], label: str) -> rx.Component:
    """A few alternatives side by side, each an address: `items` have `title`, `href` and `on`."""

    def one(item: Any) -> rx.Component:
        attrs = {**is_here(item.on), "data-keep-scroll": ""}
        return link(item.title, href=item.href, look=rx.cond(item.on, "on", ""), key=item.title, custom_attrs=attrs)

    return rx.el.nav(rx.foreach(items, one), class_name="seg", aria_label=label)
