"""The job list."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.bulk_bar import bulk_bar, select_all_button
from execution_ops.components.buttons import action, link_button, refresh_button, verb_button
from execution_ops.components.copy import copy_button
from execution_ops.components.dialog import confirm
from execution_ops.components.figures import shares
from execution_ops.components.filter_bar import filter_bar
from execution_ops.components.kv import note
from execution_ops.components.links import figure, link
from execution_ops.components.live import count_age, new_changes
from execution_ops.components.overlays import menu
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty, filtered_empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, Selection, column_chooser, pager, row_link, select_all_banner, table
from execution_ops.components.tabs import state_tabs
from execution_ops.components.times import duration, instant, zone_name
from execution_ops.domain.verbs import CANCEL, RETRY
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
        filter_bar(
            column_chooser(TABLE, _columns()),
            refresh_button(JobsPage.refresh),
            pairs=JobsPage.pairs,
            tokens=JobsPage.tokens,
            values=JobsPage.values,
            error=JobsPage.complaint,
            on_query=JobsPage.apply,
        ),
        state_tabs(
            JobsPage.tabs, new_changes(JobsPage.held, JobsPage.refresh), count_age(JobsPage.counts_as_of, "counts")
        ),
        _bulk_progress(),
        rx.cond(
            JobsPage.refused,
            _refused(),
            content(
                JobsPage,
                rx.cond(JobsPage.rows_on_page > 0, _rows(), _nothing()),
            ),
        ),
        bulk_bar(
            verb_button(RETRY, JobsPage.ask_verb("retry"), off=JobsPage.retry_off, look="sm"),
            verb_button(CANCEL, JobsPage.ask_verb("cancel"), off=JobsPage.cancel_off, look="sm"),
            count=JobsPage.picked_count,
            shown=JobsPage.any_picked,
            on_clear=JobsPage.drop_all,
            select_all=rx.cond(~JobsPage.everything, select_all_button(JobsPage.total, JobsPage.pick_all)),
        ),
        *[_question(verb) for verb in (CANCEL, RETRY)],
        scan_dialog(),
        surroundings=surroundings(),
        summary=JobsPage.summary,
        actions=(_exports(), scan_button()),
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
    selection = Selection(
        keys=JobsPage.picked,
        on_toggle=JobsPage.toggle,
        on_page=JobsPage.toggle_page,
        all_on_page=JobsPage.all_on_page,
        any_on_page=JobsPage.any_picked,
        banner=select_all_banner(
            shown=JobsPage.all_on_page,
            picked=JobsPage.picked_count,
            everything=JobsPage.everything,
            total=JobsPage.total,
            on_all=JobsPage.pick_all,
            on_clear=JobsPage.drop_all,
        ),
    )
    return table(
        TABLE,
        JobRows.rows,
        _columns(),
        key=lambda row: row.id,
        label="Jobs",
        row_label=lambda row: f"{row.job_type} {row.label} {row.short}",
        selection=selection,
        foot=_pager(),
    )


def _pager() -> rx.Component:
    newest = JobsPage.newest_first
    order = rx.cond(newest, "Newest first, 50 per page", "Oldest first, 50 per page")
    looked = rx.cond(JobsPage.searched != "", f". Looked at {JobsPage.searched} jobs for this page.", "")
    return pager(
        before=JobsPage.before_href,
        after=JobsPage.after_href,
        note=rx.fragment(order, looked),
        words=(rx.cond(newest, "Newer", "Older"), rx.cond(newest, "Older", "Newer")),
    )


def _nothing() -> rx.Component:
    """No row: the search has not come to its end, the filters hide all, or there is no job at all."""
    searching = rx.fragment(
        empty(
            "Nothing found so far",
            f"None of the {JobsPage.searched} jobs looked at for this page matches. Go on, or narrow the filter.",
            link_button("Go on searching", JobsPage.after_href, icon="search", look="pri"),
            icon_name="search",
        ),
        _pager(),
    )
    nothing_yet = empty(
        "No job yet",
        "Jobs appear here as soon as something starts them. A scan of a directory is the quickest way.",
        scan_button(),
        rx.el.code("execution-ops scan PATH", class_name="cmd mono"),
    )
    hidden = filtered_empty(JobsPage.active, JobsPage.hidden, JobsPage.clear_href)
    return rx.el.div(
        rx.cond(JobsPage.searched != "", searching, rx.cond(JobsPage.active > 0, hidden, nothing_yet)),
        class_name="panel",
    )


def _refused() -> rx.Component:
    """The address asks for what no list can show: why, and the way out."""
    return rx.el.div(
        empty(
            "This address is no list",
            JobsPage.problem,
            link_button("Show all jobs", routes.jobs(), icon="list"),
            icon_name="list-filter",
        ),
        class_name="panel",
        role="alert",
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


def _question(verb: Any) -> rx.Component:
    return confirm(
        verb,
        open=JobsPage.asking == verb.name,
        title=JobsPage.question_title,
        confirm_label=JobsPage.question_button,
        typed=JobsPage.question_count,
        typed_label="To confirm, type the number of jobs",
        on_confirm=JobsPage.do_verb,
        on_close=JobsPage.leave_verb,
        error=JobsPage.verb_problem,
    )


def _exports() -> rx.Component:
    return menu(
        link_button("CSV, for spreadsheets", JobsPage.csv_href, icon="file-text", look="ghost", download=True),
        link_button("NDJSON, for programs", JobsPage.ndjson_href, icon="braces", look="ghost", download=True),
        label="Export the jobs that match",
        icon="download",
        text="Export",
        trigger="btn",
    )
