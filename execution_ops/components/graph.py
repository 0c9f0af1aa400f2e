"""The graph of a DAG: canvas with boxes and edges, legend, and the panel of the selected box.

The canvas is a chunk of its own (`@xyflow/react`, MIT), fetched only where a graph is drawn.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.icons import icon
from execution_ops.components.links import figure, is_here, link
from execution_ops.components.status import LOOKS, status
from execution_ops.texts import common
from execution_ops.texts import jobs as words

XYFLOW = "@xyflow/react@12.12.1"


class Graph(rx.NoSSRComponent):
    """The canvas. `scene`, `base` and `changes` are as domain/graph_wire.py writes them."""

    library = "$/public/graph.jsx"
    tag = "Graph"
    alias = "DagGraph"

    scene: rx.Var[Any]
    base: rx.Var[Any]
    changes: rx.Var[Any]
    looks: rx.Var[dict[str, Any]]
    show_critical: rx.Var[bool]
    label: rx.Var[str]

    def add_imports(self) -> dict[str, rx.ImportVar]:
        """The package that `graph.jsx` imports: to be installed, not to be imported by the page."""
        return {XYFLOW: rx.ImportVar(tag=None, render=False)}


def graph(
    *,
    scene: rx.Var[Any],
    base: rx.Var[Any],
    changes: rx.Var[Any],
    show_critical: rx.Var[bool],
    label: str | rx.Var[str],
) -> rx.Component:
    """The canvas. Selecting a box goes to `?node=<key>` of the same page, the rest of the query kept."""
    return Graph.create(
        scene=scene,
        base=base,
        changes=changes,
        looks={state: look._asdict() for state, look in LOOKS["job"].items()},
        show_critical=show_critical,
        label=label,
    )


def legend(counts: rx.Var[list[dict[str, Any]]], show_critical: rx.Var[bool]) -> rx.Component:
    """The states that occur, each with its count: {state, count, href, label}."""
    return rx.el.ul(
        rx.foreach(
            counts,
            lambda item: rx.el.li(
                status(item["state"]), figure(item["count"], item["href"], item["label"]), key=item["state"]
            ),
        ),
        rx.cond(show_critical, rx.el.li(rx.el.i(class_name="line"), words.CRITICAL_PATH_LINE)),
        class_name="glegend",
        aria_label=common.STATES,
    )


def toggle(label: str, *, on: rx.Var[bool], href: rx.Var[str], icon_name: str = "", off: Any = "") -> rx.Component:
    """One choice of a group of links; `off` says in words why it cannot be chosen, empty if it can."""
    words = [icon(icon_name, 13), label] if icon_name else [label]
    choice = link(*words, href=href, look=rx.cond(on, "on", ""), custom_attrs=is_here(on, "true"))
    reason = rx.Var.create(off)
    dead = rx.el.span(*words, class_name="fg3", title=reason, aria_disabled="true", role="link", tab_index=0)
    return rx.cond(reason == "", choice, dead)


def relations(items: rx.Var[list[Any]], more: rx.Var[str]) -> rx.Component:
    """Jobs around the selected one: {title, state, href, steps}, and how many are left out."""
    return rx.fragment(
        rx.el.ul(
            rx.foreach(
                items,
                lambda item: rx.el.li(
                    link(status(item["state"], word=item["title"]), href=item["href"], look="trunc"),
                    rx.el.span(item["steps"], class_name="meta nowrap"),
                    key=item["href"],
                ),
            ),
            class_name="rel",
        ),
        rx.cond(more != "", rx.el.p(more, class_name="help")),
    )
