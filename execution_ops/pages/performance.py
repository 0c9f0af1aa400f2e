"""How long the analyzers take, against the budget and against their baselines."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, verb_button
from execution_ops.components.dialog import question
from execution_ops.components.figures import shares
from execution_ops.components.kv import ledger, note
from execution_ops.components.links import figure, link
from execution_ops.components.listing import (
    csv_file,
    export_menu,
    first_step,
    json_file,
    list_body,
    list_filter,
    list_rows,
)
from execution_ops.components.prose import said
from execution_ops.components.status import status
from execution_ops.components.table import Column, column_chooser, pager, row_link, table
from execution_ops.components.times import age
from execution_ops.domain.benchmarks import BenchState
from execution_ops.domain.filter_fields import BENCH_FIELDS
from execution_ops.domain.job_verbs import CANCEL
from execution_ops.domain.scanner_verbs import BENCH_PROMOTE, BENCH_RUN
from execution_ops.pages.bench_dialog import bench_dialog
from execution_ops.pages.live_page import live_page
from execution_ops.pages.performance_drawer import result_drawer
from execution_ops.state.bench_dialog import BenchDialog
from execution_ops.state.performance import PerformancePage, ResultRows
from execution_ops.texts import common
from execution_ops.texts import performance as words

ON_LOAD = (PerformancePage.open, BenchDialog.prepare)
TABLE = "benchmarks"


def page() -> rx.Component:
    """What runs, the figures, filter, rows, and the drawer."""
    return live_page(
        "performance",
        PerformancePage,
        list_body(
            PerformancePage,
            rx.fragment(_running(), rx.cond(PerformancePage.measured > 0, _list(), _first_step())),
            noun="results",
            href=routes.performance(),
        ),
        result_drawer(),
        bench_dialog(),
        *[question(PerformancePage, verb) for verb in (BENCH_PROMOTE, CANCEL)],
        summary=PerformancePage.summary,
        actions=(
            rx.cond(PerformancePage.measured > 0, _exports()),
            _run_button(BENCH_RUN.label),
        ),
    )


def _exports() -> rx.Component:
    return export_menu(
        words.EXPORT_THE_RESULTS_THAT_MATCH, csv_file(PerformancePage.csv_href), json_file(PerformancePage.json_href)
    )


def _run_button(label: str) -> rx.Component:
    return action(label, on_click=BenchDialog.ask, icon=BENCH_RUN.icon, look="pri", off=BenchDialog.off)


def _running() -> rx.Component:
    return rx.cond(
        PerformancePage.running.length() > 0,
        rx.el.ul(
            rx.foreach(PerformancePage.running, _running_one),
            class_name="bench-running",
            aria_label=words.RUNNING_BENCHMARKS,
        ),
    )


def _running_one(one: Any) -> rx.Component:
    return rx.el.li(
        status(one.state, one.canceling),
        link(rx.el.b(one.title), href=one.href, look="name"),
        rx.el.span(one.note, class_name="fg2 note-of"),
        rx.cond(
            one.progress != "",
            rx.el.span(shares(one.parts, one.whole, one.progress), rx.el.span(one.progress), class_name="passes"),
        ),
        rx.el.span(said(words.STARTED, age=age(one.since)), class_name="meta"),
        rx.el.span(class_name="grow"),
        rx.cond(
            ~one.canceling,
            verb_button(
                CANCEL,
                PerformancePage.ask_cancel(one.id),
                look="sm danger",
                off=PerformancePage.cancel_off,
                keyed=False,
            ),
        ),
        key=one.id,
    )


def _list() -> rx.Component:
    breach = [("state", BenchState.BREACH.value)]
    return rx.fragment(
        ledger(
            (words.MEASURED, figure(PerformancePage.measured.to_string(), routes.performance()), ""),
            (common.BREACHES, figure(PerformancePage.breaches.to_string(), routes.performance(breach)), ""),
            (words.WITHOUT_BASELINE, PerformancePage.without_baseline.to_string(), ""),
        ),
        rx.el.p(PerformancePage.budget, _settings_link(), class_name="meta bench-rule"),
        list_filter(
            PerformancePage,
            column_chooser(TABLE, _columns()),
            fields=BENCH_FIELDS,
            placeholder=words.PERFORMANCE_FILTER,
        ),
        list_rows(
            PerformancePage,
            table(
                TABLE,
                ResultRows.rows,
                _columns(),
                key=lambda row: row.id,
                label=words.LATEST_RESULTS,
                two_lines=True,
                under=lambda row: (row.breaches.length() > 0, _breaches(row)),
                foot=pager(
                    before=PerformancePage.before_href, after=PerformancePage.after_href, note=PerformancePage.shown
                ),
            ),
            "results",
        ),
    )


def _settings_link() -> rx.Component:
    return rx.fragment(" ", link(words.CHANGE_THE_BUDGET, href=routes.scanner_settings()))


def _columns() -> list[Column]:
    return [
        Column("scenario", words.SCENARIO, _name, place="name", fixed=True),
        Column("state", common.STATE, lambda row: status(row.state, kind="bench"), place="state", fixed=True),
        Column("against", words.AGAINST_THE_BASELINE, _against, place="sub"),
        Column("mean", words.MEAN, lambda row: row.mean, right=True, place="end"),
        Column("p95", "p95", lambda row: row.p95, right=True),
        Column("max", words.SLOWEST, _slowest, right=True),
        Column("peak", words.PEAK_MEMORY, lambda row: row.peak, right=True),
        Column("syft", common.SYFT, lambda row: rx.el.span(row.syft, class_name="mono")),
        Column("measured", words.MEASURED, lambda row: age(row.measured_at)),
    ]


def _name(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(row.title, title=row.title, class_name="trunc bench-name"), href=row.href),
        rx.el.span(row.analyzer, " · ", row.tenant, class_name="sub"),
    )


def _against(row: Any) -> rx.Component:
    return rx.fragment(
        rx.el.span(row.against, class_name=row.against_look),
        rx.cond(row.against_more != "", rx.el.span(row.against_more, class_name="sub")),
    )


def _slowest(row: Any) -> rx.Component:
    return rx.el.span(row.slowest, class_name=rx.cond(row.over, "t-bad", ""))


def _breaches(row: Any) -> rx.Component:
    return note(
        rx.foreach(row.breaches, lambda words: rx.el.p(words)),
        tone="bad",
        icon_name="triangle-alert",
    )


def _first_step() -> rx.Component:
    return first_step(
        words.NOTHING_WAS_MEASURED_YET,
        words.NOTHING_WAS_MEASURED_YET_WHY,
        _run_button(words.RUN_THE_FIRST_BENCHMARK),
        icon_name="activity",
    )
