"""The ways through the console: the rail, the bar of small screens, the breadcrumbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import reflex as rx

from execution_ops.components.icons import icon
from execution_ops.components.islands import FOLDER, Island
from execution_ops.routes import BY_NAME, NavGroup, Route, home
from execution_ops.shell.sheet import Sheet
from execution_ops.texts import common
from execution_ops.texts import shell as words

BAR_MAX = 4
# A word and where it leads; an empty address leads nowhere.
Crumb = tuple[object, str | rx.Var[str]]


class KeptLink(Island):
    """A link of the navigation, which keeps the tenants of the address."""

    library = f"{FOLDER}/kept-link.jsx"

    href: rx.Var[Any]


def kept_link(*children: object, href: str | rx.Var[str], look: str = "link", **props: Any) -> rx.Component:
    """A link of the navigation: it keeps the tenants that the address narrows to, unless `href` names some."""
    return KeptLink.create(*children, href=href, class_name=look, **props)


def nav_name(route: Route) -> str:
    """The navigation entry that a page belongs to."""
    while not route.nav and route.parent:
        route = BY_NAME[route.parent]
    return route.name


def trail(route: Route, crumb: str | rx.Var[str], ancestors: Mapping[str, Crumb]) -> list[Crumb]:
    """The breadcrumbs of a page from its area on: see `frame.page`."""
    found: list[Crumb] = [(crumb if isinstance(crumb, rx.Var) or crumb else route.title, "")]
    while route.parent:
        route = BY_NAME[route.parent]
        own = "" if route.dynamic or not route.built else route.pattern
        found.append(ancestors.get(route.name, (route.title, own)))
    # An area that is called like its first page needs no crumb of its own.
    if route.title != route.area:
        found.append((route.area, home()))
    return found[::-1]


def crumbs_bar(crumbs: Sequence[Crumb]) -> rx.Component:
    """The breadcrumbs; the last one is this page."""
    items = []
    for index, (word, href) in enumerate(crumbs):
        if index == len(crumbs) - 1:
            items.append(rx.el.li(rx.el.span(word, aria_current="page")))
        else:
            items.append(
                rx.el.li(
                    kept_link(word, href=href, look="") if isinstance(href, rx.Var) or href else rx.el.span(word),
                    icon("chevron-right", 12),
                )
            )
    return rx.el.nav(rx.el.ol(*items), class_name="crumbs", aria_label=words.BREADCRUMBS)


def nav_groups(nav: Sequence[NavGroup], current: str, *, keys: bool) -> list[rx.Component]:
    """The pages by area. `keys` makes them what `g` and a letter lead to: once on a page."""
    parts: list[rx.Component] = []
    for group in nav:
        # Of an area that is called like its first page, the page says it all.
        if group.routes[0].title != group.title:
            parts.append(rx.el.h2(group.title))
        items = [rx.el.li(_nav_item(item, current, keys=keys)) for item in group.routes]
        parts.append(rx.el.ul(*items, aria_label=group.title))
    return parts


def _nav_item(item: Route, current: str, *, keys: bool) -> rx.Component:
    on = item.name == current
    attrs = {"data-goto": item.go} if keys and item.go else {}
    if on:
        attrs["aria-current"] = "page"
    look = f"nav{' below' if item.parent else ''}{' on' if on else ''}"
    return kept_link(
        icon(item.icon, 15),
        rx.el.span(item.title),
        href=item.pattern,
        look=look,
        custom_attrs=attrs,
    )


def mobile_bar(nav: Sequence[NavGroup], here: str, *below: rx.Component) -> rx.Component:
    """The bar at the bottom of small screens; `below` stands under all pages in its sheet."""
    current = here
    items = [item for group in nav for item in group.routes]
    # The first page of each part; those below them are a tab or a link away, and under More.
    items = [item for item in items if not item.parent][:BAR_MAX]
    shown = {item.name for item in items}
    while current not in shown and current:
        current = BY_NAME[current].parent
    bar = []
    for item in items:
        on = item.name == current
        attrs = {"aria-current": "page" if item.name == here else "true"} if on else {}
        bar.append(
            kept_link(
                icon(item.icon, 18),
                item.title,
                href=item.pattern,
                look="on" if on else "",
                custom_attrs=attrs,
            )
        )
    more = Sheet.create(
        rx.el.nav(*nav_groups(nav, here, keys=False), class_name="rail", aria_label=words.ALL_PAGES),
        *below,
        label=words.ALL_PAGES,
        icon="menu",
        icon_size=18,
        look="sheet",
        trigger="",
        text=common.MORE,
    )
    return rx.el.nav(*bar, more, class_name="mobilebar", aria_label=words.MAIN_ON_A_PHONE)
