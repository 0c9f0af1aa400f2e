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


def rate_columns(table: type[Any]) -> list[Column]:
    """The columns of a table of `RateLine`; `table` is the State with `QueueRows`."""
    cells = _Cells(table)
    return [
        Column("queue", common.QUEUE, cells.name, place="name", fixed=True),
        Column("waiting", common.WAITING, cells.waiting, place="sub", right=True),
        Column("running", words.RUNNING_LIMIT, cells.running, place="state"),
        Column("oldest", common.OLDEST_WAITING, cells.oldest, right=True),
        Column("arrived", words.ARRIVED, cells.arrived),
        Column("done", words.DONE, cells.done, place="end"),
        Column("failed", words.FAILED, cells.failed_of, right=True),
        Column("drain", words.DRAINS_IN, _drain, right=True),
        Column("workers", common.WORKERS, cells.workers, right=True),
        Column("quotas", common.QUOTAS, cells.quotas, right=True),
    ]


def queue_columns(table: type[Any]) -> list[Column]:
    """The columns of a table of `QueueLine`; `table` is the State with `QueueRows`."""
    cells = _Cells(table)
    return [
        Column("queue", common.QUEUE, cells.name, place="name", fixed=True),
        Column("waiting", common.WAITING, cells.waiting, place="sub", right=True),
        Column("pending", words.PENDING, cells.pending, right=True),
        Column("running", words.RUNNING_LIMIT, cells.running, place="state"),
        Column("oldest", common.OLDEST_WAITING, cells.oldest, right=True),
        Column("done", words.DONE_LAST_HOUR, cells.done, place="end"),
        Column("failed", words.FAILED_LAST_HOUR, cells.failed, right=True),
        Column("workers", common.WORKERS, cells.workers, right=True),
        Column("quotas", common.QUOTAS, cells.quotas, right=True),
    ]


class _Cells:
    """The cells of a row, with the addresses and curves that stand apart from it under the name of its queue."""

    def __init__(self, table: type[Any]) -> None:
        self._table = table

    def _ways(self, row: Any) -> Any:
        return self._table.ways[row.queue]

    def _curves(self, row: Any) -> Any:
        return self._table.curves[row.queue]

    def name(self, row: Any) -> rx.Component:
        ways = self._ways(row)
        return rx.fragment(
            row_link(rx.el.b(ways.name), href=ways.href),
            rx.el.span(ways.job_types, title=ways.job_types, class_name="sub trunc"),
        )

    def waiting(self, row: Any) -> rx.Component:
        # A card has no head that would say what the figure is.
        return rx.fragment(
            figure(row.waiting.to_string(), self._ways(row).waiting_href, words.count_waiting(row.waiting)),
            rx.el.span("\u00a0", words.WAITING_WORD, class_name="only-m"),
            rx.cond(
                row.stuck,
                rx.el.span(icon("triangle-alert"), words.NO_WORKER, class_name="only-m st warn"),
            ),
        )

    def pending(self, row: Any) -> rx.Component:
        return figure(row.pending.to_string(), self._ways(row).pending_href)

    def running(self, row: Any) -> rx.Component:
        return rx.el.span(
            rx.cond(row.limit_text != "", gauge(row.running, row.limit)),
            figure(row.running.to_string(), self._ways(row).running_href),
            rx.el.span(row.limit_text, class_name="fg3"),
            rx.el.span(words.RUNNING, class_name="only-m fg3"),
            class_name="row",
        )

    def oldest(self, row: Any) -> rx.Component:
        return figure(row.oldest_wait, self._ways(row).oldest_href)

    def done(self, row: Any) -> rx.Component:
        ways = self._ways(row)
        return rx.el.span(
            sparkline(self._curves(row).done, ways.series_label),
            figure(row.done.to_string(), ways.done_href),
            rx.el.span(words.DONE_WORD, class_name="only-m"),
            class_name="row",
        )

    def arrived(self, row: Any) -> rx.Component:
        ways = self._ways(row)
        return rx.el.span(
            sparkline(self._curves(row).arrived, ways.arrived_label, width=64, muted=True),
            figure(row.arrived.to_string(), ways.arrived_href),
            class_name="row",
        )

    def failed(self, row: Any) -> rx.Component:
        return rx.el.span(
            figure(row.failed.to_string(), self._ways(row).failed_href),
            class_name=rx.cond(row.failed > 0, "t-bad", "fg3"),
        )

    def failed_of(self, row: Any) -> rx.Component:
        """How many failed, and which part of those that ended."""
        rate = rx.cond(row.failure_rate != "", rx.el.span(row.failure_rate, class_name="sub"))
        return rx.fragment(self.failed(row), rate)

    def workers(self, row: Any) -> rx.Component:
        return rx.cond(
            row.workers > 0,
            figure(row.workers.to_string(), self._ways(row).workers_href),
            rx.el.span(icon("triangle-alert"), common.NONE, class_name=rx.cond(row.stuck, "st warn", "st")),
        )

    def quotas(self, row: Any) -> rx.Component:
        """The way to where its jobs are held back and let go."""
        ways = self._ways(row)
        return link(words.OPEN_QUOTAS, href=ways.quotas_href, look="link", aria_label=words.open_quotas_of(ways.name))


def _drain(row: Any) -> rx.Component:
    tone = rx.cond(row.drain_bad, "t-warn", rx.cond(row.waiting > 0, "", "fg3"))
    return rx.el.span(row.drain, title=row.drain_title, class_name=tone)
