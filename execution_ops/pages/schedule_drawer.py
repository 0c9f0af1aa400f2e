"""The drawer of the schedules page: what a schedule is, when it fires, what came of it, and its verbs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.dialog import confirm
from execution_ops.components.drawer import drawer
from execution_ops.components.icons import icon
from execution_ops.components.kv import kv, note
from execution_ops.components.links import link
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
from execution_ops.pages.schedule_parts import times_table
from execution_ops.state.schedule_drawer import ASKED
from execution_ops.state.schedules import SchedulesPage


def schedule_drawer() -> rx.Component:
    """The drawer and the questions before its verbs."""
    facts = SchedulesPage.facts
    return rx.fragment(
        drawer(
            rx.cond(SchedulesPage.is_missing, _missing(), _body()),
            open=(SchedulesPage.open_id != "") & ~SchedulesPage.is_edit,
            title=rx.cond(SchedulesPage.is_missing, "This schedule is not there", facts.name),
            subtitle=rx.cond(SchedulesPage.is_missing, "It may have been deleted.", facts.subtitle),
            wide=True,
            on_close=SchedulesPage.close_drawer,
            footer=rx.cond(SchedulesPage.is_missing, _close(), _verbs()),
        ),
        *[_question(verb) for verb in ASKED],
    )


def _body() -> rx.Component:
    facts = SchedulesPage.facts
    return rx.el.div(
        rx.el.div(
            badge(facts.state, kind="schedule"),
            rx.cond(
                ~facts.paused & (facts.next_at != ""),
                rx.el.span("fires ", until(facts.next_at), ", ", instant(facts.next_at, zone=True)),
            ),
            class_name="row wrap",
        ),
        rx.cond(facts.paused, _paused()),
        rx.cond(facts.description != "", rx.el.p(facts.description, class_name="fg2 prose")),
        kv(
            ("When", rx.el.span(facts.words)),
            ("Rule", rx.el.span(rx.el.span(facts.cron, class_name="mono"), " in ", facts.zone)),
            ("Starts", rx.el.span(facts.job_type, class_name="mono")),
            ("Runs", facts.mode),
            ("While a run goes on", facts.overlap),
            ("Catch-up", facts.catch_up),
            ("At most", facts.limits),
            ("Owner", facts.owner),
            ("Tenant", facts.tenant),
        ),
        _targets(),
        rx.cond(facts.payload != "", _part("Payload", rx.el.pre(facts.payload, class_name="well", tab_index=0))),
        _part("Next 10 times", times_table(SchedulesPage.coming, facts.zone)),
        _part("Recent due times", _recent()),
        _part("Versions", rx.el.ol(rx.foreach(SchedulesPage.versions, _version), class_name="vers")),
        # Nothing in it takes the focus: this does, so that the keyboard scrolls the drawer.
        tab_index=0,
        role="group",
        aria_label="The schedule",
        class_name="parts",
    )


def _part(title: str, *children: rx.Component) -> rx.Component:
    return rx.el.section(rx.el.h3(title), *children, class_name="part")


def _paused() -> rx.Component:
    facts = SchedulesPage.facts
    return note(
        rx.el.b("Paused: ", facts.pause_reason),
        rx.el.p(facts.paused_by, ", ", instant(facts.paused_at, zone=True), ". What comes due is recorded as missed."),
        tone="warn",
        icon_name="circle-pause",
    )


def _targets() -> rx.Component:
    targets = SchedulesPage.facts.targets
    return rx.cond(
        targets.length() > 0,
        _part(
            "Targets", rx.el.ul(rx.foreach(targets, lambda one: rx.el.li(one, class_name="mono")), class_name="paths")
        ),
        _part("Targets", rx.el.p("None: each run starts one job.", class_name="fg2")),
    )


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
        rx.el.p("None yet: it was not due since it was made.", class_name="fg2"),
    )


def _version(version: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.b(version.title),
            rx.el.span(version.by, ", ", instant(version.at, zone=True), class_name="meta"),
            class_name="row wrap",
        ),
        rx.cond(version.reason != "", rx.el.p("“", version.reason, "”", class_name="fg2")),
        rx.cond(
            version.changes.length() > 0,
            rx.el.dl(rx.foreach(version.changes, _change), class_name="diff"),
        ),
        key=version.title,
    )


def _change(change: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(change.label),
        rx.el.dd(rx.el.Del.create(change.before), rx.el.ins(change.after)),
        key=change.label,
    )


def _verbs() -> rx.Component:
    paused = SchedulesPage.facts.paused
    return rx.fragment(
        action(
            SCHEDULE_RUN.label,
            on_click=SchedulesPage.ask_run,
            icon=SCHEDULE_RUN.icon,
            look="pri",
            off=SchedulesPage.run_off,
            changes=True,
        ),
        rx.cond(paused, _verb(SCHEDULE_RESUME), _verb(SCHEDULE_PAUSE)),
        action(
            SCHEDULE_EDIT.label,
            on_click=SchedulesPage.ask_edit,
            icon=SCHEDULE_EDIT.icon,
            off=SchedulesPage.change_off,
            changes=True,
        ),
        rx.el.span(class_name="grow"),
        _verb(SCHEDULE_DELETE),
    )


def _verb(verb: Verb) -> rx.Component:
    return action(
        verb.label,
        on_click=SchedulesPage.ask_verb(verb.name),
        icon=verb.icon,
        look="danger" if verb.danger else "",
        off=SchedulesPage.change_off,
        changes=True,
    )


def _close() -> rx.Component:
    return action("Close", on_click=SchedulesPage.close_drawer, look="ghost")


def _missing() -> rx.Component:
    return rx.el.p("Go back to the list. What its runs did is kept.", class_name="fg2")


def _question(verb: Verb) -> rx.Component:
    return confirm(
        verb,
        open=SchedulesPage.asking == verb.name,
        title=SchedulesPage.question_title,
        confirm_label=verb.label,
        facts=SchedulesPage.question_facts,
        busy=SchedulesPage.planning,
        on_confirm=SchedulesPage.do_verb,
        on_close=SchedulesPage.leave_verb,
        error=SchedulesPage.verb_problem,
    )
