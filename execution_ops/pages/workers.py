"""The worker fleet."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, refresh_button
from execution_ops.components.dialog import confirm
from execution_ops.components.filter_bar import WORKER_FIELDS, filter_bar
from execution_ops.components.icons import icon
from execution_ops.components.kv import note
from execution_ops.components.links import link
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty, filtered_empty
from execution_ops.components.table import column_chooser, pager
from execution_ops.domain.verb import Verb
from execution_ops.domain.worker_verbs import WORKER_DRAIN, WORKER_RESUME, WORKER_VERBS
from execution_ops.pages.worker_tables import TABLE, columns, gone, living
from execution_ops.state.shell import surroundings
from execution_ops.state.workers import WorkersPage

ON_LOAD = (WorkersPage.open,)
START = "execution-ops worker"


def page() -> rx.Component:
    """Warnings, filter, those that live, those that are gone, and the questions."""
    return shell_page(
        "workers",
        rx.cond(
            WorkersPage.refused,
            _refused(),
            content(WorkersPage, rx.cond(WorkersPage.total > 0, _fleet(), _first_step())),
        ),
        *(_question(verb) for verb in WORKER_VERBS),
        surroundings=surroundings(),
        summary=WorkersPage.summary,
        actions=(
            _for_all(WORKER_RESUME, WorkersPage.resume_label, WorkersPage.resume_off),
            _for_all(WORKER_DRAIN, WorkersPage.drain_label, WorkersPage.drain_off),
        ),
        liveness=Liveness(WorkersPage.stamp, {"on_hide": WorkersPage.hide, "on_show": WorkersPage.show}),
    )


def _for_all(verb: Verb, label: rx.Var[str], off: rx.Var[str]) -> rx.Component:
    """The verb for all that match the filter; nothing until it is known which these are, or without any."""
    button = action(label, on_click=WorkersPage.ask_matching(verb.name), icon=verb.icon, off=off, changes=True)
    return rx.cond((label != "") & (WorkersPage.total > 0), button)


def _question(verb: Verb) -> rx.Component:
    return confirm(
        verb,
        open=WorkersPage.asking == verb.name,
        title=WorkersPage.question_title,
        facts=WorkersPage.question_facts,
        confirm_label=WorkersPage.question_button,
        error=WorkersPage.verb_problem,
        on_confirm=WorkersPage.do_verb,
        on_close=WorkersPage.leave_verb,
    )


def _fleet() -> rx.Component:
    return rx.fragment(
        _warnings(),
        filter_bar(
            column_chooser(TABLE, columns()),
            refresh_button(WorkersPage.refresh),
            pairs=WorkersPage.pairs,
            tokens=WorkersPage.tokens,
            values=WorkersPage.values,
            error=WorkersPage.complaint,
            on_query=WorkersPage.apply,
            fields=WORKER_FIELDS,
            placeholder="Filter by state, queue, host, version",
        ),
        rx.cond(WorkersPage.rows_on_page > 0, living()),
        rx.cond(WorkersPage.gone_on_page > 0, gone()),
        rx.cond(
            WorkersPage.rows_on_page + WorkersPage.gone_on_page == 0,
            rx.el.div(
                filtered_empty(WorkersPage.active, WorkersPage.hidden, routes.workers(), noun="workers"),
                class_name="panel",
            ),
        ),
        rx.cond((WorkersPage.before_href != "") | (WorkersPage.after_href != ""), _pager()),
    )


def _warnings() -> rx.Component:
    nobody = note(
        rx.el.b("No worker runs, so nothing starts. "),
        "Start one: ",
        rx.el.code(START, class_name="mono"),
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
        aria_label="Warnings",
    )


def _pager() -> rx.Component:
    return pager(
        before=WorkersPage.before_href,
        after=WorkersPage.after_href,
        note="Those that live first, by name, 50 per page",
    )


def _first_step() -> rx.Component:
    return rx.el.div(
        empty(
            "No worker here",
            "None runs, and none has in the last 24 hours, so no job starts. Start one on this machine, "
            "or on any machine that reaches the same PostgreSQL database:",
            rx.el.code(START, class_name="cmd mono"),
            icon_name="server",
        ),
        class_name="panel first",
    )


def _refused() -> rx.Component:
    return rx.el.div(
        empty(
            "This address shows no workers",
            WorkersPage.problem,
            link("Show all workers", href=routes.workers(), look="btn"),
            icon_name="list-filter",
        ),
        class_name="panel",
        role="alert",
    )
