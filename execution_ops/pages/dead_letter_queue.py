"""The queue of dead letters."""

from __future__ import annotations

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, verb_button
from execution_ops.components.listing import (
    list_body,
    list_exports,
    list_filter,
    list_nothing,
    list_pager,
    list_tabs,
)
from execution_ops.components.selection import list_bulk, list_question, list_selection
from execution_ops.components.states import empty
from execution_ops.components.table import column_chooser, table
from execution_ops.domain.filter_fields import LETTER_FIELDS
from execution_ops.domain.letter_verbs import REOPEN, REPLAY, RESOLVE
from execution_ops.pages.letter_cells import letter_columns
from execution_ops.pages.letter_parts import ENTRIES, letter_tabs
from execution_ops.pages.live_page import live_page
from execution_ops.state.dead_letter_queue import QueuePage, QueueRows
from execution_ops.texts import common
from execution_ops.texts import dead_letters as words

ON_LOAD = (QueuePage.open,)
TABLE = "letters"
NOUN = words.LETTERS


def page() -> rx.Component:
    """Filter, tabs, rows, and the verbs on what is selected."""
    offs = {REPLAY: QueuePage.replay_off, RESOLVE: QueuePage.resolve_off, REOPEN: QueuePage.reopen_off}
    return live_page(
        "dead_letter_queue",
        QueuePage,
        letter_tabs(ENTRIES),
        list_filter(
            QueuePage,
            column_chooser(TABLE, letter_columns(QueuePage)),
            fields=LETTER_FIELDS,
            placeholder=words.DEAD_LETTER_QUEUE_FILTER,
        ),
        list_tabs(QueuePage, "letter"),
        list_body(
            QueuePage,
            rx.cond(QueuePage.rows_on_page > 0, _rows(), list_nothing(QueuePage, _nothing_yet(), NOUN)),
            noun=NOUN,
            href=routes.dead_letter_queue(),
        ),
        list_bulk(
            QueuePage,
            *[verb_button(verb, QueuePage.ask_verb(verb.name), off=off, look="sm") for verb, off in offs.items()],
        ),
        *[list_question(QueuePage, verb, NOUN) for verb in offs],
        summary=QueuePage.summary,
        actions=(list_exports(QueuePage, words.EXPORT_THE_DEAD_LETTERS_THAT_MATCH),),
    )


def _rows() -> rx.Component:
    return table(
        TABLE,
        QueueRows.rows,
        letter_columns(QueuePage),
        key=lambda row: row.id,
        label=words.DEAD_LETTERS,
        row_label=lambda row: f"{row.error_type} {row.job_type} {row.label} {row.short}",
        selection=list_selection(QueuePage, NOUN),
        foot=list_pager(QueuePage, NOUN),
    )


def _nothing_yet() -> rx.Component:
    return empty(
        words.NOTHING_DIED,
        words.NO_LETTER_YET_WHY,
        link_button(common.ALL_JOBS, routes.jobs(), icon="list"),
        icon_name="mail-x",
    )
