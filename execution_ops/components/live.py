"""Whether the page is true right now: the live mark, the stale banner, the age of counts."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.islands import FOLDER, Island, nothing
from execution_ops.texts import shell as words

STALE_AFTER_MS = 15_000


class _LiveIsland(Island):
    library = f"{FOLDER}/live.jsx"


class Live(_LiveIsland):
    """The live mark of the top bar; it also tells every other island the server's clock."""

    tag = "Live"
    alias = "LiveMark"

    stamp: rx.Var[Any]
    stale_after: rx.Var[int]
    on_hide: rx.EventHandler[nothing]
    on_show: rx.EventHandler[nothing]


class StaleBanner(_LiveIsland):
    """Shown only while the page is stale."""

    tag = "StaleBanner"

    stale_after: rx.Var[int]
    on_retry: rx.EventHandler[nothing]


class Resumed(_LiveIsland):
    """How often the connection of this tab was lost and found again."""

    tag = "Resumed"


class CountAge(_LiveIsland):
    """The age of cached counts."""

    tag = "CountAge"

    value: rx.Var[Any]
    label: rx.Var[Any]


class Announce(Island):
    """A live region that keeps a pace."""

    library = f"{FOLDER}/announce.jsx"
    tag = "Announce"

    text: rx.Var[Any]


def live(stamp: int | rx.Var[int], *, stale_after: int = STALE_AFTER_MS, **handlers: Any) -> rx.Component:
    """`Live · 0.4 s ago`, or `Stale since 14:02:10 UTC, reconnecting`.

    `stamp` is the server's time in ms at which the page state was last known to be true: the state
    sets it with every refresh and at least every `stale_after / 3` ms while the tab is seen. 0 means
    that nothing has arrived yet. Handlers: `on_hide` and `on_show` (the tab was hidden or shown again).
    """
    return Live.create(stamp=stamp, stale_after=stale_after, **handlers)


def resumed() -> rx.Component:
    """`never`, or `once, at 13:31:08`: how often the connection was lost and found again."""
    return Resumed.create()


def stale_banner(*, stale_after: int = STALE_AFTER_MS, **handlers: Any) -> rx.Component:
    """The banner above a page that is no longer true, with a button (`on_retry`, default: reload)."""
    return StaleBanner.create(stale_after=stale_after, **handlers)


def count_age(as_of: object, label: str = "counts") -> rx.Component:
    """`counts 8 s old`: the age of a cached figure, ticking. `as_of` is ISO text or ms."""
    return CountAge.create(value=as_of, label=label)


def new_changes(count: int | rx.Var[int], on_click: Any) -> rx.Component:
    """`12 new changes`: shown instead of moving rows under a selection or on a deep page; nothing for 0."""
    told = rx.cond(count == 1, words.ONE_NEW_CHANGE, words.new_changes(count))
    return rx.fragment(
        rx.cond(count > 0, action(told, on_click=on_click, icon="arrow-up", look="sm")),
        announce(rx.cond(count > 0, told, words.NO_CHANGE_IS_HELD_BACK)),
    )


def announce(text: str | rx.Var[str]) -> rx.Component:
    """Tells assistive technology of a figure that changes by itself, politely and at most every ten seconds."""
    return Announce.create(text=text)
