"""The cells of a table of dead letters, which more than one page has."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.links import figure, link
from execution_ops.components.status import status
from execution_ops.components.table import Column, row_link
from execution_ops.components.times import instant, zone_name


def letter_columns(page: Any) -> list[Column]:
    """The columns of a table of `LetterLine`; `page` is the State of its page, a `KeysetPage`."""
    return [
        Column("state", "State", lambda row: status(row.state, kind="letter"), place="state", fixed=True),
        Column("error", "Error", _error, place="name", wide=True, fixed=True),
        Column("job_type", "Job type", _job_type, place="sub"),
        Column("job", "Job", lambda row: link(row.job_short, href=row.job_href, look="num mono")),
        Column("tenant", "Tenant", lambda row: link(row.tenant, href=row.tenant_href, look="num")),
        Column("category", "Category", lambda row: rx.el.span(row.category, title=row.meaning)),
        Column("attempts", "Tries", lambda row: rx.el.span(row.attempts), right=True),
        Column("redeaths", "Died again", _redeaths, right=True),
        Column(
            "died",
            "Died",
            lambda row: instant(row.died_at),
            place="end",
            head=rx.fragment("Died, ", zone_name()),
            right=True,
            sort_href=page.sort_href,
            sorted=rx.cond(page.newest_first, "desc", "asc"),
        ),
        Column("note", "Note", _note),
    ]


def _error(row: Any) -> rx.Component:
    return row_link(
        rx.el.b(row.error_type), rx.el.span(" ", row.error_message, class_name="fg2"), href=row.href, title=row.error
    )


def _job_type(row: Any) -> rx.Component:
    return rx.fragment(row.job_type, rx.cond(row.label != "", rx.el.span(" ", row.label, class_name="fg2")))


def _redeaths(row: Any) -> rx.Component:
    return rx.cond(
        row.redeaths > 0,
        figure(row.redeaths.to_string(), row.redeaths_href, f"Died again {row.redeaths} times"),
        rx.el.span("0", class_name="fg3"),
    )


def _note(row: Any) -> rx.Component:
    return rx.cond(
        row.note != "",
        rx.el.span(row.note, title=row.note, class_name="note-cell fg2"),
        rx.el.span("none", class_name="fg3"),
    )
