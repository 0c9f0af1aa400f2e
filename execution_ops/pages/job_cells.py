"""The cells of a table of jobs, which more than one page has."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.copy import copy_button
from execution_ops.components.links import link
from execution_ops.components.prose import or_word
from execution_ops.components.status import status
from execution_ops.components.table import Column, row_link, time_column
from execution_ops.components.times import instant
from execution_ops.pages.run_cells import run_duration
from execution_ops.pages.worker_cells import worker_link
from execution_ops.texts import common


def job_columns(page: Any) -> list[Column]:
    """The columns of a table of `JobLine`; `page` is the State of its page, a `KeysetPage`."""
    return [
        Column("state", common.STATE, lambda row: status(row.state, row.canceling), place="state", fixed=True),
        Column("job_type", common.JOB_TYPE, _name, place="name", fixed=True),
        Column("id", common.ID, _short_id),
        Column("queue", common.QUEUE, lambda row: link(row.queue, href=row.queue_href, look="num"), place="sub"),
        Column("tenant", common.TENANT, lambda row: link(row.tenant, href=row.tenant_href, look="num"), place="rest"),
        Column("attempts", common.ATTEMPTS, _attempts, right=True),
        Column("duration", common.DURATION, run_duration, place="end", right=True),
        time_column(
            "created",
            common.CREATED,
            lambda row: instant(row.created_at),
            place="rest",
            sort_href=page.sort_href,
            sorted=rx.cond(page.newest_first, "desc", "asc"),
        ),
        Column("worker", common.WORKER, _worker),
        Column("error", common.ERROR, lambda row: rx.el.span(row.error, title=row.error, class_name="fg2"), wide=True),
    ]


def _name(row: Any) -> rx.Component:
    return row_link(
        rx.el.b(row.job_type), rx.cond(row.label != "", rx.el.span(" ", row.label, class_name="fg2")), href=row.href
    )


def _short_id(row: Any) -> rx.Component:
    return rx.el.span(
        link(row.short, href=row.href, look="num mono"), copy_button(row.id, common.COPY_ID), class_name="nowrap"
    )


def _attempts(row: Any) -> rx.Component:
    return rx.el.span(row.attempts, class_name=rx.cond(row.spent, "t-bad", ""))


def _worker(row: Any) -> rx.Component:
    return or_word(row.worker, common.NONE_YET, worker_link(row.worker, row.worker_id, row.worker_href))
