"""The drawer of the page of runs: one run with its parts and verbs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action, link_button, verb_button
from execution_ops.components.drawer import drawer
from execution_ops.components.figures import shares
from execution_ops.components.links import file_link, link
from execution_ops.components.status import badge, status
from execution_ops.components.table import pager
from execution_ops.components.tabs import word_tabs
from execution_ops.components.times import duration, instant
from execution_ops.domain.schedule_verbs import RUN_CANCEL, RUN_RETRY, RUN_RETRY_FAILED
from execution_ops.pages.run_parts import run_notes, run_questions
from execution_ops.state.run_drawer import RunParts
from execution_ops.state.runs import RunsPage

RUN = RunsPage.run


def run_drawer() -> rx.Component:
    """The drawer, and the questions before its verbs."""
    known = RUN.id != ""
    return rx.fragment(
        drawer(
            rx.cond(known, _body(), rx.el.p("Go back to the list: it has the runs that there are.", class_name="fg2")),
            open=(RunsPage.open_id != "") & ~RunsPage.refused,
            title=rx.cond(known, RUN.title, "This run is not there"),
            subtitle=rx.cond(known, f"Run {RUN.id}", RunsPage.missing),
            on_close=RunsPage.close_drawer,
            wide=True,
            footer=rx.cond(known, _footer(), _close()),
        ),
        *run_questions(RunsPage),
    )


def _body() -> rx.Component:
    return rx.fragment(_standing(), run_notes(RunsPage), _facts(), rx.cond(RunsPage.has_segments, _parts()), _told())


def _standing() -> rx.Component:
    time = duration(RUN.duration_ms, since=RUN.running_since, running=RUN.running_since != "", missing="not started")
    return rx.el.div(
        rx.el.div(
            badge(RUN.state, kind="run"),
            rx.el.span(RUN.progress),
            rx.el.span(class_name="grow"),
            time,
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
            rx.el.h3("Segments"),
            rx.el.ul(rx.foreach(RunParts.segments, _segment), class_name="run-parts"),
        ),
        rx.el.section(
            rx.el.h3("Targets"),
            word_tabs(RunsPage.target_tabs, label="Targets"),
            rx.el.ul(rx.foreach(RunParts.targets, _target), class_name="run-parts"),
            rx.cond(
                (RunsPage.first_href != "") | (RunsPage.next_href != ""),
                pager(
                    before=RunsPage.first_href,
                    after=RunsPage.next_href,
                    note="In the order of the plan, 50 at a time",
                    words=("First", "Next"),
                ),
            ),
        ),
    )


def _told() -> rx.Component:
    """What the run has found, left behind and logged."""
    return rx.fragment(
        rx.el.section(rx.el.h3("Deltas"), rx.el.p(RunsPage.deltas, class_name="fg2")),
        rx.cond(
            RunParts.evidence.length() > 0,
            rx.el.section(
                rx.el.h3("Evidence"),
                rx.el.ul(rx.foreach(RunParts.evidence, _evidence), class_name="run-parts"),
            ),
        ),
        rx.el.section(
            rx.el.div(
                rx.el.h3("Log"),
                rx.el.span(RunsPage.log_words, class_name="meta"),
                rx.el.span(class_name="grow"),
                link("Open the stream", href=RunsPage.stream_href),
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
        rx.el.span(one.progress, shares(one.parts, one.whole, one.progress), class_name="plan-bar"),
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
        rx.cond(one.href != "", link("Jobs", href=one.href, aria_label=f"Jobs of {one.target}")),
        key=one.no,
    )


def _footer() -> rx.Component:
    return rx.fragment(
        link_button("Stream", RunsPage.stream_href, icon="activity"),
        rx.cond(
            RUN.ended,
            rx.fragment(
                verb_button(RUN_RETRY, RunsPage.ask_verb(RUN_RETRY.name), off=RunsPage.retry_off),
                verb_button(RUN_RETRY_FAILED, RunsPage.ask_verb(RUN_RETRY_FAILED.name), off=RunsPage.retry_failed_off),
            ),
            verb_button(RUN_CANCEL, RunsPage.ask_verb(RUN_CANCEL.name), off=RunsPage.cancel_off),
        ),
        _close(),
        rx.el.span("Written to the audit log.", class_name="meta"),
    )


def _close() -> rx.Component:
    return action("Close", on_click=RunsPage.close_drawer, look="ghost")
