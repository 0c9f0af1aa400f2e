"""Copy a text."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.islands import FOLDER, Island


class Copy(Island):
    """A small copy button; works on plain http too."""

    library = f"{FOLDER}/copy.jsx"
    tag = "Copy"
    alias = "CopyButton"

    text: rx.Var[Any]
    label: rx.Var[Any]


def copy_button(text: str | rx.Var[str], label: str | rx.Var[str] = "Copy") -> rx.Component:
    """Copies `text` and says so. `label` names what is copied: "Copy id"."""
    return Copy.create(text=text, label=label)


def copyable(text: str | rx.Var[str], label: str | rx.Var[str] = "Copy id") -> rx.Component:
    """An id in full, in mono, with its copy button."""
    return rx.el.span(rx.el.span(text, class_name="mono break"), copy_button(text, label), class_name="copyable")
