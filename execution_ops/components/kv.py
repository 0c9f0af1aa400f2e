"""Labels with their values: facts in a row, or a list in a panel."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.icons import icon


def _pairs(rows: tuple[tuple[str, object], ...]) -> list[rx.Component]:
    return [rx.el.div(rx.el.dt(label), rx.el.dd(value)) for label, value in rows]


def facts(*rows: tuple[str, object]) -> rx.Component:
    """The facts of one thing, side by side below its title; two columns on a phone."""
    return rx.el.dl(*_pairs(rows), class_name="facts")


def kv(*rows: tuple[str, object]) -> rx.Component:
    """Label and value, one below the other."""
    cells = [cell for label, value in rows for cell in (rx.el.dt(label), rx.el.dd(value))]
    return rx.el.dl(*cells, class_name="kv")


def ledger(*figures: tuple[str, object, object]) -> rx.Component:
    """The figures of a page: (label, figure, small words after it)."""
    return rx.el.dl(
        *[rx.el.div(rx.el.dt(label), rx.el.dd(figure, rx.el.small(words))) for label, figure, words in figures],
        class_name="ledger",
    )


def panel(title: object, *children: object, meta: object = None, actions: object = None) -> rx.Component:
    """A titled box: head with `meta` beside the title and `actions` at the right, then the children."""
    head = [rx.el.h2(title)]
    if meta is not None:
        head.append(rx.el.span(meta, class_name="meta"))
    head.append(rx.el.span(class_name="grow"))
    if actions is not None:
        head.append(actions)
    return rx.el.section(rx.el.div(*head, class_name="ph"), *children, class_name="panel")


def note(*children: object, tone: str = "", icon_name: str = "info") -> rx.Component:
    """A remark in a box; tones as in `status`."""
    return rx.el.div(icon(icon_name), rx.el.div(*children), class_name=f"note {tone}".strip())


def noted(*told: object, button: object, tone: str, icon_name: str) -> rx.Component:
    """A remark with the button that answers it."""
    return note(rx.el.div(rx.el.div(*told), button, class_name="qnote"), tone=tone, icon_name=icon_name)


def part(title: object, *children: object) -> rx.Component:
    """A titled part of a drawer or dialog."""
    return rx.el.section(rx.el.h3(title), *children, class_name="part")


def diff(lines: Any) -> rx.Component:
    """What each thing was and is; lines have `label`, `before`, `after`."""

    def line(one: Any) -> rx.Component:
        return rx.el.div(rx.el.dt(one.label), rx.el.dd(rx.el.del_(one.before), rx.el.ins(one.after)), key=one.label)

    return rx.el.dl(rx.foreach(lines, line), class_name="diff")


def listed(lines: Any, *, mono: bool = False) -> rx.Component:
    """Texts, one below the other."""
    look = "mono" if mono else ""
    return rx.el.ul(rx.foreach(lines, lambda one: rx.el.li(one, class_name=look)), class_name="paths")
