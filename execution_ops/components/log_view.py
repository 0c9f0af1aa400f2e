"""The log of a job: level filter, search, virtual rows, line addresses, follow."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.icons import icon
from execution_ops.components.islands import FOLDER, Island, one_text, two_numbers
from execution_ops.components.kv import panel
from execution_ops.components.links import file_link, link
from execution_ops.texts import common
from execution_ops.texts import logs as words


def _one_flag(value: rx.Var[bool]) -> tuple[rx.Var[bool]]:
    return (value,)


class LogView(Island):
    """The rows; only those in view are in the page."""

    library = f"{FOLDER}/log-view.jsx"
    tag = "LogView"

    lines: rx.Var[Any]
    start: rx.Var[Any]
    total: rx.Var[Any]
    search: rx.Var[Any]
    anchor_index: rx.Var[Any]
    follow: rx.Var[Any]
    label: rx.Var[str]
    on_window: rx.EventHandler[two_numbers]
    on_follow: rx.EventHandler[_one_flag]


class SearchBox(Island):
    """A search field that tells its text after a pause."""

    library = f"{FOLDER}/search-box.jsx"
    tag = "SearchBox"

    value: rx.Var[Any]
    label: rx.Var[str]
    on_search: rx.EventHandler[one_text]


def log_panel(log: Any) -> rx.Component:
    """The panel of a log; `log` is the State of its window (`state/log_window.py`)."""
    view = log_view(
        lines=log.lines,
        start=log.start,
        total=log.total,
        on_window=log.window,
        on_follow=log.set_follow,
        search=log.search,
        anchor_index=log.anchor_index,
        follow=log.follow,
    )
    nothing = rx.el.p(log.nothing, class_name="meta pad")
    bar = log_bar(
        log.levels,
        search=log.search,
        on_search=log.find,
        follow=log.follow,
        on_follow=log.set_follow,
        download=log.download,
    )
    return panel(common.LOG, rx.cond(log.total > 0, view, nothing), actions=bar)


def log_view(
    *,
    lines: object,
    start: object,
    total: object,
    on_window: Any,
    on_follow: Any,
    search: object = "",
    anchor_index: object = -1,
    follow: object = False,
    label: str = common.LOG,
) -> rx.Component:
    """The rows of a log.

    `lines` is the window that the state holds, as JSON ([{seq, at, level, text, where, source}]): those from index
    `start` of the `total` that match. `on_window(start, count)` asks for another one (count stays
    below 400). `anchor_index` is the index of the line that the fragment `#L120` names, -1 for
    none: the page reads the fragment, finds the window around it and sets both. `search` is
    marked in the text. `on_follow(flag)` tells that the reader scrolled up while following.
    """
    return LogView.create(
        lines=lines,
        start=start,
        total=total,
        search=search,
        anchor_index=anchor_index,
        follow=follow,
        label=label,
        on_window=on_window,
        on_follow=on_follow,
    )


def log_bar(
    levels: rx.Var[list[Any]], *, search: object, on_search: Any, follow: object, on_follow: Any, download: object
) -> rx.Component:
    """The controls of a log, for the head of its panel.

    `levels` are {label, href, on}, such as "Warning 2"; `on_search(text)` comes while typing, after a pause;
    `on_follow(flag)` switches following; `download` is the address of the whole log.
    """
    return rx.el.div(
        rx.el.div(rx.foreach(levels, _level), class_name="seg small", role="group", aria_label=words.LEVEL),
        SearchBox.create(value=search, label=words.SEARCH_THE_LOG, on_search=on_search),
        rx.el.button(
            icon("arrow-down-to-line"),
            words.FOLLOW,
            on_click=on_follow(~rx.Var.create(follow).bool()),
            aria_pressed=rx.Var.create(follow).bool(),
            class_name=rx.cond(follow, "btn sm on", "btn sm ghost"),
            type="button",
        ),
        # Without an address yet, a click would save this page.
        rx.cond(download, file_link(icon("download"), words.DOWNLOAD, href=download, look="btn sm ghost")),
        class_name="logbar",
    )


def _level(item: Any) -> rx.Component:
    return link(
        item["label"],
        href=item["href"],
        look=rx.cond(item["on"], "on", ""),
        custom_attrs={
            "aria-current": rx.cond(item["on"], "true", rx.Var("undefined")),
            "data-replace": "",
            "data-keep-scroll": "",
        },
    )
