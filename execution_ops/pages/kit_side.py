"""What stands below the list of offline kits: quarantine, and the work of jobs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.icons import icon
from execution_ops.components.kv import panel
from execution_ops.components.links import file_link, link
from execution_ops.components.times import instant
from execution_ops.domain.scanner_verbs import KIT_RELEASE, KIT_REMOVE
from execution_ops.state.offline_kits import KitRows, KitsPage


def quarantine() -> rx.Component:
    """The kits in quarantine, each with its log and its verbs."""
    return rx.cond(
        KitsPage.around.locked > 0,
        panel(
            "Quarantine",
            rx.el.ul(rx.foreach(KitRows.locked, _locked), class_name="kit-locked"),
            rx.el.p("Leaving it needs a reason, which is kept in the audit log.", class_name="meta kit-foot"),
            meta=KitsPage.around.locked_words,
        ),
    )


def _locked(row: Any) -> rx.Component:
    return rx.el.li(
        icon("shield-ban", class_name="t-bad"),
        rx.el.div(
            rx.el.p(link(row.version, href=row.href, look="num mono"), " ", row.refused),
            rx.el.p(
                "since ",
                instant(row.since),
                " · ",
                row.left,
                " · ",
                file_link("log", href=row.log_href),
                class_name="meta",
            ),
            rx.el.p(row.failure, class_name="meta kit-why"),
            class_name="grow",
        ),
        rx.el.div(
            action(
                KIT_RELEASE.label,
                on_click=KitsPage.ask_kit(KIT_RELEASE.name, row.id),
                look="sm",
                off=KitsPage.verify_off,
                changes=True,
            ),
            action(
                KIT_REMOVE.label,
                on_click=KitsPage.ask_kit(KIT_REMOVE.name, row.id),
                look="sm danger",
                off=KitsPage.verify_off,
                changes=True,
            ),
            class_name="row",
        ),
        key=row.id,
    )


def work() -> rx.Component:
    """What jobs did to kits lately."""
    return panel("Lately", rx.el.ul(rx.foreach(KitRows.work, _worked), class_name="kit-work"), meta="jobs on kits")


def _worked(row: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(icon(row.icon), row.text, class_name="st " + row.tone),
        link(row.title, href=row.href, look="link trunc", title=row.title),
        instant(row.at),
        key=row.job_id,
    )
