"""The overview of the scheduler."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, refresh_button
from execution_ops.components.icons import icon
from execution_ops.components.kv import ledger
from execution_ops.components.links import figure, link
from execution_ops.components.live import count_age
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty, skeleton
from execution_ops.components.status import status
from execution_ops.components.strip import blocking_strip
from execution_ops.components.table import Column, row_link, table
from execution_ops.components.times import age, instant, until, zone_name
from execution_ops.pages.run_parts import run_progress, run_trigger
from execution_ops.state.scheduler import SchedulerPage, SchedulerRows
from execution_ops.state.shell import surroundings

ON_LOAD = (SchedulerPage.open,)
NOW = SchedulerPage.now


def page() -> rx.Component:
    """Figures; then what runs, what comes, what was missed, and the queues."""
    return shell_page(
        "scheduler",
        content(SchedulerPage, rx.fragment(_figures(), rx.cond(SchedulerPage.only_missed, _all_missed(), _panels()))),
        surroundings=surroundings(),
        summary=rx.fragment(
            SchedulerPage.sentence,
            rx.cond(NOW.next_href != "", rx.fragment(" Next: ", rx.el.b(NOW.next_name), " ", until(NOW.next_at), ".")),
        ),
        actions=(
            link_button("Runs", routes.runs(), icon="play"),
            link_button("Schedules", routes.schedules(), icon="calendar"),
            link_button("New schedule", routes.new_schedule(), icon="plus", look="pri"),
        ),
        liveness=Liveness(SchedulerPage.stamp, {"on_hide": SchedulerPage.hide, "on_show": SchedulerPage.show}),
    )


def _figures() -> rx.Component:
    cards, missed = SchedulerPage.cards, SchedulerPage.missed
    return rx.fragment(
        blocking_strip(SchedulerPage.blocks),
        ledger(
            ("Active runs", _figure(cards.active, cards.active_href), "planning, queued, running"),
            (
                "Next firing",
                rx.cond(
                    NOW.next_href != "",
                    link(until(NOW.next_at), href=NOW.next_href, look="num"),
                    rx.el.span("none", class_name="fg3"),
                ),
                rx.el.span(NOW.next_name, title=NOW.next_name),
            ),
            ("Missed, last 24 h", _figure(missed.count, missed.href), missed.words),
            ("Failed today", _figure(cards.failed, cards.failed_href), "runs since 00:00 UTC"),
            ("Jobs waiting", figure(NOW.waiting, NOW.waiting_href), NOW.waiting_words),
            ("Workers", figure(NOW.workers, NOW.workers_href), NOW.workers_words),
        ),
    )


def _figure(value: Any, href: Any) -> rx.Component:
    """A figure that comes a moment later than the rest; its place is kept."""
    return rx.cond(value != "", figure(value, href), rx.el.span("\u00a0"))


def _panels() -> rx.Component:
    around = rx.fragment(
        _head(
            "Running now",
            rx.cond(
                SchedulerPage.active_shown > 0,
                link("All active runs", href=SchedulerPage.cards.active_href),
            ),
        ),
        rx.cond(SchedulerPage.active_shown > 0, _active(), _none("Nothing runs now.")),
        rx.el.div(_next_part(), _missed_part(), class_name="sched-pair"),
    )
    return rx.fragment(
        rx.cond(SchedulerPage.empty, _first_step(), around),
        _head(
            "Queue lag",
            count_age(SchedulerPage.as_of, "figures"),
            refresh_button(SchedulerPage.refresh),
        ),
        rx.cond(
            SchedulerPage.queues_shown > 0,
            _lag(),
            _none("No queue has had a job yet, and no worker is online: ", rx.el.code("execution-ops worker")),
        ),
    )


def _head(title: str, *end: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.h2(title), rx.el.span(class_name="grow"), *end, class_name="row sched-head")


def _none(*words: object) -> rx.Component:
    return rx.el.div(rx.el.p(*words), class_name="panel sched-none")


def _first_step() -> rx.Component:
    return rx.el.div(
        empty(
            "No schedule yet",
            "Runs start by themselves once there is a schedule: what to run, on which targets, and when. "
            "What runs, what comes and what was missed then stands here.",
            link_button("New schedule", routes.new_schedule(), icon="plus"),
            rx.el.code("execution-ops schedules create", class_name="cmd mono"),
            icon_name="calendar-clock",
        ),
        class_name="panel first",
    )


# what runs


def _active() -> rx.Component:
    return table(
        "sched-active",
        SchedulerRows.active,
        [
            Column("run", "Run", _run, place="name", wide=True),
            Column("state", "State", lambda row: status(row.state, kind="run"), place="state"),
            Column("progress", "Progress", run_progress, place="sub"),
            Column("trigger", "Trigger", run_trigger),
            Column("since", "Since", _since, place="end", head=rx.fragment("Since, ", zone_name()), right=True),
        ],
        key=lambda row: row.id,
        label="Running now",
        two_lines=True,
        under=lambda row: (row.wait.sentence != "", _wait(row.wait)),
    )


def _run(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(row.schedule), href=row.href, title=row.schedule),
        rx.el.span("run ", rx.el.span(row.short, class_name="mono"), " · ", row.tenant, class_name="sub trunc"),
    )


def _since(row: Any) -> rx.Component:
    return rx.fragment(instant(row.since), rx.el.span(age(row.since), class_name="sub only-d"))


def _wait(wait: Any) -> rx.Component:
    return rx.el.p(
        rx.cond(wait.stuck, icon("unplug"), icon("hourglass")),
        rx.el.span(
            wait.sentence,
            rx.cond(wait.href != "", rx.fragment(" ", link(wait.link, href=wait.href))),
            class_name="break",
        ),
        class_name=rx.cond(wait.stuck, "sched-wait t-warn", "sched-wait"),
    )


# what comes


def _next_part() -> rx.Component:
    nothing = _none(
        "No enabled schedule has a coming time. ",
        link("Paused schedules", href=routes.schedules([("state", "paused")])),
    )
    return rx.el.section(
        _head("Next", link("All that comes", href=routes.runs([("view", "coming")]))),
        rx.cond(SchedulerPage.coming_shown > 0, _next(), nothing),
    )


def _next() -> rx.Component:
    return table(
        "sched-next",
        SchedulerRows.coming,
        [
            Column("name", "Schedule", _next_name, place="name", wide=True),
            Column("at", "Due", _due, place="state", head=rx.fragment("Due, ", zone_name()), right=True),
        ],
        key=lambda row: row.id,
        label="What fires next",
        two_lines=True,
        under=lambda row: (row.wait != "", _late(row)),
    )


def _next_name(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(row.name), href=row.href, title=row.name),
        rx.el.span(
            row.words, ", ", row.zone, title=f"{row.cron} {row.zone}, tenant {row.tenant}", class_name="sub trunc"
        ),
    )


def _due(row: Any) -> rx.Component:
    return rx.fragment(until(row.at), rx.el.span(instant(row.at), class_name="sub"))


def _late(row: Any) -> rx.Component:
    return rx.el.p(icon("unplug"), rx.el.span(row.wait, class_name="break"), class_name="sched-wait t-warn")


# what was missed


def _missed_part() -> rx.Component:
    return rx.el.section(
        _head(
            "Missed, last 24 h",
            rx.cond(
                SchedulerPage.missed_left > 0, link("All ", SchedulerPage.missed.count, href=SchedulerPage.missed.href)
            ),
        ),
        _missed(),
    )


def _all_missed() -> rx.Component:
    return rx.fragment(
        _head("Missed, last 24 h", link("Back to the overview", href=routes.scheduler())),
        _missed(),
    )


def _missed() -> rx.Component:
    rows = table(
        "sched-missed",
        SchedulerPage.missed_rows,
        [
            Column("name", "Schedule", _missed_name, place="name", wide=True),
            Column("at", "Due", _missed_at, place="state", head=rx.fragment("Due, ", zone_name()), right=True),
        ],
        key=lambda row: row.key,
        label="Missed",
        two_lines=True,
    )
    return rx.cond(
        SchedulerPage.missed.count == "",
        skeleton(2),
        rx.cond(
            SchedulerPage.missed_rows.length() > 0, rows, _none("Nothing was missed: every due time brought a run.")
        ),
    )


def _missed_name(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(row.name), href=row.href, title=row.name),
        rx.el.span(icon("circle-dashed", 12, class_name="t-warn"), " ", row.why, title=row.why, class_name="sub trunc"),
    )


def _missed_at(row: Any) -> rx.Component:
    return rx.fragment(
        instant(row.at),
        rx.cond(
            row.times != "",
            rx.el.span(row.times, class_name="sub"),
            rx.el.span(age(row.at), class_name="sub"),
        ),
    )


# how far the queues are behind


def _lag() -> rx.Component:
    return table(
        "sched-lag",
        SchedulerRows.queues,
        [
            Column("queue", "Queue", lambda row: row_link(rx.el.b(row.queue), href=row.href), place="name", wide=True),
            Column("depth", "Waiting", _depth, place="state", right=True),
            Column(
                "oldest", "Oldest waiting", lambda row: figure(row.oldest, row.oldest_href), place="end", right=True
            ),
            Column("running", "Running", lambda row: figure(row.running.to_string(), row.running_href), right=True),
            Column("workers", "Workers", _workers, place="sub", right=True),
        ],
        key=lambda row: row.queue,
        label="Queue lag",
        under=lambda row: (row.stuck != "", _stuck(row)),
    )


def _depth(row: Any) -> rx.Component:
    # A card has no head that would say what the figure is.
    return rx.fragment(
        figure(row.depth.to_string(), row.depth_href, f"{row.depth} waiting in {row.queue}"),
        rx.el.span("\u00a0waiting", class_name="only-m"),
    )


def _workers(row: Any) -> rx.Component:
    return rx.fragment(
        figure(row.workers.to_string(), row.workers_href, f"{row.workers} workers serve {row.queue}"),
        rx.el.span("\u00a0workers", class_name="only-m"),
    )


def _stuck(row: Any) -> rx.Component:
    return rx.el.p(icon("unplug"), rx.el.span(row.stuck, class_name="break"), class_name="sched-wait t-warn")
