"""What stands around the content of a page: rail, top bar, head, messages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from execution_ops.components.copy import Copies
from execution_ops.components.icons import icon
from execution_ops.components.islands import FOLDER, Island
from execution_ops.components.links import Links, link
from execution_ops.components.times import ZoneSwitch
from execution_ops.routes import API_PREFIXES, BY_NAME, ROUTES, Auth, NavGroup, Route, access, home, navigation
from execution_ops.shell.live_mark import LiveMark, Liveness, StaleBanner
from execution_ops.shell.navigation import Crumb, crumbs_bar, kept_link, mobile_bar, nav_groups, nav_name, trail
from execution_ops.shell.palette import palette
from execution_ops.shell.shortcuts import Keys, shortcuts
from execution_ops.shell.tenant_switch import tenant_switch
from execution_ops.shell.toasts import toasts
from execution_ops.texts import shell as words

MAIN_ID = "main"
# The pages of one thing each, as patterns of their paths.
_PART = re.compile(r"\[\w+\]")
_THINGS = [f"^{_PART.sub('[^/]+', route.pattern)}$" for route in ROUTES if route.dynamic]


@dataclass(frozen=True)
class Surroundings:
    """The States behind what the frame shows that is not the page's.

    `shell` has `environment` and `environment_color`, `version`, and what `toasts.toasts` takes; `palette` is as
    `palette.palette` takes it, `tenants` as `tenant_switch.tenant_switch` does; `viewer` has `name` and `can_sign_out`.
    """

    shell: Any
    palette: Any
    tenants: Any
    viewer: Any


class SignOut(Island):
    """Ends the session, here and at the provider."""

    library = f"{FOLDER}/sign-out.jsx"

    address: rx.Var[str]
    label: rx.Var[str]


class DisplayMenu(Island):
    """Theme and density."""

    library = f"{FOLDER}/display.jsx"


def page(
    route: str,
    *children: object,
    title: object = None,
    crumb: str | rx.Var[str] = "",
    ancestors: Mapping[str, Crumb] | None = None,
    **head: Any,
) -> rx.Component:
    """The whole page of the route with that name.

    `title` is the one h1 (default: the route's). `crumb` is the last word of the breadcrumbs (default: the route's
    title), `ancestors` names the pages above that are about a thing, and gives their addresses
    ({"job": (JobState.name, JobState.href)}). The rest as in `frame`.
    """
    here = BY_NAME[route]
    return frame(
        *children,
        current=nav_name(here),
        crumbs=trail(here, crumb, ancestors or {}),
        title=here.title if title is None else title,
        by_tenant=here.by_tenant,
        **head,
    )


def page_title(route: Route, subject: str | rx.Var[str] = "") -> str | rx.Var[str]:
    """The title of the browser's tab: what the page is about, its area, the product.

    `subject` names the thing that the page shows, or the page if its heading is not the route's title; while it is
    empty, that title stands there.
    """
    named = route.title if isinstance(subject, rx.Var) else subject or route.title
    own = " · ".join(dict.fromkeys((named, route.area, words.PRODUCT)))
    if not isinstance(subject, rx.Var):
        return own
    return rx.cond(subject != "", subject + f" · {route.area} · {words.PRODUCT}", own)


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
    """The frame itself, for addresses that have no route.

    `current` names the navigation's current page, `crumbs` are (word, address) from the top, the last one being this
    page. `title` is the one h1, `summary` the line below it, `actions` stand at the right with the main one last,
    `beside_title` is a badge. `liveness` is None on a page that shows nothing of the server. `by_tenant` is whether
    the page lists by tenant.
    """
    nav = navigation()
    shell = surroundings.shell
    marks = [] if liveness is None else [LiveMark.create(stamp=liveness.stamp, **liveness.handlers)]
    tools = [tenant_switch(surroundings.tenants, applies=by_tenant), palette(surroundings.palette), *marks]
    return rx.fragment(
        link(words.SKIP_TO_THE_CONTENT, href=f"#{MAIN_ID}", look="skip"),
        rx.el.div(
            _rail(nav, current, surroundings),
            _topbar(nav, crumbs, shell, tools),
            rx.el.main(
                *([] if liveness is None else [StaleBanner.create(outage=liveness.outage)]),
                _head(title, summary, actions, beside_title),
                *children,
                class_name="page",
                id=MAIN_ID,
                tab_index=-1,
            ),
            class_name="shell",
        ),
        mobile_bar(
            nav,
            current,
            rx.el.div(ZoneSwitch.create(), shortcuts(nav, text=words.KEYBOARD_SHORTCUTS), class_name="row zone"),
            _viewer(surroundings.viewer),
            rx.el.p(shell.version, class_name="meta"),
        ),
        toasts(shell),
        Keys.create(),
        Links.create(things=_THINGS, api=list(API_PREFIXES)),
        Copies.create(),
    )


def _head(
    title: object, summary: object, actions: Sequence[rx.Component], beside_title: rx.Component | None
) -> rx.Component:
    name = rx.el.div(rx.el.h1(title), *([beside_title] if beside_title is not None else []), class_name="ttl")
    text = rx.el.div(name, *([rx.el.p(summary, class_name="sum")] if summary is not None else []))
    return rx.el.div(text, *([rx.el.div(*actions, class_name="actions")] if actions else []), class_name="head")


def _environment(shell: Any, *, look: str = "") -> rx.Component:
    name = rx.Var.create(shell.environment)
    mark = rx.el.div(
        icon("radio", 13),
        rx.el.span(name, class_name="trunc"),
        class_name=rx.Var.create(f"env c-{shell.environment_color} {look}"),
        title=words.ENVIRONMENT,
    )
    # Unknown until the server has answered.
    return rx.cond(name != "", mark)


def _mark() -> rx.Component:
    return rx.el.span(rx.el.i(), rx.el.i(), rx.el.i(), class_name="mark", aria_hidden="true")


def _viewer(viewer: Any) -> rx.Component:
    """Who looks, and the way out; nothing where there is no sign-in."""
    out = rx.cond(viewer.can_sign_out, SignOut.create(address=Auth.SIGN_OUT, label=words.SIGN_OUT))
    name = kept_link(icon("user", 14), rx.el.span(viewer.name, class_name="trunc"), href=access(), look="who")
    return rx.cond(viewer.name != "", rx.el.div(name, out, class_name="viewer"))


def _rail(nav: Sequence[NavGroup], current: str, surroundings: Surroundings) -> rx.Component:
    return rx.el.nav(
        kept_link(_mark(), rx.el.b(words.PRODUCT), href=home(), look="brand"),
        _environment(surroundings.shell),
        *nav_groups(nav, current, keys=True),
        _viewer(surroundings.viewer),
        rx.el.div(surroundings.shell.version, class_name="foot"),
        class_name="rail",
        aria_label=words.MAIN,
    )


def _topbar(
    nav: Sequence[NavGroup], crumbs: Sequence[Crumb], shell: Any, tools: Sequence[rx.Component]
) -> rx.Component:
    way_home = kept_link(_mark(), href=home(), look="", custom_attrs={"aria-label": words.PRODUCT})
    return rx.el.header(
        rx.el.span(way_home, class_name="only-m"),
        crumbs_bar(crumbs),
        _environment(shell, look="only-m"),
        rx.el.span(class_name="grow"),
        *tools,
        rx.el.span(ZoneSwitch.create(), class_name="only-d"),
        shortcuts(nav),
        DisplayMenu.create(),
        class_name="topbar",
    )
