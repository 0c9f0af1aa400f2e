"""The dialogs of the offline kits; open while the address says so."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import submit_button
from execution_ops.components.dialog import dialog, form_dialog
from execution_ops.components.fields import checkbox, field, problem, text_input
from execution_ops.components.kit_upload import kit_upload
from execution_ops.components.kv import note
from execution_ops.components.prose import said
from execution_ops.domain.kits import Channel
from execution_ops.domain.scanner_verbs import KIT_EXPORT, KIT_VERIFY
from execution_ops.domain.verbs import Verb
from execution_ops.state.offline_kits import KitsPage
from execution_ops.texts import common
from execution_ops.texts import kits as words


def kit_dialogs() -> rx.Component:
    """All of them."""
    return rx.fragment(_upload(), _verify(), _export())


def _upload() -> rx.Component:
    return dialog(
        kit_upload(
            most=KitsPage.upload_max,
            off=KitsPage.upload_off,
            on_uploaded=KitsPage.uploaded,
            on_cancel=KitsPage.close_dialog,
        ),
        problem(KitsPage.dialog_problem),
        open=KitsPage.dialog == "upload",
        title=words.UPLOAD_A_KIT,
        on_close=KitsPage.close_dialog,
        lead=words.UPLOAD_A_KIT_LEAD,
    )


def _verify() -> rx.Component:
    return form_dialog(
        field(
            words.KIT_TO_VERIFY,
            text_input("path", mono=True, auto_focus=True, placeholder="/"),
            help_text=words.KIT_TO_VERIFY_HELP,
            error=KitsPage.dialog_problem,
        ),
        checkbox("import", words.IMPORT_IT_TOO),
        main=_sends(KIT_VERIFY),
        on_submit=KitsPage.verify_path,
        open=KitsPage.dialog == "verify",
        title=words.VERIFY_A_PATH,
        on_close=KitsPage.close_dialog,
        lead=words.VERIFY_A_PATH_LEAD,
    )


def _export() -> rx.Component:
    return form_dialog(
        _version_and_channel(),
        rx.el.fieldset(
            rx.el.legend(common.BASELINES, class_name="fl"),
            rx.cond(
                KitsPage.choices.length() > 0,
                rx.el.div(rx.foreach(KitsPage.choices, _choice), class_name="kit-choices", tab_index=0),
                rx.el.p(words.NO_BASELINE_HERE, class_name="meta"),
            ),
        ),
        checkbox("settings", words.THE_DEFAULT_ANALYZERS, checked=True),
        checkbox("syft", words.THE_SYFT_IN_USE),
        _signed_with(),
        main=_sends(KIT_EXPORT),
        on_submit=KitsPage.export,
        open=KitsPage.dialog == "export",
        title=KIT_EXPORT.label,
        on_close=KitsPage.close_dialog,
        lead=words.EXPORT_LEAD,
    )


def _sends(verb: Verb) -> rx.Component:
    return submit_button(verb, busy=KitsPage.busy)


def _version_and_channel() -> rx.Component:
    return rx.el.div(
        field(
            common.VERSION,
            text_input("version", mono=True, auto_focus=True),
            help_text=words.VERSION_HELP,
            error=KitsPage.dialog_problem,
        ),
        field(
            words.CHANNEL,
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
    known = note(said(words.SIGNED_WITH, place=rx.el.b(KitsPage.key_place)), icon_name="key-round")
    none = note(
        said(words.NO_KEY_TO_SIGN_WITH, variable=rx.el.code(words.KEY_VARIABLE, class_name="mono")),
        tone="warn",
        icon_name="key-round",
    )
    return rx.cond(KitsPage.key_place != "", known, none)


def _choice(one: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name=one.field, default_checked=one.promoted),
        rx.el.span(
            rx.el.b(one.name),
            rx.cond(one.promoted, rx.fragment(" ", rx.el.span(words.PROMOTED, class_name="st ok"))),
            rx.el.span(one.source, title=one.source, class_name="sub trunc"),
        ),
        class_name="check kit-choice",
        key=one.field,
    )
