"""What every address shows that no page has: a redirect for old ones, else where one might go."""

from __future__ import annotations

import reflex as rx

from execution_ops.shell.addresses import address_gate, nearest_pages, unknown_address
from execution_ops.shell.frame import frame
from execution_ops.state.shell import surroundings
from execution_ops.texts import shell as words


def page() -> rx.Component:
    """The not-found page; works without the server."""
    return address_gate(
        frame(
            rx.el.section(
                rx.el.div(
                    rx.el.span("404", class_name="mono fg3"),
                    unknown_address(class_name="adr mono"),
                    rx.el.p(words.NOT_FOUND_WHY),
                    nearest_pages(class_name="near"),
                    class_name="emp left",
                ),
                class_name="panel",
            ),
            current="",
            crumbs=[(words.NOT_FOUND, "")],
            title=words.NO_PAGE_AT_THIS_ADDRESS,
            surroundings=surroundings(),
        )
    )
