"""The command palette: every page, what the page offers, and anything by the beginning of its id."""

from __future__ import annotations

from typing import Any, NamedTuple, TypedDict

import reflex as rx

from execution_ops.components.islands import FOLDER, Island, one_text
from execution_ops.routes import ROUTES, Route


class FoundEntry(TypedDict):
    """Something found by its id: `label` says what it is, `also` more of it, `kind` what kind of thing it is."""

    key: str
    label: str
    also: str
    kind: str
    icon: str
    href: str


class Finder(NamedTuple):
    """How ids are looked up: `on_find(text)` sets `found`, what begins with the text `answered`, or `trouble`."""

    found: Any
    answered: Any
    trouble: Any
    on_find: Any


class Palette(Island):
    """The button that opens the palette, and the palette."""

    library = f"{FOLDER}/palette.jsx"
    tag = "Palette"

    pages: rx.Var[Any]
    found: rx.Var[Any]
    answered: rx.Var[Any]
    trouble: rx.Var[Any]
    on_find: rx.EventHandler[one_text]


def palette(finder: Finder | None) -> rx.Component:
    """The palette with all pages that an address alone can reach; without a finder, ids are not looked up.

    The verbs are those of the page's own buttons (`buttons.action` with `changes` or `off`): choosing one presses it.
    """
    pages = [_page(route) for route in ROUTES if route.built and not route.dynamic]
    if finder is None:
        return Palette.create(pages=pages)
    return Palette.create(
        pages=pages, found=finder.found, answered=finder.answered, trouble=finder.trouble, on_find=finder.on_find
    )


def _page(route: Route) -> dict[str, str]:
    above = route.parent and next(other.title for other in ROUTES if other.name == route.parent)
    return {
        "key": f"page-{route.name}",
        "label": route.title,
        "also": " · ".join(dict.fromkeys(word for word in (route.area, above) if word and word != route.title)),
        "href": route.pattern,
        "icon": route.icon,
        "keys": f"g {route.go}" if route.go else "",
    }
