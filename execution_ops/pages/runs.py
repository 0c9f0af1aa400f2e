"""The runs of schedules."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button
from execution_ops.components.filter_bar import RUN_FIELDS
from execution_ops.components.kv import ledger
from execution_ops.components.links import figure
from execution_ops.components.listing import list_filter, list_nothing, list_pager, list_refused
from execution_ops.components.live import count_age, new_changes
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty
from execution_ops.components.table import Column, column_chooser, row_link, table
from execution_ops.components.tabs import word_tabs
from execution_ops.components.times import instant, zone_name
from execution_ops.pages.run_cells import run_columns
from execution_ops.pages.run_drawer import run_drawer
from execution_ops.state.runs import RunRows, RunsPage
from execution_ops.state.shell import surroundings

ON_LOAD = (RunsPage.open,)
TABLE = "runs"


def page() -> rx.Component:
    """Figures, filter, tabs, rows, and the drawer."""
    return shell_page(
        "runs",
        rx.cond(~RunsPage.refused, _cards()),
        list_filter(
            RunsPage,
            rx.cond(~RunsPage.on_coming, column_chooser(TABLE, run_columns(RunsPage))),
            fields=RUN_FIELDS,
            placeholder="Filter by state, trigger, schedule, tenant, time",
        ),
        word_tabs(
            RunsPage.tabs,
            new_changes(RunsPage.held, RunsPage.refresh),
            count_age(RunsPage.counts_as_of, "counts"),
            label="Runs",
        ),
        rx.cond(
            RunsPage.refused,
            list_refused(RunsPage, link_button("Show all runs", routes.runs(), icon="list")),
            content(RunsPage, rx.cond(RunsPage.on_coming, _coming(), _runs())),
        ),
        run_drawer(),
        surroundings=surroundings(),
        summary=RunsPage.summary,
        actions=_actions(),
        liveness=Liveness(RunsPage.stamp, {"on_hide": RunsPage.hide, "on_show": RunsPage.show}),
    )


def _actions() -> tuple[rx.Component, ...]:
    """The way to what makes runs."""
    return (_schedules(),)


def _schedules() -> rx.Component:
    return link_button("Schedules", routes.schedules(), icon="calendar")


def _cards() -> rx.Component:
    cards = RunsPage.cards
    return ledger(
        ("Active runs", _figure(cards.active, cards.active_href), "planning, queued, running"),
        ("Queue depth", _figure(cards.waiting, cards.waiting_href), "targets that wait"),
        ("Failed today", _figure(cards.failed, cards.failed_href), "since 00:00 UTC"),
        ("Deltas today", _figure(cards.deltas, cards.deltas_href, none="none"), cards.deltas_words),
    )


def _figure(value: Any, href: Any, *, none: str = "") -> rx.Component:
    """A figure with its runs; `none` where there is nothing to count. Its place is kept until it was read."""
    nothing = rx.cond(RunsPage.cards.active != "", none, "\u00a0")
    return rx.cond(value != "", figure(value, href), rx.el.span(nothing, class_name="fg3"))


def _runs() -> rx.Component:
    rows = table(
        TABLE,
        RunRows.rows,
        run_columns(RunsPage),
        key=lambda row: row.id,
        label="Runs",
        two_lines=True,
        foot=list_pager(RunsPage, "runs"),
    )
    return rx.cond(RunsPage.rows_on_page > 0, rows, list_nothing(RunsPage, _nothing_yet(), "runs"))


def _nothing_yet() -> rx.Component:
    return empty(
        "No run yet",
        "A run starts when a schedule is due, or when somebody starts one by hand. The first step is to make a "
        "schedule: what to run, on which targets, and when.",
        _schedules(),
        icon_name="calendar-clock",
    )


def _coming() -> rx.Component:
    rows = table(
        "coming",
        RunRows.coming,
        [
            Column("name", "Schedule", _coming_name, place="name", wide=True),
            Column("rule", "Rule", _rule, place="sub"),
            Column("zone", "Zone", lambda row: row.zone),
            Column("tenant", "Tenant", lambda row: row.tenant),
            Column(
                "at",
                "Next",
                lambda row: instant(row.at),
                place="end",
                head=rx.fragment("Next, ", zone_name()),
                right=True,
            ),
        ],
        key=lambda row: row.id,
        label="What fires next",
        foot=rx.cond(
            RunsPage.coming_more > 0,
            rx.el.p(f"{RunsPage.coming_more} more schedules fire later.", class_name="pager"),
        ),
    )
    return rx.cond(RunsPage.rows_on_page > 0, rows, rx.el.div(_nothing_comes(), class_name="panel"))


def _coming_name(row: Any) -> rx.Component:
    return row_link(rx.el.b(row.name), href=row.href)


def _rule(row: Any) -> rx.Component:
    return rx.el.span(row.words, " ", rx.el.span(row.cron, class_name="mono fg3"), title=row.words)


def _nothing_comes() -> rx.Component:
    return empty(
        "Nothing is scheduled",
        "No enabled schedule that this filter leaves has a coming time.",
        _schedules(),
        link_button("All runs", routes.runs(), icon="list"),
        icon_name="calendar-clock",
    )
