"""The frame of every page: navigation, top bar, page head, keys."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from execution_ops.components.copy import Copies
from execution_ops.components.icons import icon
from execution_ops.components.islands import FOLDER, Island
from execution_ops.components.links import Links, kept_link, link
from execution_ops.components.live import live, stale_banner
from execution_ops.components.navigation import Crumb, crumbs_bar, mobile_bar, nav_groups, nav_name, trail
from execution_ops.components.palette import Finder, palette
from execution_ops.components.shortcuts import Key, shortcuts
from execution_ops.components.tenant_switch import Tenancy, tenant_switch
from execution_ops.components.times import zone_switch
from execution_ops.components.toast import toasts
from execution_ops.routes import BY_NAME, ROUTES, NavGroup, Route, home, navigation
from execution_ops.texts import shell as words

PRODUCT = words.PRODUCT
MAIN_ID = "main"
# The pages of one thing each, as patterns of their paths.
_PART = re.compile(r"\[\w+\]")
THINGS = tuple(f"^{_PART.sub('[^/]+', route.pattern)}$" for route in ROUTES if route.dynamic)


@dataclass(frozen=True)
class Surroundings:
    """What the frame shows that is not the page's: Vars of the shell's state (`state/shell.py`)."""

    environment: str | rx.Var[str]
    version: str | rx.Var[str]
    toasts: Any
    on_toast_gone: Any
    environment_color: str | rx.Var[str] = "neutral"
    finder: Finder | None = None
    tenancy: Tenancy | None = None
    on_toast_undo: Any = None


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
    ancestors: Mapping[str, Crumb] | None = None,
) -> rx.Component:
    """The whole page of the route with that name.

    `title` is the one h1 (default: the route's), `summary` the line below it, `actions` stand at
    the right with the main one last, `beside_title` is a badge. `crumb` is the last word of the
    breadcrumbs (default: the route's title), `ancestors` names the pages above that are about a
    thing, and gives their addresses ({"job": (JobState.name, JobState.href)}). `liveness` is None on
    a page that shows nothing of the server.
    """
    here = BY_NAME[route]
    return frame(
        *children,
        current=nav_name(here),
        crumbs=trail(here, crumb, ancestors or {}),
        title=here.title if title is None else title,
        surroundings=surroundings,
        summary=summary,
        actions=actions,
        beside_title=beside_title,
        liveness=liveness,
        by_tenant=here.by_tenant,
    )


def page_title(route: Route, subject: str | rx.Var[str] = "") -> str | rx.Var[str]:
    """The title of the browser's tab: what the page is about, its area, the product.

    `subject` names the thing that the page shows, or the page if its heading is not the route's title; while it is
    empty, that title stands there.
    """
    named = route.title if isinstance(subject, rx.Var) else subject or route.title
    own = " · ".join(dict.fromkeys((named, route.area, PRODUCT)))
    if not isinstance(subject, rx.Var):
        return own
    return rx.cond(subject != "", subject + f" · {route.area} · {PRODUCT}", own)


def frame(
    *children: object,
    current: str,
    crumbs: Sequence[Crumb],
    title: object,
    surroundings: Surroundings,
    summary: object = None,
    actions: Sequence[rx.Component] = (),
    beside_title: rx.Component | None = None,
    liveness: Liveness | None = None,
    by_tenant: bool = False,
) -> rx.Component:
    """The frame itself, for addresses that have no route. `current` names the navigation's current
    page, `crumbs` are (word, address) from the top, the last one being this page, `by_tenant` is whether
    the page lists by tenant."""
    nav = navigation()
    parts: list[object] = [_head(title, summary, actions, beside_title)]
    if liveness is not None:
        parts.insert(0, stale_banner())
    return rx.fragment(
        link(words.SKIP_TO_THE_CONTENT, href=f"#{MAIN_ID}", look="skip"),
        rx.el.div(
            _rail(nav, current, surroundings),
            _topbar(crumbs, surroundings, liveness, _help(nav), by_tenant=by_tenant),
            rx.el.main(*parts, *children, class_name="page", id=MAIN_ID, tab_index=-1),
            class_name="shell",
        ),
        mobile_bar(
            nav,
            current,
            rx.el.div(zone_switch(), _help(nav, text=words.KEYBOARD_SHORTCUTS), class_name="row zone"),
            rx.el.p(surroundings.version, class_name="meta"),
        ),
        toasts(surroundings.toasts, surroundings.on_toast_gone, surroundings.on_toast_undo),
        Keys.create(),
        Links.create(things=list(THINGS)),
        Copies.create(),
    )


def _head(
    title: object, summary: object, actions: Sequence[rx.Component], beside_title: rx.Component | None
) -> rx.Component:
    name = rx.el.div(rx.el.h1(title), *([beside_title] if beside_title is not None else []), class_name="ttl")
    text = rx.el.div(name, *([rx.el.p(summary, class_name="sum")] if summary is not None else []))
    return rx.el.div(text, *([rx.el.div(*actions, class_name="actions")] if actions else []), class_name="head")


def _environment(surroundings: Surroundings, *, look: str = "") -> rx.Component:
    name, color = rx.Var.create(surroundings.environment), surroundings.environment_color
    mark = rx.el.div(
        icon("radio", 13),
        rx.el.span(name, class_name="trunc"),
        class_name=rx.Var.create(f"env c-{color} {look}"),
        title=words.ENVIRONMENT,
    )
    # Unknown until the server has answered.
    return rx.cond(name != "", mark)


def _brand() -> rx.Component:
    mark = rx.el.span(rx.el.i(), rx.el.i(), rx.el.i(), class_name="mark", aria_hidden="true")
    return kept_link(mark, rx.el.b(PRODUCT), href=home(), look="brand")


def _rail(nav: Sequence[NavGroup], current: str, surroundings: Surroundings) -> rx.Component:
    return rx.el.nav(
        _brand(),
        _environment(surroundings),
        *nav_groups(nav, current, keys=True),
        rx.el.div(surroundings.version, class_name="foot"),
        class_name="rail",
        aria_label=words.MAIN,
    )


def _topbar(
    crumbs: Sequence[Crumb],
    surroundings: Surroundings,
    liveness: Liveness | None,
    help_button: rx.Component,
    *,
    by_tenant: bool,
) -> rx.Component:
    marks = [] if liveness is None else [live(liveness.stamp, **liveness.handlers)]
    tenancy = surroundings.tenancy
    return rx.el.header(
        rx.el.span(
            kept_link(
                rx.el.span(rx.el.i(), rx.el.i(), rx.el.i(), class_name="mark", aria_hidden="true"),
                href=home(),
                look="",
                custom_attrs={"aria-label": PRODUCT},
            ),
            class_name="only-m",
        ),
        crumbs_bar(crumbs),
        _environment(surroundings, look="only-m"),
        rx.el.span(class_name="grow"),
        *([tenant_switch(tenancy, applies=by_tenant)] if tenancy is not None else []),
        palette(surroundings.finder),
        *marks,
        rx.el.span(zone_switch(), class_name="only-d"),
        help_button,
        DisplayMenu.create(),
        class_name="topbar",
    )


def _help(nav: Sequence[NavGroup], **look: str) -> rx.Component:
    goto = [Key(f"g {item.go}", item.title) for group in nav for item in group.routes if item.go]
    return shortcuts(goto=goto, **look)
