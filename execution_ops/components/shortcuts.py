"""The keys of the console, and the help that names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import reflex as rx

from execution_ops.components.overlays import sheet


class Key(NamedTuple):
    """Keys, separated by blanks, and what they do."""

    keys: str
    does: str


EVERYWHERE = (
    Key("/", "Search in the list or the log"),
    Key("f", "Add a filter"),
    Key("r", "Refresh"),
    Key("?", "This help"),
    Key("Esc", "Close what is open"),
)
ROWS = (
    Key("j", "Next row"),
    Key("k", "Previous row"),
    Key("Enter", "Open the row"),
    Key("x", "Select the row"),
)


def shortcuts(*, page: Sequence[Key] = (), goto: Sequence[Key] = ()) -> rx.Component:
    """The button that opens the help, also by `?`. `page` are the page's own keys."""
    groups = [("Everywhere", EVERYWHERE), ("In a table", ROWS)]
    if page:
        groups.append(("On this page", tuple(page)))
    if goto:
        groups.append(("Go to", tuple(goto)))
    return sheet(
        *[_group(title, keys) for title, keys in groups],
        label="Keyboard shortcuts",
        icon="keyboard",
        look="dlg wide",
        hotkey="?",
    )


def _group(title: str, keys: Sequence[Key]) -> rx.Component:
    rows = [
        rx.el.div(rx.el.span(key.does), rx.el.span(*[rx.el.kbd(part) for part in key.keys.split()], class_name="row"))
        for key in keys
    ]
    return rx.el.div(rx.el.h3(title, class_name="fl"), rx.el.div(*rows, class_name="keys"))
