"""The job list."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, link_button, verb_button
from execution_ops.components.copy import copy_button
from execution_ops.components.figures import shares
from execution_ops.components.filter_bar import JOB_FIELDS
from execution_ops.components.kv import note
from execution_ops.components.links import figure, link
from execution_ops.components.listing import (
    list_bulk,
    list_exports,
    list_filter,
    list_nothing,
    list_pager,
    list_question,
    list_refused,
    list_selection,
    list_tabs,
)
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, column_chooser, row_link, table
from execution_ops.components.times import duration, instant, zone_name
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.pages.scan_dialog import scan_button, scan_dialog
from execution_ops.state.jobs import JobRows, JobsPage
from execution_ops.state.scan import ScanDialog
from execution_ops.state.shell import surroundings

ON_LOAD = (JobsPage.open, ScanDialog.prepare)
TABLE = "jobs"


def page() -> rx.Component:
    """Filter, tabs, rows, and the verbs on what is selected."""
    return shell_page(
        "jobs",
        list_filter(
            JobsPage,
            column_chooser(TABLE, _columns()),
            fields=JOB_FIELDS,
            placeholder="Filter by state, type, queue, tenant, time, id, error, payload",
        ),
        list_tabs(JobsPage),
        _bulk_progress(),
        rx.cond(
            JobsPage.refused,
            list_refused(JobsPage, link_button("Show all jobs", routes.jobs(), icon="list")),
            content(
                JobsPage,
                rx.cond(JobsPage.rows_on_page > 0, _rows(), list_nothing(JobsPage, _nothing_yet(), "jobs")),
            ),
        ),
        list_bulk(
            JobsPage,
            verb_button(RETRY, JobsPage.ask_verb("retry"), off=JobsPage.retry_off, look="sm"),
            verb_button(CANCEL, JobsPage.ask_verb("cancel"), off=JobsPage.cancel_off, look="sm"),
        ),
        *[list_question(JobsPage, verb, "jobs") for verb in (CANCEL, RETRY)],
        scan_dialog(),
        surroundings=surroundings(),
        summary=JobsPage.summary,
        actions=(list_exports(JobsPage, "Export the jobs that match"), scan_button()),
        liveness=Liveness(JobsPage.stamp, {"on_hide": JobsPage.hide, "on_show": JobsPage.show}),
    )


def _columns() -> list[Column]:
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
            sort_href=JobsPage.sort_href,
            sorted=rx.cond(JobsPage.newest_first, "desc", "asc"),
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


def _rows() -> rx.Component:
    return table(
        TABLE,
        JobRows.rows,
        _columns(),
        key=lambda row: row.id,
        label="Jobs",
        row_label=lambda row: f"{row.job_type} {row.label} {row.short}",
        selection=list_selection(JobsPage, "jobs"),
        foot=list_pager(JobsPage, "jobs"),
    )


def _nothing_yet() -> rx.Component:
    return empty(
        "No job yet",
        "Jobs appear here as soon as something starts them. A scan of a directory is the quickest way.",
        scan_button(),
        rx.el.code("execution-ops scan PATH", class_name="cmd mono"),
    )


def _bulk_progress() -> rx.Component:
    """The background job that this page started, until it is closed."""
    return rx.cond(
        JobsPage.bulk_id != "",
        note(
            rx.el.div(
                rx.el.b(JobsPage.bulk_title),
                status(JobsPage.bulk_state),
                figure(f"{JobsPage.bulk_done} of {JobsPage.bulk_total}", JobsPage.bulk_href, "Open the background job"),
                rx.el.span(shares([("run", JobsPage.bulk_done)], JobsPage.bulk_total, "Progress"), class_name="grow"),
                link(rx.cond(JobsPage.bulk_ended, "What it did", "Open it to cancel"), href=JobsPage.bulk_href),
                action("Close", on_click=JobsPage.close_bulk, icon="x", look="sm ghost", icon_only=True),
                class_name="row wrap",
            ),
            tone="run",
            icon_name="list-checks",
        ),
    )
