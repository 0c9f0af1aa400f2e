"""The bar that floats while something is selected."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action


def bulk_bar(
    *verbs: rx.Component,
    count: object,
    shown: bool | rx.Var[bool],
    on_clear: Any,
    select_all: rx.Component | None = None,
) -> rx.Component:
    """`3 selected`, the verbs (small `verb_button`s), and a way out.

    `count` is what is selected, as text; `select_all` may offer all that match.
    """
    return rx.cond(
        shown,
        rx.el.div(
            rx.el.b(count, " selected"),
            *([select_all] if select_all is not None else []),
            rx.el.span(class_name="vs"),
            rx.el.div(*verbs, class_name="row verbs"),
            action("Clear selection", on_click=on_clear, icon="x", look="sm ghost", icon_only=True),
            class_name="bulk pop",
            role="region",
            aria_label="Selection",
        ),
    )


def select_all_button(total: object, on_click: Any) -> rx.Component:
    """`Select all 10,412 matching`."""
    return rx.el.button("Select all ", total, " matching", on_click=on_click, class_name="link", type="button")
