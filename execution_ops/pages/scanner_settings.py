"""The scanner's settings."""

from __future__ import annotations

import reflex as rx

from execution_ops import routes
from execution_ops.components.listing import list_body
from execution_ops.components.tabs import word_tabs
from execution_ops.pages.audit_parts import what_was_done
from execution_ops.pages.live_page import live_page
from execution_ops.pages.settings_dialogs import check_dialog, key_dialog, questions
from execution_ops.pages.settings_form import draft_meanwhile, review_dialog, save_bar, settings_form
from execution_ops.pages.settings_parts import check_button, determinism_checks, history, trust_roots, version_drawer
from execution_ops.state.scanner_settings import CHECKS, REVIEW, TRUST, VERSIONS, SettingsPage
from execution_ops.texts import scanner_settings as words

ON_LOAD = (SettingsPage.open,)


def page() -> rx.Component:
    """The parts behind tabs, what was changed below them, and the dialogs."""
    return live_page(
        "scanner_settings",
        SettingsPage,
        list_body(SettingsPage, _parts(), noun="settings", href=routes.scanner_settings()),
        review_dialog(),
        key_dialog(),
        check_dialog(),
        version_drawer(),
        questions(),
        summary=SettingsPage.summary,
        actions=(check_button(),),
    )


def _parts() -> rx.Component:
    return rx.fragment(
        word_tabs(SettingsPage.tabs, label=words.PARTS_OF_THE_SETTINGS),
        # The review shows it itself.
        rx.cond(SettingsPage.dialog != REVIEW, rx.el.div(draft_meanwhile(), class_name="set-note")),
        rx.match(
            SettingsPage.part,
            (TRUST, trust_roots()),
            (CHECKS, determinism_checks()),
            (VERSIONS, rx.fragment(history(), what_was_done(boxed=True))),
            settings_form(),
        ),
        save_bar(),
    )
