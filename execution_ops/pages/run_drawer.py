"""The drawer of the page of runs: one run with its parts and verbs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import close_button, link_button
from execution_ops.components.drawer import drawer, lost
from execution_ops.components.figures import shares
from execution_ops.components.links import file_link, link
from execution_ops.components.status import badge, status
from execution_ops.components.table import pager
from execution_ops.components.tabs import word_tabs
from execution_ops.components.times import instant
from execution_ops.pages.audit_parts import what_was_done
from execution_ops.pages.run_cells import run_duration, run_progress
from execution_ops.pages.run_parts import run_notes, run_questions, run_verbs
from execution_ops.state.run_drawer import RunParts
from execution_ops.state.runs import RunsPage
from execution_ops.texts import common
from execution_ops.texts import runs as words

RUN = RunsPage.run


def run_drawer() -> rx.Component:
    """The drawer, and the questions before its verbs."""
    known = RUN.id != ""
    return rx.fragment(
        drawer(
            rx.cond(known, _body(), lost(words.GO_BACK_TO_THE_LIST)),
            open=(RunsPage.open_id != "") & ~RunsPage.refused,
            title=rx.cond(known, RUN.title, words.THIS_RUN_IS_NOT_THERE),
            subtitle=rx.cond(known, words.run(RUN.id), RunsPage.missing),
            on_close=RunsPage.close_drawer,
            wide=True,
            footer=rx.cond(known, _footer(), close_button(RunsPage.close_drawer)),
        ),
        *run_questions(RunsPage),
    )


def _body() -> rx.Component:
    return rx.fragment(
        _standing(), run_notes(RunsPage), _facts(), rx.cond(RunsPage.has_segments, _parts()), _told(), what_was_done()
    )


def _standing() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            badge(RUN.state, kind="run"),
            rx.el.span(RUN.progress),
            rx.el.span(class_name="grow"),
            run_duration(RUN, common.NOT_STARTED),
            class_name="row wrap",
        ),
        shares(RUN.parts, RUN.whole, RUN.progress),
        class_name="run-standing",
    )


def _facts() -> rx.Component:
    def fact(one: Any) -> rx.Component:
        text = rx.cond(one.href != "", link(one.text, href=one.href), one.text)
        return rx.fragment(
            rx.el.dt(one.label), rx.el.dd(rx.cond(one.at != "", instant(one.at, zone=True), text)), key=one.label
        )

    return rx.el.dl(rx.foreach(RunsPage.facts, fact), class_name="kv")


def _parts() -> rx.Component:
    return rx.fragment(
        rx.el.section(
            rx.el.h3(words.SEGMENTS),
            rx.el.ul(rx.foreach(RunParts.segments, _segment), class_name="run-parts"),
        ),
        rx.el.section(
            rx.el.h3(common.TARGETS),
            word_tabs(RunsPage.target_tabs, label=common.TARGETS),
            rx.el.ul(rx.foreach(RunParts.targets, _target), class_name="run-parts"),
            rx.cond(
                (RunsPage.first_href != "") | (RunsPage.next_href != ""),
                pager(
                    before=RunsPage.first_href,
                    after=RunsPage.next_href,
                    note=words.IN_THE_ORDER_OF_THE_PLAN,
                    words=(common.FIRST, common.NEXT),
                ),
            ),
        ),
    )


def _told() -> rx.Component:
    """What the run has found, left behind and logged."""
    return rx.fragment(
        rx.el.section(rx.el.h3(words.DELTAS), rx.el.p(RunsPage.deltas, class_name="fg2")),
        rx.cond(
            RunParts.evidence.length() > 0,
            rx.el.section(
                rx.el.h3(words.EVIDENCE),
                rx.el.ul(rx.foreach(RunParts.evidence, _evidence), class_name="run-parts"),
            ),
        ),
        rx.el.section(
            rx.el.div(
                rx.el.h3(common.LOG),
                rx.el.span(RunsPage.log_words, class_name="meta"),
                rx.el.span(class_name="grow"),
                link(words.OPEN_THE_STREAM, href=RunsPage.stream_href),
                class_name="row",
            ),
            rx.el.ol(rx.foreach(RunParts.log, _line), class_name="run-tail"),
        ),
    )


def _evidence(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(one.target, class_name="mono break grow"),
        rx.el.span(one.size, class_name="meta"),
        file_link(one.name, href=one.href),
        key=one.key,
    )


def _line(one: Any) -> rx.Component:
    return rx.el.li(
        instant(one.at, day=False),
        rx.el.span(one.where, class_name="fg3"),
        rx.el.span(one.source, " ", one.text, class_name="break"),
        class_name=one.level,
        key=one.seq,
    )


def _segment(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(one.name, class_name="mono break grow"),
        run_progress(one),
        key=one.no,
    )


def _target(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(status(one.state, kind="target"), class_name="tgt-state"),
        rx.el.span(
            rx.el.span(one.target, class_name="mono break"),
            rx.cond(one.error != "", rx.el.span(one.error, class_name="sub err t-bad")),
            class_name="grow",
        ),
        rx.cond(one.deltas != "", rx.el.span(one.deltas, class_name="meta")),
        rx.cond(one.href != "", link(common.JOBS, href=one.href, aria_label=words.jobs_of(one.target))),
        key=one.no,
    )


def _footer() -> rx.Component:
    return rx.fragment(
        run_verbs(RunsPage),
        link_button(words.STREAM, RunsPage.stream_href, icon="activity"),
        rx.el.span(common.AUDITED, class_name="meta"),
    )
