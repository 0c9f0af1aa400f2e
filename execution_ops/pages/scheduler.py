"""The overview of the scheduler."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, refresh_button
from execution_ops.components.kv import ledger
from execution_ops.components.links import figure, link
from execution_ops.components.live import count_age
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty, skeleton
from execution_ops.components.strip import blocking_strip
from execution_ops.components.times import until
from execution_ops.pages.scheduler_tables import active_runs, missed_firings, next_firings, queue_lag
from execution_ops.state.runs_view import COMING
from execution_ops.state.scheduler import SchedulerPage
from execution_ops.state.shell import surroundings

ON_LOAD = (SchedulerPage.open,)
NOW = SchedulerPage.now


def page() -> rx.Component:
    """Figures; then what runs, what comes, what was missed, and the queues."""
    return shell_page(
        "scheduler",
        content(SchedulerPage, rx.fragment(_figures(), rx.cond(SchedulerPage.only_missed, _all_missed(), _panels()))),
        surroundings=surroundings(),
        summary=SchedulerPage.sentence,
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
        blocking_strip(SchedulerPage.strip),
        ledger(
            ("Active runs", _figure(cards.active, cards.active_href), _waiting_targets(cards.waiting)),
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
            ("Failed today", _figure(cards.failed, cards.failed_href), "since 00:00 UTC"),
            ("Jobs waiting", figure(NOW.waiting, NOW.waiting_href), NOW.waiting_words),
            ("Workers", figure(NOW.workers, NOW.workers_href), NOW.workers_words),
        ),
    )


def _figure(value: Any, href: Any) -> rx.Component:
    """A figure that comes a moment later than the rest; its place is kept."""
    return rx.cond(value != "", figure(value, href), rx.el.span("\u00a0"))


def _waiting_targets(count: Any) -> rx.Component:
    return rx.match(
        count, ("", rx.fragment()), ("1", rx.fragment("1 target waits")), rx.fragment(count, " targets wait")
    )


def _panels() -> rx.Component:
    around = rx.fragment(
        _head(
            "Running now",
            rx.cond(
                SchedulerPage.active_shown > 0,
                link("All active runs", href=SchedulerPage.cards.active_href),
            ),
        ),
        rx.cond(SchedulerPage.active_shown > 0, active_runs(), _none("Nothing runs now.")),
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
            queue_lag(),
            _none(
                "No queue has had a job yet, and no worker is online: ",
                rx.el.code("execution-ops worker", class_name="cmd mono"),
            ),
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


def _next_part() -> rx.Component:
    nothing = _none(
        "No enabled schedule has a coming time. ",
        link("Paused schedules", href=routes.schedules([("state", "paused")])),
    )
    return rx.el.section(
        _head("Next", link("All that comes", href=routes.runs([COMING]))),
        rx.cond(SchedulerPage.coming_shown > 0, next_firings(), nothing),
    )


def _missed_part() -> rx.Component:
    missed = SchedulerPage.missed
    return rx.el.section(
        _head(
            "Missed, last 24 h",
            rx.cond(SchedulerPage.missed_left > 0, link("All ", missed.count, href=missed.href)),
        ),
        _missed(),
    )


def _all_missed() -> rx.Component:
    return rx.fragment(
        _head("Missed, last 24 h", link("Back to the overview", href=routes.scheduler())),
        _missed(),
    )


def _missed() -> rx.Component:
    return rx.cond(
        SchedulerPage.missed.count == "",
        skeleton(2),
        rx.cond(
            SchedulerPage.missed_rows.length() > 0,
            missed_firings(),
            _none("Nothing was missed: every due time brought a run."),
        ),
    )
