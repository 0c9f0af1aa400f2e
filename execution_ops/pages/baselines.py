"""The baselines: the list, the drawer of one, and the comparison of two."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button
from execution_ops.components.filter_bar import BASELINE_FIELDS
from execution_ops.components.kv import note
from execution_ops.components.links import link
from execution_ops.components.listing import list_filter, list_nothing, list_pager, list_refused
from execution_ops.components.live import new_changes
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, column_chooser, row_link, table
from execution_ops.components.times import instant, zone_name
from execution_ops.pages.baseline_drawer import baseline_drawer, baseline_questions
from execution_ops.pages.comparison import comparison, comparison_actions
from execution_ops.pages.scan_dialog import scan_button, scan_dialog
from execution_ops.state.baselines import BaselineRows, BaselinesPage
from execution_ops.state.scan import ScanDialog
from execution_ops.state.shell import surroundings

ON_LOAD = (BaselinesPage.open, ScanDialog.prepare)
TABLE = "baselines"


def page() -> rx.Component:
    """The list with its drawer, or what two baselines differ in."""
    return shell_page(
        "baselines",
        rx.cond(
            BaselinesPage.refused,
            list_refused(BaselinesPage, link_button("Show all baselines", routes.baselines(), icon="list")),
            content(BaselinesPage, rx.cond(BaselinesPage.is_comparing, comparison(), _list())),
        ),
        baseline_drawer(),
        *baseline_questions(),
        scan_dialog(),
        surroundings=surroundings(),
        title=rx.cond(BaselinesPage.is_comparing, "Compare baselines", "Baselines"),
        summary=BaselinesPage.summary,
        actions=(rx.cond(BaselinesPage.is_comparing, comparison_actions(), scan_button()),),
        liveness=Liveness(BaselinesPage.stamp, {"on_hide": BaselinesPage.hide, "on_show": BaselinesPage.show}),
    )


def _list() -> rx.Component:
    rows = table(
        TABLE,
        BaselineRows.rows,
        _columns(),
        key=lambda row: row.id,
        label="Baselines",
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
            placeholder="Filter by source, label, state, tenant, time",
        ),
        rx.cond(BaselinesPage.rows_on_page > 0, rows, list_nothing(BaselinesPage, _nothing_yet(), "baselines")),
    )


def _choosing() -> rx.Component:
    told = note(
        "Choose the baseline to compare ",
        rx.el.b(BaselinesPage.choosing),
        " with. ",
        link("Choose none", href=routes.baselines()),
        icon_name="git-compare",
    )
    return rx.el.div(told, class_name="baseline-choosing")


def _columns() -> list[Column]:
    return [
        Column("name", "Baseline", _name, place="name", fixed=True),
        Column("state", "State", lambda row: status(row.state, kind="baseline"), place="state", fixed=True),
        Column("source", "Source", _source, place="sub", wide=True),
        Column("components", "Components", lambda row: row.components, place="end", right=True),
        Column("where", "From", _where),
        Column("tenant", "Tenant", lambda row: row.tenant),
        Column(
            "created",
            "Saved",
            _saved,
            head=rx.fragment("Saved, ", zone_name()),
            right=True,
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
            (row.where == "Scan") & ~row.green,
            rx.el.span("not green", class_name="sub t-warn", title="The scan had not succeeded as a whole."),
        ),
    )


def _saved(row: Any) -> rx.Component:
    return rx.fragment(instant(row.created_at), rx.el.span(row.created_by, class_name="sub only-d"))


def _nothing_yet() -> rx.Component:
    alone = empty(
        "No other baseline",
        "There is nothing to compare it with yet. Scan the source again, then save that result too.",
        scan_button(),
        icon_name="git-compare",
    )
    return rx.cond(BaselinesPage.choosing != "", alone, _first_step())


def _first_step() -> rx.Component:
    return empty(
        "No baseline yet",
        "A baseline is what a scan found, kept to compare later scans of the same source with. Scan something, then "
        "save its result: each merge, compare and export job of a scan offers that. Promoted, it is what every scan "
        "of the source is compared with.",
        scan_button(),
        link_button("Merge jobs", routes.jobs([("job_type", "scan.merge")]), icon="list"),
        icon_name="git-compare",
    )
