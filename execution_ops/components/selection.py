"""What is picked in a list, and what can be done to it. `page` is the State of the page, a `ListPage`."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.dialog import question
from execution_ops.components.table import Selection
from execution_ops.domain.verb import Verb
from execution_ops.texts import common as words


def list_selection(page: Any, noun: str) -> Selection:
    """The picked rows, and the banner that widens the selection of the whole page to all that match."""
    banner = rx.cond(
        page.everything,
        rx.fragment(rx.el.span(words.all_selected(page.total, noun)), _press(words.CLEAR_SELECTION, page.drop_all)),
        rx.fragment(
            rx.el.span(words.page_selected(page.picked_count, noun)),
            _press(words.select_all(page.total), page.pick_all),
        ),
    )
    return Selection(
        keys=page.picked,
        on_toggle=page.toggle,
        on_page=page.toggle_page,
        all_on_page=page.all_on_page,
        any_on_page=page.any_picked,
        banner=rx.cond(page.all_on_page, rx.el.div(banner, class_name="pickall")),
    )


def list_bulk(page: Any, *verbs: rx.Component) -> rx.Component:
    """The bar that floats while something is picked: `3 selected`, the verbs (small `verb_button`s), and a way out."""
    count = words.selected(page.picked_count)
    bar = rx.el.div(
        rx.el.b(count),
        rx.cond(~page.everything, _press(words.select_all(page.total), page.pick_all)),
        rx.el.span(class_name="vs"),
        rx.el.div(*verbs, class_name="row verbs"),
        action(words.CLEAR_SELECTION, on_click=page.drop_all, icon="x", look="sm ghost", icon_only=True),
        class_name="bulk pop",
        role="region",
        aria_label=words.SELECTION,
        custom_attrs={"data-selection": rx.Var.create(count)},
    )
    return rx.fragment(
        rx.cond(page.any_picked, bar, rx.el.span(*[_waiting(verb) for verb in verbs], hidden=True)),
        # Always there, or nobody would be told of its first text.
        rx.el.span(rx.cond(page.any_picked, count, ""), class_name="sr", role="status"),
    )


def list_question(page: Any, verb: Verb, noun: str, **more: Any) -> rx.Component:
    """The question before a verb on the selection."""
    return question(page, verb, typed=page.question_count, typed_label=words.type_the_number(noun), **more)


def _press(label: object, on_click: Any) -> rx.Component:
    return rx.el.button(label, on_click=on_click, class_name="link", type="button")


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
