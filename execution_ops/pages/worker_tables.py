"""The tables of the fleet: the workers that live, and those that are gone."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.kv import note
from execution_ops.components.table import Column, table
from execution_ops.components.times import instant, zone_name
from execution_ops.domain.fleet import Asked
from execution_ops.domain.verb import Verb
from execution_ops.domain.worker_verbs import WORKER_DRAIN, WORKER_RESUME, WORKER_STOP
from execution_ops.pages.worker_cells import worker_columns, worker_name, worker_queues, worker_state
from execution_ops.state.workers import WorkerRows, WorkersPage

TABLE = "workers"


def living() -> rx.Component:
    """The workers that live, each with its verbs and, below it, what an operator asked of it."""
    return table(
        TABLE,
        WorkerRows.rows,
        columns(),
        key=lambda row: row.id,
        label="Workers",
        two_lines=True,
        under=lambda row: (row.asked != Asked.NOTHING.value, _asked(row)),
    )


def columns() -> list[Column]:
    """The columns of those that live, which the operator chooses from."""
    return [
        *worker_columns(),
        Column("verbs", "Verbs", _verbs, right=True, head=rx.el.span("Verbs", class_name="sr")),
    ]


def _verbs(row: Any) -> rx.Component:
    return rx.el.span(
        rx.cond(row.asked == Asked.NOTHING.value, _for_one(WORKER_DRAIN, row, row.drain_off)),
        rx.cond(row.asked != Asked.STOP.value, _for_one(WORKER_STOP, row, row.stop_off)),
        class_name="row worker-verbs",
    )


def _for_one(verb: Verb, row: Any, off: Any) -> rx.Component:
    return action(
        verb.label,
        on_click=WorkersPage.ask_worker(verb.name, row.id),
        icon=verb.icon,
        look="sm",
        off=off,
        changes=True,
    )


def _asked(row: Any) -> rx.Component:
    resume = rx.cond(row.asked == Asked.DRAIN.value, _for_one(WORKER_RESUME, row, row.resume_off))
    return note(
        rx.el.div(
            rx.el.div(
                rx.el.p(row.phrase),
                rx.el.p(
                    row.asked_text,
                    ", ",
                    instant(row.asked_at, zone=True),
                    rx.cond(row.asked_reason != "", rx.el.b(": “", row.asked_reason, "”")),
                ),
            ),
            resume,
            class_name="qnote",
        ),
        tone="warn",
        icon_name=WORKER_DRAIN.icon,
    )


def gone() -> rx.Component:
    """The workers that ended or were lost in the last 24 hours."""
    columns = [
        Column("worker", "Worker, host, version", worker_name, place="name", fixed=True),
        Column("state", "State", worker_state, place="state", fixed=True),
        Column("queues", "Queues", worker_queues),
        Column(
            "ended",
            "Ended",
            lambda row: instant(row.ended_at),
            place="end",
            head=rx.fragment("Ended, ", zone_name()),
        ),
        Column("lived", "Ran for", _lived, place="sub"),
    ]
    return rx.fragment(
        rx.el.div(rx.el.h2("Gone in the last 24 hours", class_name="sec"), class_name="row sech gone-sec"),
        table(
            "gone-workers",
            WorkerRows.gone,
            columns,
            key=lambda row: row.id,
            label="Workers that are gone",
            two_lines=True,
        ),
    )


def _lived(row: Any) -> rx.Component:
    # A card has no head that would say what the figure is.
    return rx.fragment(rx.el.span("ran for\u00a0", class_name="only-m"), rx.el.span(row.lived))
