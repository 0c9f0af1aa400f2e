"""The navigation, made from the table."""

from __future__ import annotations

from dataclasses import dataclass

from execution_ops.routes import table
from execution_ops.routes.table import Route


@dataclass(frozen=True)
class Link:
    """A title and where it leads; an empty `href` leads nowhere."""

    title: str
    href: str


@dataclass(frozen=True)
class NavGroup:
    """An area of the navigation."""

    title: str
    routes: tuple[Route, ...]


def navigation() -> tuple[NavGroup, ...]:
    """What the navigation shows: the built pages that an address alone can reach, by area."""
    areas = dict.fromkeys(route.area for route in table.ROUTES)
    groups = (
        NavGroup(area, tuple(route for route in table.ROUTES if route.area == area and route.built and route.nav))
        for area in areas
    )
    return tuple(group for group in groups if group.routes)
