"""What happened to one thing: the timeline, and its life to scale."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.icons import icon
from execution_ops.components.islands import FOLDER
from execution_ops.components.kv import panel
from execution_ops.components.links import link
from execution_ops.components.status import Looks, looks
from execution_ops.components.times import instant
from execution_ops.texts import audit as words


class Dot(Looks):
    """The icon of a kind of event."""

    library = f"{FOLDER}/status.jsx"

    table: rx.Var[Any]
    state: rx.Var[Any]


def timeline(items: rx.Var[list[Any]]) -> rx.Component:
    """Changes of state and what operators did, in one list, newest first.

    Items have `at` (ISO), `kind` (a state, or a verb), `title`, `detail`, `href` (may be empty) and
    `audit`, which marks what an operator did (`state/audit_trail.TimelineView`).
    """
    return rx.el.ol(rx.foreach(items, _entry), class_name="tl")


def trail(rows: rx.Var[list[Any]], href: rx.Var[str], *, boxed: bool = False) -> rx.Component:
    """What operators did to one thing (`state/audit_trail`), and the way to all of it in the audit.

    `boxed` makes it a panel of a page; otherwise it is a part of a drawer.
    """
    way = link(words.ALL_IN_THE_AUDIT, href=href)
    if boxed:
        return rx.cond(
            rows.length() > 0,
            rx.el.div(panel(words.WHAT_WAS_DONE, timeline(rows), actions=way), class_name="trail"),
        )
    head = rx.el.div(rx.el.h3(words.WHAT_WAS_DONE), rx.el.span(class_name="grow"), way, class_name="row")
    return rx.cond(rows.length() > 0, rx.el.section(head, timeline(rows), class_name="part trail"))


def _entry(item: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.cond(item.audit, icon("user"), Dot.create(table=looks("event"), state=item.kind)), class_name="dot"
        ),
        rx.el.div(
            rx.el.div(
                rx.cond(
                    item.href != "",
                    link(item.title, href=item.href, look="name grow break"),
                    rx.el.b(item.title, class_name="grow break"),
                ),
                instant(item.at, precise=True, day=False),
                class_name="row",
            ),
            rx.cond(item.detail != "", rx.el.p(item.detail)),
        ),
        class_name=rx.cond(item.audit, "aud", ""),
    )


def track(parts: rx.Var[list[Any]]) -> rx.Component:
    """The life of a job to scale: parts have `share` (of 1), `tone`, `label` (may be empty) and `title`.

    On a phone the parts stand below each other with their titles.
    """
    return rx.el.div(
        rx.el.ol(
            rx.foreach(
                parts,
                lambda part: rx.el.li(
                    rx.el.span(part.label, class_name="only-d"),
                    rx.el.span(part.title, class_name="only-m"),
                    class_name=part.tone,
                    title=part.title,
                    aria_label=part.title,
                    style={"flex_grow": part.share},
                ),
            )
        ),
        class_name="track-bar",
    )
