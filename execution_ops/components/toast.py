"""Toasts: what just happened, in words, with a link to it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.islands import FOLDER, Island, one_text


class Toasts(Island):
    """The stack of messages at the bottom."""

    library = f"{FOLDER}/toasts.jsx"
    tag = "Toasts"

    toasts: rx.Var[Any]
    on_gone: rx.EventHandler[one_text]
    on_undo: rx.EventHandler[one_text]


def toasts(items: object, on_gone: Any, on_undo: Any = None) -> rx.Component:
    """`items` are dicts {id, tone: ok|bad|warn|run, text, href, link, undo, until}; `on_gone(id)` drops one.

    A message goes after 8 s unless it is held by pointer or focus; a failure stays. With `undo` set it offers the
    way back, until the moment `until`: it stays for 30 s, and `on_undo(id)` takes back what it tells of.
    """
    props = {} if on_undo is None else {"on_undo": on_undo}
    return Toasts.create(toasts=items, on_gone=on_gone, **props)
