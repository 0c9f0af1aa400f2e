"""Copy a text."""

from __future__ import annotations

import reflex as rx

from execution_ops.components.islands import FOLDER, Island
from execution_ops.texts import common as words


class Copies(Island):
    """Serves the copy buttons of a page, on plain http too; once in each page."""

    library = f"{FOLDER}/copy.jsx"


def copy_button(text: str | rx.Var[str], label: str | rx.Var[str] = words.COPY) -> rx.Component:
    """Copies `text` and says so. `label` names what is copied: "Copy id"."""
    return rx.el.button(type="button", class_name="cp", title=label, aria_label=label, custom_attrs={"data-copy": text})


def copyable(text: str | rx.Var[str], label: str | rx.Var[str] = words.COPY_ID) -> rx.Component:
    """An id in full, in mono, with its copy button."""
    return rx.el.span(rx.el.span(text, class_name="mono break"), copy_button(text, label), class_name="copyable")
