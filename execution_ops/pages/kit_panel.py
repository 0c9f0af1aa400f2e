"""What is open of the offline kits: a job's verification as it goes on, or a kit; else what was activated."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action, link_button, verb_button
from execution_ops.components.copy import copy_button
from execution_ops.components.icons import icon
from execution_ops.components.kv import note, panel
from execution_ops.components.links import file_link, link
from execution_ops.components.states import empty
from execution_ops.components.status import badge
from execution_ops.components.times import instant
from execution_ops.domain.scanner_verbs import KIT_ACTIVATE, KIT_IMPORT, KIT_RELEASE, KIT_REMOVE, KIT_VERIFY
from execution_ops.domain.states import KitState
from execution_ops.state.offline_kits import KitRows, KitsPage


def kit_panel() -> rx.Component:
    """The panel beside the list."""
    return rx.match(
        KitsPage.panel.kind,
        ("job", _opened(_of_job(), _job_foot())),
        ("kit", _opened(badge(KitsPage.panel.state, kind="kit"), _kit_foot())),
        ("missing", rx.el.div(empty("It is not there", "No kit or job of this id is known here."), class_name="panel")),
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
        rx.el.ol(rx.foreach(KitRows.checks, _check), class_name="kit-checks", aria_label="Verification"),
        rx.cond(
            KitsPage.panel.running & (KitRows.checks.length() == 0),
            rx.el.p("It waits for a worker, or has just begun.", class_name="meta kit-foot"),
        ),
        foot,
        meta=rx.el.span(state, rx.cond(KitsPage.panel.took != "", rx.el.span(KitsPage.panel.took)), class_name="row"),
        actions=link("Open the job", href=KitsPage.panel.job_href),
    )


def _facts() -> rx.Component:
    return rx.el.dl(
        rx.foreach(KitsPage.panel.facts, lambda fact: rx.el.div(rx.el.dt(fact[0]), rx.el.dd(fact[1]))),
        class_name="facts kit-facts",
    )


def _check(row: Any) -> rx.Component:
    def said(label: str, text: Any) -> rx.Component:
        return rx.cond(text != "", rx.el.div(rx.el.dt(label), rx.el.dd(text)))

    return rx.el.li(
        rx.el.span(row.number, class_name="kit-no"),
        rx.el.span(icon(row.icon, 18), class_name="st " + row.tone),
        rx.el.div(
            rx.el.h3(row.title, rx.el.span(row.word, class_name="kit-word")),
            rx.el.dl(
                said("Expected", row.expected),
                said("Found", row.found),
                said("What to do", row.advice),
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
                copy_button(KitsPage.panel.command, "Copy the command"),
                class_name="row kit-command",
            ),
        ),
        rx.el.span(class_name="grow"),
        rx.cond(
            KitsPage.panel.import_job != "",
            action(
                KIT_IMPORT.label,
                on_click=KitsPage.import_verified(KitsPage.panel.import_job),
                icon=KIT_IMPORT.icon,
                look="pri",
                busy=KitsPage.busy,
                changes=True,
            ),
        ),
        rx.cond(KitsPage.panel.kit_href != "", link("Open the kit", href=KitsPage.panel.kit_href, look="btn")),
        _problem(),
        class_name="kit-actions",
    )


def _problem() -> rx.Component:
    """Why a job could not be started from here."""
    return rx.cond(
        (KitsPage.dialog_problem != "") & (KitsPage.dialog == ""),
        rx.el.p(KitsPage.dialog_problem, class_name="help bad", role="alert"),
    )


def _kit_foot() -> rx.Component:
    locked = KitsPage.panel.state == KitState.QUARANTINED.value
    return rx.el.div(
        rx.cond(
            locked,
            verb_button(KIT_RELEASE, KitsPage.ask_open(KIT_RELEASE.name), off=KitsPage.panel.release_off),
            verb_button(KIT_ACTIVATE, KitsPage.ask_open(KIT_ACTIVATE.name), off=KitsPage.panel.activate_off, look=""),
        ),
        verb_button(KIT_REMOVE, KitsPage.ask_open(KIT_REMOVE.name), off=KitsPage.panel.remove_off),
        action(
            "Verify again",
            on_click=KitsPage.verify_again,
            icon=KIT_VERIFY.icon,
            off=KitsPage.panel.verify_off,
            busy=KitsPage.busy,
            changes=True,
        ),
        rx.el.span(class_name="grow"),
        rx.cond(
            KitsPage.panel.file_href != "",
            link_button("The kit", KitsPage.panel.file_href, icon="download", download=True),
        ),
        file_link("Log", href=KitsPage.panel.log_href),
        _problem(),
        class_name="kit-actions",
    )


def _history() -> rx.Component:
    return panel(
        "Activations",
        rx.cond(
            KitRows.past.length() > 0,
            rx.el.ol(rx.foreach(KitRows.past, _past), class_name="kit-past"),
            rx.el.div(
                empty(
                    "No kit was activated yet",
                    "Open a kit to see how it was verified; one that passed can be activated there.",
                    icon_name="package-check",
                )
            ),
        ),
        meta="open a kit or a job to see its verification",
    )


def _past(row: Any) -> rx.Component:
    return rx.el.li(
        link(row.version, href=row.href, look="num mono"),
        rx.el.div(
            rx.el.p(
                instant(row.at, zone=True),
                " by ",
                row.by,
                ": ",
                row.reason,
                rx.cond(row.forced, rx.el.span(" forced to a lower version", class_name="st warn")),
            ),
            rx.cond(row.undone != "", rx.el.p(row.undone, class_name="meta")),
        ),
        key=row.at,
    )
