"""Whether what the page shows is true right now: the mark in the top bar, and the banner once it is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from execution_ops.components.islands import FOLDER, Island, nothing


@dataclass(frozen=True)
class Liveness:
    """How the page stays true.

    `stamp` is the server's time in ms at which the page was last known to be true: its State sets it with every
    refresh, and at least every five seconds while the tab is seen. 0 means that nothing has arrived yet. `outage` says
    why the server itself knows nothing newer, "" while it does. `handlers`: `on_hide` and `on_show` (the tab was hidden
    or shown again).
    """

    stamp: int | rx.Var[int]
    outage: str | rx.Var[str] = ""
    handlers: dict[str, Any] = field(default_factory=dict)


class LiveMark(Island):
    """`Live · 0.4 s ago`, or `Stale since 14:02:10 UTC, reconnecting`; the clock of all other islands is set by it."""

    library = f"{FOLDER}/live.jsx"

    stamp: rx.Var[Any]
    on_hide: rx.EventHandler[nothing]
    on_show: rx.EventHandler[nothing]


class StaleBanner(Island):
    """Above a page that is no longer true, with why and a button that reads it anew; nothing while it is true."""

    library = f"{FOLDER}/live.jsx"

    outage: rx.Var[str]
