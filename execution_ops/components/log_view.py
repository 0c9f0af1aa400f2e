"""The log of a job: level filter, search, virtual rows, line addresses, follow."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.icons import icon
from execution_ops.components.islands import FOLDER, Island, one_flag, one_text, two_numbers
from execution_ops.components.kv import panel
from execution_ops.components.links import file_link, is_here, link
from execution_ops.texts import common
from execution_ops.texts import logs as words


class LogView(Island):
    """The rows; only those in view are in the page."""

    library = f"{FOLDER}/log-view.jsx"

    lines: rx.Var[Any]
    start: rx.Var[Any]
    total: rx.Var[Any]
    search: rx.Var[Any]
    anchor_index: rx.Var[Any]
    follow: rx.Var[Any]
    label: rx.Var[str]
    on_window: rx.EventHandler[two_numbers]
    on_follow: rx.EventHandler[one_flag]


class SearchBox(Island):
    """A search field that tells its text after a pause."""

    library = f"{FOLDER}/search-box.jsx"

    value: rx.Var[Any]
    label: rx.Var[str]
    on_search: rx.EventHandler[one_text]


def log_panel(log: Any) -> rx.Component:
    """The panel of a log; `log` is the State of its window (`state/log_window.py`).

    `lines` are those that it holds, as JSON ([{seq, at, level, text, where, source}]): from index `start` of the
    `total` that match. `window(start, count)` asks for another one (count stays below 400). `anchor_index` is the
    index of the line that the fragment `#L120` names, -1 for none: the page reads the fragment, finds the window
    around it and sets both. `search` is marked in the text. `set_follow(flag)` tells that the reader scrolled up while
    following, and switches it.
    """
    view = LogView.create(
        lines=log.lines,
        start=log.start,
        total=log.total,
        search=log.search,
        anchor_index=log.anchor_index,
        follow=log.follow,
        label=common.LOG,
        on_window=log.window,
        on_follow=log.set_follow,
    )
    nothing = rx.el.p(log.nothing, class_name="meta pad")
    return panel(common.LOG, rx.cond(log.total > 0, view, nothing), actions=_bar(log))


def _bar(log: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.foreach(log.levels, _level), class_name="seg small", role="group", aria_label=words.LEVEL),
        SearchBox.create(value=log.search, label=words.SEARCH_THE_LOG, on_search=log.find),
        rx.el.button(
            icon("arrow-down-to-line"),
            words.FOLLOW,
            on_click=log.set_follow(~log.follow),
            aria_pressed=log.follow,
            class_name=rx.cond(log.follow, "btn sm on", "btn sm ghost"),
            type="button",
        ),
        # Without an address yet, a click would save this page.
        rx.cond(log.download, file_link(icon("download"), words.DOWNLOAD, href=log.download, look="btn sm ghost")),
        class_name="logbar",
    )


def _level(item: Any) -> rx.Component:
    return link(
        item["label"],
        href=item["href"],
        look=rx.cond(item["on"], "on", ""),
        custom_attrs={**is_here(item["on"], "true"), "data-replace": "", "data-keep-scroll": ""},
    )
