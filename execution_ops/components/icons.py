"""Icons: one table of shapes (`assets/islands/icon-table.js`), named as Lucide names them."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.islands import FOLDER, Island


class Icon(Island):
    """One icon. The name may be a Var; an unknown name shows a dashed circle."""

    library = f"{FOLDER}/icon.jsx"

    name: rx.Var[Any]
    size: rx.Var[int]
    stroke: rx.Var[float]
    spin: rx.Var[bool]


def icon(name: str | rx.Var[str], size: int = 14, *, stroke: float = 1.75, **props: object) -> rx.Component:
    """An icon of `size` px. It is decoration: a word or an accessible name stands beside it."""
    return Icon.create(name=name, size=size, stroke=stroke, **props)
