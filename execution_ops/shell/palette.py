"""The command palette: every page, what the page offers, and anything by the beginning of its id."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.islands import FOLDER, Island, one_text
from execution_ops.routes import BY_NAME, ROUTES, Route


class Palette(Island):
    """The button that opens the palette, and the palette."""

    library = f"{FOLDER}/palette.jsx"

    pages: rx.Var[Any]
    found: rx.Var[Any]
    answered: rx.Var[Any]
    trouble: rx.Var[Any]
    on_find: rx.EventHandler[one_text]


def palette(lookup: Any) -> rx.Component:
    """The palette with all pages that an address alone can reach.

    `lookup` is the State that looks ids up (`state/palette.py`): `find(text)` sets `found`, what begins with the text
    `answered`, or `trouble`. The verbs are those of the page's own buttons (`buttons.action` with `changes` or `off`):
    choosing one presses it.
    """
    return Palette.create(
        pages=[page_entry(route) for route in ROUTES if route.built and not route.dynamic],
        found=lookup.found,
        answered=lookup.answered,
        trouble=lookup.trouble,
        on_find=lookup.find,
    )


def page_entry(route: Route) -> dict[str, str]:
    """A page as the palette takes it."""
    above = route.parent and BY_NAME[route.parent].title
    return {
        "key": f"page-{route.name}",
        "label": route.title,
        "also": " · ".join(dict.fromkeys(word for word in (route.area, above) if word and word != route.title)),
        "href": route.pattern,
        "icon": route.icon,
        "keys": f"g {route.go}" if route.go else "",
    }
