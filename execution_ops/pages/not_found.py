"""What every address shows that no page has: a redirect for old ones, else where one might go."""

from __future__ import annotations

import reflex as rx

from execution_ops.components.addresses import address_gate, nearest_pages, unknown_address
from execution_ops.components.shell import frame
from execution_ops.state.shell import surroundings


def page() -> rx.Component:
    """The not-found page; works without the server."""
    return address_gate(
        frame(
            rx.el.section(
                rx.el.div(
                    rx.el.span("404", class_name="mono fg3"),
                    unknown_address(class_name="adr mono"),
                    rx.el.p("The address may be mistyped, or what it named is gone. The nearest pages:"),
                    nearest_pages(class_name="near"),
                    class_name="emp left",
                ),
                class_name="panel",
            ),
            current="",
            crumbs=[("Not found", "")],
            title="No page at this address",
            surroundings=surroundings(),
        )
    )
