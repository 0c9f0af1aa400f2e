"""The strip above a page: what stands in the way now."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.icons import icon
from execution_ops.components.links import link


def blocking_strip(blocks: rx.Var[list[Any]]) -> rx.Component:
    """What blocks, most severe first: each with a `title`, a `text`, and a `link` (its words) to the page that helps
    (`href`). Nothing is shown where nothing blocks.
    """
    return rx.cond(
        blocks.length() > 0,
        rx.el.section(
            rx.el.div(icon("triangle-alert", 16), rx.el.span(blocks.length(), " blocking"), class_name="t"),
            rx.foreach(blocks, _block),
            class_name="strip",
            aria_label="What blocks",
        ),
    )


def _block(block: Any) -> rx.Component:
    return rx.el.div(
        rx.el.b(block.title, title=block.title),
        rx.el.span(block.text, " · ", link(block.link, href=block.href, look="num"), class_name="meta"),
        class_name="i",
    )
