"""What the drawers of the analyzers page have in common."""

from __future__ import annotations

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.state.analyzers import AnalyzersPage


def part(title: str, *children: object) -> rx.Component:
    """A titled part of a drawer."""
    return rx.el.section(rx.el.h3(title), *children, class_name="part")


def close(label: str = "Close") -> rx.Component:
    """The button that closes whichever drawer is open."""
    return action(label, on_click=AnalyzersPage.close_drawer, look="ghost")
