"""The other parts of the settings page: trust roots, determinism checks, and history."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.copy import copy_button
from execution_ops.components.drawer import drawer
from execution_ops.components.icons import icon
from execution_ops.components.links import link
from execution_ops.components.states import empty
from execution_ops.components.table import Column, row_link, table
from execution_ops.components.times import instant, zone_name
from execution_ops.domain.scanner_verbs import (
    DETERMINISM_CHECK,
    SETTINGS_ROLLBACK,
    TRUST_ADD,
    TRUST_DISABLE,
    TRUST_ENABLE,
)
from execution_ops.domain.verb import Verb
from execution_ops.pages.settings_form import diff_list
from execution_ops.state.scanner_settings import SettingsLines, SettingsPage


def trust_roots() -> rx.Component:
    """The keys that are trusted, and those that are disabled."""
    add = action(
        TRUST_ADD.label, on_click=SettingsPage.ask_key, icon=TRUST_ADD.icon, off=SettingsPage.add_off, changes=True
    )
    columns = [
        Column("name", "Name", lambda row: rx.el.b(row.name, class_name="trunc"), place="name", fixed=True),
        Column("state", "State", _key_state, place="state", fixed=True),
        Column("use", "Trusted for", lambda row: row.use, place="sub"),
        Column("fingerprint", "Fingerprint, SHA-256", _fingerprint),
        Column("algorithm", "Algorithm", lambda row: row.algorithm),
        Column("by", "Added by", lambda row: row.added_by),
        Column(
            "at",
            "Added",
            lambda row: instant(row.added_at),
            place="end",
            head=rx.fragment("Added, ", zone_name()),
        ),
        Column("verbs", "Verbs", _key_verbs, right=True, head=rx.el.span("Verbs", class_name="sr")),
    ]
    return rx.cond(
        SettingsPage.keys_total > 0,
        rx.fragment(
            rx.el.div(rx.el.span(class_name="grow"), add, class_name="row set-head"),
            table("trust-roots", SettingsLines.keys, columns, key=lambda row: row.fingerprint, label="Trust roots"),
        ),
        rx.el.div(
            empty(
                "No key is trusted yet",
                "Offline kits are verified against these keys, so none can be verified. Add the public key of who "
                "signs yours.",
                add,
                icon_name="key-round",
            ),
            class_name="panel set-part",
        ),
    )


def _key_state(row: Any) -> rx.Component:
    return rx.cond(
        row.enabled,
        rx.el.span(icon("circle-check"), "Enabled", class_name="st ok"),
        rx.el.span(icon("ban"), "Disabled", class_name="st mute"),
    )


def _fingerprint(row: Any) -> rx.Component:
    return rx.el.span(
        rx.el.span(row.short, title=row.fingerprint, class_name="mono"),
        copy_button(row.fingerprint, "Copy fingerprint"),
        class_name="copyable",
    )


def _key_verbs(row: Any) -> rx.Component:
    def button(verb: Verb) -> rx.Component:
        return action(
            verb.label.removesuffix(" the key"),
            on_click=SettingsPage.ask_switch(verb.name, row.fingerprint),
            icon=verb.icon,
            look="sm",
            off=SettingsPage.add_off,
            changes=True,
        )

    return rx.cond(row.enabled, button(TRUST_DISABLE), button(TRUST_ENABLE))


def determinism_checks() -> rx.Component:
    """The last checks, and how many found the same twice."""
    columns = [
        Column("verdict", "Verdict", _verdict, place="state", fixed=True),
        Column("source", "Source", _source, place="name", fixed=True),
        Column("words", "What came of it", _came_of_it, wide=True),
        Column("at", "At", lambda row: instant(row.at), place="end", head=rx.fragment("At, ", zone_name())),
        Column("dag", "Scans", lambda row: link("Both scans", href=row.dag_href), place="sub"),
    ]
    return rx.cond(
        SettingsPage.checks.length() > 0,
        rx.fragment(
            rx.el.p(SettingsPage.checks_summary, class_name="set-head", role="status"),
            table(
                "determinism-checks",
                SettingsPage.checks,
                columns,
                key=lambda row: row.id,
                label="Determinism checks",
            ),
        ),
        rx.el.div(
            empty(
                "No check was run yet",
                "A check scans one source twice in full, without the cache, and compares every step.",
                check_button(look=""),
                icon_name="equal",
            ),
            class_name="panel set-part",
        ),
    )


def _verdict(row: Any) -> rx.Component:
    return rx.el.span(icon(row.icon), row.word, class_name=f"st {row.tone}")


def _came_of_it(row: Any) -> rx.Component:
    return rx.el.div(
        row.words,
        rx.cond(
            row.places.length() > 0,
            rx.el.details(
                rx.el.summary("Where they differ"),
                rx.el.ul(rx.foreach(row.places, lambda place: rx.el.li(place)), class_name="paths"),
            ),
        ),
        class_name="check-words",
    )


def _source(row: Any) -> rx.Component:
    return row_link(rx.el.b(row.source, title=row.source, class_name="trunc"), href=row.href)


def check_button(look: Any = "pri") -> rx.Component:
    """The main action: ask what to scan twice."""
    return action(
        DETERMINISM_CHECK.label,
        on_click=SettingsPage.ask_check,
        icon=DETERMINISM_CHECK.icon,
        look=look,
        off=SettingsPage.check_off,
        changes=True,
    )


def history() -> rx.Component:
    """What was saved; each version opens with its difference."""
    columns = [
        Column("version", "Version", _number, place="name", fixed=True),
        Column("at", "Saved", lambda row: instant(row.at), place="end", head=rx.fragment("Saved, ", zone_name())),
        Column("by", "By", lambda row: row.by, place="sub"),
        Column("reason", "Reason", lambda row: rx.el.span(row.reason, title=row.reason, class_name="trunc"), wide=True),
        Column("what", "Changed", lambda row: rx.el.span(row.what, class_name="trunc", title=row.what)),
    ]
    return rx.cond(
        SettingsPage.versions_total > 0,
        rx.el.div(
            table(
                "settings-history", SettingsLines.versions, columns, key=lambda row: row.version, label="Saved versions"
            ),
            class_name="set-part",
        ),
        rx.el.div(
            empty(
                "Nothing was saved yet",
                "The defaults hold. Each save is a version here, with its difference, and can be rolled back to.",
                icon_name="history",
            ),
            class_name="panel set-part",
        ),
    )


def _number(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(f"Version {row.version}"), href=row.href),
        rx.cond(row.holds, rx.el.span(" holds now", class_name="meta")),
    )


def version_drawer() -> rx.Component:
    """One version: why it was saved, what it changed, and the way back to it."""
    return drawer(
        rx.cond(SettingsPage.version_reason != "", rx.el.p(SettingsPage.version_reason, class_name="said")),
        rx.cond(
            SettingsPage.version_lines.length() > 0,
            rx.el.section(rx.el.h3("What it changed"), diff_list(SettingsPage.version_lines), class_name="part"),
            rx.el.p(
                rx.cond(
                    SettingsPage.version_missing,
                    "The history has no version of this number.",
                    "These are the values that the console comes with.",
                ),
                class_name="fg3",
            ),
        ),
        open=SettingsPage.version_open,
        title=SettingsPage.version_title,
        subtitle=SettingsPage.version_subtitle,
        on_close=SettingsPage.close,
        footer=rx.fragment(
            action(
                SETTINGS_ROLLBACK.label,
                on_click=SettingsPage.ask_rollback,
                icon=SETTINGS_ROLLBACK.icon,
                off=SettingsPage.rollback_off,
                changes=True,
            ),
            action("Close", on_click=SettingsPage.close, look="ghost"),
        ),
    )
