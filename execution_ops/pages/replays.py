"""The list of replay plans."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, refresh_button
from execution_ops.components.prose import or_word
from execution_ops.components.states import content, empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, pager, row_link, table, time_column
from execution_ops.components.times import instant
from execution_ops.pages.letter_parts import REPLAYS, letter_tabs
from execution_ops.pages.live_page import live_page
from execution_ops.pages.run_cells import run_progress
from execution_ops.state.replays import PlanRows, ReplaysPage
from execution_ops.texts import common, dead_letters
from execution_ops.texts import replays as words

ON_LOAD = (ReplaysPage.open,)
SUBJECT = words.REPLAY_PLANS


def page() -> rx.Component:
    """Plans, newest first."""
    return live_page(
        "replays",
        ReplaysPage,
        letter_tabs(REPLAYS),
        content(ReplaysPage, rx.cond(ReplaysPage.rows_on_page > 0, _plans(), _nothing())),
        title=SUBJECT,
        summary=words.REPLAYS_SUMMARY,
        actions=(refresh_button(ReplaysPage.refresh),),
    )


def _plans() -> rx.Component:
    return table(
        "plans",
        PlanRows.rows,
        [
            Column("plan", dead_letters.PLAN, _plan, place="name", wide=True),
            Column("state", common.STATE, _state, place="state"),
            Column("progress", common.PROGRESS, run_progress, place="sub"),
            Column("results", words.RESULTS, _results),
            Column("rate", words.RATE, lambda row: row.rate),
            Column("by", words.MADE_BY, lambda row: row.by),
            time_column("created", common.MADE, lambda row: instant(row.created_at)),
        ],
        key=lambda row: row.id,
        label=words.REPLAY_PLANS,
        two_lines=True,
        foot=pager(
            before=ReplaysPage.first_href,
            after=ReplaysPage.next_href,
            note=common.NEWEST_FIRST,
            words=(words.NEWEST, common.OLDER),
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
        rx.cond(row.stuck, rx.el.span(words.STANDS_STILL, class_name="sub t-bad")),
    )


def _results(row: Any) -> rx.Component:
    return or_word(row.results, common.NONE_YET)


def _nothing() -> rx.Component:
    return rx.el.div(
        empty(
            words.NO_PLAN_YET,
            words.NO_PLAN_YET_WHY,
            link_button(dead_letters.ERROR_GROUPS, routes.dead_letter(), icon="fingerprint", look="pri"),
            icon_name="history",
        ),
        class_name="panel",
    )
