"""Links inside the console: real anchors that change the page without loading the document."""

from __future__ import annotations

from typing import Any

import reflex as rx


class RouterLink(rx.Component):
    """React Router's Link: an `<a href>` that opens in a new tab as any other."""

    library = "react-router"
    tag = "Link"
    alias = "RouterLink"

    to: rx.Var[Any]
    replace: rx.Var[bool]
    prevent_scroll_reset: rx.Var[bool]
    reload_document: rx.Var[bool]
    download: rx.Var[bool]


def link(*children: object, href: str | rx.Var[str], look: str | rx.Var[str] = "link", **props: object) -> rx.Component:
    """A link to an address of this console (a path from `routes`, or `?query` of the same page).

    `look` is the class: `link` (an accent word), `num` (a figure that opens its list), `name`, or "".
    """
    return RouterLink.create(*children, to=href, class_name=look, **props)


def file_link(*children: object, href: str | rx.Var[str], look: str = "link", **props: object) -> rx.Component:
    """A link to a file that the server gives: it leaves the console's router and is saved.

    Not `rx.el.a`, which Reflex turns into a link of the router: that would show the 404 page.
    """
    return RouterLink.create(*children, to=href, reload_document=True, download=True, class_name=look, **props)


def figure(value: object, href: str | rx.Var[str], label: str | rx.Var[str] = "") -> rx.Component:
    """A figure that opens the list it counts. `label` says it in full for screen readers."""
    props = {"aria_label": label} if isinstance(label, rx.Var) or label else {}
    return link(value, href=href, look="num", **props)
