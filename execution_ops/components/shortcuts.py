"""The keys of the console, and the help that names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import reflex as rx

from execution_ops.components.islands import FOLDER, Island
from execution_ops.components.overlays import sheet


class Key(NamedTuple):
    """Keys, separated by blanks, and what they do."""

    keys: str
    does: str


EVERYWHERE = (
    Key("Ctrl K", "Find a page, a verb or an id"),
    Key("/", "Search in the list or the log, else everywhere"),
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


class PageKeys(Island):
    """The keys of the page's own buttons, as they are when the help is opened."""

    library = f"{FOLDER}/page-keys.jsx"
    tag = "PageKeys"

    title: rx.Var[str]
    general: rx.Var[Any]


def shortcuts(*, goto: Sequence[Key] = (), text: str = "") -> rx.Component:
    """The button that opens the help, also by `?`; `text` is a word on it. The page's own keys are its buttons'."""
    return sheet(
        _group("Everywhere", EVERYWHERE),
        _group("In a table", ROWS),
        PageKeys.create(title="On this page", general=[key.keys for key in (*EVERYWHERE, *ROWS)]),
        *([_group("Go to", goto)] if goto else []),
        label="Keyboard shortcuts",
        icon="keyboard",
        look="dlg wide",
        hotkey="?",
        text=text,
        trigger="btn" if text else "btn ghost icon",
    )


def _group(title: str, keys: Sequence[Key]) -> rx.Component:
    rows = [
        rx.el.div(rx.el.span(key.does), rx.el.span(*[rx.el.kbd(part) for part in key.keys.split()], class_name="row"))
        for key in keys
    ]
    return rx.el.div(rx.el.h3(title, class_name="fl"), rx.el.div(*rows, class_name="keys"))
