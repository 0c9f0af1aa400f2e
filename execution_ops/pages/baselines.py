"""The baselines: the list, the drawer of one, and the comparison of two."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button
from execution_ops.components.kv import note
from execution_ops.components.links import link
from execution_ops.components.listing import list_body, list_filter, list_nothing, list_pager
from execution_ops.components.live import new_changes
from execution_ops.components.prose import said
from execution_ops.components.states import empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, column_chooser, row_link, table, time_column
from execution_ops.components.times import instant
from execution_ops.domain.filter_fields import BASELINE_FIELDS
from execution_ops.pages.baseline_drawer import baseline_drawer, baseline_questions
from execution_ops.pages.comparison import comparison, comparison_actions
from execution_ops.pages.live_page import live_page
from execution_ops.pages.scan_dialog import scan_button, scan_dialog
from execution_ops.state.baselines import BaselineRows, BaselinesPage
from execution_ops.state.scan import ScanDialog
from execution_ops.texts import baselines as words
from execution_ops.texts import common

ON_LOAD = (BaselinesPage.open, ScanDialog.prepare)
TABLE = "baselines"


def page() -> rx.Component:
    """The list with its drawer, or what two baselines differ in."""
    return live_page(
        "baselines",
        BaselinesPage,
        list_body(
            BaselinesPage,
            rx.cond(BaselinesPage.is_comparing, comparison(), _list()),
            noun="baselines",
            href=routes.baselines(),
        ),
        baseline_drawer(),
        *baseline_questions(),
        scan_dialog(),
        title=rx.cond(BaselinesPage.is_comparing, words.COMPARE_BASELINES, common.BASELINES),
        summary=BaselinesPage.summary,
        actions=(rx.cond(BaselinesPage.is_comparing, comparison_actions(), scan_button()),),
    )


def _list() -> rx.Component:
    rows = table(
        TABLE,
        BaselineRows.rows,
        _columns(),
        key=lambda row: row.id,
        label=common.BASELINES,
        two_lines=True,
        foot=list_pager(BaselinesPage, "baselines"),
    )
    return rx.fragment(
        rx.cond(BaselinesPage.choosing != "", _choosing()),
        list_filter(
            BaselinesPage,
            new_changes(BaselinesPage.held, BaselinesPage.refresh),
            column_chooser(TABLE, _columns()),
            fields=BASELINE_FIELDS,
            placeholder=words.BASELINES_FILTER,
        ),
        rx.cond(BaselinesPage.rows_on_page > 0, rows, list_nothing(BaselinesPage, _nothing_yet(), "baselines")),
    )


def _choosing() -> rx.Component:
    told = said(
        words.CHOOSE_WHAT_TO_COMPARE,
        name=rx.el.b(BaselinesPage.choosing),
        out=link(words.CHOOSE_NONE, href=routes.baselines()),
    )
    return rx.el.div(note(told, icon_name="git-compare"), class_name="baseline-choosing")


def _columns() -> list[Column]:
    return [
        Column("name", common.BASELINE, _name, place="name", fixed=True),
        Column("state", common.STATE, lambda row: status(row.state, kind="baseline"), place="state", fixed=True),
        Column("source", common.SOURCE, _source, place="sub", wide=True),
        Column("components", common.COMPONENTS, lambda row: row.components, place="end", right=True),
        Column("where", words.FROM, _where),
        Column("tenant", common.TENANT, lambda row: row.tenant),
        time_column(
            "created",
            common.SAVED,
            _saved,
            place="rest",
            sort_href=BaselinesPage.sort_href,
            sorted=rx.cond(BaselinesPage.newest_first, "desc", "asc"),
        ),
    ]


def _name(row: Any) -> rx.Component:
    return row_link(rx.el.b(row.name), href=row.href, title=row.id)


def _source(row: Any) -> rx.Component:
    return rx.cond(
        row.source_href != "",
        link(row.source, href=row.source_href, look="num mono", title=row.source),
        rx.el.span(row.source, class_name="mono", title=row.source),
    )


def _where(row: Any) -> rx.Component:
    return rx.fragment(
        rx.cond(row.where_href != "", link(row.where, href=row.where_href), row.where),
        rx.cond(
            (row.where == words.SCAN) & ~row.green,
            rx.el.span(words.NOT_GREEN, class_name="sub t-warn", title=words.THE_SCAN_HAD_NOT_SUCCEEDED),
        ),
    )


def _saved(row: Any) -> rx.Component:
    return rx.fragment(instant(row.created_at), rx.el.span(row.created_by, class_name="sub only-d"))


def _nothing_yet() -> rx.Component:
    alone = empty(
        words.NO_OTHER_BASELINE,
        words.NO_OTHER_BASELINE_WHY,
        scan_button(),
        icon_name="git-compare",
    )
    return rx.cond(BaselinesPage.choosing != "", alone, _first_step())


def _first_step() -> rx.Component:
    return empty(
        words.NO_BASELINE_YET,
        words.NO_BASELINE_YET_WHY,
        scan_button(),
        link_button(words.MERGE_JOBS, routes.jobs([("job_type", "scan.merge")]), icon="list"),
        icon_name="git-compare",
    )
