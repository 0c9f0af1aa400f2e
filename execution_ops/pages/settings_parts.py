"""The other parts of the settings page: trust roots, determinism checks, and history."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import verb_button
from execution_ops.components.copy import copy_button
from execution_ops.components.drawer import drawer
from execution_ops.components.icons import icon
from execution_ops.components.kv import diff, listed, part
from execution_ops.components.links import link
from execution_ops.components.states import empty
from execution_ops.components.table import Column, row_link, table, time_column, verbs_column
from execution_ops.components.times import instant
from execution_ops.domain.scanner_verbs import (
    DETERMINISM_CHECK,
    SETTINGS_ROLLBACK,
    TRUST_ADD,
    TRUST_DISABLE,
    TRUST_ENABLE,
)
from execution_ops.domain.verb import Verb
from execution_ops.state.scanner_settings import SettingsLines, SettingsPage
from execution_ops.texts import common
from execution_ops.texts import scanner_settings as words


def trust_roots() -> rx.Component:
    """The keys that are trusted, and those that are disabled."""
    add = verb_button(TRUST_ADD, SettingsPage.ask_key, off=SettingsPage.add_off)
    columns = [
        Column("name", common.NAME, lambda row: rx.el.b(row.name, class_name="trunc"), place="name", fixed=True),
        Column("state", common.STATE, _key_state, place="state", fixed=True),
        Column("use", words.TRUSTED_FOR, lambda row: row.use, place="sub"),
        Column("fingerprint", words.FINGERPRINT_SHA_256, _fingerprint),
        Column("algorithm", words.ALGORITHM, lambda row: row.algorithm),
        Column("by", words.ADDED_BY, lambda row: row.added_by),
        time_column("at", words.ADDED, lambda row: instant(row.added_at), right=False),
        verbs_column(_key_verbs),
    ]
    return rx.cond(
        SettingsPage.keys_total > 0,
        rx.fragment(
            rx.el.div(rx.el.span(class_name="grow"), add, class_name="row set-head"),
            table(
                "trust-roots", SettingsLines.keys, columns, key=lambda row: row.fingerprint, label=common.TRUST_ROOTS
            ),
        ),
        rx.el.div(
            empty(
                words.NO_KEY_IS_TRUSTED_YET,
                words.NO_KEY_IS_TRUSTED_YET_WHY,
                add,
                icon_name="key-round",
            ),
            class_name="panel set-part",
        ),
    )


def _key_state(row: Any) -> rx.Component:
    return rx.cond(
        row.enabled,
        rx.el.span(icon("circle-check"), words.ENABLED, class_name="st ok"),
        rx.el.span(icon("ban"), words.DISABLED, class_name="st mute"),
    )


def _fingerprint(row: Any) -> rx.Component:
    return rx.el.span(
        rx.el.span(row.short, title=row.fingerprint, class_name="mono"),
        copy_button(row.fingerprint, words.COPY_FINGERPRINT),
        class_name="copyable",
    )


def _key_verbs(row: Any) -> rx.Component:
    def button(verb: Verb) -> rx.Component:
        return verb_button(
            verb,
            SettingsPage.ask_switch(verb.name, row.fingerprint),
            label=verb.label.removesuffix(words.THE_KEY),
            look="sm",
            off=SettingsPage.add_off,
        )

    return rx.cond(row.enabled, button(TRUST_DISABLE), button(TRUST_ENABLE))


def determinism_checks() -> rx.Component:
    """The last checks, and how many found the same twice."""
    columns = [
        Column("verdict", words.VERDICT, _verdict, place="state", fixed=True),
        Column("source", common.SOURCE, _source, place="name", fixed=True),
        Column("words", words.WHAT_CAME_OF_IT, _came_of_it, wide=True),
        time_column("at", words.AT, lambda row: instant(row.at), right=False),
        Column("dag", common.SCANS, lambda row: link(words.BOTH_SCANS, href=row.dag_href), place="sub"),
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
                label=words.DETERMINISM_CHECKS,
            ),
        ),
        rx.el.div(
            empty(
                words.NO_CHECK_WAS_RUN_YET,
                words.NO_CHECK_WAS_RUN_YET_WHY,
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
                rx.el.summary(words.WHERE_THEY_DIFFER),
                listed(row.places),
            ),
        ),
        class_name="check-words",
    )


def _source(row: Any) -> rx.Component:
    return row_link(rx.el.b(row.source, title=row.source, class_name="trunc"), href=row.href)


def check_button(look: Any = "pri") -> rx.Component:
    """The main action: ask what to scan twice."""
    return verb_button(DETERMINISM_CHECK, SettingsPage.ask_check, look=look, off=SettingsPage.check_off)


def history() -> rx.Component:
    """What was saved; each version opens with its difference."""
    columns = [
        Column("version", common.VERSION, _number, place="name", fixed=True),
        time_column("at", common.SAVED, lambda row: instant(row.at), right=False),
        Column("by", words.BY, lambda row: row.by, place="sub"),
        Column(
            "reason", common.REASON, lambda row: rx.el.span(row.reason, title=row.reason, class_name="trunc"), wide=True
        ),
        Column("what", words.CHANGED, lambda row: rx.el.span(row.what, class_name="trunc", title=row.what)),
    ]
    return rx.cond(
        SettingsPage.versions_total > 0,
        rx.el.div(
            table(
                "settings-history",
                SettingsLines.versions,
                columns,
                key=lambda row: row.version,
                label=words.SAVED_VERSIONS,
            ),
            class_name="set-part",
        ),
        rx.el.div(
            empty(
                words.NOTHING_WAS_SAVED_YET,
                words.NOTHING_WAS_SAVED_YET_WHY,
                icon_name="history",
            ),
            class_name="panel set-part",
        ),
    )


def _number(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(words.version(row.version)), href=row.href),
        rx.cond(row.holds, rx.el.span(" ", words.HOLDS_NOW, class_name="meta")),
    )


def version_drawer() -> rx.Component:
    """One version: why it was saved, what it changed, and the way back to it."""
    return drawer(
        rx.cond(SettingsPage.version_reason != "", rx.el.p(SettingsPage.version_reason, class_name="said")),
        rx.cond(
            SettingsPage.version_lines.length() > 0,
            part(words.WHAT_IT_CHANGED, diff(SettingsPage.version_lines)),
            rx.el.p(
                rx.cond(
                    SettingsPage.version_missing,
                    words.NO_SUCH_VERSION,
                    words.VALUES_IT_COMES_WITH,
                ),
                class_name="fg3",
            ),
        ),
        open=SettingsPage.version_open,
        title=SettingsPage.version_title,
        subtitle=SettingsPage.version_subtitle,
        on_close=SettingsPage.close,
        footer=verb_button(SETTINGS_ROLLBACK, SettingsPage.ask_rollback, look="", off=SettingsPage.rollback_off),
    )
