"""Links inside the console: real anchors that change the page without loading the document."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.islands import FOLDER, Island


class Links(Island):
    """Follows the links of a page, and sends those into the REST interface to the server; once in each page.

    `things`: patterns of the paths of pages of one thing each; `api`: the prefixes of the REST interface.
    """

    library = f"{FOLDER}/links.jsx"

    things: rx.Var[Any]
    api: rx.Var[Any]


def link(*children: object, href: str | rx.Var[str], look: str | rx.Var[str] = "link", **props: Any) -> rx.Component:
    """A link to an address of this console (a path from `routes`, or `?query` of the same page).

    `look` is the class: `link` (an accent word), `num` (a figure that opens its list), `name`, or "".
    `custom_attrs` may have `data-replace` (no step in the history) and `data-keep-scroll`.
    """
    # Not `rx.el.a`, which Reflex turns into a component of the router.
    address = rx.Var.create(href).to(str)
    return rx.el.A.create(*children, href=address, class_name=look, **props)


def is_here(on: Any, what: str = "page") -> dict[str, Any]:
    """The attribute of a link that leads to what is shown now; `what` that is: "page", or "true" for a choice."""
    return {"aria-current": rx.cond(on, what, rx.Var("undefined"))}


def file_link(*children: object, href: str | rx.Var[str], look: str = "link", **props: Any) -> rx.Component:
    """A link to a file that the server gives, to be saved."""
    return link(*children, href=href, look=look, download=True, **props)


def figure(value: object, href: str | rx.Var[str], label: str | rx.Var[str] = "") -> rx.Component:
    """A figure that opens the list it counts. `label` says it in full for screen readers."""
    props = {"aria_label": label} if isinstance(label, rx.Var) or label else {}
    return link(value, href=href, look="num", **props)
