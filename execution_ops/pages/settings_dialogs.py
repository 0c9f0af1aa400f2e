"""The dialogs of the scanner's settings: the questions before a verb, a new trust root, a determinism check."""

from __future__ import annotations

import reflex as rx

from execution_ops.components.buttons import action, submit_button
from execution_ops.components.dialog import form_dialog, question
from execution_ops.components.fields import field, text_input, why
from execution_ops.components.kv import diff, note, part
from execution_ops.domain.scanner_settings import NAME_MAX, TrustUse
from execution_ops.domain.scanner_verbs import (
    DETERMINISM_CHECK,
    SETTINGS_ROLLBACK,
    TRUST_ADD,
    TRUST_DISABLE,
    TRUST_ENABLE,
)
from execution_ops.domain.settings_changes import USES
from execution_ops.pages.settings_form import meanwhile_note
from execution_ops.state.scanner_settings import ADD_KEY, CHECK, SettingsPage
from execution_ops.texts import common
from execution_ops.texts import scanner_settings as words

_PEM_EXAMPLE = words.PEM_EXAMPLE


def questions() -> rx.Component:
    """The questions before a roll-back and before a key is switched."""
    return rx.fragment(
        question(
            SettingsPage, SETTINGS_ROLLBACK, _rollback_meanwhile(), _rollback_changes(), off=SettingsPage.question_off
        ),
        *[question(SettingsPage, verb) for verb in (TRUST_DISABLE, TRUST_ENABLE)],
    )


def _rollback_meanwhile() -> rx.Component:
    return meanwhile_note(
        SettingsPage.question_meanwhile,
        words.SAVED_WHILE_IT_WAS_ASKED,
        common.DIFFERENCE_TO_WHAT_HOLDS_NOW,
        action(words.GO_ON_WITH_THE_ROLL_BACK, on_click=SettingsPage.acknowledge_question, look="sm"),
    )


def _rollback_changes() -> rx.Component:
    return rx.cond(
        SettingsPage.question_lines.length() > 0,
        part(words.WHAT_IT_CHANGES_OF_WHAT_HOLDS, diff(SettingsPage.question_lines)),
    )


def key_dialog() -> rx.Component:
    """Paste a key, see what it is, then add it."""
    name = text_input("name", max_length=NAME_MAX, required=True)
    return form_dialog(
        _pem(),
        rx.el.div(_key_facts(), aria_live="polite"),
        rx.el.div(field(common.NAME, name), field(words.TRUSTED_FOR, _uses()), class_name="g2"),
        why(required=True),
        main=_add_key(),
        key=SettingsPage.key_form,
        on_submit=SettingsPage.add_key,
        open=SettingsPage.dialog == ADD_KEY,
        title=TRUST_ADD.label,
        lead=words.ADD_KEY_LEAD,
        on_close=SettingsPage.close,
        wide=True,
    )


def _pem() -> rx.Component:
    return field(
        words.PUBLIC_KEY_PEM,
        rx.el.textarea(
            name="pem",
            rows="4",
            placeholder=_PEM_EXAMPLE,
            on_change=SettingsPage.read_key.debounce(250),
            class_name="in mono",
            spell_check=False,
            auto_focus=True,
        ),
        help_text=words.PUBLIC_KEY_PEM_HELP,
        error=SettingsPage.key_problem,
    )


def _key_facts() -> rx.Component:
    return rx.cond(
        SettingsPage.key_fingerprint != "",
        rx.el.dl(
            rx.el.dt(words.FINGERPRINT_SHA_256),
            rx.el.dd(SettingsPage.key_fingerprint, class_name="mono break"),
            rx.el.dt(words.ALGORITHM),
            rx.el.dd(SettingsPage.key_algorithm),
            class_name="kv key-facts",
        ),
        rx.el.p(words.FINGERPRINT_TO_COME, class_name="meta"),
    )


def _add_key() -> rx.Component:
    not_shown = rx.cond(SettingsPage.key_shown, "", words.PASTE_A_KEY_FIRST)
    off = rx.cond(SettingsPage.add_off != "", SettingsPage.add_off, not_shown)
    return submit_button(TRUST_ADD, off=off, busy=SettingsPage.busy)


def _uses() -> rx.Component:
    return rx.el.select(
        *[rx.el.option(words.capitalize(), value=use.value) for use, words in USES.items()],
        name="use",
        default_value=TrustUse.KIT.value,
        class_name="in",
    )


def check_dialog() -> rx.Component:
    """Which source to scan twice."""
    return form_dialog(
        field(
            common.SCAN_SOURCE,
            text_input("path", mono=True, auto_focus=True),
            help_text=words.SCAN_SOURCE_HELP,
            error=SettingsPage.check_problem,
        ),
        note(words.THE_SECOND_SCAN_STARTS_AFTER),
        main=submit_button(
            DETERMINISM_CHECK, label=words.SCAN_IT_TWICE, off=SettingsPage.check_off, busy=SettingsPage.busy
        ),
        key=SettingsPage.key_form,
        on_submit=SettingsPage.start_check,
        open=SettingsPage.dialog == CHECK,
        title=DETERMINISM_CHECK.label,
        lead=DETERMINISM_CHECK.effect,
        on_close=SettingsPage.close,
    )
