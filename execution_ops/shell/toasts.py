"""Toasts: what just happened, in words, with a link to it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.islands import FOLDER, Island, one_text


class Toasts(Island):
    """The stack of messages at the bottom."""

    library = f"{FOLDER}/toasts.jsx"

    toasts: rx.Var[Any]
    on_gone: rx.EventHandler[one_text]
    on_undo: rx.EventHandler[one_text]


def toasts(shell: Any) -> rx.Component:
    """The `toasts` of the State (`state/shell.Toast`); its `dismiss(id)` drops one.

    A message goes after 8 s unless it is held by pointer or focus; a failure stays. With `undo` set it offers the
    way back, until the moment `until`: it stays for 30 s, and `undo(id)` takes back what it tells of.
    """
    return Toasts.create(toasts=shell.toasts, on_gone=shell.dismiss, on_undo=shell.undo)
