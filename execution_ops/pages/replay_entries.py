"""The table of the entries of a replay plan."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.links import link
from execution_ops.components.states import empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, pager, row_link, table
from execution_ops.components.times import instant, zone_name
from execution_ops.state.replay import ItemRows, ReplayPage


def entries() -> rx.Component:
    """The entries with their heading, or that there are none of the kind that was asked for."""
    nothing = rx.el.div(
        empty("No such entry", "No entry of this plan is there now.", icon_name="list-filter"), class_name="panel"
    )
    return rx.fragment(
        rx.el.div(
            rx.el.h2("Entries", class_name="sec"),
            rx.cond(ReplayPage.narrowed, link("Show all entries", href=ReplayPage.all_href)),
            class_name="row sech",
        ),
        rx.cond(ReplayPage.rows_on_page > 0, _rows(), nothing),
    )


def _rows() -> rx.Component:
    return table(
        "plan-items",
        ItemRows.rows,
        [
            Column("no", "No.", lambda row: rx.el.span(row.no, class_name="fg3")),
            Column("status", "State", lambda row: status(row.status, kind="item", word=row.word), place="state"),
            Column("error", "Error", _error, place="name", wide=True),
            Column("job_type", "Job type", _job_type, place="sub"),
            Column("job", "Job", lambda row: link(row.job_short, href=row.job_href, look="num mono")),
            Column("tenant", "Tenant", lambda row: row.tenant),
            Column("reason", "Why not", _reason),
            Column(
                "sent",
                "Done at",
                lambda row: instant(row.sent_at, missing="not yet"),
                place="end",
                head=rx.fragment("Done at, ", zone_name()),
                right=True,
            ),
        ],
        key=lambda row: row.no.to_string(),
        label="Entries of the plan",
        foot=pager(
            before=ReplayPage.first_href,
            after=ReplayPage.next_href,
            note="In the order in which they are done, oldest death first, 50 per page",
            words=("First", "Next"),
        ),
    )


def _error(row: Any) -> rx.Component:
    return row_link(
        rx.el.b(row.error_type), rx.el.span(" ", row.error_message, class_name="fg2"), href=row.href, title=row.error
    )


def _job_type(row: Any) -> rx.Component:
    return rx.fragment(row.job_type, rx.cond(row.label != "", rx.el.span(" ", row.label, class_name="fg2")))


def _reason(row: Any) -> rx.Component:
    return rx.el.span(row.reason, title=row.reason, class_name="reason fg2")
