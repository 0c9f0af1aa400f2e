"""The tables of the overview of the scheduler."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.icons import icon
from execution_ops.components.links import figure, link
from execution_ops.components.prose import noun, said
from execution_ops.components.status import status
from execution_ops.components.table import Column, row_link, table, time_column
from execution_ops.components.times import age, instant, until
from execution_ops.pages.run_cells import run_progress, run_trigger
from execution_ops.state.scheduler import SchedulerPage, SchedulerRows
from execution_ops.texts import common
from execution_ops.texts import scheduler as words


def active_runs() -> rx.Component:
    """The runs that go on, each with what it waits for below it."""
    return table(
        "sched-active",
        SchedulerRows.active,
        [
            Column("run", words.RUN, _run, place="name", wide=True),
            Column("state", common.STATE, lambda row: status(row.state, kind="run"), place="state"),
            Column("progress", common.PROGRESS, _progress, place="sub"),
            Column("trigger", common.TRIGGER, run_trigger),
            time_column("since", words.SINCE, _since),
        ],
        key=lambda row: row.id,
        label=common.RUNNING_NOW,
        two_lines=True,
        under=lambda row: (row.wait.sentence != "", _wait(row.wait)),
    )


def next_firings() -> rx.Component:
    """The next due times; one that is past says why it has not fired."""
    return table(
        "sched-next",
        SchedulerRows.coming,
        [
            Column("name", common.SCHEDULE, _next_name, place="name", wide=True),
            Column("tenant", common.TENANT, lambda row: row.tenant),
            time_column("at", words.DUE, _due, place="state"),
        ],
        key=lambda row: row.id,
        label=common.WHAT_FIRES_NEXT,
        two_lines=True,
        under=lambda row: (row.wait != "", _warning(row.wait)),
    )


def missed_firings() -> rx.Component:
    """The due times that brought no run, each with the reason."""
    return table(
        "sched-missed",
        SchedulerPage.missed_rows,
        [
            Column("name", common.SCHEDULE, _missed_name, place="name", wide=True),
            Column("tenant", common.TENANT, lambda row: row.tenant),
            time_column("at", words.DUE, _missed_at, place="state"),
        ],
        key=lambda row: row.key,
        label=words.MISSED,
        two_lines=True,
    )


def queue_lag() -> rx.Component:
    """The queues; one with waiting jobs that nobody takes says what helps."""
    return table(
        "sched-lag",
        SchedulerRows.queues,
        [
            Column(
                "queue", common.QUEUE, lambda row: row_link(rx.el.b(row.queue), href=row.href), place="name", wide=True
            ),
            Column("depth", common.WAITING, _depth, place="state", right=True),
            Column("oldest", common.OLDEST_WAITING, _oldest, place="end", right=True),
            Column("running", common.RUNNING, _running, right=True),
            Column("workers", common.WORKERS, _workers, place="sub", right=True),
        ],
        key=lambda row: row.queue,
        label=words.QUEUE_LAG,
        under=lambda row: (row.stuck != "", _warning(row.stuck)),
    )


def _run(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(row.schedule), href=row.href, title=row.schedule),
        rx.el.span(
            said(words.RUN_OF, run=rx.el.span(row.short, class_name="mono"), tenant=row.tenant), class_name="sub trunc"
        ),
    )


def _progress(row: Any) -> rx.Component:
    return rx.el.div(run_progress(row), class_name="sched-progress")


def _since(row: Any) -> rx.Component:
    return rx.fragment(
        rx.el.span(instant(row.since), class_name="only-d"), rx.el.span(age(row.since), class_name="sub")
    )


def _wait(wait: Any) -> rx.Component:
    way = rx.cond(wait.href != "", rx.fragment(" ", link(wait.link, href=wait.href)))
    return rx.cond(
        wait.stuck,
        _warning(rx.fragment(wait.sentence, way)),
        rx.el.p(icon("hourglass"), rx.el.span(wait.sentence, way, class_name="break"), class_name="sched-wait"),
    )


def _warning(words: Any) -> rx.Component:
    return rx.el.p(icon("unplug"), rx.el.span(words, class_name="break"), class_name="sched-wait t-warn")


def _next_name(row: Any) -> rx.Component:
    exact = f"{row.cron} {row.zone}"
    return rx.fragment(
        row_link(rx.el.b(row.name), href=row.href, title=row.name),
        rx.el.span(row.words, ", ", row.zone, title=exact, class_name="sub trunc"),
    )


def _due(row: Any) -> rx.Component:
    return rx.fragment(until(row.at), rx.el.span(instant(row.at), class_name="sub"))


def _missed_name(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(row.name), href=row.href, title=row.name),
        rx.el.span(icon("circle-dashed", 12, class_name="t-warn"), " ", row.why, title=row.why, class_name="sub trunc"),
    )


def _missed_at(row: Any) -> rx.Component:
    more = rx.cond(row.times != "", rx.fragment(row.times), age(row.at))
    return rx.fragment(instant(row.at), rx.el.span(more, class_name="sub"))


def _depth(row: Any) -> rx.Component:
    return _counted(row.depth, row.depth_href, rx.cond(row.stuck != "", "t-warn", ""), "waiting")


def _oldest(row: Any) -> rx.Component:
    return rx.el.span(figure(row.oldest, row.oldest_href), class_name=rx.cond(row.depth > 0, "", "fg3"))


def _running(row: Any) -> rx.Component:
    return _counted(row.running, row.running_href, "")


def _workers(row: Any) -> rx.Component:
    return _counted(row.workers, row.workers_href, "", noun(row.workers, words.WORKERS_OF))


def _counted(count: Any, href: Any, look: Any, what: Any = None) -> rx.Component:
    """A figure, muted at zero. A card of a phone has no head that would say what it is: `what` does."""
    return rx.el.span(
        figure(count.to_string(), href),
        *([rx.el.span("\u00a0", what, class_name="only-m")] if what is not None else []),
        class_name=rx.cond(count > 0, look, "fg3"),
    )
