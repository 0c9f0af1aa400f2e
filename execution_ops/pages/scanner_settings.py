"""The scanner's settings."""

from __future__ import annotations

import reflex as rx

from execution_ops import routes
from execution_ops.components.links import link
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty
from execution_ops.components.tabs import word_tabs
from execution_ops.pages.settings_dialogs import check_dialog, key_dialog, questions
from execution_ops.pages.settings_form import draft_meanwhile, review_dialog, save_bar, settings_form
from execution_ops.pages.settings_parts import check_button, determinism_checks, history, trust_roots, version_drawer
from execution_ops.state.scanner_settings import CHECKS, REVIEW, TRUST, VERSIONS, SettingsPage
from execution_ops.state.shell import surroundings

ON_LOAD = (SettingsPage.open,)


def page() -> rx.Component:
    """The parts behind tabs, what was changed below them, and the dialogs."""
    return shell_page(
        "scanner_settings",
        rx.cond(SettingsPage.refused, _refused(), content(SettingsPage, _parts())),
        review_dialog(),
        key_dialog(),
        check_dialog(),
        version_drawer(),
        questions(),
        surroundings=surroundings(),
        summary=SettingsPage.summary,
        actions=(check_button(),),
        liveness=Liveness(SettingsPage.stamp, {"on_hide": SettingsPage.hide, "on_show": SettingsPage.show}),
    )


def _parts() -> rx.Component:
    return rx.fragment(
        word_tabs(SettingsPage.tabs, label="Parts of the settings"),
        # The review shows it itself.
        rx.cond(SettingsPage.dialog != REVIEW, rx.el.div(draft_meanwhile(), class_name="set-note")),
        rx.match(
            SettingsPage.part,
            (TRUST, trust_roots()),
            (CHECKS, determinism_checks()),
            (VERSIONS, history()),
            settings_form(),
        ),
        save_bar(),
    )


def _refused() -> rx.Component:
    return rx.el.div(
        empty(
            "This address shows no settings",
            SettingsPage.problem,
            link("Show the settings", href=routes.scanner_settings(), look="btn"),
            icon_name="settings",
        ),
        class_name="panel",
        role="alert",
    )
