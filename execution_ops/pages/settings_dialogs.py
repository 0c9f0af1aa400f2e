"""The dialogs of the scanner's settings: the questions before a verb, a new trust root, a determinism check."""

from __future__ import annotations

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.dialog import confirm, dialog, field
from execution_ops.components.kv import note
from execution_ops.domain.scanner_settings import NAME_MAX, TrustUse
from execution_ops.domain.scanner_verbs import (
    DETERMINISM_CHECK,
    SETTINGS_ROLLBACK,
    TRUST_ADD,
    TRUST_DISABLE,
    TRUST_ENABLE,
)
from execution_ops.domain.settings_changes import USES
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import REASON_MAX, TICKET_MAX
from execution_ops.pages.settings_form import diff_list, meanwhile_note
from execution_ops.state.scanner_settings import ADD_KEY, CHECK, SettingsPage

_PEM_EXAMPLE = "-----BEGIN PUBLIC KEY-----"


def questions() -> rx.Component:
    """The questions before a roll-back and before a key is switched."""
    return rx.fragment(
        _question(SETTINGS_ROLLBACK, _rollback_meanwhile(), _rollback_changes(), off=SettingsPage.question_off),
        _question(TRUST_DISABLE),
        _question(TRUST_ENABLE),
    )


def _question(verb: Verb, *children: rx.Component, off: str | rx.Var[str] = "") -> rx.Component:
    return confirm(
        verb,
        *children,
        open=SettingsPage.asking == verb.name,
        title=SettingsPage.question_title,
        confirm_label=verb.label,
        off=off,
        error=SettingsPage.verb_problem,
        on_confirm=SettingsPage.do_verb,
        on_close=SettingsPage.leave_verb,
    )


def _rollback_meanwhile() -> rx.Component:
    return meanwhile_note(
        SettingsPage.question_meanwhile,
        "The settings were saved by somebody else while this question was open.",
        "The difference below is to what holds now.",
        action("Go on with the roll-back", on_click=SettingsPage.acknowledge_question, look="sm"),
    )


def _rollback_changes() -> rx.Component:
    return rx.cond(
        SettingsPage.question_lines.length() > 0,
        rx.el.section(
            rx.el.h3("What it changes of what holds now"), diff_list(SettingsPage.question_lines), class_name="part"
        ),
    )


def key_dialog() -> rx.Component:
    """Paste a key, see what it is, then add it."""
    return dialog(
        rx.el.form(
            _pem(),
            rx.el.div(_key_facts(), aria_live="polite"),
            rx.el.div(
                field("Name", _text("name", NAME_MAX, required=True)), field("Trusted for", _uses()), class_name="g2"
            ),
            rx.el.div(
                field("Reason", _text("reason", REASON_MAX, required=True)),
                field("Ticket", _text("ticket", TICKET_MAX), optional=True),
                class_name="g2",
            ),
            rx.el.div(_add_key(), action("Cancel", on_click=SettingsPage.close, look="ghost"), class_name="dgf"),
            key=SettingsPage.key_form,
            on_submit=SettingsPage.add_key,
        ),
        open=SettingsPage.dialog == ADD_KEY,
        title=TRUST_ADD.label,
        lead="Compare the fingerprint with what its owner told you before you add it.",
        on_close=SettingsPage.close,
        wide=True,
    )


def _pem() -> rx.Component:
    return field(
        "Public key, PEM",
        rx.el.textarea(
            name="pem",
            rows="4",
            placeholder=_PEM_EXAMPLE,
            on_change=SettingsPage.read_key.debounce(250),
            class_name="in mono",
            spell_check=False,
            auto_focus=True,
        ),
        help_text="Ed25519 or ECDSA P-256. Never paste a private key.",
        error=SettingsPage.key_problem,
    )


def _key_facts() -> rx.Component:
    return rx.cond(
        SettingsPage.key_fingerprint != "",
        rx.el.dl(
            rx.el.dt("Fingerprint, SHA-256"),
            rx.el.dd(SettingsPage.key_fingerprint, class_name="mono break"),
            rx.el.dt("Algorithm"),
            rx.el.dd(SettingsPage.key_algorithm),
            class_name="kv key-facts",
        ),
        rx.el.p("The fingerprint is shown here before anything is added.", class_name="meta"),
    )


def _text(name: str, longest: int, *, required: bool = False) -> rx.Component:
    return rx.el.input(name=name, max_length=longest, required=required, class_name="in", auto_complete="off")


def _add_key() -> rx.Component:
    not_shown = rx.cond(SettingsPage.key_shown, "", "Paste a key that can be trusted first.")
    return action(
        TRUST_ADD.label,
        icon=TRUST_ADD.icon,
        look="pri",
        kind="submit",
        off=rx.cond(SettingsPage.add_off != "", SettingsPage.add_off, not_shown),
        changes=True,
        busy=SettingsPage.busy,
    )


def _uses() -> rx.Component:
    return rx.el.select(
        *[rx.el.option(words.capitalize(), value=use.value) for use, words in USES.items()],
        name="use",
        default_value=TrustUse.KIT.value,
        class_name="in",
    )


def check_dialog() -> rx.Component:
    """Which source to scan twice."""
    return dialog(
        rx.el.form(
            field(
                "Directory, archive or image tarball",
                rx.el.input(name="path", class_name="in mono", auto_focus=True, spell_check=False, auto_complete="off"),
                help_text="A path below the scan roots, on the machine that runs the workers.",
                error=SettingsPage.check_problem,
            ),
            note(
                "The second scan starts after the first. Both run Syft with what holds now; no stored result is taken.",
            ),
            rx.el.div(
                action(
                    "Scan it twice",
                    icon=DETERMINISM_CHECK.icon,
                    look="pri",
                    kind="submit",
                    off=SettingsPage.check_off,
                    changes=True,
                    busy=SettingsPage.busy,
                ),
                action("Cancel", on_click=SettingsPage.close, look="ghost"),
                class_name="dgf",
            ),
            key=SettingsPage.key_form,
            on_submit=SettingsPage.start_check,
        ),
        open=SettingsPage.dialog == CHECK,
        title=DETERMINISM_CHECK.label,
        lead=DETERMINISM_CHECK.effect,
        on_close=SettingsPage.close,
    )
