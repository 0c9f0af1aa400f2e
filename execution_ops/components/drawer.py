"""A drawer at the right. Whether it is open is in the URL: pass `open` from there and leave it in `on_close`."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.islands import FOLDER, Island, nothing


class Drawer(Island):
    """A modal dialog at the right edge: focus is kept inside, Esc closes, focus returns."""

    library = f"{FOLDER}/overlays.jsx"

    open: rx.Var[Any]
    title: rx.Var[Any]
    subtitle: rx.Var[Any]
    wide: rx.Var[bool]
    footer: rx.Component | None = None
    on_close: rx.EventHandler[nothing]


def drawer(
    *children: object,
    open: bool | rx.Var[bool],
    title: str | rx.Var[str],
    on_close: Any,
    subtitle: str | rx.Var[str] = "",
    wide: bool = False,
    footer: rx.Component | None = None,
) -> rx.Component:
    """`children` between a head and a footer (buttons left, quiet meta right).

    `open` comes from the URL; `on_close` is the handler that returns to the URL without the drawer.
    """
    props = {} if footer is None else {"footer": footer}
    return Drawer.create(*children, open=open, title=title, subtitle=subtitle, wide=wide, on_close=on_close, **props)


def drawer_body(label: str, *parts: object) -> rx.Component:
    """The parts of a drawer that has nothing to take the focus: this does, so that the keyboard scrolls it."""
    return rx.el.div(*parts, tab_index=0, role="group", aria_label=label, class_name="parts")


def lost(text: str) -> rx.Component:
    """The body of a drawer whose thing is not there: where to go, in muted words."""
    return rx.el.p(text, class_name="fg2")
