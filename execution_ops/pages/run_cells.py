"""The cells of a table of runs, which more than one page has."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.figures import shares
from execution_ops.components.icons import icon
from execution_ops.components.links import link
from execution_ops.components.status import status
from execution_ops.components.table import Column, row_link
from execution_ops.components.times import duration, instant, zone_name


def run_columns(page: Any) -> list[Column]:
    """The columns of a table of `RunLine`; `page` is the State of its page, a `KeysetPage`."""
    return [
        Column("id", "Id", _run, place="name", fixed=True),
        Column("state", "State", lambda row: status(row.state, kind="run"), place="state", fixed=True),
        Column("schedule", "Schedule", _schedule, place="sub", wide=True),
        Column("trigger", "Trigger", run_trigger),
        Column("progress", "Progress", run_progress),
        Column("duration", "Duration", run_duration, place="end", right=True),
        Column("deltas", "Deltas", _deltas, right=True),
        Column("tenant", "Tenant", lambda row: link(row.tenant, href=row.tenant_href, look="num")),
        Column(
            "created",
            "Made",
            lambda row: instant(row.created_at),
            head=rx.fragment("Made, ", zone_name()),
            right=True,
            sort_href=page.sort_href,
            sorted=rx.cond(page.newest_first, "desc", "asc"),
        ),
    ]


def _run(row: Any) -> rx.Component:
    return row_link(rx.el.b(row.short), href=row.href, title=row.id)


def _schedule(row: Any) -> rx.Component:
    return link(row.schedule, href=row.schedule_href, look="num", title=row.schedule)


def _deltas(row: Any) -> rx.Component:
    return rx.cond(
        row.deltas != "",
        rx.el.span(row.deltas, title=row.deltas_words),
        rx.el.span("not compared", class_name="fg3"),
    )


def run_trigger(row: Any) -> rx.Component:
    """What made the run."""
    return rx.el.span(icon(row.trigger_icon, 13, class_name="fg3"), row.trigger, class_name="trigger")


def run_progress(row: Any) -> rx.Component:
    """How far it is, in words and as a bar."""
    return rx.el.span(row.progress, shares(row.parts, row.whole, row.progress), class_name="plan-bar")


def run_duration(row: Any) -> rx.Component:
    """How long it took, or takes."""
    return duration(row.duration_ms, since=row.running_since, running=row.running_since != "", missing=row.not_started)
