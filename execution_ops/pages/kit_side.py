"""What stands below the list of offline kits: quarantine, and the work of jobs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import verb_button
from execution_ops.components.icons import icon
from execution_ops.components.kv import panel
from execution_ops.components.links import file_link, link
from execution_ops.components.prose import said
from execution_ops.components.times import instant
from execution_ops.domain.scanner_verbs import KIT_RELEASE, KIT_REMOVE
from execution_ops.state.offline_kits import KitRows, KitsPage
from execution_ops.texts import kits as words


def quarantine() -> rx.Component:
    """The kits in quarantine, each with its log and its verbs."""
    return rx.cond(
        KitsPage.around.locked > 0,
        panel(
            words.QUARANTINE,
            rx.el.ul(rx.foreach(KitRows.locked, _locked), class_name="kit-locked"),
            rx.el.p(KitsPage.around.locked_words, ". ", words.LEAVING_IT_NEEDS_A_REASON, class_name="meta kit-foot"),
        ),
    )


def _locked(row: Any) -> rx.Component:
    return rx.el.li(
        icon("shield-ban", class_name="t-bad"),
        rx.el.div(
            rx.el.p(link(row.version, href=row.href, look="num mono"), " ", row.refused),
            rx.el.p(
                said(
                    words.IN_QUARANTINE_SINCE,
                    since=instant(row.since),
                    left=row.left,
                    log=file_link(words.LOG_LINK, href=row.log_href),
                ),
                class_name="meta",
            ),
            rx.el.p(row.failure, class_name="meta kit-why"),
            class_name="grow",
        ),
        rx.el.div(
            *[
                verb_button(
                    verb,
                    KitsPage.ask_kit(verb.name, row.id),
                    look="sm danger" if verb.danger else "sm",
                    off=KitsPage.verify_off,
                )
                for verb in (KIT_RELEASE, KIT_REMOVE)
            ],
            class_name="row",
        ),
        key=row.id,
    )


def work() -> rx.Component:
    """What jobs did to kits lately."""
    return panel(
        words.LATELY, rx.el.ul(rx.foreach(KitRows.work, _worked), class_name="kit-work"), meta=words.JOBS_ON_KITS
    )


def _worked(row: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(icon(row.icon), row.text, class_name="st " + row.tone),
        link(row.title, href=row.href, look="link trunc", title=row.title),
        instant(row.at),
        key=row.job_id,
    )
