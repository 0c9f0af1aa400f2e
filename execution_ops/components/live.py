"""What changes by itself: the age of counts, changes that are held back, how it is told to assistive technology."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.islands import FOLDER, Island
from execution_ops.texts import common
from execution_ops.texts import shell as words


class Resumed(Island):
    """How often the connection of this tab was lost and found again."""

    library = f"{FOLDER}/live.jsx"


class CountAge(Island):
    """The age of cached counts."""

    library = f"{FOLDER}/live.jsx"

    value: rx.Var[Any]
    label: rx.Var[Any]


class Announce(Island):
    """A live region that keeps a pace."""

    library = f"{FOLDER}/announce.jsx"

    text: rx.Var[Any]


def resumed() -> rx.Component:
    """`never`, or `once, at 13:31:08`: how often the connection was lost and found again."""
    return Resumed.create()


def count_age(as_of: object, label: str = common.COUNTS) -> rx.Component:
    """`counts 8 s old`: the age of a cached figure, ticking. `as_of` is ISO text or ms."""
    return CountAge.create(value=as_of, label=label)


def new_changes(count: int | rx.Var[int], on_click: Any) -> rx.Component:
    """`12 new changes`: shown instead of moving rows under a selection or on a deep page; nothing for 0."""
    told = rx.cond(count == 1, words.ONE_NEW_CHANGE, words.new_changes(count))
    return rx.fragment(
        rx.cond(count > 0, action(told, on_click=on_click, icon="arrow-up", look="sm")),
        announce(rx.cond(count > 0, told, words.NO_CHANGE_IS_HELD_BACK)),
    )


def announce(text: str | rx.Var[str]) -> rx.Component:
    """Tells assistive technology of a figure that changes by itself, politely and at most every ten seconds."""
    return Announce.create(text=text)
