"""The runs of schedules."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button
from execution_ops.components.kv import ledger
from execution_ops.components.links import figure
from execution_ops.components.listing import list_body, list_filter, list_nothing, list_pager
from execution_ops.components.live import count_age, new_changes
from execution_ops.components.states import empty
from execution_ops.components.table import Column, column_chooser, row_link, table, time_column
from execution_ops.components.tabs import word_tabs
from execution_ops.components.times import instant
from execution_ops.domain.filter_fields import RUN_FIELDS
from execution_ops.pages.live_page import live_page
from execution_ops.pages.run_cells import run_columns
from execution_ops.pages.run_drawer import run_drawer
from execution_ops.state.runs import RunRows, RunsPage
from execution_ops.texts import common
from execution_ops.texts import runs as words

ON_LOAD = (RunsPage.open,)
TABLE = "runs"


def page() -> rx.Component:
    """Figures, filter, tabs, rows, and the drawer."""
    return live_page(
        "runs",
        RunsPage,
        rx.cond(~RunsPage.refused, _cards()),
        list_filter(
            RunsPage,
            rx.cond(~RunsPage.on_coming, column_chooser(TABLE, run_columns(RunsPage))),
            fields=RUN_FIELDS,
            placeholder=words.RUNS_FILTER,
        ),
        word_tabs(
            RunsPage.tabs,
            new_changes(RunsPage.held, RunsPage.refresh),
            count_age(RunsPage.counts_as_of, "counts"),
            label=common.RUNS,
        ),
        list_body(RunsPage, rx.cond(RunsPage.on_coming, _coming(), _runs()), noun="runs", href=routes.runs()),
        run_drawer(),
        summary=RunsPage.summary,
        actions=(_schedules(),),
    )


def _schedules() -> rx.Component:
    return link_button(common.SCHEDULES, routes.schedules(), icon="calendar")


def _cards() -> rx.Component:
    cards = RunsPage.cards
    return ledger(
        (common.ACTIVE_RUNS, _figure(cards.active, cards.active_href), words.PLANNING_QUEUED_RUNNING),
        (words.QUEUE_DEPTH, _figure(cards.waiting, cards.waiting_href), words.TARGETS_THAT_WAIT),
        (common.FAILED_TODAY, _figure(cards.failed, cards.failed_href), common.SINCE_MIDNIGHT_UTC),
        (words.DELTAS_TODAY, _figure(cards.deltas, cards.deltas_href, none="none"), cards.deltas_words),
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
        label=common.RUNS,
        two_lines=True,
        foot=list_pager(RunsPage, "runs"),
    )
    return rx.cond(RunsPage.rows_on_page > 0, rows, list_nothing(RunsPage, _nothing_yet(), "runs"))


def _nothing_yet() -> rx.Component:
    return empty(
        words.NO_RUN_YET,
        words.NO_RUN_YET_WHY,
        _schedules(),
        icon_name="calendar-clock",
    )


def _coming() -> rx.Component:
    rows = table(
        "coming",
        RunRows.coming,
        [
            Column("name", common.SCHEDULE, _coming_name, place="name", wide=True),
            Column("rule", common.RULE, _rule, place="sub"),
            Column("zone", words.ZONE, lambda row: row.zone),
            Column("tenant", common.TENANT, lambda row: row.tenant),
            time_column("at", common.NEXT, lambda row: instant(row.at)),
        ],
        key=lambda row: row.id,
        label=common.WHAT_FIRES_NEXT,
        foot=rx.cond(
            RunsPage.coming_more > 0,
            rx.el.p(words.more_fire_later(RunsPage.coming_more), class_name="pager"),
        ),
    )
    return rx.cond(RunsPage.rows_on_page > 0, rows, rx.el.div(_nothing_comes(), class_name="panel"))


def _coming_name(row: Any) -> rx.Component:
    return row_link(rx.el.b(row.name), href=row.href)


def _rule(row: Any) -> rx.Component:
    return rx.el.span(row.words, " ", rx.el.span(row.cron, class_name="mono fg3"), title=row.words)


def _nothing_comes() -> rx.Component:
    return empty(
        words.NOTHING_IS_SCHEDULED,
        words.NOTHING_IS_SCHEDULED_WHY,
        _schedules(),
        link_button(words.ALL_RUNS, routes.runs(), icon="list"),
        icon_name="calendar-clock",
    )
