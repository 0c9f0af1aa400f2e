"""The cells of a table of workers, which more than one page has."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.figures import gauge
from execution_ops.components.icons import icon
from execution_ops.components.links import figure, link
from execution_ops.components.prose import muted, or_word, said
from execution_ops.components.status import status
from execution_ops.components.table import Column, row_link
from execution_ops.components.times import age
from execution_ops.texts import common
from execution_ops.texts import workers as words


def worker_columns() -> list[Column]:
    """The columns of a table of `WorkerLine`."""
    return [
        Column("worker", words.WORKER_HOST_VERSION, worker_name, place="name", fixed=True),
        Column("state", common.STATE, worker_state, place="state", fixed=True),
        Column("queues", common.QUEUES, worker_queues),
        Column("slots", words.SLOTS_USED, worker_slots, place="sub"),
        Column("jobs", common.RUNNING_NOW, _jobs),
        Column("heartbeat", words.HEARTBEAT, _heartbeat, place="end"),
        Column("use", words.MEMORY_CPU, _use),
    ]


def worker_link(name: Any, worker_id: Any, href: Any) -> rx.Component:
    """A worker by its name, on a page of something else; its id is the title."""
    return link(name, href=href, look="num", title=worker_id)


def worker_name(row: Any) -> rx.Component:
    """Name, host and version."""
    return rx.fragment(
        row_link(rx.el.b(row.name, title=row.name, class_name="trunc who"), href=row.href),
        rx.el.span(row.place, title=row.place, class_name="sub trunc who"),
    )


def worker_state(row: Any) -> rx.Component:
    """How it stands."""
    return rx.fragment(
        status(row.state, kind="worker", word=row.word),
        # What was asked stands below the row, with these words.
        rx.cond(row.asked == "", rx.el.span(row.phrase, title=row.phrase, class_name="sub trunc only-d phrase")),
    )


def worker_queues(row: Any) -> rx.Component:
    """What it serves."""
    return rx.el.span(row.queues, title=row.queues, class_name="trunc queues")


def worker_slots(row: Any) -> rx.Component:
    """How many jobs it runs of those that it could."""
    tone = rx.cond(row.takes, rx.cond(row.full, "warn", ""), "mute")
    return rx.el.span(
        gauge(row.running, row.slots, tone=tone),
        rx.el.span(
            figure(row.running.to_string(), row.running_href, words.running_on(row.running, row.name)),
            rx.el.span(" ", row.running_text, class_name="fg3"),
        ),
        class_name="row gauge worker-slots",
    )


def _jobs(row: Any) -> rx.Component:
    listed = rx.foreach(row.jobs, lambda job: link(job.name, href=job.href, look="link trunc", title=job.name))
    more = rx.cond(row.more != "", figure(row.more, row.running_href))
    return rx.cond(
        row.jobs.length() > 0,
        rx.el.span(listed, more, class_name="runs"),
        muted(common.NOTHING),
    )


def _heartbeat(row: Any) -> rx.Component:
    return rx.fragment(
        rx.el.span(
            rx.cond(row.late, icon("triangle-alert")),
            age(row.heartbeat_at),
            class_name=rx.cond(row.late, "st warn", ""),
        ),
        rx.el.span(said(words.UP_FOR, age=age(row.started_at, bare=True)), class_name="sub only-d"),
    )


def _use(row: Any) -> rx.Component:
    both = rx.fragment(rx.el.span(row.memory), rx.el.span(row.cpu, class_name="sub"))
    return or_word(row.memory, common.NOT_KNOWN, both)
