"""The cells of a table of dead letters, which more than one page has."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.links import figure, link
from execution_ops.components.prose import muted, or_word
from execution_ops.components.status import status
from execution_ops.components.table import Column, time_column
from execution_ops.components.times import instant
from execution_ops.pages.letter_parts import letter_error, letter_job_type
from execution_ops.texts import common
from execution_ops.texts import dead_letters as words


def letter_columns(page: Any) -> list[Column]:
    """The columns of a table of `LetterLine`; `page` is the State of its page, a `KeysetPage`."""
    return [
        Column("state", common.STATE, lambda row: status(row.state, kind="letter"), place="state", fixed=True),
        Column("error", common.ERROR, letter_error, place="name", wide=True, fixed=True),
        Column("job_type", common.JOB_TYPE, letter_job_type, place="sub"),
        Column("job", common.JOB, lambda row: link(row.job_short, href=row.job_href, look="num mono")),
        Column("tenant", common.TENANT, lambda row: link(row.tenant, href=row.tenant_href, look="num")),
        Column("category", words.CATEGORY, lambda row: rx.el.span(row.category, title=row.meaning)),
        Column("attempts", common.ATTEMPTS, lambda row: rx.el.span(row.attempts), right=True),
        Column("redeaths", words.DIED_AGAIN, _redeaths, right=True),
        time_column(
            "died",
            words.DIED,
            lambda row: instant(row.died_at),
            sort_href=page.sort_href,
            sorted=rx.cond(page.newest_first, "desc", "asc"),
        ),
        Column("note", words.NOTE, _note),
    ]


def _redeaths(row: Any) -> rx.Component:
    return rx.cond(
        row.redeaths > 0,
        figure(
            row.redeaths.to_string(),
            row.redeaths_href,
            rx.cond(row.redeaths == 1, words.DIED_AGAIN_ONCE, words.died_again_times(row.redeaths)),
        ),
        muted("0"),
    )


def _note(row: Any) -> rx.Component:
    return or_word(row.note, common.NONE, rx.el.span(row.note, title=row.note, class_name="note-cell fg2"))
