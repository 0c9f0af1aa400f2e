"""The bar that floats while something is selected."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.texts import common as words


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
    bar = rx.el.div(
        rx.el.b(words.selected(count)),
        *([select_all] if select_all is not None else []),
        rx.el.span(class_name="vs"),
        rx.el.div(*verbs, class_name="row verbs"),
        action(words.CLEAR_SELECTION, on_click=on_clear, icon="x", look="sm ghost", icon_only=True),
        class_name="bulk pop",
        role="region",
        aria_label=words.SELECTION,
        custom_attrs={"data-selection": rx.Var.create(words.selected(count))},
    )
    return rx.fragment(
        rx.cond(shown, bar, rx.el.span(*[_waiting(verb) for verb in verbs], hidden=True)),
        # Always there, or nobody would be told of its first text.
        rx.el.span(rx.cond(shown, words.selected(count), ""), class_name="sr", role="status"),
    )


def _waiting(verb: rx.Component) -> rx.Component:
    """What palette and help know of a verb while nothing is selected."""
    button: Any = verb
    return rx.el.span(
        custom_attrs={
            "data-verb": button.label,
            "data-icon": button.icon,
            "data-hotkey": button.hotkey,
            "data-off": words.NOTHING_IS_SELECTED,
        }
    )


def select_all_button(total: object, on_click: Any) -> rx.Component:
    """`Select all 10,412 matching`."""
    return rx.el.button(words.select_all(total), on_click=on_click, class_name="link", type="button")
