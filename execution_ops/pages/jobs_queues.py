"""Jobs & Queues: what blocks, the totals, and under five tabs the rows behind them. Nothing is changed from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button
from execution_ops.components.filter_bar import field_table
from execution_ops.components.kv import ledger
from execution_ops.components.links import figure
from execution_ops.components.listing import first_step, list_filter, list_nothing, list_pager, list_refused
from execution_ops.components.live import count_age, new_changes
from execution_ops.components.states import content, empty
from execution_ops.components.strip import blocking_strip
from execution_ops.components.table import Column, column_chooser, pager, table
from execution_ops.components.tabs import choice, word_tabs
from execution_ops.domain.filter_fields import OVERVIEW_FIELDS
from execution_ops.domain.overview_filters import Tab
from execution_ops.pages.job_cells import job_columns
from execution_ops.pages.letter_cells import letter_columns
from execution_ops.pages.live_page import live_page
from execution_ops.pages.queue_cells import rate_columns
from execution_ops.pages.run_cells import run_columns
from execution_ops.pages.scan_dialog import scan_button, scan_dialog
from execution_ops.pages.worker_cells import worker_columns
from execution_ops.state.overview import ROWS, OverviewPage, OverviewQueues
from execution_ops.state.overview_tabs import VIEWS
from execution_ops.state.scan import ScanDialog
from execution_ops.texts import common, dead_letters, jobengine, runs, workers
from execution_ops.texts import overview as words

ON_LOAD = (OverviewPage.open, ScanDialog.prepare)


def page() -> rx.Component:
    """The strip, the totals, the tabs, the filter, and the rows of the tab."""
    return live_page(
        "jobs_queues",
        OverviewPage,
        rx.cond(
            OverviewPage.refused,
            list_refused(OverviewPage, link_button(words.SHOW_ALL_QUEUES, routes.jobs_queues(), icon="layers")),
            rx.fragment(
                blocking_strip(OverviewPage.strip),
                _totals(),
                word_tabs(
                    OverviewPage.tabs,
                    new_changes(OverviewPage.held, OverviewPage.refresh),
                    count_age(OverviewPage.counts_as_of, common.COUNTS),
                    label=words.WHAT_IS_LISTED,
                ),
                list_filter(
                    OverviewPage,
                    # Which tab it is, the server says; what belongs to one comes with its rows.
                    rx.cond(OverviewPage.loaded, _controls()),
                    fields=_var_of_tab({tab: field_table(OVERVIEW_FIELDS[tab.value]) for tab in Tab}),
                    placeholder=rx.cond(
                        OverviewPage.loaded,
                        _var_of_tab({tab: view.placeholder for tab, view in VIEWS.items()}),
                        words.FILTER,
                    ),
                ),
                content(OverviewPage, _of_tab({tab: _list(tab, columns) for tab, columns in _columns().items()})),
            ),
        ),
        scan_dialog(),
        summary=OverviewPage.sentence,
        actions=(
            rx.cond(
                OverviewPage.hand_off.href != "",
                link_button(OverviewPage.hand_off.text, OverviewPage.hand_off.href, icon="arrow-right"),
            ),
            scan_button(),
        ),
    )


def _of_tab(parts: Mapping[Tab, rx.Component]) -> rx.Component:
    """The part of the tab that is shown."""
    cases = [(tab.value, part) for tab, part in parts.items()]
    return rx.match(OverviewPage.tab, *cases[1:], cases[0][1])


def _var_of_tab(values: Mapping[Tab, Any]) -> rx.Var[Any]:
    cases = [(tab.value, rx.Var.create(value)) for tab, value in values.items()]
    return rx.match(OverviewPage.tab, *cases[1:], cases[0][1])


def _controls() -> rx.Component:
    """What stands beside the filter of the tab."""
    return rx.fragment(
        _of_tab({tab: column_chooser(_name(tab), columns) for tab, columns in _columns().items()}),
        rx.cond(OverviewPage.tab == Tab.QUEUES.value, choice(OverviewPage.windows, words.HOW_FAR_BACK)),
    )


def _totals() -> rx.Component:
    totals = OverviewPage.totals
    return ledger(
        (common.WAITING, _total(totals.waiting), jobengine.READY_TO_START),
        (common.RUNNING, _total(totals.running), words.NOW),
        (jobengine.DONE_LAST_HOUR, _total(totals.done), words.SUCCEEDED),
        (jobengine.FAILED_LAST_HOUR, _total(totals.failed), jobengine.OR_TIMED_OUT),
        (words.DEAD_LETTERS, _total(totals.letters), words.NEED_A_DECISION),
        (common.WORKERS, _total(totals.workers), words.ONLINE),
    )


def _total(total: Any) -> rx.Component:
    """A figure that comes a moment later than the rows; its place is kept."""
    return rx.cond(total.href != "", figure(total.text, total.href), rx.el.span("\u00a0"))


def _name(tab: Tab) -> str:
    """Under which the columns of a tab are kept."""
    return f"overview-{tab.value}"


def _columns() -> dict[Tab, Sequence[Column]]:
    return {
        Tab.QUEUES: rate_columns(OverviewQueues),
        Tab.JOBS: job_columns(OverviewPage),
        Tab.RUNS: run_columns(OverviewPage),
        Tab.LETTERS: letter_columns(OverviewPage),
        Tab.WORKERS: worker_columns(),
    }


def _list(tab: Tab, columns: Sequence[Column]) -> rx.Component:
    noun = VIEWS[tab].noun[1]
    rows = table(
        _name(tab),
        ROWS[tab].rows,
        columns,
        key=lambda row: row.queue if tab is Tab.QUEUES else row.id,
        label=VIEWS[tab].title,
        two_lines=tab in (Tab.QUEUES, Tab.RUNS, Tab.WORKERS),
        foot=_named_pager(tab) if tab in (Tab.QUEUES, Tab.WORKERS) else list_pager(OverviewPage, noun),
    )
    first = rx.cond(OverviewPage.empty & (OverviewPage.active == 0), _first_step()) if tab is Tab.QUEUES else None
    nothing = list_nothing(OverviewPage, _nothing(tab), noun)
    if first is None:
        return rx.cond(OverviewPage.rows_on_page > 0, rows, nothing)
    shown = rx.cond(OverviewPage.rows_on_page > 0, rows, rx.cond(OverviewPage.active > 0, nothing))
    return rx.fragment(first, shown)


def _named_pager(tab: Tab) -> rx.Component:
    return pager(
        before=OverviewPage.before_href,
        after=OverviewPage.after_href,
        note=words.STUCK_FIRST if tab is Tab.QUEUES else words.LIVING_FIRST,
    )


def _first_step() -> rx.Component:
    return first_step(
        jobengine.NOTHING_HAS_RUN_YET,
        jobengine.NOTHING_HAS_RUN_YET_WHY,
        scan_button(),
        rx.el.code(common.SCAN_A_PATH, class_name="cmd mono"),
    )


def _nothing(tab: Tab) -> rx.Component:
    """Why the tab is empty though nothing is filtered, and the next step."""
    if tab is Tab.RUNS:
        schedule = link_button(common.NEW_SCHEDULE, routes.new_schedule(), icon="plus")
        return empty(runs.NO_RUN_YET, runs.NO_RUN_YET_WHY, schedule, icon_name="calendar-clock")
    if tab is Tab.LETTERS:
        failed = link_button(words.FAILED_JOBS, routes.jobs([("state", "failed")]), icon="list")
        return empty(dead_letters.NOTHING_DIED, words.NOTHING_DIED_WHY, failed, icon_name="mail-x")
    if tab is Tab.WORKERS:
        start = rx.el.code(common.START_A_WORKER, class_name="cmd mono")
        return empty(workers.NO_WORKER_HERE, workers.NO_WORKER_HERE_WHY, start, icon_name="server")
    scan = rx.el.code(common.SCAN_A_PATH, class_name="cmd mono")
    return empty(jobengine.NO_JOB_YET, jobengine.NO_JOB_YET_WHY, scan_button(), scan)
