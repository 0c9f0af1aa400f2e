"""The overview of the scheduler."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, refresh_button
from execution_ops.components.kv import ledger
from execution_ops.components.links import figure, link
from execution_ops.components.listing import first_step
from execution_ops.components.live import count_age
from execution_ops.components.prose import or_word
from execution_ops.components.states import content, skeleton
from execution_ops.components.strip import blocking_strip
from execution_ops.components.times import until
from execution_ops.pages.live_page import live_page
from execution_ops.pages.scheduler_tables import active_runs, missed_firings, next_firings, queue_lag
from execution_ops.state.runs_view import COMING
from execution_ops.state.scheduler import SchedulerPage
from execution_ops.texts import common
from execution_ops.texts import scheduler as words

ON_LOAD = (SchedulerPage.open,)
NOW = SchedulerPage.now


def page() -> rx.Component:
    """Figures; then what runs, what comes, what was missed, and the queues."""
    return live_page(
        "scheduler",
        SchedulerPage,
        content(SchedulerPage, rx.fragment(_figures(), rx.cond(SchedulerPage.only_missed, _all_missed(), _panels()))),
        summary=SchedulerPage.sentence,
        actions=(
            link_button(common.RUNS, routes.runs(), icon="play"),
            link_button(common.SCHEDULES, routes.schedules(), icon="calendar"),
            link_button(common.NEW_SCHEDULE, routes.new_schedule(), icon="plus", look="pri"),
        ),
    )


def _figures() -> rx.Component:
    cards, missed = SchedulerPage.cards, SchedulerPage.missed
    return rx.fragment(
        blocking_strip(SchedulerPage.strip),
        ledger(
            (common.ACTIVE_RUNS, _figure(cards.active, cards.active_href), _waiting_targets(cards.waiting)),
            (
                common.NEXT_FIRING,
                or_word(NOW.next_href, common.NONE, link(until(NOW.next_at), href=NOW.next_href, look="num")),
                rx.el.span(NOW.next_name, title=NOW.next_name),
            ),
            (words.MISSED_LAST_24_H, _figure(missed.count, missed.href), missed.words),
            (common.FAILED_TODAY, _figure(cards.failed, cards.failed_href), common.SINCE_MIDNIGHT_UTC),
            (words.JOBS_WAITING, figure(NOW.waiting, NOW.waiting_href), NOW.waiting_words),
            (common.WORKERS, figure(NOW.workers, NOW.workers_href), NOW.workers_words),
        ),
    )


def _figure(value: Any, href: Any) -> rx.Component:
    """A figure that comes a moment later than the rest; its place is kept."""
    return rx.cond(value != "", figure(value, href), rx.el.span("\u00a0"))


def _waiting_targets(count: Any) -> rx.Component:
    return rx.match(count, ("", ""), ("1", words.ONE_TARGET_WAITS), words.targets_wait(count))


def _panels() -> rx.Component:
    around = rx.fragment(
        _head(
            common.RUNNING_NOW,
            rx.cond(
                SchedulerPage.active_shown > 0,
                link(words.ALL_ACTIVE_RUNS, href=SchedulerPage.cards.active_href),
            ),
        ),
        rx.cond(SchedulerPage.active_shown > 0, active_runs(), _none(words.NOTHING_RUNS_NOW)),
        rx.el.div(_next_part(), _missed_part(), class_name="sched-pair"),
    )
    return rx.fragment(
        rx.cond(SchedulerPage.empty, _first_step(), around),
        _head(
            words.QUEUE_LAG,
            count_age(SchedulerPage.as_of, "figures"),
            refresh_button(SchedulerPage.refresh),
        ),
        rx.cond(
            SchedulerPage.queues_shown > 0,
            queue_lag(),
            _none(
                words.NO_QUEUE_HAS_HAD_A_JOB,
                " ",
                rx.el.code(common.START_A_WORKER, class_name="cmd mono"),
            ),
        ),
    )


def _head(title: str, *end: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.h2(title), rx.el.span(class_name="grow"), *end, class_name="row sched-head")


def _none(*words: object) -> rx.Component:
    return rx.el.div(rx.el.p(*words), class_name="panel sched-none")


def _first_step() -> rx.Component:
    return first_step(
        common.NO_SCHEDULE_YET,
        words.NO_SCHEDULE_YET_WHY,
        link_button(common.NEW_SCHEDULE, routes.new_schedule(), icon="plus"),
        rx.el.code(words.CREATE_COMMAND, class_name="cmd mono"),
        icon_name="calendar-clock",
    )


def _next_part() -> rx.Component:
    nothing = _none(
        words.NOTHING_COMES,
        " ",
        link(words.PAUSED_SCHEDULES, href=routes.schedules([("state", "paused")])),
    )
    return rx.el.section(
        _head(common.NEXT, link(words.ALL_THAT_COMES, href=routes.runs([COMING]))),
        rx.cond(SchedulerPage.coming_shown > 0, next_firings(), nothing),
    )


def _missed_part() -> rx.Component:
    missed = SchedulerPage.missed
    return rx.el.section(
        _head(
            words.MISSED_LAST_24_H,
            rx.cond(SchedulerPage.missed_left > 0, link(words.all_of_them(missed.count), href=missed.href)),
        ),
        _missed(),
    )


def _all_missed() -> rx.Component:
    return rx.fragment(
        _head(words.MISSED_LAST_24_H, link(words.BACK_TO_THE_OVERVIEW, href=routes.scheduler())),
        _missed(),
    )


def _missed() -> rx.Component:
    return rx.cond(
        SchedulerPage.missed.count == "",
        skeleton(2),
        rx.cond(
            SchedulerPage.missed_rows.length() > 0,
            missed_firings(),
            _none(words.NOTHING_WAS_MISSED),
        ),
    )
