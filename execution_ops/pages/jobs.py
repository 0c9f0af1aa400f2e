"""The job list."""

from __future__ import annotations

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, verb_button
from execution_ops.components.figures import shares
from execution_ops.components.kv import note
from execution_ops.components.links import figure, link
from execution_ops.components.listing import (
    list_body,
    list_exports,
    list_filter,
    list_nothing,
    list_pager,
    list_tabs,
)
from execution_ops.components.selection import list_bulk, list_question, list_selection
from execution_ops.components.states import empty
from execution_ops.components.status import status
from execution_ops.components.table import column_chooser, table
from execution_ops.domain.filter_fields import JOB_FIELDS
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.pages.job_cells import job_columns
from execution_ops.pages.live_page import live_page
from execution_ops.pages.scan_dialog import scan_button, scan_dialog
from execution_ops.state.jobs import JobRows, JobsPage
from execution_ops.state.scan import ScanDialog
from execution_ops.texts import common
from execution_ops.texts import jobengine as words

ON_LOAD = (JobsPage.open, ScanDialog.prepare)
TABLE = "jobs"


def page() -> rx.Component:
    """Filter, tabs, rows, and the verbs on what is selected."""
    return live_page(
        "jobs",
        JobsPage,
        list_filter(
            JobsPage,
            column_chooser(TABLE, job_columns(JobsPage)),
            fields=JOB_FIELDS,
            placeholder=words.JOBS_FILTER,
        ),
        list_tabs(JobsPage),
        _bulk_progress(),
        list_body(
            JobsPage,
            rx.cond(JobsPage.rows_on_page > 0, _rows(), list_nothing(JobsPage, _nothing_yet(), "jobs")),
            noun="jobs",
            href=routes.jobs(),
        ),
        list_bulk(
            JobsPage,
            verb_button(RETRY, JobsPage.ask_verb("retry"), off=JobsPage.retry_off, look="sm"),
            verb_button(CANCEL, JobsPage.ask_verb("cancel"), off=JobsPage.cancel_off, look="sm"),
        ),
        *[list_question(JobsPage, verb, "jobs") for verb in (CANCEL, RETRY)],
        scan_dialog(),
        summary=JobsPage.summary,
        actions=(list_exports(JobsPage, words.EXPORT_THE_JOBS_THAT_MATCH), scan_button()),
    )


def _rows() -> rx.Component:
    return table(
        TABLE,
        JobRows.rows,
        job_columns(JobsPage),
        key=lambda row: row.id,
        label=common.JOBS,
        row_label=lambda row: f"{row.job_type} {row.label} {row.short}",
        selection=list_selection(JobsPage, "jobs"),
        foot=list_pager(JobsPage, "jobs"),
    )


def _nothing_yet() -> rx.Component:
    return empty(
        words.NO_JOB_YET,
        words.NO_JOB_YET_WHY,
        scan_button(),
        rx.el.code(common.SCAN_A_PATH, class_name="cmd mono"),
    )


def _bulk_progress() -> rx.Component:
    """The background job that this page started, until it is closed."""
    return rx.cond(
        JobsPage.bulk_id != "",
        note(
            rx.el.div(
                rx.el.b(JobsPage.bulk_title),
                status(JobsPage.bulk_state),
                figure(
                    words.done_of(JobsPage.bulk_done, JobsPage.bulk_total),
                    JobsPage.bulk_href,
                    words.OPEN_THE_BACKGROUND_JOB,
                ),
                rx.el.span(
                    shares([("run", JobsPage.bulk_done)], JobsPage.bulk_total, common.PROGRESS), class_name="grow"
                ),
                link(rx.cond(JobsPage.bulk_ended, words.WHAT_IT_DID, words.OPEN_IT_TO_CANCEL), href=JobsPage.bulk_href),
                action(common.CLOSE, on_click=JobsPage.close_bulk, icon="x", look="sm ghost", icon_only=True),
                class_name="row wrap",
            ),
            tone="run",
            icon_name="list-checks",
        ),
    )
