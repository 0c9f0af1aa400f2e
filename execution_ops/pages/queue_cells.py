"""The cells of a table of queues, which more than one page has."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.figures import gauge, sparkline
from execution_ops.components.icons import icon
from execution_ops.components.links import figure, link
from execution_ops.components.table import Column, row_link
from execution_ops.texts import common
from execution_ops.texts import jobengine as words


def rate_columns() -> list[Column]:
    """The columns of a table of `RateLine`."""
    return [
        Column("queue", common.QUEUE, _name, place="name", fixed=True),
        Column("waiting", common.WAITING, _waiting, place="sub", right=True),
        Column("running", words.RUNNING_LIMIT, _running, place="state"),
        Column("oldest", common.OLDEST_WAITING, lambda row: figure(row.oldest_wait, row.oldest_href), right=True),
        Column("arrived", words.ARRIVED, _arrived),
        Column("done", words.DONE, _done, place="end"),
        Column("failed", words.FAILED, _failed_of, right=True),
        Column("drain", words.DRAINS_IN, _drain, right=True),
        Column("workers", common.WORKERS, _workers, right=True),
        Column("quotas", common.QUOTAS, _quotas, right=True),
    ]


def queue_columns() -> list[Column]:
    """The columns of a table of `QueueLine`."""
    return [
        Column("queue", common.QUEUE, _name, place="name", fixed=True),
        Column("waiting", common.WAITING, _waiting, place="sub", right=True),
        Column("pending", words.PENDING, lambda row: figure(row.pending.to_string(), row.pending_href), right=True),
        Column("running", words.RUNNING_LIMIT, _running, place="state"),
        Column("oldest", common.OLDEST_WAITING, lambda row: figure(row.oldest_wait, row.oldest_href), right=True),
        Column("done", words.DONE_LAST_HOUR, _done, place="end"),
        Column("failed", words.FAILED_LAST_HOUR, _failed, right=True),
        Column("workers", common.WORKERS, _workers, right=True),
        Column("quotas", common.QUOTAS, _quotas, right=True),
    ]


def _name(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(row.name), href=row.href),
        rx.el.span(row.job_types, title=row.job_types, class_name="sub trunc"),
    )


def _waiting(row: Any) -> rx.Component:
    # A card has no head that would say what the figure is.
    return rx.fragment(
        figure(row.waiting.to_string(), row.waiting_href, words.count_waiting(row.waiting)),
        rx.el.span("\u00a0", words.WAITING_WORD, class_name="only-m"),
    )


def _running(row: Any) -> rx.Component:
    return rx.el.span(
        rx.cond(row.limit_text != "", gauge(row.running, row.limit)),
        figure(row.running.to_string(), row.running_href),
        rx.el.span(row.limit_text, class_name="fg3"),
        rx.el.span(words.RUNNING, class_name="only-m fg3"),
        class_name="row",
    )


def _done(row: Any) -> rx.Component:
    return rx.el.span(
        sparkline(row.series, row.series_label),
        figure(row.done.to_string(), row.done_href),
        rx.el.span(words.DONE_WORD, class_name="only-m"),
        class_name="row",
    )


def _arrived(row: Any) -> rx.Component:
    return rx.el.span(
        sparkline(row.arrived_series, row.arrived_label, width=64, muted=True),
        figure(row.arrived.to_string(), row.arrived_href),
        class_name="row",
    )


def _failed_of(row: Any) -> rx.Component:
    """How many failed, and which part of those that ended."""
    return rx.fragment(_failed(row), rx.cond(row.failure_rate != "", rx.el.span(row.failure_rate, class_name="sub")))


def _drain(row: Any) -> rx.Component:
    tone = rx.cond(row.drain_bad, "t-warn", rx.cond(row.waiting > 0, "", "fg3"))
    return rx.el.span(row.drain, title=row.drain_title, class_name=tone)


def _failed(row: Any) -> rx.Component:
    return rx.el.span(
        figure(row.failed.to_string(), row.failed_href), class_name=rx.cond(row.failed > 0, "t-bad", "fg3")
    )


def _workers(row: Any) -> rx.Component:
    return rx.cond(
        row.workers > 0,
        figure(row.workers.to_string(), row.workers_href),
        rx.el.span(icon("triangle-alert"), common.NONE, class_name=rx.cond(row.stuck, "st warn", "st")),
    )


def _quotas(row: Any) -> rx.Component:
    """The way to where its jobs are held back and let go."""
    return link(words.OPEN_QUOTAS, href=row.quotas_href, look="link", aria_label=words.open_quotas_of(row.name))
