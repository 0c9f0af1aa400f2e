"""The strip above a page: what stands in the way now, or since when nothing does."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.icons import icon
from execution_ops.components.links import figure, link
from execution_ops.components.times import age, instant
from execution_ops.texts import overview as words


def blocking_strip(strip: Any) -> rx.Component:
    """What blocks, most severe first: each a sentence, what it holds up, since when, and the page that mends it.

    `strip` is a Var of `state/standing_view.Strip`. Until it is known, its place is kept.
    """
    return rx.cond(
        strip.lines.length() > 0,
        rx.el.section(
            rx.el.div(
                icon("triangle-alert", 16),
                rx.el.span(strip.count, words.BLOCKING),
                rx.cond(strip.whole, _other(strip)),
                class_name="t",
            ),
            rx.foreach(strip.lines, _block),
            rx.cond((strip.other != "") & ~strip.whole, rx.el.div(_other(strip), class_name="more")),
            class_name=rx.cond(strip.whole, "strip whole", "strip"),
            aria_label=words.WHAT_BLOCKS,
        ),
        _clear(strip),
    )


def _other(strip: Any) -> rx.Component:
    return link(strip.other, href=strip.other_href, look="num", custom_attrs={"data-keep-scroll": ""})


def _block(block: Any) -> rx.Component:
    held = rx.cond(block.held_href != "", figure(block.held, block.held_href), block.held)
    return rx.el.div(
        rx.el.b(block.title, title=block.title),
        rx.el.span(
            held,
            rx.cond((block.held != "") & (block.note != ""), ", ", ""),
            block.note,
            class_name="meta held",
        ),
        rx.el.span(
            rx.el.span(words.SINCE, instant(block.since, zone=True), ", ", age(block.since)),
            link(block.way, href=block.way_href, look="num"),
            class_name="meta way",
        ),
        class_name="i",
        key=block.key,
    )


def _clear(strip: Any) -> rx.Component:
    return rx.el.p(
        rx.cond(
            strip.known,
            rx.fragment(
                icon("circle-check", 15, class_name="t-ok"),
                rx.cond(
                    strip.clear_since != "",
                    rx.el.span(
                        words.CLEAR_SINCE,
                        instant(strip.clear_since, zone=True),
                        ", ",
                        age(strip.clear_since),
                    ),
                    rx.el.span(words.CLEAR),
                ),
            ),
        ),
        class_name="clear-strip",
    )
