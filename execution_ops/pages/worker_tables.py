"""The tables of the fleet: the workers that live, and those that are gone."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import Look, verb_button
from execution_ops.components.kv import noted
from execution_ops.components.prose import said
from execution_ops.components.table import Column, table, time_column, verbs_column
from execution_ops.components.times import instant
from execution_ops.domain.fleet import Asked
from execution_ops.domain.verb import Verb
from execution_ops.domain.worker_verbs import WORKER_DRAIN, WORKER_RESUME, WORKER_STOP
from execution_ops.pages.worker_cells import worker_columns, worker_name, worker_queues, worker_state
from execution_ops.state.workers import WorkerRows, WorkersPage
from execution_ops.texts import common
from execution_ops.texts import workers as words

TABLE = "workers"


def living() -> rx.Component:
    """The workers that live, each with its verbs and, below it, what an operator asked of it."""
    return table(
        TABLE,
        WorkerRows.rows,
        columns(),
        key=lambda row: row.id,
        label=common.WORKERS,
        two_lines=True,
        under=lambda row: (row.asked != Asked.NOTHING.value, asked_note(row, _resume(row))),
    )


def columns() -> list[Column]:
    """The columns of those that live, which the operator chooses from."""
    return [
        *worker_columns(),
        verbs_column(_verbs),
    ]


def _verbs(row: Any) -> rx.Component:
    return rx.el.span(
        rx.cond(row.asked == Asked.NOTHING.value, for_one(WORKER_DRAIN, row, row.drain_off, "sm")),
        rx.cond(row.asked != Asked.STOP.value, for_one(WORKER_STOP, row, row.stop_off, "sm")),
        class_name="row worker-verbs",
    )


def for_one(verb: Verb, row: Any, off: Any, look: Look) -> rx.Component:
    """The button of a verb on one worker."""
    return verb_button(verb, WorkersPage.ask_worker(verb.name, row.id), look=look, off=off)


def _resume(row: Any) -> rx.Component:
    return rx.cond(row.asked == Asked.DRAIN.value, for_one(WORKER_RESUME, row, row.resume_off, "sm"))


def asked_note(row: Any, button: rx.Component | None = None) -> rx.Component:
    """What an operator asked of a worker, when and why, with the button that takes it back."""
    because = rx.cond(row.asked_reason != "", rx.el.b(said(common.BECAUSE, reason=row.asked_reason)))
    return noted(
        rx.el.p(row.phrase),
        rx.el.p(said(common.BY_AT, by=row.asked_text, at=instant(row.asked_at, zone=True)), because),
        button=button,
        tone="warn",
        icon_name=WORKER_DRAIN.icon,
    )


def gone() -> rx.Component:
    """The workers that ended or were lost in the last 24 hours."""
    columns = [
        Column("worker", words.WORKER_HOST_VERSION, worker_name, place="name", fixed=True),
        Column("state", common.STATE, worker_state, place="state", fixed=True),
        Column("queues", common.QUEUES, worker_queues),
        time_column("ended", common.ENDED, lambda row: instant(row.ended_at), right=False),
        Column("lived", words.LIVED, _lived, place="sub"),
    ]
    return rx.fragment(
        rx.el.div(rx.el.h2(words.GONE_IN_THE_LAST_24_HOURS, class_name="sec"), class_name="row sech gone-sec"),
        table(
            "gone-workers",
            WorkerRows.gone,
            columns,
            key=lambda row: row.id,
            label=words.WORKERS_THAT_ARE_GONE,
            two_lines=True,
        ),
    )


def _lived(row: Any) -> rx.Component:
    # A card has no head that would say what the figure is.
    return rx.fragment(rx.el.span(words.RAN_FOR, "\u00a0", class_name="only-m"), rx.el.span(row.lived))
