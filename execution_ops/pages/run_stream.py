"""The page that follows a run: phases, segments over time, log, figures."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button
from execution_ops.components.copy import copyable
from execution_ops.components.figures import shares
from execution_ops.components.gantt import gantt, legend
from execution_ops.components.icons import icon
from execution_ops.components.kv import kv, panel
from execution_ops.components.links import figure
from execution_ops.components.listing import missing
from execution_ops.components.live import resumed
from execution_ops.components.log_view import log_panel
from execution_ops.components.prose import said
from execution_ops.components.states import content
from execution_ops.components.status import badge
from execution_ops.components.times import instant
from execution_ops.pages.live_page import live_page
from execution_ops.pages.run_parts import run_notes, run_questions, run_verbs
from execution_ops.state.run_gantt_view import tones
from execution_ops.state.run_log import RunLogWindow
from execution_ops.state.run_stream import RunChart, RunStreamPage
from execution_ops.texts import common
from execution_ops.texts import runs as words

ON_LOAD = (RunStreamPage.open, RunLogWindow.open)
RUN = RunStreamPage.run
SUBJECT = rx.cond(RunStreamPage.problem_code == "NOT_FOUND", words.UNKNOWN_RUN, RUN.title)
_PHASE_ICONS = {
    "done": ("circle-check", "t-ok"),
    "now": ("loader-circle", "t-run"),
    "failed": ("circle-x", "t-bad"),
    "off": ("circle-minus", "t-mute"),
}


def page() -> rx.Component:
    """Head, phases, time lines and log; progress, changes and connection beside them."""
    lost = RunStreamPage.problem_code == "NOT_FOUND"
    known = (RUN.id != "") & (RunStreamPage.problem == "")
    name = said(words.RUN_MADE, run=RUN.title, at=instant(RunStreamPage.made_at))
    return live_page(
        "run_stream",
        RunStreamPage,
        rx.cond(lost, _missing(), content(RunStreamPage, _body())),
        *run_questions(RunStreamPage),
        title=rx.cond(lost, words.UNKNOWN_RUN, rx.cond(known, name, words.RUN)),
        beside_title=rx.cond(known, badge(RUN.state, kind="run")),
        summary=rx.cond(known, _summary()),
        actions=(rx.cond(known, _verbs()),),
        also=(RunLogWindow,),
        crumb=rx.cond(lost, words.UNKNOWN_RUN, rx.cond(known, RUN.title, words.RUN)),
    )


def _missing() -> rx.Component:
    return missing(
        words.THERE_IS_NO_SUCH_RUN, common.NEVER_HERE, link_button(words.ALL_RUNS, routes.runs(), icon="list")
    )


def _summary() -> rx.Component:
    return rx.fragment(RunStreamPage.headline, " ", copyable(RUN.id))


def _verbs() -> rx.Component:
    return rx.fragment(
        link_button(common.SCHEDULE, RunStreamPage.schedule_href, icon="calendar"),
        link_button(words.DETAILS, RunStreamPage.drawer_href, icon="list"),
        run_verbs(RunStreamPage),
    )


def _body() -> rx.Component:
    return rx.fragment(
        rx.el.ol(rx.foreach(RunStreamPage.phases, _phase), class_name="run-phases", aria_label=words.PHASES),
        run_notes(RunStreamPage),
        rx.el.div(
            rx.el.div(_segments(), _log(), class_name="mid"),
            rx.el.div(_progress(), _changes(), _connection(), class_name="side"),
            class_name="run-cols",
        ),
    )


def _phase(one: Any) -> rx.Component:
    marks = [
        (state, rx.el.span(icon(name, 14, spin=state == "now"), class_name=tone))
        for state, (name, tone) in _PHASE_ICONS.items()
    ]
    return rx.el.li(
        rx.match(one.state, *marks, rx.el.span(icon("circle-dashed", 14), class_name="t-mute")),
        rx.el.b(one.title),
        rx.el.span(
            rx.match(one.state, ("now", words.UNDER_WAY), ("coming", words.TO_COME), one.state), class_name="sr"
        ),
        rx.el.span(one.words, class_name="meta"),
        class_name=rx.cond(one.state == "now", "now", ""),
        key=one.title,
    )


def _segments() -> rx.Component:
    chart = gantt(RunChart.rows, begin=RunStreamPage.begin, end=RunStreamPage.end, label=words.SEGMENTS_OVER_TIME)
    none = rx.el.p(words.NO_SEGMENTS_YET, class_name="meta pad")
    return panel(words.SEGMENTS, rx.cond(RunChart.rows.length() > 0, chart, none), actions=legend(*tones()))


def _log() -> rx.Component:
    return log_panel(RunLogWindow)


def _progress() -> rx.Component:
    def row(one: Any) -> rx.Component:
        count = rx.cond(
            one.bad, figure(rx.el.span(one.count, class_name="t-bad"), one.href), figure(one.count, one.href)
        )
        return rx.fragment(rx.el.dt(one.label), rx.el.dd(count), key=one.label)

    return panel(
        common.PROGRESS,
        rx.el.div(
            shares(RUN.parts, RUN.whole, RUN.progress),
            rx.el.dl(rx.foreach(RunStreamPage.figures, row), class_name="run-figures"),
            class_name="pad",
        ),
        actions=rx.el.span(RunStreamPage.percent, class_name="run-percent"),
    )


def _changes() -> rx.Component:
    rows = rx.el.dl(
        rx.foreach(
            RunStreamPage.deltas,
            lambda one: rx.fragment(rx.el.dt(one[0]), rx.el.dd(one[1]), key=one[0]),
        ),
        class_name="run-figures",
    )
    none = rx.el.p(RunStreamPage.deltas_words, class_name="meta")
    shown = rx.cond(RunStreamPage.deltas.length() > 0, rows, none)
    return panel(common.CHANGES, rx.el.div(shown, class_name="pad"), meta=words.AGAINST_THE_BASELINES)


def _connection() -> rx.Component:
    waiting = RunStreamPage.lag
    figures = _figure(waiting.words, waiting.href, bad=waiting.stuck)
    queue = rx.cond(waiting.words != "", figures, words.NOTHING_WAITS)
    event = RunLogWindow.last_event.to_string()
    newest = rx.cond(RunLogWindow.closed, words.and_last(event), event)
    return panel(
        words.CONNECTION,
        rx.el.div(
            kv(
                (words.NEWEST_EVENT, newest),
                (words.RESUMED, resumed()),
                (common.QUEUE, queue),
            ),
            class_name="pad run-connection",
        ),
    )


def _figure(value: Any, href: Any, *, bad: Any) -> rx.Component:
    return figure(rx.el.span(value, class_name=rx.cond(bad, "t-bad", "")), href)
