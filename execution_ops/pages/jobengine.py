"""The JobEngine summary."""

from __future__ import annotations

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, refresh_button
from execution_ops.components.kv import ledger
from execution_ops.components.links import figure
from execution_ops.components.live import count_age
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty
from execution_ops.components.strip import blocking_strip
from execution_ops.components.table import table
from execution_ops.pages.queue_cells import queue_columns
from execution_ops.pages.scan_dialog import scan_button, scan_dialog
from execution_ops.state.scan import ScanDialog
from execution_ops.state.shell import surroundings
from execution_ops.state.summary import SummaryPage

ON_LOAD = (SummaryPage.open, ScanDialog.prepare)


def page() -> rx.Component:
    """What blocks, the totals, the queues."""
    return shell_page(
        "jobengine",
        content(
            SummaryPage,
            rx.fragment(rx.cond(SummaryPage.empty, _first_step()), _standing()),
        ),
        scan_dialog(),
        surroundings=surroundings(),
        summary=SummaryPage.sentence,
        actions=(
            link_button("Quotas", routes.quotas(), icon="gauge"),
            link_button("All jobs", routes.jobs(), icon="list"),
            scan_button(),
        ),
        liveness=Liveness(SummaryPage.stamp, {"on_hide": SummaryPage.hide, "on_show": SummaryPage.show}),
    )


def _standing() -> rx.Component:
    return rx.fragment(
        blocking_strip(SummaryPage.strip),
        _totals(),
        rx.el.div(
            rx.el.h2("Queues", class_name="sec"),
            rx.el.span(class_name="grow"),
            count_age(SummaryPage.as_of, "figures"),
            refresh_button(SummaryPage.refresh),
            class_name="row sech",
        ),
        table("queues", SummaryPage.queues, queue_columns(), key=lambda row: row.queue, label="Queues", two_lines=True),
    )


def _first_step() -> rx.Component:
    return rx.el.div(
        empty(
            "Nothing has run yet",
            "Start with a scan: it finds the packages in a directory, an archive or a container image, "
            "and you watch its jobs run. The same from a terminal:",
            scan_button(),
            rx.el.code("execution-ops scan PATH", class_name="cmd mono"),
        ),
        class_name="panel first",
    )


def _totals() -> rx.Component:
    state = "state"
    return ledger(
        ("Waiting", figure(SummaryPage.waiting.to_string(), routes.jobs([(state, "scheduled")])), "ready to start"),
        ("Behind a parent", figure(SummaryPage.pending.to_string(), routes.jobs([(state, "pending")])), "pending"),
        ("Running", figure(SummaryPage.running.to_string(), routes.jobs([(state, "running")])), SummaryPage.limit_text),
        (
            "Oldest waiting",
            figure(SummaryPage.oldest, routes.jobs([(state, "scheduled"), ("sort", "oldest")])),
            SummaryPage.oldest_queue,
        ),
        (
            "Done, last hour",
            figure(SummaryPage.done.to_string(), SummaryPage.done_href),
            "succeeded",
        ),
        (
            "Failed, last hour",
            figure(SummaryPage.failed.to_string(), SummaryPage.failed_href),
            "or timed out",
        ),
        ("Workers", figure(SummaryPage.workers_text, routes.workers()), SummaryPage.workers_note),
    )
