"""The dialogs of the offline kits; open while the address says so."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.dialog import dialog, field
from execution_ops.components.kit_upload import kit_upload
from execution_ops.components.kv import note
from execution_ops.domain.kits import Channel
from execution_ops.domain.scanner_verbs import KIT_EXPORT, KIT_VERIFY
from execution_ops.domain.verbs import Verb
from execution_ops.state.offline_kits import KitsPage


def kit_dialogs() -> rx.Component:
    """All of them."""
    return rx.fragment(_upload(), _verify(), _export())


def _upload() -> rx.Component:
    return dialog(
        kit_upload(
            most=KitsPage.upload_max,
            off=KitsPage.verify_off,
            on_uploaded=KitsPage.uploaded,
            on_cancel=KitsPage.close_dialog,
        ),
        _problem(),
        open=KitsPage.dialog == "upload",
        title="Upload a kit",
        on_close=KitsPage.close_dialog,
        lead="It is verified step by step. Imported, it is kept whole, or put into quarantine; what is active stays.",
    )


def _verify() -> rx.Component:
    return dialog(
        rx.el.form(
            field(
                "Kit, a tar file or a directory",
                rx.el.input(
                    name="path",
                    class_name="in mono",
                    auto_focus=True,
                    spell_check=False,
                    auto_complete="off",
                    placeholder="/",
                ),
                help_text="An absolute path below the scan roots, on the machine that runs the workers.",
                error=KitsPage.dialog_problem,
            ),
            _check("import", "Import it, too: kept whole if it passes, else put into quarantine"),
            _foot(KIT_VERIFY),
            on_submit=KitsPage.verify_path,
            class_name="stack",
        ),
        open=KitsPage.dialog == "verify",
        title="Verify a path",
        on_close=KitsPage.close_dialog,
        lead="A dry run: it checks the kit step by step and changes nothing.",
    )


def _export() -> rx.Component:
    return dialog(
        rx.el.form(
            _version_and_channel(),
            rx.el.fieldset(
                rx.el.legend("Baselines", class_name="fl"),
                rx.cond(
                    KitsPage.choices.length() > 0,
                    rx.el.div(rx.foreach(KitsPage.choices, _choice), class_name="kit-choices", tab_index=0),
                    rx.el.p("There is no baseline here: save one from a scan first.", class_name="meta"),
                ),
            ),
            _check("settings", "The default analyzers", checked=True),
            _check("syft", "The Syft in use, for sites of the same kind of machine"),
            _signed_with(),
            _foot(KIT_EXPORT),
            on_submit=KitsPage.export,
            class_name="stack",
        ),
        open=KitsPage.dialog == "export",
        title=KIT_EXPORT.label,
        on_close=KitsPage.close_dialog,
        lead="The finished kit is a file of the job that builds it.",
    )


def _version_and_channel() -> rx.Component:
    return rx.el.div(
        field(
            "Version",
            rx.el.input(name="version", class_name="in mono", auto_focus=True, auto_complete="off"),
            help_text="Numbers joined by dots, such as 2026.11.14.",
            error=KitsPage.dialog_problem,
        ),
        field(
            "Channel",
            rx.el.select(
                *[rx.el.option(channel.value, value=channel.value) for channel in Channel],
                name="channel",
                default_value=Channel.STABLE.value,
                class_name="in",
            ),
        ),
        class_name="kit-two",
    )


def _signed_with() -> rx.Component:
    return rx.cond(
        KitsPage.key_place != "",
        note(
            "Signed with the key of ",
            rx.el.b(KitsPage.key_place),
            ", which is not stored.",
            icon_name="key-round",
        ),
        note(
            "This process knows no key to sign with. The worker needs ",
            rx.el.code("EXECUTION_OPS_KIT_KEY", class_name="mono"),
            ", the file of a private key.",
            tone="warn",
            icon_name="key-round",
        ),
    )


def _foot(verb: Verb) -> rx.Component:
    return rx.el.div(
        action(verb.label, icon=verb.icon, look="pri", kind="submit", busy=KitsPage.busy, changes=True),
        action("Cancel", on_click=KitsPage.close_dialog, look="ghost"),
        class_name="dgf",
    )


def _choice(one: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name=one.field, default_checked=one.promoted),
        rx.el.span(
            rx.el.b(one.name),
            rx.cond(one.promoted, rx.fragment(" ", rx.el.span("promoted", class_name="st ok"))),
            rx.el.span(one.source, title=one.source, class_name="sub trunc"),
        ),
        class_name="check kit-choice",
        key=one.field,
    )


def _check(name: str, label: str, *, checked: bool = False) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name=name, default_checked=checked), rx.el.span(label), class_name="check"
    )


def _problem() -> rx.Component:
    return rx.cond(KitsPage.dialog_problem != "", rx.el.p(KitsPage.dialog_problem, class_name="help bad", role="alert"))
