"""The frame of a page that shows what is true now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from execution_ops.shell.frame import page as shell_page
from execution_ops.shell.live_mark import Liveness
from execution_ops.state.shell import surroundings


def live_page(route: str, page: Any, *children: object, also: Sequence[Any] = (), **head: Any) -> rx.Component:
    """The whole page of the route with that name. `page` is its State, a `LivePage`; those of `also` rest with it
    while the tab is hidden. `head` as in `shell.frame.page`.
    """
    states = (page, *also)
    handlers = {"on_hide": [state.hide for state in states], "on_show": [state.show for state in states]}
    liveness = Liveness(page.stamp, page.outage, handlers)
    return shell_page(route, *children, surroundings=surroundings(), liveness=liveness, **head)
