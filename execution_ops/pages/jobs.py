"""The job list."""

from __future__ import annotations

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, link_button, verb_button
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
from execution_ops.components.table import column_chooser, table
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.pages.job_cells import job_columns
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
            column_chooser(TABLE, job_columns(JobsPage)),
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


def _rows() -> rx.Component:
    return table(
        TABLE,
        JobRows.rows,
        job_columns(JobsPage),
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
