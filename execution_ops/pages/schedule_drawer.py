"""The drawer of the schedules page: what a schedule is, when it fires, what came of it, and its verbs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import close_button, verb_button
from execution_ops.components.dialog import question
from execution_ops.components.drawer import drawer, drawer_body, lost
from execution_ops.components.icons import icon
from execution_ops.components.kv import diff, kv, listed, note, part
from execution_ops.components.links import link
from execution_ops.components.prose import said
from execution_ops.components.status import badge, status
from execution_ops.components.times import instant, until
from execution_ops.domain.schedule_verbs import (
    SCHEDULE_DELETE,
    SCHEDULE_EDIT,
    SCHEDULE_PAUSE,
    SCHEDULE_RESUME,
    SCHEDULE_RUN,
)
from execution_ops.domain.verb import Verb
from execution_ops.pages.audit_parts import what_was_done
from execution_ops.pages.schedule_parts import times_table
from execution_ops.state.schedule_drawer import ASKED
from execution_ops.state.schedules import SchedulesPage
from execution_ops.texts import common
from execution_ops.texts import schedules as words


def schedule_drawer() -> rx.Component:
    """The drawer and the questions before its verbs."""
    facts = SchedulesPage.facts
    return rx.fragment(
        drawer(
            rx.cond(SchedulesPage.is_missing, lost(words.GO_BACK_TO_THE_LIST), _body()),
            open=(SchedulesPage.open_id != "") & ~SchedulesPage.is_edit,
            title=rx.cond(SchedulesPage.is_missing, words.THIS_SCHEDULE_IS_NOT_THERE, facts.name),
            subtitle=rx.cond(SchedulesPage.is_missing, common.IT_MAY_HAVE_BEEN_DELETED, facts.subtitle),
            wide=True,
            on_close=SchedulesPage.close_drawer,
            footer=rx.cond(SchedulesPage.is_missing, close_button(SchedulesPage.close_drawer), _verbs()),
        ),
        *[question(SchedulesPage, verb, confirm_label=verb.label, busy=SchedulesPage.planning) for verb in ASKED],
    )


def _body() -> rx.Component:
    facts = SchedulesPage.facts
    return drawer_body(
        words.THE_SCHEDULE,
        rx.el.div(
            badge(facts.state, kind="schedule"),
            rx.cond(
                ~facts.paused & (facts.next_at != ""),
                rx.el.span(said(words.FIRES, until=until(facts.next_at), at=instant(facts.next_at, zone=True))),
            ),
            class_name="row wrap",
        ),
        rx.cond(facts.paused, _paused()),
        rx.cond(facts.description != "", rx.el.p(facts.description, class_name="fg2 prose")),
        kv(
            (words.WHEN, rx.el.span(facts.words)),
            (
                common.RULE,
                rx.el.span(said(words.RULE_IN_ZONE, cron=rx.el.span(facts.cron, class_name="mono"), zone=facts.zone)),
            ),
            (words.STARTS, rx.el.span(facts.job_type, class_name="mono")),
            (common.RUNS, facts.mode),
            (words.WHILE_A_RUN_GOES_ON, facts.overlap),
            (words.CATCH_UP, facts.catch_up),
            (words.AT_MOST, facts.limits),
            (words.OWNER, facts.owner),
            (common.TENANT, facts.tenant),
        ),
        _targets(),
        rx.cond(facts.payload != "", part(common.PAYLOAD, rx.el.pre(facts.payload, class_name="well", tab_index=0))),
        part(words.NEXT_10_TIMES, times_table(SchedulesPage.coming, facts.zone)),
        part(words.RECENT_DUE_TIMES, _recent()),
        part(common.VERSIONS, rx.el.ol(rx.foreach(SchedulesPage.versions, _version), class_name="vers")),
        what_was_done(),
    )


def _paused() -> rx.Component:
    facts = SchedulesPage.facts
    return note(
        rx.el.b(common.paused_because(facts.pause_reason)),
        rx.el.p(said(words.PAUSED_BY, by=facts.paused_by, at=instant(facts.paused_at, zone=True))),
        tone="warn",
        icon_name="circle-pause",
    )


def _targets() -> rx.Component:
    targets = SchedulesPage.facts.targets
    none = rx.el.p(words.NO_TARGETS, class_name="fg2")
    return part(common.TARGETS, rx.cond(targets.length() > 0, listed(targets, mono=True), none))


def _recent() -> rx.Component:
    def line(one: Any) -> rx.Component:
        state = status(one.state, kind="run")
        return rx.el.li(
            instant(one.at, zone=True),
            rx.cond(
                one.state != "",
                rx.cond(one.href != "", link(state, href=one.href, look="link"), state),
                rx.el.span(icon("circle-dashed", 13), one.words, class_name="t-warn missedline"),
            ),
            key=one.key,
        )

    return rx.cond(
        SchedulesPage.fired.length() > 0,
        rx.el.ol(rx.foreach(SchedulesPage.fired, line), class_name="fired"),
        rx.el.p(words.NOT_DUE_YET, class_name="fg2"),
    )


def _version(version: Any) -> rx.Component:
    saved = said(common.BY_AT, by=version.by, at=instant(version.at, zone=True))
    return rx.el.li(
        rx.el.div(rx.el.b(version.title), rx.el.span(saved, class_name="meta"), class_name="row wrap"),
        rx.cond(version.reason != "", rx.el.p(said(common.QUOTED, text=version.reason), class_name="fg2")),
        rx.cond(version.changes.length() > 0, diff(version.changes)),
        key=version.title,
    )


def _verbs() -> rx.Component:
    page = SchedulesPage

    def asks(verb: Verb) -> rx.Component:
        return verb_button(verb, page.ask_verb(verb.name), off=page.change_off)

    return rx.fragment(
        verb_button(SCHEDULE_RUN, page.ask_run, look="pri", off=page.run_off),
        rx.cond(page.facts.paused, asks(SCHEDULE_RESUME), asks(SCHEDULE_PAUSE)),
        verb_button(SCHEDULE_EDIT, page.ask_edit, look="", off=page.change_off),
        rx.el.span(class_name="grow"),
        asks(SCHEDULE_DELETE),
    )
