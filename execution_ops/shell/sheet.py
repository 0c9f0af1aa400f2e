"""A dialog that the browser alone opens: help, navigation on a phone."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.islands import FOLDER, Island


class Sheet(Island):
    """A button that opens a dialog with its children, also by a key. No state is involved."""

    library = f"{FOLDER}/overlays.jsx"

    label: rx.Var[Any]
    icon: rx.Var[Any]
    icon_size: rx.Var[int]
    look: rx.Var[str]
    trigger: rx.Var[str]
    text: rx.Var[Any]
    hotkey: rx.Var[str]
