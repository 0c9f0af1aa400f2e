"""How long the analyzers take, against the budget and against their baselines."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, link_button, refresh_button
from execution_ops.components.dialog import confirm
from execution_ops.components.figures import shares
from execution_ops.components.filter_bar import BENCH_FIELDS, filter_bar
from execution_ops.components.kv import ledger, note
from execution_ops.components.links import figure, link
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty, filtered_empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, column_chooser, pager, row_link, table
from execution_ops.components.times import age
from execution_ops.domain.benchmarks import BenchState
from execution_ops.domain.job_verbs import CANCEL
from execution_ops.domain.scanner_verbs import BENCH_PROMOTE, BENCH_RUN
from execution_ops.domain.verb import Verb
from execution_ops.pages.bench_dialog import bench_dialog
from execution_ops.pages.performance_drawer import result_drawer
from execution_ops.state.bench_dialog import BenchDialog
from execution_ops.state.performance import PerformancePage, ResultRows
from execution_ops.state.shell import surroundings

ON_LOAD = (PerformancePage.open, BenchDialog.prepare)
TABLE = "benchmarks"


def page() -> rx.Component:
    """What runs, the figures, filter, rows, and the drawer."""
    return shell_page(
        "performance",
        rx.cond(
            PerformancePage.refused,
            _refused(),
            content(
                PerformancePage,
                rx.fragment(_running(), rx.cond(PerformancePage.measured > 0, _list(), _first_step())),
            ),
        ),
        result_drawer(),
        bench_dialog(),
        *[_question(verb) for verb in (BENCH_PROMOTE, CANCEL)],
        surroundings=surroundings(),
        summary=PerformancePage.summary,
        actions=(
            rx.cond(
                PerformancePage.measured > 0,
                rx.fragment(
                    link_button("CSV", PerformancePage.csv_href, icon="download", download=True),
                    link_button("JSON", PerformancePage.json_href, icon="download", download=True),
                ),
            ),
            _run_button(BENCH_RUN.label),
        ),
        liveness=Liveness(PerformancePage.stamp, {"on_hide": PerformancePage.hide, "on_show": PerformancePage.show}),
    )


def _run_button(label: str) -> rx.Component:
    return action(label, on_click=BenchDialog.ask, icon=BENCH_RUN.icon, look="pri", off=BenchDialog.off)


def _running() -> rx.Component:
    return rx.cond(
        PerformancePage.running.length() > 0,
        rx.el.ul(
            rx.foreach(PerformancePage.running, _running_one),
            class_name="bench-running",
            aria_label="Running benchmarks",
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
        rx.el.span("started ", age(one.since), class_name="meta"),
        rx.el.span(class_name="grow"),
        rx.cond(
            ~one.canceling,
            action(
                CANCEL.label,
                on_click=PerformancePage.ask_cancel(one.id),
                icon=CANCEL.icon,
                look="sm danger",
                off=PerformancePage.cancel_off,
                changes=True,
            ),
        ),
        key=one.id,
    )


def _list() -> rx.Component:
    breach = [("state", BenchState.BREACH.value)]
    return rx.fragment(
        ledger(
            ("Measured", figure(PerformancePage.measured.to_string(), routes.performance()), ""),
            ("Breaches", figure(PerformancePage.breaches.to_string(), routes.performance(breach)), ""),
            ("Without baseline", PerformancePage.without_baseline.to_string(), ""),
        ),
        rx.el.p(PerformancePage.budget, _settings_link(), class_name="meta bench-rule"),
        filter_bar(
            column_chooser(TABLE, _columns()),
            refresh_button(PerformancePage.refresh),
            pairs=PerformancePage.pairs,
            tokens=PerformancePage.tokens,
            values=PerformancePage.values,
            error=PerformancePage.complaint,
            on_query=PerformancePage.apply,
            fields=BENCH_FIELDS,
            placeholder="Filter by scenario, analyzer, tenant, state",
        ),
        rx.cond(
            PerformancePage.rows_on_page > 0,
            table(
                TABLE,
                ResultRows.rows,
                _columns(),
                key=lambda row: row.id,
                label="Latest results",
                two_lines=True,
                under=lambda row: (row.breaches.length() > 0, _breaches(row)),
                foot=pager(
                    before=PerformancePage.before_href, after=PerformancePage.after_href, note=PerformancePage.shown
                ),
            ),
            rx.el.div(
                filtered_empty(
                    PerformancePage.active,
                    PerformancePage.hidden,
                    routes.performance(),
                    noun="results",
                ),
                class_name="panel",
            ),
        ),
    )


def _settings_link() -> rx.Component:
    return rx.fragment(" ", link("Change the budget", href=routes.scanner_settings()))


def _columns() -> list[Column]:
    return [
        Column("scenario", "Scenario", _name, place="name", fixed=True),
        Column("state", "State", lambda row: status(row.state, kind="bench"), place="state", fixed=True),
        Column("against", "Against the baseline", _against, place="sub"),
        Column("mean", "Mean", lambda row: row.mean, right=True, place="end"),
        Column("p95", "p95", lambda row: row.p95, right=True),
        Column("max", "Slowest", _slowest, right=True),
        Column("peak", "Peak memory", lambda row: row.peak, right=True),
        Column("syft", "Syft", lambda row: rx.el.span(row.syft, class_name="mono")),
        Column("measured", "Measured", lambda row: age(row.measured_at)),
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


def _question(verb: Verb) -> rx.Component:
    return confirm(
        verb,
        open=PerformancePage.asking == verb.name,
        title=PerformancePage.question_title,
        confirm_label=verb.label,
        on_confirm=PerformancePage.do_verb,
        on_close=PerformancePage.leave_verb,
        error=PerformancePage.verb_problem,
    )


def _first_step() -> rx.Component:
    return rx.el.div(
        empty(
            "Nothing was measured yet",
            "A benchmark runs an analyzer several times on a tree that is made for it, or on one of yours, and keeps "
            "mean, p95, slowest pass and peak memory. Make a result the baseline, and later ones are compared with it.",
            _run_button("Run the first benchmark"),
            icon_name="activity",
        ),
        class_name="panel first",
    )


def _refused() -> rx.Component:
    return rx.el.div(
        empty(
            "This address shows no results",
            PerformancePage.problem,
            link("Show all results", href=routes.performance(), look="btn"),
            icon_name="list-filter",
        ),
        class_name="panel",
        role="alert",
    )
