"""What the drawer and the editor of a schedule both show."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.icons import icon
from execution_ops.texts import schedules as words


def times_table(times: rx.Var[list[Any]], zone: rx.Var[str]) -> rx.Component:
    """Times to come in the rule's zone and in UTC, with what is unusual about each."""
    head = rx.el.tr(
        rx.el.th(rx.el.span(words.NUMBER, class_name="sr"), scope="col"),
        rx.el.th(words.DAY, scope="col"),
        rx.el.th(zone, scope="col"),
        rx.el.th(words.UTC, scope="col"),
    )
    return rx.cond(
        times.length() > 0,
        rx.el.table(
            rx.el.thead(head), rx.el.tbody(rx.foreach(times, _time)), class_name="times", aria_label=words.NEXT_TIMES
        ),
        rx.el.p(words.NONE_IN_THE_NEXT_50_YEARS, class_name="fg2"),
    )


def _time(time: Any) -> rx.Component:
    return rx.fragment(
        rx.el.tr(
            rx.el.td(time.no, class_name="fg3"),
            rx.el.td(time.day),
            rx.el.td(time.wall, class_name=rx.cond(time.fires, "mono", "mono gone")),
            rx.el.td(time.utc, class_name="mono"),
            class_name=rx.cond(time.note != "", "noted", ""),
        ),
        rx.cond(
            time.note != "",
            rx.el.tr(
                rx.el.td(),
                rx.el.td(icon("triangle-alert", 13), " ", time.note, col_span=3),
                class_name="noted saying",
            ),
        ),
        key=time.no,
    )
