"""The JobEngine summary."""

from __future__ import annotations

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, refresh_button
from execution_ops.components.kv import ledger
from execution_ops.components.links import figure
from execution_ops.components.listing import first_step
from execution_ops.components.live import count_age
from execution_ops.components.states import content
from execution_ops.components.strip import blocking_strip
from execution_ops.components.table import table
from execution_ops.pages.live_page import live_page
from execution_ops.pages.queue_cells import queue_columns
from execution_ops.pages.scan_dialog import scan_button, scan_dialog
from execution_ops.state.scan import ScanDialog
from execution_ops.state.summary import SummaryPage, SummaryQueues
from execution_ops.texts import common
from execution_ops.texts import jobengine as words

ON_LOAD = (SummaryPage.open, ScanDialog.prepare)


def page() -> rx.Component:
    """What blocks, the totals, the queues."""
    return live_page(
        "jobengine",
        SummaryPage,
        content(
            SummaryPage,
            rx.fragment(rx.cond(SummaryPage.empty, _first_step()), _standing()),
        ),
        scan_dialog(),
        summary=SummaryPage.sentence,
        actions=(
            link_button(common.QUOTAS, routes.quotas(), icon="gauge"),
            link_button(common.ALL_JOBS, routes.jobs(), icon="list"),
            scan_button(),
        ),
    )


def _standing() -> rx.Component:
    return rx.fragment(
        blocking_strip(SummaryPage.strip),
        _totals(),
        rx.el.div(
            rx.el.h2(common.QUEUES, class_name="sec"),
            rx.el.span(class_name="grow"),
            count_age(SummaryPage.as_of, "figures"),
            refresh_button(SummaryPage.refresh),
            class_name="row sech",
        ),
        table(
            "queues",
            SummaryQueues.rows,
            queue_columns(SummaryQueues),
            key=lambda row: row.queue,
            label=common.QUEUES,
            two_lines=True,
        ),
    )


def _first_step() -> rx.Component:
    return first_step(
        words.NOTHING_HAS_RUN_YET,
        words.NOTHING_HAS_RUN_YET_WHY,
        scan_button(),
        rx.el.code(common.SCAN_A_PATH, class_name="cmd mono"),
    )


def _totals() -> rx.Component:
    state = "state"
    return ledger(
        (
            common.WAITING,
            figure(SummaryPage.waiting.to_string(), routes.jobs([(state, "scheduled")])),
            words.READY_TO_START,
        ),
        (words.BEHIND_A_PARENT, figure(SummaryPage.pending.to_string(), routes.jobs([(state, "pending")])), "pending"),
        (
            common.RUNNING,
            figure(SummaryPage.running.to_string(), routes.jobs([(state, "running")])),
            SummaryPage.limit_text,
        ),
        (
            common.OLDEST_WAITING,
            figure(SummaryPage.oldest, routes.jobs([(state, "scheduled"), ("sort", "oldest")])),
            SummaryPage.oldest_queue,
        ),
        (
            words.DONE_LAST_HOUR,
            figure(SummaryPage.done.to_string(), SummaryPage.done_href),
            "succeeded",
        ),
        (
            words.FAILED_LAST_HOUR,
            figure(SummaryPage.failed.to_string(), SummaryPage.failed_href),
            words.OR_TIMED_OUT,
        ),
        (common.WORKERS, figure(SummaryPage.workers_text, routes.workers()), SummaryPage.workers_note),
    )
