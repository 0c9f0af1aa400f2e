"""The drawer of the page of workers: what one is, what it runs, what it did last, and its verbs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import close_button
from execution_ops.components.copy import copyable
from execution_ops.components.drawer import drawer, drawer_body, lost
from execution_ops.components.icons import icon
from execution_ops.components.kv import kv, part
from execution_ops.components.links import figure, link
from execution_ops.components.prose import muted, or_word, said
from execution_ops.components.states import skeleton
from execution_ops.components.status import badge, status
from execution_ops.components.times import age, duration, instant
from execution_ops.domain.fleet import Asked
from execution_ops.domain.worker_verbs import WORKER_DRAIN, WORKER_RESUME, WORKER_STOP
from execution_ops.pages.audit_parts import what_was_done
from execution_ops.pages.worker_cells import worker_slots
from execution_ops.pages.worker_tables import asked_note, for_one
from execution_ops.state.workers import WorkersPage
from execution_ops.texts import common
from execution_ops.texts import workers as words

WORKER = WorkersPage.opened


def worker_drawer() -> rx.Component:
    """The drawer; the questions before its verbs are those of the page."""
    missing, known = WorkersPage.is_missing, WORKER.id != ""
    return drawer(
        rx.cond(missing, lost(words.GO_BACK_TO_THE_LIST), rx.cond(known, _body(), skeleton(4))),
        open=(WorkersPage.open_id != "") & ~WorkersPage.refused,
        title=rx.cond(missing, words.THIS_WORKER_IS_NOT_THERE, rx.cond(known, WORKER.name, common.WORKER)),
        subtitle=rx.cond(missing, words.IT_ENDED_LONG_AGO, WORKER.place),
        on_close=WorkersPage.close_drawer,
        wide=True,
        footer=rx.cond(known & ~WORKER.is_gone, _verbs(), close_button(WorkersPage.close_drawer)),
    )


def _body() -> rx.Component:
    return drawer_body(
        words.THE_WORKER,
        rx.el.div(
            badge(WORKER.state, kind="worker", word=WORKER.word),
            rx.cond(WORKER.asked == "", rx.el.span(WORKER.phrase)),
            class_name="row wrap",
        ),
        rx.cond(WORKER.asked != "", asked_note(WORKER)),
        _facts(),
        rx.cond(~WORKER.is_gone, part(common.RUNNING_NOW, _running())),
        rx.cond(WorkersPage.has_lately, _done()),
        what_was_done(),
    )


def _facts() -> rx.Component:
    late = rx.cond(WORKER.late, icon("triangle-alert"))
    beat = rx.el.span(late, age(WORKER.heartbeat_at), class_name=rx.cond(WORKER.late, "st warn", ""))
    ended = rx.el.span(
        said(words.ENDED_AFTER, at=instant(WORKER.ended_at, zone=True), lived=WORKER.lived),
    )
    lives = rx.fragment(instant(WORKER.started_at, zone=True), " · ", said(words.UP_FOR, age=_up()))
    use = rx.fragment(WORKER.memory, " · ", WORKER.cpu)
    return kv(
        (common.QUEUES, rx.el.span(rx.foreach(WorkersPage.serves, _queue), class_name="row wrap")),
        (words.CONCURRENCY, WorkersPage.concurrency),
        (words.SLOTS_USED, rx.cond(WORKER.is_gone, muted(common.NONE), worker_slots(WORKER))),
        (common.STARTED, rx.cond(WORKER.is_gone, instant(WORKER.started_at, zone=True), lives)),
        (words.HEARTBEAT, rx.cond(WORKER.is_gone, instant(WORKER.heartbeat_at, zone=True), beat)),
        (common.ENDED, rx.cond(WORKER.is_gone, ended, muted(common.NOT_YET))),
        (words.MEMORY_CPU, or_word(WORKER.memory, common.NOT_KNOWN, use)),
        (common.ID, copyable(WORKER.id)),
    )


def _up() -> rx.Component:
    return age(WORKER.started_at, bare=True)


def _queue(one: Any) -> rx.Component:
    return figure(one.name, one.href)


def _running() -> rx.Component:
    def line(one: Any) -> rx.Component:
        return rx.el.li(
            link(one.name, href=one.href, look="link grow break"),
            duration(since=one.since),
            key=one.id,
        )

    more = rx.cond(WorkersPage.runs_more != "", figure(WorkersPage.runs_more, WORKER.running_href))
    return rx.cond(
        WORKER.running > 0,
        rx.fragment(rx.el.ul(rx.foreach(WorkersPage.runs, line), class_name="run-parts"), more),
        rx.el.p(words.RUNS_NOTHING, class_name="fg2"),
    )


def _done() -> rx.Component:
    def line(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.span(status(one.state), class_name="tgt-state"),
            link(one.name, href=one.href, look="link grow break"),
            rx.cond(
                one.at != "", rx.fragment(duration(one.duration_ms), rx.el.span(instant(one.at), class_name="meta"))
            ),
            key=one.id,
        )

    head = rx.el.div(
        rx.el.h3(words.ITS_LAST_JOBS),
        rx.el.span(class_name="grow"),
        link(words.ALL_ITS_JOBS, href=WORKER.jobs_href),
        class_name="row",
    )
    return rx.el.section(
        head,
        rx.cond(
            WorkersPage.done.length() > 0,
            rx.el.ul(rx.foreach(WorkersPage.done, line), class_name="run-parts"),
            rx.el.p(words.DID_NOTHING_YET, class_name="fg2"),
        ),
        class_name="part",
    )


def _verbs() -> rx.Component:
    return rx.fragment(
        rx.match(
            WORKER.asked,
            (Asked.NOTHING.value, for_one(WORKER_DRAIN, WORKER, WORKER.drain_off, "pri")),
            for_one(WORKER_RESUME, WORKER, WORKER.resume_off, "pri"),
        ),
        for_one(WORKER_STOP, WORKER, WORKER.stop_off, "danger"),
        rx.el.span(common.AUDITED, class_name="meta"),
    )
