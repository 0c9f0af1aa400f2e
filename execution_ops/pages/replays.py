"""The list of replay plans."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, refresh_button
from execution_ops.components.figures import shares
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, pager, row_link, table
from execution_ops.components.times import instant, zone_name
from execution_ops.pages.letter_parts import REPLAYS, letter_tabs
from execution_ops.state.replays import PlanRows, ReplaysPage
from execution_ops.state.shell import surroundings

ON_LOAD = (ReplaysPage.open,)


def page() -> rx.Component:
    """Plans, newest first."""
    return shell_page(
        "replays",
        letter_tabs(REPLAYS),
        content(ReplaysPage, rx.cond(ReplaysPage.rows_on_page > 0, _plans(), _nothing())),
        surroundings=surroundings(),
        title="Replay plans",
        summary="Each is a frozen set of dead letters that is replayed, resolved or reopened in the background.",
        actions=(refresh_button(ReplaysPage.refresh),),
        liveness=Liveness(ReplaysPage.stamp, {"on_hide": ReplaysPage.hide, "on_show": ReplaysPage.show}),
    )


def _plans() -> rx.Component:
    return table(
        "plans",
        PlanRows.rows,
        [
            Column("plan", "Plan", _plan, place="name", wide=True),
            Column("state", "State", _state, place="state"),
            Column("progress", "Progress", _progress, place="sub"),
            Column("results", "Results", _results),
            Column("rate", "Rate", lambda row: row.rate),
            Column("by", "Made by", lambda row: row.by),
            Column(
                "created",
                "Made",
                lambda row: instant(row.created_at),
                place="end",
                head=rx.fragment("Made, ", zone_name()),
                right=True,
            ),
        ],
        key=lambda row: row.id,
        label="Replay plans",
        two_lines=True,
        foot=pager(
            before=ReplaysPage.first_href,
            after=ReplaysPage.next_href,
            note="Newest first, 50 per page",
            words=("Newest", "Older"),
        ),
    )


def _plan(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(row.title), href=row.href),
        rx.el.span(row.description, title=row.description, class_name="sub trunc"),
    )


def _state(row: Any) -> rx.Component:
    return rx.fragment(
        status(row.state, kind="plan"),
        rx.cond(row.stuck, rx.el.span("stands still", class_name="sub t-bad")),
    )


def _progress(row: Any) -> rx.Component:
    return rx.el.span(row.progress, shares(row.parts, row.whole, row.progress), class_name="plan-bar")


def _results(row: Any) -> rx.Component:
    return rx.cond(row.results != "", row.results, rx.el.span("none yet", class_name="fg3"))


def _nothing() -> rx.Component:
    return rx.el.div(
        empty(
            "No plan yet",
            "Plan a replay from the error groups, or for what you select in the queue. Its dry run, its progress and "
            "what came of it stay here.",
            link_button("Error groups", routes.dead_letter(), icon="fingerprint", look="pri"),
            icon_name="history",
        ),
        class_name="panel",
    )
