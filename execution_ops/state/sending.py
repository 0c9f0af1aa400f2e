"""What a tab is sent: only what differs from what it has."""

from __future__ import annotations

from typing import Any


def send_changed(state: Any, **values: Any) -> None:
    """Set the Vars of `state` that differ from `values`.

    Reflex sends each Var that was set, also to the value it had: a page that is read again every
    second would be sent again as often, to each of its viewers.
    """
    for name, value in values.items():
        if getattr(state, name) != value:
            setattr(state, name, value)
