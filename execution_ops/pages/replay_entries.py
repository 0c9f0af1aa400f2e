"""The table of the entries of a replay plan."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.links import link
from execution_ops.components.states import empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, pager, table, time_column
from execution_ops.components.times import instant
from execution_ops.pages.letter_parts import letter_error, letter_job_type
from execution_ops.state.replay import ItemRows, ReplayPage
from execution_ops.texts import common
from execution_ops.texts import replays as words


def entries() -> rx.Component:
    """The entries with their heading, or that there are none of the kind that was asked for."""
    nothing = rx.el.div(
        empty(words.NO_SUCH_ENTRY, words.NO_SUCH_ENTRY_WHY, icon_name="list-filter"), class_name="panel"
    )
    return rx.fragment(
        rx.el.div(
            rx.el.h2(common.ENTRIES, class_name="sec"),
            rx.cond(ReplayPage.narrowed, link(words.SHOW_ALL_ENTRIES, href=ReplayPage.all_href)),
            class_name="row sech",
        ),
        rx.cond(ReplayPage.rows_on_page > 0, _rows(), nothing),
    )


def _rows() -> rx.Component:
    return table(
        "plan-items",
        ItemRows.rows,
        [
            Column("no", words.NUMBER, lambda row: rx.el.span(row.no, class_name="fg3")),
            Column("status", common.STATE, lambda row: status(row.status, kind="item", word=row.word), place="state"),
            Column("error", common.ERROR, letter_error, place="name", wide=True),
            Column("job_type", common.JOB_TYPE, letter_job_type, place="sub"),
            Column("job", common.JOB, lambda row: link(row.job_short, href=row.job_href, look="num mono")),
            Column("tenant", common.TENANT, lambda row: row.tenant),
            Column("reason", words.WHY_NOT, _reason),
            time_column("sent", words.DONE_AT, lambda row: instant(row.sent_at, missing=common.NOT_YET)),
        ],
        key=lambda row: row.no.to_string(),
        label=words.ENTRIES_OF_THE_PLAN,
        foot=pager(
            before=ReplayPage.first_href,
            after=ReplayPage.next_href,
            note=words.IN_THE_ORDER_OF_DEATH,
            words=(common.FIRST, common.NEXT),
        ),
    )


def _reason(row: Any) -> rx.Component:
    return rx.el.span(row.reason, title=row.reason, class_name="reason fg2")
