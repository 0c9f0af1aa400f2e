"""The parts that overlays share: sheet, menu."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.islands import FOLDER, Island


class Sheet(Island):
    """A dialog that the browser alone opens, from its trigger or a key."""

    library = f"{FOLDER}/overlays.jsx"
    tag = "Sheet"

    label: rx.Var[Any]
    icon: rx.Var[Any]
    icon_size: rx.Var[int]
    look: rx.Var[str]
    trigger: rx.Var[str]
    text: rx.Var[Any]
    hotkey: rx.Var[str]


class Menu(Island):
    """A button with choices below it."""

    library = f"{FOLDER}/overlays.jsx"
    tag = "Menu"

    label: rx.Var[Any]
    icon: rx.Var[Any]
    text: rx.Var[Any]
    trigger: rx.Var[str]


def sheet(*children: object, label: str, icon: str, look: str = "dlg", **props: object) -> rx.Component:
    """A button that opens a dialog with `children`: help, navigation on a phone. No state is involved."""
    return Sheet.create(*children, label=label, icon=icon, look=look, **props)


def menu(*children: object, label: str, icon: str, text: str = "", trigger: str = "btn icon") -> rx.Component:
    """A button with a small panel below it. Children: `menu_link`, or anything focusable."""
    return Menu.create(*children, label=label, icon=icon, text=text, trigger=trigger)
