"""What is open of the offline kits: a job's verification as it goes on, or a kit; else what was activated."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import link_button, verb_button
from execution_ops.components.copy import copy_button
from execution_ops.components.fields import problem
from execution_ops.components.icons import icon
from execution_ops.components.kv import note, panel
from execution_ops.components.links import file_link, link
from execution_ops.components.prose import said
from execution_ops.components.states import empty
from execution_ops.components.status import badge
from execution_ops.components.times import instant
from execution_ops.domain.scanner_verbs import KIT_ACTIVATE, KIT_IMPORT, KIT_RELEASE, KIT_REMOVE, KIT_VERIFY
from execution_ops.domain.states import KitState
from execution_ops.pages.audit_parts import what_was_done
from execution_ops.state.offline_kits import KitRows, KitsPage
from execution_ops.texts import common
from execution_ops.texts import kits as words


def kit_panel() -> rx.Component:
    """The panel beside the list."""
    return rx.match(
        KitsPage.panel.kind,
        ("job", _opened(_of_job(), _job_foot())),
        ("kit", _opened(badge(KitsPage.panel.state, kind="kit"), _kit_foot())),
        ("missing", rx.el.div(empty(words.IT_IS_NOT_THERE, words.IT_IS_NOT_THERE_WHY), class_name="panel")),
        _history(),
    )


def _of_job() -> rx.Component:
    return rx.el.span(icon(KitsPage.panel.icon), KitsPage.panel.word, class_name="st " + KitsPage.panel.tone)


def _opened(state: rx.Component, foot: rx.Component) -> rx.Component:
    return panel(
        KitsPage.panel.title,
        rx.cond(KitsPage.panel.facts.length() > 0, _facts()),
        rx.cond(
            KitsPage.panel.failure != "",
            rx.el.div(note(KitsPage.panel.failure, tone="warn", icon_name="triangle-alert"), class_name="kit-said"),
        ),
        rx.el.ol(rx.foreach(KitRows.checks, _check), class_name="kit-checks", aria_label=words.VERIFICATION),
        rx.cond(
            KitsPage.panel.running & (KitRows.checks.length() == 0),
            rx.el.p(words.IT_WAITS_FOR_A_WORKER, class_name="meta kit-foot"),
        ),
        rx.cond(KitsPage.panel.kind == "kit", what_was_done()),
        foot,
        meta=rx.el.span(state, rx.cond(KitsPage.panel.took != "", rx.el.span(KitsPage.panel.took)), class_name="row"),
        actions=link(common.OPEN_THE_JOB, href=KitsPage.panel.job_href),
    )


def _facts() -> rx.Component:
    return rx.el.dl(
        rx.foreach(KitsPage.panel.facts, lambda fact: rx.el.div(rx.el.dt(fact[0]), rx.el.dd(fact[1]))),
        class_name="facts kit-facts",
    )


def _check(row: Any) -> rx.Component:
    def told(label: str, text: Any) -> rx.Component:
        return rx.cond(text != "", rx.el.div(rx.el.dt(label), rx.el.dd(text)))

    return rx.el.li(
        rx.el.span(row.number, class_name="kit-no"),
        rx.el.span(icon(row.icon, 18), class_name="st " + row.tone),
        rx.el.div(
            rx.el.h3(row.title, rx.el.span(row.word, class_name="kit-word")),
            rx.el.dl(
                told(words.EXPECTED, row.expected),
                told(words.FOUND, row.found),
                told(words.WHAT_TO_DO, row.advice),
                class_name="kit-told",
            ),
            rx.cond(
                row.details.length() > 0,
                rx.el.dl(
                    rx.foreach(
                        row.details,
                        lambda one: rx.el.div(rx.el.dt(one.label), rx.el.dd(one.value)),
                    ),
                    class_name="kit-diff mono",
                ),
            ),
            class_name="grow",
        ),
        rx.el.span(row.took, class_name="meta kit-took"),
        key=row.number,
        class_name=row.tone,
    )


def _job_foot() -> rx.Component:
    return rx.el.div(
        rx.cond(
            KitsPage.panel.command != "",
            rx.el.span(
                icon("terminal"),
                rx.el.code(KitsPage.panel.command, class_name="mono"),
                copy_button(KitsPage.panel.command, words.COPY_THE_COMMAND),
                class_name="row kit-command",
            ),
        ),
        rx.el.span(class_name="grow"),
        rx.cond(
            KitsPage.panel.import_job != "",
            verb_button(
                KIT_IMPORT, KitsPage.import_verified(KitsPage.panel.import_job), look="pri", busy=KitsPage.busy
            ),
        ),
        rx.cond(KitsPage.panel.kit_href != "", link(words.OPEN_THE_KIT, href=KitsPage.panel.kit_href, look="btn")),
        _problem(),
        class_name="kit-actions",
    )


def _problem() -> rx.Component:
    """Why a job could not be started from here."""
    return rx.cond(KitsPage.dialog == "", problem(KitsPage.dialog_problem))


def _kit_foot() -> rx.Component:
    locked = KitsPage.panel.state == KitState.QUARANTINED.value
    return rx.el.div(
        rx.cond(
            locked,
            verb_button(KIT_RELEASE, KitsPage.ask_open(KIT_RELEASE.name), off=KitsPage.panel.release_off),
            verb_button(KIT_ACTIVATE, KitsPage.ask_open(KIT_ACTIVATE.name), off=KitsPage.panel.activate_off, look=""),
        ),
        verb_button(KIT_REMOVE, KitsPage.ask_open(KIT_REMOVE.name), off=KitsPage.panel.remove_off),
        verb_button(
            KIT_VERIFY,
            KitsPage.verify_again,
            label=words.VERIFY_AGAIN,
            off=KitsPage.panel.verify_off,
            busy=KitsPage.busy,
        ),
        rx.el.span(class_name="grow"),
        rx.cond(
            KitsPage.panel.file_href != "",
            link_button(words.THE_KIT, KitsPage.panel.file_href, icon="download", download=True),
        ),
        file_link(common.LOG, href=KitsPage.panel.log_href),
        _problem(),
        class_name="kit-actions",
    )


def _history() -> rx.Component:
    return panel(
        words.ACTIVATIONS,
        rx.cond(
            KitRows.past.length() > 0,
            rx.el.ol(rx.foreach(KitRows.past, _past), class_name="kit-past"),
            rx.el.div(
                empty(
                    words.NO_KIT_WAS_ACTIVATED_YET,
                    words.NO_KIT_WAS_ACTIVATED_YET_WHY,
                    icon_name="package-check",
                )
            ),
        ),
        meta=words.OPEN_A_KIT_OR_A_JOB,
    )


def _past(row: Any) -> rx.Component:
    return rx.el.li(
        link(row.version, href=row.href, look="num mono"),
        rx.el.div(
            rx.el.p(
                said(words.DONE_BY, at=instant(row.at, zone=True), by=row.by, reason=row.reason),
                rx.cond(row.forced, rx.el.span(" ", words.FORCED_TO_A_LOWER_VERSION, class_name="st warn")),
            ),
            rx.cond(row.undone != "", rx.el.p(row.undone, class_name="meta")),
        ),
        key=row.at,
    )
