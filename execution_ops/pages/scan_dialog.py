"""The Scan dialog, on every page that offers a scan; open while the address says so."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.dialog import dialog, field
from execution_ops.components.icons import icon
from execution_ops.domain.job_verbs import SCAN
from execution_ops.state.scan import PATH_FIELD, ScanDialog


def scan_button() -> rx.Component:
    """The main action: open the dialog."""
    return action(SCAN.label, on_click=ScanDialog.ask, icon=SCAN.icon, look="pri", off=ScanDialog.off)


def scan_dialog() -> rx.Component:
    """Path, what is below it, tenant, and Start."""
    return dialog(
        rx.el.form(
            field(
                "Directory, archive or image tarball",
                # The browser keeps what is typed: a value echoed by the server would undo the next letters.
                rx.el.input(
                    id=PATH_FIELD,
                    default_value=ScanDialog.path,
                    on_change=ScanDialog.set_path.debounce(150),
                    name="path",
                    class_name="in mono",
                    auto_focus=True,
                    spell_check=False,
                    auto_complete="off",
                ),
                help_text="A path on the machine that runs the workers.",
                error=ScanDialog.problem,
            ),
            _listing(),
            field(
                "Tenant",
                rx.el.input(
                    default_value=ScanDialog.tenant,
                    on_change=ScanDialog.set_tenant.debounce(150),
                    name="tenant",
                    class_name="in",
                    auto_complete="off",
                ),
                optional=True,
                help_text="Whom the scan is for; the default tenant if empty.",
            ),
            rx.el.p(
                "Starts one job that looks at the source, one for each ecosystem that it finds, and three that merge, "
                "compare and export. Nothing is written to the source.",
                class_name="meta",
            ),
            rx.el.div(
                action("Start the scan", icon="play", look="pri", kind="submit", changes=True, busy=ScanDialog.busy),
                action("Cancel", on_click=ScanDialog.close, look="ghost"),
                class_name="dgf",
            ),
            on_submit=ScanDialog.start,
            class_name="stack",
        ),
        open=ScanDialog.shown,
        title=SCAN.label,
        on_close=ScanDialog.close,
        lead="Finds the packages in it and writes them down as a CycloneDX document.",
    )


def _listing() -> rx.Component:
    return rx.el.div(
        rx.cond(
            ScanDialog.has_parent,
            rx.el.button(
                icon("corner-left-up"),
                "Up",
                on_click=ScanDialog.browse(ScanDialog.parent),
                type="button",
                class_name="ent",
            ),
        ),
        rx.foreach(ScanDialog.entries, _entry),
        rx.cond(
            ScanDialog.more > 0, rx.el.p(f"{ScanDialog.more} more are not shown; type the path.", class_name="meta")
        ),
        class_name="browse",
        role="group",
        aria_label="What is there",
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
