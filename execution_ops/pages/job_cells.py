"""The cells of a table of jobs, which more than one page has."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.copy import copy_button
from execution_ops.components.links import link
from execution_ops.components.status import status
from execution_ops.components.table import Column, row_link
from execution_ops.components.times import duration, instant, zone_name


def job_columns(page: Any) -> list[Column]:
    """The columns of a table of `JobLine`; `page` is the State of its page, a `KeysetPage`."""
    return [
        Column("state", "State", lambda row: status(row.state, row.canceling), place="state", fixed=True),
        Column("job_type", "Type", _name, place="name", fixed=True),
        Column("id", "Id", _short_id),
        Column("queue", "Queue", lambda row: link(row.queue, href=row.queue_href, look="num"), place="sub"),
        Column("tenant", "Tenant", lambda row: link(row.tenant, href=row.tenant_href, look="num"), place="rest"),
        Column("attempts", "Tries", _attempts, right=True),
        Column("duration", "Duration", _duration, place="end", right=True),
        Column(
            "created",
            "Created",
            lambda row: instant(row.created_at),
            head=rx.fragment("Created, ", zone_name()),
            right=True,
            sort_href=page.sort_href,
            sorted=rx.cond(page.newest_first, "desc", "asc"),
        ),
        Column("worker", "Worker", _worker),
        Column("error", "Error", lambda row: rx.el.span(row.error, title=row.error, class_name="fg2"), wide=True),
    ]


def _name(row: Any) -> rx.Component:
    return row_link(
        rx.el.b(row.job_type), rx.cond(row.label != "", rx.el.span(" ", row.label, class_name="fg2")), href=row.href
    )


def _short_id(row: Any) -> rx.Component:
    return rx.el.span(
        link(row.short, href=row.href, look="num mono"), copy_button(row.id, "Copy id"), class_name="nowrap"
    )


def _attempts(row: Any) -> rx.Component:
    return rx.el.span(row.attempts, class_name=rx.cond(row.spent, "t-bad", ""))


def _duration(row: Any) -> rx.Component:
    running = row.running_since != ""
    return duration(row.duration_ms, since=row.running_since, running=running, missing=row.not_started)


def _worker(row: Any) -> rx.Component:
    return rx.cond(
        row.worker != "",
        link(row.worker, href=row.worker_href, look="num"),
        rx.el.span("none yet", class_name="fg3"),
    )
