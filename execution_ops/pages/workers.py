"""The worker fleet."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import verb_button
from execution_ops.components.dialog import question
from execution_ops.components.icons import icon
from execution_ops.components.kv import note
from execution_ops.components.links import link
from execution_ops.components.listing import first_step, list_body, list_filter, list_hidden
from execution_ops.components.prose import said
from execution_ops.components.table import column_chooser, pager
from execution_ops.domain.filter_fields import WORKER_FIELDS
from execution_ops.domain.verb import Verb
from execution_ops.domain.worker_verbs import WORKER_DRAIN, WORKER_RESUME, WORKER_VERBS
from execution_ops.pages.live_page import live_page
from execution_ops.pages.worker_drawer import worker_drawer
from execution_ops.pages.worker_tables import TABLE, columns, gone, living
from execution_ops.state.workers import WorkersPage
from execution_ops.texts import common
from execution_ops.texts import workers as words

ON_LOAD = (WorkersPage.open,)


def page() -> rx.Component:
    """Warnings, filter, those that live, those that are gone, the drawer of one, and the questions."""
    return live_page(
        "workers",
        WorkersPage,
        list_body(
            WorkersPage,
            rx.cond(WorkersPage.total > 0, _fleet(), _first_step()),
            noun="workers",
            href=routes.workers(),
        ),
        worker_drawer(),
        *(question(WorkersPage, verb) for verb in WORKER_VERBS),
        summary=WorkersPage.summary,
        actions=(
            _for_all(WORKER_RESUME, WorkersPage.resume_label, WorkersPage.resume_off),
            _for_all(WORKER_DRAIN, WorkersPage.drain_label, WorkersPage.drain_off),
        ),
    )


def _for_all(verb: Verb, label: rx.Var[str], off: rx.Var[str]) -> rx.Component:
    """The verb for all that match the filter; nothing until it is known which these are, or without any."""
    button = verb_button(verb, WorkersPage.ask_matching(verb.name), label=label, look="", off=off)
    return rx.cond((label != "") & (WorkersPage.total > 0), button)


def _fleet() -> rx.Component:
    return rx.fragment(
        _warnings(),
        list_filter(
            WorkersPage,
            column_chooser(TABLE, columns()),
            fields=WORKER_FIELDS,
            placeholder=words.WORKERS_FILTER,
        ),
        rx.cond(WorkersPage.rows_on_page > 0, living()),
        rx.cond(WorkersPage.gone_on_page > 0, gone()),
        rx.cond(
            WorkersPage.rows_on_page + WorkersPage.gone_on_page == 0,
            list_hidden(WorkersPage, "workers"),
        ),
        rx.cond((WorkersPage.before_href != "") | (WorkersPage.after_href != ""), _pager()),
    )


def _warnings() -> rx.Component:
    nobody = note(
        rx.el.b(words.NO_WORKER_RUNS),
        " ",
        said(words.START_ONE, command=rx.el.code(common.START_A_WORKER, class_name="mono")),
        tone="bad",
        icon_name="triangle-alert",
    )

    def line(row: Any) -> rx.Component:
        return rx.el.div(
            icon(row.icon),
            rx.el.div(row.text, " ", link(row.link, href=row.href)),
            class_name=f"note {row.tone}",
        )

    return rx.el.div(
        rx.cond(WorkersPage.living == 0, nobody),
        rx.foreach(WorkersPage.warnings, line),
        class_name="warnings",
        role="region",
        aria_label=words.WARNINGS,
    )


def _pager() -> rx.Component:
    return pager(
        before=WorkersPage.before_href,
        after=WorkersPage.after_href,
        note=words.THOSE_THAT_LIVE_FIRST,
    )


def _first_step() -> rx.Component:
    return first_step(
        words.NO_WORKER_HERE,
        words.NO_WORKER_HERE_WHY,
        rx.el.code(common.START_A_WORKER, class_name="cmd mono"),
        icon_name="server",
    )
