"""The keys of the console, and the help that names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import reflex as rx

from execution_ops.components.islands import FOLDER, Island
from execution_ops.routes import NavGroup
from execution_ops.shell.sheet import Sheet
from execution_ops.texts import common
from execution_ops.texts import shell as words


class Key(NamedTuple):
    """Keys, separated by blanks, and what they do."""

    keys: str
    does: str


EVERYWHERE = (
    Key("Ctrl K", words.FIND_ANYTHING),
    Key("/", words.SEARCH_IN_THE_LIST),
    Key("f", words.ADD_A_FILTER),
    Key("r", common.REFRESH),
    Key("?", words.THIS_HELP),
    Key("Esc", words.CLOSE_WHAT_IS_OPEN),
)
ROWS = (
    Key("j", words.NEXT_ROW),
    Key("k", words.PREVIOUS_ROW),
    Key("Enter", words.OPEN_THE_ROW),
    Key("x", words.SELECT_THE_ROW),
)


class Keys(Island):
    """Listens for the keys of the console."""

    library = f"{FOLDER}/keys.jsx"


class PageKeys(Island):
    """The keys of the page's own buttons, as they are when the help is opened."""

    library = f"{FOLDER}/page-keys.jsx"

    title: rx.Var[str]
    general: rx.Var[Any]


def shortcuts(nav: Sequence[NavGroup], *, text: str = "") -> rx.Component:
    """The button that opens the help, also by `?`; `text` is a word on it. The page's own keys are its buttons'.

    Without a word it is not shown in a small window; `?` opens it there as well: at a zoom of 200 % there are keys.
    """
    goto = [Key(f"g {item.go}", item.title) for group in nav for item in group.routes if item.go]
    return Sheet.create(
        _group(words.EVERYWHERE, EVERYWHERE),
        _group(words.IN_A_TABLE, ROWS),
        PageKeys.create(title=words.ON_THIS_PAGE, general=[key.keys for key in (*EVERYWHERE, *ROWS)]),
        _group(words.GO_TO, goto),
        label=words.KEYBOARD_SHORTCUTS,
        icon="keyboard",
        look="dlg wide",
        hotkey="?",
        text=text,
        trigger="btn" if text else "btn ghost icon only-d",
    )


def _group(title: str, keys: Sequence[Key]) -> rx.Component:
    rows = [
        rx.el.div(rx.el.span(key.does), rx.el.span(*[rx.el.kbd(part) for part in key.keys.split()], class_name="row"))
        for key in keys
    ]
    return rx.el.div(rx.el.h3(title, class_name="fl"), rx.el.div(*rows, class_name="keys"))
