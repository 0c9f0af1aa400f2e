"""The Scan dialog, on every page that offers a scan; open while the address says so."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action, submit_button
from execution_ops.components.dialog import form_dialog
from execution_ops.components.fields import field, text_input
from execution_ops.components.icons import icon
from execution_ops.domain.job_verbs import SCAN
from execution_ops.state.scan import PATH_FIELD, ScanDialog
from execution_ops.texts import common
from execution_ops.texts import jobengine as words


def scan_button() -> rx.Component:
    """The main action: open the dialog."""
    return action(SCAN.label, on_click=ScanDialog.ask, icon=SCAN.icon, look="pri", off=ScanDialog.off)


def scan_dialog() -> rx.Component:
    """Path, what is below it, tenant, and Start."""
    return form_dialog(
        field(
            common.SCAN_SOURCE,
            # The browser keeps what is typed: a value echoed by the server would undo the next letters.
            text_input(
                "path",
                mono=True,
                id=PATH_FIELD,
                default_value=ScanDialog.path,
                on_change=ScanDialog.set_path.debounce(150),
                auto_focus=True,
            ),
            help_text=words.SCAN_SOURCE_HELP,
            error=ScanDialog.problem,
        ),
        _listing(),
        field(
            common.TENANT,
            text_input("tenant", default_value=ScanDialog.tenant, on_change=ScanDialog.set_tenant.debounce(150)),
            optional=True,
            help_text=words.TENANT_HELP,
        ),
        rx.el.p(
            words.WHAT_A_SCAN_STARTS,
            class_name="meta",
        ),
        main=submit_button(SCAN, label=words.START_THE_SCAN, icon="play", busy=ScanDialog.busy),
        on_submit=ScanDialog.start,
        open=ScanDialog.shown,
        title=SCAN.label,
        on_close=ScanDialog.close,
        lead=words.SCAN_LEAD,
    )


def _listing() -> rx.Component:
    return rx.el.div(
        rx.cond(
            ScanDialog.has_parent,
            rx.el.button(
                icon("corner-left-up"),
                words.UP,
                on_click=ScanDialog.browse(ScanDialog.parent),
                type="button",
                class_name="ent",
            ),
        ),
        rx.foreach(ScanDialog.entries, _entry),
        rx.cond(ScanDialog.more > 0, rx.el.p(words.more_not_shown(ScanDialog.more), class_name="meta")),
        class_name="browse",
        role="group",
        aria_label=words.WHAT_IS_THERE,
        tab_index=0,
    )


def _entry(entry: Any) -> rx.Component:
    return rx.el.button(
        icon(rx.cond(entry.directory, "folder", "archive")),
        rx.el.span(entry.name, class_name="grow trunc"),
        rx.el.span(entry.size, class_name="meta"),
        on_click=rx.cond(entry.directory, ScanDialog.browse(entry.path), ScanDialog.choose(entry.path)),
        type="button",
        class_name="ent",
        key=entry.path,
    )
