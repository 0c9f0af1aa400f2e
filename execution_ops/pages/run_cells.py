"""The cells of a table of runs, which more than one page has."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.figures import shares
from execution_ops.components.icons import icon
from execution_ops.components.links import link
from execution_ops.components.prose import or_word
from execution_ops.components.status import status
from execution_ops.components.table import Column, row_link, time_column
from execution_ops.components.times import duration, instant
from execution_ops.texts import common
from execution_ops.texts import runs as words


def run_columns(page: Any) -> list[Column]:
    """The columns of a table of `RunLine`; `page` is the State of its page, a `KeysetPage`."""
    return [
        Column("id", common.ID, _run, place="name", fixed=True),
        Column("state", common.STATE, lambda row: status(row.state, kind="run"), place="state", fixed=True),
        Column("schedule", common.SCHEDULE, _schedule, place="sub", wide=True),
        Column("trigger", common.TRIGGER, run_trigger),
        Column("progress", common.PROGRESS, run_progress),
        Column("duration", common.DURATION, run_duration, place="end", right=True),
        Column("deltas", words.DELTAS, _deltas, right=True),
        Column("tenant", common.TENANT, lambda row: link(row.tenant, href=row.tenant_href, look="num")),
        time_column(
            "created",
            common.MADE,
            lambda row: instant(row.created_at),
            place="rest",
            sort_href=page.sort_href,
            sorted=rx.cond(page.newest_first, "desc", "asc"),
        ),
    ]


def _run(row: Any) -> rx.Component:
    return row_link(rx.el.b(row.short), href=row.href, title=row.id)


def _schedule(row: Any) -> rx.Component:
    return link(row.schedule, href=row.schedule_href, look="num", title=row.schedule)


def _deltas(row: Any) -> rx.Component:
    return or_word(row.deltas, words.NOT_COMPARED, rx.el.span(row.deltas, title=row.deltas_words))


def run_trigger(row: Any) -> rx.Component:
    """What made the run."""
    return rx.el.span(icon(row.trigger_icon, 13, class_name="fg3"), row.trigger, class_name="trigger")


def run_progress(row: Any) -> rx.Component:
    """How far it is, in words and as a bar."""
    return rx.el.span(row.progress, shares(row.parts, row.whole, row.progress), class_name="plan-bar")


def run_duration(row: Any, missing: str = "") -> rx.Component:
    """How long it took, or takes; `missing` stands there before it starts where the row has no word for that."""
    never = missing or row.not_started
    return duration(row.duration_ms, since=row.running_since, running=row.running_since != "", missing=never)
