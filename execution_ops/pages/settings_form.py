"""The form of the scanner's settings: its sections, the bar with what was changed, and the review before a save."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action, submit_button
from execution_ops.components.dialog import form_dialog
from execution_ops.components.fields import checkbox, field, form_problem, text_input, why
from execution_ops.components.kv import diff, noted, panel
from execution_ops.components.prose import said
from execution_ops.components.times import instant
from execution_ops.domain.scanner_verbs import SETTINGS_EDIT
from execution_ops.domain.settings_forms import SECTIONS, FormField, form_fields
from execution_ops.state.scanner_settings import REVIEW, SettingsPage
from execution_ops.texts import common
from execution_ops.texts import scanner_settings as words


def settings_form() -> rx.Component:
    """All sections."""
    return rx.el.div(*[_section(section, title) for section, title in SECTIONS.items()], class_name="set-cols")


def _section(section: str, title: str) -> rx.Component:
    fields = [_field(one) for one in form_fields() if one.section == section]
    return panel(title, rx.el.div(rx.el.p(words.ABOUT[section], class_name="meta"), *fields, class_name="set-fields"))


def _field(one: FormField) -> rx.Component:
    begun = SettingsPage.form_key + SettingsPage.first[one.name]
    was, problem = SettingsPage.was[one.name], SettingsPage.problems[one.name]
    help_text = rx.fragment(one.help, rx.cond(was != "", rx.el.b(" ", was)))
    if one.kind == "flag":
        return rx.el.div(
            checkbox(
                one.name,
                one.label,
                checked=SettingsPage.first[one.name] == "on",
                key=begun,
                on_change=SettingsPage.switch_field(one.name),
            ),
            rx.el.p(help_text, class_name="help"),
            class_name="set-field",
        )
    typed = text_input(
        one.name,
        mono=one.kind == "instant",
        key=begun,
        default_value=SettingsPage.first[one.name],
        on_change=SettingsPage.type_field(one.name),
        input_mode="numeric" if one.kind == "whole" else "text",
        title=one.range,
        aria_invalid=problem != "",
    )
    unit = rx.el.span(one.unit, class_name="unit") if one.unit else rx.fragment()
    return rx.el.div(
        field(one.label, rx.el.span(typed, unit, class_name="set-in"), help_text=help_text, error=problem),
        class_name=rx.cond(was != "", "set-field changed", "set-field"),
    )


def save_bar() -> rx.Component:
    """How many changes there are, and what to do with them; below everything while there are any."""
    count = SettingsPage.changed
    off = rx.cond(
        SettingsPage.save_off != "",
        SettingsPage.save_off,
        rx.cond(
            SettingsPage.wrong == 0,
            rx.cond(count == 0, words.THIS_IS_WHAT_HOLDS_ALREADY, ""),
            rx.cond(
                SettingsPage.wrong == 1,
                words.ONE_FIELD_NEEDS_ANOTHER_LOOK,
                words.fields_need_another_look(SettingsPage.wrong),
            ),
        ),
    )
    return rx.cond(
        (count > 0) | (SettingsPage.wrong > 0),
        rx.el.div(
            rx.el.span(
                rx.el.b(rx.cond(count == 1, words.ONE_CHANGE, words.changes(count))),
                rx.cond(
                    SettingsPage.meanwhile.length() > 0, rx.el.span(" · ", words.SOMEBODY_ELSE_SAVED, class_name="meta")
                ),
                class_name="grow",
                role="status",
            ),
            action(words.DISCARD, on_click=SettingsPage.discard, look="ghost"),
            action(words.REVIEW, on_click=SettingsPage.review, icon=SETTINGS_EDIT.icon, look="pri", off=off),
            class_name="savebar",
            role="region",
            aria_label=words.UNSAVED_CHANGES,
        ),
    )


def draft_meanwhile() -> rx.Component:
    """What others saved while the draft was open."""
    return meanwhile_note(
        SettingsPage.meanwhile,
        words.SAVED_WHILE_YOU_CHANGED,
        words.WHAT_YOU_TYPED_IS_STILL_HERE,
        action(words.GO_ON_WITH_MINE_ON_TOP, on_click=SettingsPage.acknowledge, look="sm"),
    )


def meanwhile_note(lines: rx.Var[list[Any]], title: str, text: str, go_on: rx.Component) -> rx.Component:
    """What others saved in the meantime, if they did, and the button that says that it was looked at."""
    return rx.cond(
        lines.length() > 0,
        noted(
            rx.el.b(title),
            rx.foreach(lines, _version),
            rx.el.p(text),
            button=go_on,
            tone="warn",
            icon_name="triangle-alert",
        ),
    )


def _version(row: Any) -> rx.Component:
    what = said(words.VERSION_BY, version=rx.el.b(words.version(row.version)), by=row.by, at=instant(row.at, zone=True))
    because = rx.cond(row.reason != "", rx.el.span(said(common.BECAUSE, reason=row.reason)))
    return rx.el.div(rx.el.p(what, because), diff(row.changes), key=row.version)


def review_dialog() -> rx.Component:
    """The difference, the reason, and Save; open while the address says so and there is something to save."""
    unseen = words.FIRST_LOOK_AT_WHAT_WAS_SAVED
    off = rx.cond(SettingsPage.meanwhile.length() > 0, unseen, SettingsPage.save_off)
    return form_dialog(
        draft_meanwhile(),
        diff(SettingsPage.review_lines),
        why(required=True),
        form_problem(SettingsPage.review_problem),
        main=submit_button(SETTINGS_EDIT, off=off, busy=SettingsPage.saving),
        keep=words.GO_ON_CHANGING,
        meta=common.AUDITED,
        on_submit=SettingsPage.save,
        open=(SettingsPage.dialog == REVIEW) & (SettingsPage.changed > 0) & (SettingsPage.wrong == 0),
        title=rx.cond(SettingsPage.changed == 1, words.SAVE_1_CHANGE, words.save_changes(SettingsPage.changed)),
        lead=SETTINGS_EDIT.effect,
        on_close=SettingsPage.close,
        wide=True,
    )
