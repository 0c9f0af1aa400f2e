"""The frame of every page: navigation, top bar, page head, keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from execution_ops.components.copy import Copies
from execution_ops.components.icons import icon
from execution_ops.components.islands import FOLDER, Island
from execution_ops.components.links import Links, link
from execution_ops.components.live import live, stale_banner
from execution_ops.components.overlays import sheet
from execution_ops.components.shortcuts import Key, shortcuts
from execution_ops.components.times import zone_switch
from execution_ops.components.toast import toasts
from execution_ops.routes import BY_NAME, NavGroup, Route, home, navigation

PRODUCT = "Execution Operations"
MAIN_ID = "main"
BAR_MAX = 4


@dataclass(frozen=True)
class Surroundings:
    """What the frame shows that is not the page's: Vars of the shell's state (`state/shell.py`)."""

    environment: str | rx.Var[str]
    version: str | rx.Var[str]
    toasts: Any
    on_toast_gone: Any


@dataclass(frozen=True)
class Liveness:
    """How the page stays true: see `live.live`."""

    stamp: int | rx.Var[int]
    handlers: dict[str, Any] = field(default_factory=dict)


class DisplayMenu(Island):
    """Theme and density."""

    library = f"{FOLDER}/display.jsx"
    tag = "DisplayMenu"


class Keys(Island):
    """Listens for the keys of the console."""

    library = f"{FOLDER}/keys.jsx"
    tag = "Keys"


def page(
    route: str,
    *children: object,
    surroundings: Surroundings,
    title: object = None,
    summary: object = None,
    actions: Sequence[rx.Component] = (),
    beside_title: rx.Component | None = None,
    liveness: Liveness | None = None,
    crumb: str | rx.Var[str] = "",
    ancestors: Mapping[str, tuple[object, str | rx.Var[str]]] | None = None,
    keys: Sequence[Key] = (),
) -> rx.Component:
    """The whole page of the route with that name.

    `title` is the one h1 (default: the route's), `summary` the line below it, `actions` stand at
    the right with the main one last, `beside_title` is a badge. `crumb` is the last word of the
    breadcrumbs (default: the route's title), `ancestors` names the pages above that are about a
    thing, and gives their addresses ({"job": (JobState.name, JobState.href)}). `liveness` is None on
    a page that shows nothing of the server. `keys` are the page's own keys, for the help.
    """
    here = BY_NAME[route]
    return frame(
        *children,
        current=_nav_name(here),
        crumbs=_trail(here, crumb, ancestors or {}),
        title=here.title if title is None else title,
        surroundings=surroundings,
        summary=summary,
        actions=actions,
        beside_title=beside_title,
        liveness=liveness,
        keys=keys,
    )


def _nav_name(route: Route) -> str:
    """The navigation entry that a page belongs to."""
    while not route.nav and route.parent:
        route = BY_NAME[route.parent]
    return route.name


def _trail(
    route: Route, crumb: str | rx.Var[str], ancestors: Mapping[str, tuple[object, str | rx.Var[str]]]
) -> list[tuple[object, str | rx.Var[str]]]:
    trail: list[tuple[object, str | rx.Var[str]]] = [(crumb if isinstance(crumb, rx.Var) or crumb else route.title, "")]
    while route.parent:
        route = BY_NAME[route.parent]
        own = "" if route.dynamic or not route.built else route.pattern
        trail.append(ancestors.get(route.name, (route.title, own)))
    trail.append((route.area, home()))
    return trail[::-1]


def frame(
    *children: object,
    current: str,
    crumbs: Sequence[tuple[object, str | rx.Var[str]]],
    title: object,
    surroundings: Surroundings,
    summary: object = None,
    actions: Sequence[rx.Component] = (),
    beside_title: rx.Component | None = None,
    liveness: Liveness | None = None,
    keys: Sequence[Key] = (),
) -> rx.Component:
    """The frame itself, for addresses that have no route. `current` names the navigation's current
    page, `crumbs` are (word, address) from the top, the last one being this page."""
    nav = navigation()
    parts: list[object] = [_head(title, summary, actions, beside_title)]
    if liveness is not None:
        parts.insert(0, stale_banner())
    return rx.fragment(
        link("Skip to the content", href=f"#{MAIN_ID}", look="skip"),
        rx.el.div(
            _rail(nav, current, surroundings),
            _topbar(crumbs, surroundings, liveness, nav, keys),
            rx.el.main(*parts, *children, class_name="page", id=MAIN_ID, tab_index=-1),
            class_name="shell",
        ),
        _mobile_bar(nav, current, surroundings),
        toasts(surroundings.toasts, surroundings.on_toast_gone),
        Keys.create(),
        Links.create(),
        Copies.create(),
    )


def _head(
    title: object, summary: object, actions: Sequence[rx.Component], beside_title: rx.Component | None
) -> rx.Component:
    name = rx.el.div(rx.el.h1(title), *([beside_title] if beside_title is not None else []), class_name="ttl")
    text = rx.el.div(name, *([rx.el.p(summary, class_name="sum")] if summary is not None else []))
    return rx.el.div(text, *([rx.el.div(*actions, class_name="actions")] if actions else []), class_name="head")


def _environment(name: str | rx.Var[str], *, look: str = "") -> rx.Component:
    name = rx.Var.create(name)
    badge = rx.cond(name.lower() == "production", "env bad", "env")
    mark = rx.el.div(
        icon("radio", 13),
        rx.el.span(name, class_name="trunc"),
        class_name=rx.Var.create(f"{badge} {look}"),
        title="Environment",
    )
    # Unknown until the server has answered.
    return rx.cond(name != "", mark)


def _brand() -> rx.Component:
    mark = rx.el.span(rx.el.i(), rx.el.i(), rx.el.i(), class_name="mark", aria_hidden="true")
    return link(mark, rx.el.b(PRODUCT), href=home(), look="brand")


def _groups(nav: Sequence[NavGroup], current: str, *, keys: bool) -> list[rx.Component]:
    parts: list[rx.Component] = []
    for group in nav:
        parts.append(rx.el.h2(group.title))
        parts += [_nav_item(item, current, keys=keys) for item in group.routes]
    return parts


def _nav_item(item: Route, current: str, *, keys: bool) -> rx.Component:
    on = item.name == current
    attrs = {"data-goto": item.go} if keys and item.go else {}
    if on:
        attrs["aria-current"] = "page"
    return link(
        icon(item.icon, 15),
        rx.el.span(item.title),
        href=item.pattern,
        look="nav on" if on else "nav",
        custom_attrs=attrs,
    )


def _rail(nav: Sequence[NavGroup], current: str, surroundings: Surroundings) -> rx.Component:
    return rx.el.nav(
        _brand(),
        _environment(surroundings.environment),
        *_groups(nav, current, keys=True),
        rx.el.div(surroundings.version, class_name="foot"),
        class_name="rail",
        aria_label="Main",
    )


def _topbar(
    crumbs: Sequence[tuple[object, str | rx.Var[str]]],
    surroundings: Surroundings,
    liveness: Liveness | None,
    nav: Sequence[NavGroup],
    keys: Sequence[Key],
) -> rx.Component:
    marks = [] if liveness is None else [live(liveness.stamp, **liveness.handlers)]
    return rx.el.header(
        rx.el.span(
            link(
                rx.el.span(rx.el.i(), rx.el.i(), rx.el.i(), class_name="mark", aria_hidden="true"),
                href=home(),
                look="",
                aria_label=PRODUCT,
            ),
            class_name="only-m",
        ),
        _crumbs(crumbs),
        _environment(surroundings.environment, look="only-m"),
        rx.el.span(class_name="grow"),
        *marks,
        rx.el.span(zone_switch(), class_name="only-d"),
        rx.el.span(_help(nav, keys), class_name="only-d"),
        DisplayMenu.create(),
        class_name="topbar",
    )


def _crumbs(crumbs: Sequence[tuple[object, str | rx.Var[str]]]) -> rx.Component:
    items = []
    for index, (word, href) in enumerate(crumbs):
        if index == len(crumbs) - 1:
            items.append(rx.el.li(rx.el.span(word, aria_current="page")))
        else:
            items.append(
                rx.el.li(
                    link(word, href=href, look="") if isinstance(href, rx.Var) or href else rx.el.span(word),
                    icon("chevron-right", 12),
                )
            )
    return rx.el.nav(rx.el.ol(*items), class_name="crumbs", aria_label="Breadcrumbs")


def _help(nav: Sequence[NavGroup], keys: Sequence[Key]) -> rx.Component:
    goto = [Key(f"g {item.go}", item.title) for group in nav for item in group.routes if item.go]
    return shortcuts(page=keys, goto=goto)


def _mobile_bar(nav: Sequence[NavGroup], here: str, surroundings: Surroundings) -> rx.Component:
    current = here
    items = [item for group in nav for item in group.routes]
    # The pages that a key leads to; those below them are a tab or a link away, and under More.
    items = [item for item in items if item.go][:BAR_MAX]
    shown = {item.name for item in items}
    while current not in shown and current:
        current = BY_NAME[current].parent
    bar = []
    for item in items:
        on = item.name == current
        attrs = {"aria-current": "page" if item.name == here else "true"} if on else {}
        bar.append(
            link(
                icon(item.icon, 18),
                item.title,
                href=item.pattern,
                look="on" if on else "",
                custom_attrs=attrs,
            )
        )
    more = sheet(
        rx.el.nav(*_groups(nav, here, keys=False), class_name="rail", aria_label="All pages"),
        rx.el.div(zone_switch(), class_name="row zone"),
        rx.el.p(surroundings.version, class_name="meta"),
        label="All pages",
        icon="menu",
        icon_size=18,
        look="sheet",
        trigger="",
        text="More",
    )
    return rx.el.nav(*bar, more, class_name="mobilebar", aria_label="Main, small screen")
