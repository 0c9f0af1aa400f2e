"""What every address shows that no page has: a redirect for old ones, else where one might go."""

from __future__ import annotations

import reflex as rx

from execution_ops.components.addresses import address_gate, nearest_pages, unknown_address


def page() -> rx.Component:
    """The not-found page; works without the server."""
    return address_gate(
        rx.el.main(
            rx.el.h1("There is no such page"),
            rx.el.p("Nothing is at ", unknown_address(), ". The nearest pages:"),
            nearest_pages(),
        )
    )
