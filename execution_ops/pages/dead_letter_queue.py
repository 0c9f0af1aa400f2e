"""The queue of dead letters."""

from __future__ import annotations

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, verb_button
from execution_ops.components.filter_bar import LETTER_FIELDS
from execution_ops.components.listing import (
    list_bulk,
    list_exports,
    list_filter,
    list_nothing,
    list_pager,
    list_question,
    list_refused,
    list_selection,
    list_tabs,
)
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty
from execution_ops.components.table import column_chooser, table
from execution_ops.domain.letter_verbs import REOPEN, REPLAY, RESOLVE
from execution_ops.pages.letter_cells import letter_columns
from execution_ops.pages.letter_parts import QUEUE, letter_tabs
from execution_ops.state.dead_letter_queue import QueuePage, QueueRows
from execution_ops.state.shell import surroundings

ON_LOAD = (QueuePage.open,)
TABLE = "letters"
NOUN = "dead letters"


def page() -> rx.Component:
    """Filter, tabs, rows, and the verbs on what is selected."""
    offs = {REPLAY: QueuePage.replay_off, RESOLVE: QueuePage.resolve_off, REOPEN: QueuePage.reopen_off}
    return shell_page(
        "dead_letter_queue",
        letter_tabs(QUEUE),
        list_filter(
            QueuePage,
            column_chooser(TABLE, letter_columns(QueuePage)),
            fields=LETTER_FIELDS,
            placeholder="Filter by state, type, tenant, category, error, time, group, job",
        ),
        list_tabs(QueuePage, "letter"),
        rx.cond(
            QueuePage.refused,
            list_refused(QueuePage, link_button("Show all dead letters", routes.dead_letter_queue(), icon="list")),
            content(
                QueuePage, rx.cond(QueuePage.rows_on_page > 0, _rows(), list_nothing(QueuePage, _nothing_yet(), NOUN))
            ),
        ),
        list_bulk(
            QueuePage,
            *[verb_button(verb, QueuePage.ask_verb(verb.name), off=off, look="sm") for verb, off in offs.items()],
        ),
        *[list_question(QueuePage, verb, NOUN, facts=QueuePage.question_facts) for verb in offs],
        surroundings=surroundings(),
        title="Dead letter queue",
        summary=QueuePage.summary,
        actions=(list_exports(QueuePage, "Export the dead letters that match"),),
        liveness=Liveness(QueuePage.stamp, {"on_hide": QueuePage.hide, "on_show": QueuePage.show}),
    )


def _rows() -> rx.Component:
    return table(
        TABLE,
        QueueRows.rows,
        letter_columns(QueuePage),
        key=lambda row: row.id,
        label="Dead letters",
        row_label=lambda row: f"{row.error_type} {row.job_type} {row.label} {row.short}",
        selection=list_selection(QueuePage, NOUN),
        foot=list_pager(QueuePage, NOUN),
    )


def _nothing_yet() -> rx.Component:
    return empty(
        "Nothing died",
        "A job that fails for good, with no attempt left, gets an entry here. From here you replay it or close it "
        "with a note.",
        link_button("All jobs", routes.jobs(), icon="list"),
        icon_name="mail-x",
    )
