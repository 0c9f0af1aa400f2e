"""The form of the scanner's settings: its sections, the bar with what was changed, and the review before a save."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.dialog import dialog, field
from execution_ops.components.kv import note, panel
from execution_ops.components.times import instant
from execution_ops.domain.scanner_verbs import SETTINGS_EDIT
from execution_ops.domain.settings_forms import SECTIONS, FormField, form_fields
from execution_ops.domain.verbs import REASON_MAX, TICKET_MAX
from execution_ops.state.scanner_settings import REVIEW, SettingsPage

REVIEW_FORM = "settings_review"
_ABOUT = {
    "determinism": "What makes two scans of one source the same, to the byte.",
    "limits": "An archive or image beyond them is refused as a decompression bomb.",
    "timeouts": "How long each attempt of a step may take.",
    "cache": "What analyzers found in sources that are known by their digest.",
    "staleness": "From which age on the active offline kit is called stale.",
    "bench": "When a benchmark is a breach.",
}


def settings_form() -> rx.Component:
    """All sections."""
    return rx.el.div(*[_section(section, title) for section, title in SECTIONS.items()], class_name="set-cols")


def _section(section: str, title: str) -> rx.Component:
    fields = [_field(one) for one in form_fields() if one.section == section]
    return panel(title, rx.el.div(rx.el.p(_ABOUT[section], class_name="meta"), *fields, class_name="set-fields"))


def _field(one: FormField) -> rx.Component:
    begun = SettingsPage.form_key + SettingsPage.first[one.name]
    was, problem = SettingsPage.was[one.name], SettingsPage.problems[one.name]
    help_text = rx.fragment(one.help, rx.cond(was != "", rx.el.b(" ", was)))
    if one.kind == "flag":
        return rx.el.div(
            rx.el.label(
                rx.el.input(
                    type="checkbox",
                    name=one.name,
                    key=begun,
                    default_checked=SettingsPage.first[one.name] == "on",
                    on_change=SettingsPage.switch_field(one.name),
                ),
                rx.el.span(one.label),
                class_name="check",
            ),
            rx.el.p(help_text, class_name="help"),
            class_name="set-field",
        )
    typed = rx.el.input(
        name=one.name,
        key=begun,
        default_value=SettingsPage.first[one.name],
        on_change=SettingsPage.type_field(one.name),
        class_name="in mono" if one.kind == "instant" else "in",
        input_mode="numeric" if one.kind == "whole" else "text",
        auto_complete="off",
        spell_check=False,
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
    words = rx.cond(count == 1, "1 change", f"{count} changes")
    off = rx.cond(
        SettingsPage.save_off != "",
        SettingsPage.save_off,
        rx.cond(
            SettingsPage.wrong == 0,
            rx.cond(count == 0, "This is what holds already.", ""),
            rx.cond(
                SettingsPage.wrong == 1,
                "One field needs another look.",
                f"{SettingsPage.wrong} fields need another look.",
            ),
        ),
    )
    return rx.cond(
        (count > 0) | (SettingsPage.wrong > 0),
        rx.el.div(
            rx.el.span(
                rx.el.b(words),
                rx.cond(SettingsPage.meanwhile.length() > 0, rx.el.span(" · somebody else saved", class_name="meta")),
                class_name="grow",
                role="status",
            ),
            action("Discard", on_click=SettingsPage.discard, look="ghost"),
            action("Review", on_click=SettingsPage.review, icon=SETTINGS_EDIT.icon, look="pri", off=off),
            class_name="savebar",
            role="region",
            aria_label="Unsaved changes",
        ),
    )


def draft_meanwhile() -> rx.Component:
    """What others saved while the draft was open."""
    return meanwhile_note(
        SettingsPage.meanwhile,
        "The settings were saved by somebody else while you were changing them.",
        "What you typed is still here. Nothing of theirs is overwritten unless you changed it, too.",
        action("Go on with mine on top", on_click=SettingsPage.acknowledge, look="sm"),
    )


def meanwhile_note(lines: rx.Var[list[Any]], title: str, words: str, go_on: rx.Component) -> rx.Component:
    """What others saved in the meantime, if they did, and the button that says that it was looked at."""
    return rx.cond(
        lines.length() > 0,
        note(
            rx.el.div(
                rx.el.div(rx.el.b(title), rx.foreach(lines, _version), rx.el.p(words)),
                go_on,
                class_name="qnote",
            ),
            tone="warn",
            icon_name="triangle-alert",
        ),
    )


def _version(row: Any) -> rx.Component:
    return rx.el.div(
        rx.el.p(
            rx.el.b(f"Version {row.version}"),
            f", {row.by}, ",
            instant(row.at, zone=True),
            rx.cond(row.reason != "", rx.el.span(f": “{row.reason}”")),
        ),
        diff_list(row.changes),
        key=row.version,
    )


def diff_list(lines: rx.Var[list[Any]]) -> rx.Component:
    """What each setting was and is."""
    return rx.el.dl(
        rx.foreach(
            lines,
            lambda line: rx.el.div(
                rx.el.dt(line.label), rx.el.dd(rx.el.del_(line.before), rx.el.ins(line.after)), key=line.label
            ),
        ),
        class_name="diff",
    )


def review_dialog() -> rx.Component:
    """The difference, the reason, and Save; open while the address says so and there is something to save."""
    return dialog(
        draft_meanwhile(),
        diff_list(SettingsPage.review_lines),
        rx.el.form(
            field(
                "Reason",
                rx.el.input(name="reason", max_length=REASON_MAX, class_name="in", required=True, auto_complete="off"),
            ),
            field(
                "Ticket",
                rx.el.input(name="ticket", max_length=TICKET_MAX, class_name="in", auto_complete="off"),
                optional=True,
            ),
            rx.cond(
                SettingsPage.review_problem != "",
                rx.el.div(note(SettingsPage.review_problem, tone="bad", icon_name="circle-x"), role="alert"),
            ),
            rx.el.div(
                action(
                    SETTINGS_EDIT.label,
                    icon=SETTINGS_EDIT.icon,
                    look="pri",
                    kind="submit",
                    off=rx.cond(
                        SettingsPage.meanwhile.length() > 0,
                        "First look at what was saved meanwhile.",
                        SettingsPage.save_off,
                    ),
                    changes=True,
                    busy=SettingsPage.saving,
                ),
                action("Go on changing", on_click=SettingsPage.close, look="ghost"),
                rx.el.span("Written to the audit log.", class_name="meta"),
                class_name="dgf",
            ),
            id=REVIEW_FORM,
            on_submit=SettingsPage.save,
        ),
        open=(SettingsPage.dialog == REVIEW) & (SettingsPage.changed > 0) & (SettingsPage.wrong == 0),
        title=rx.cond(SettingsPage.changed == 1, "Save 1 change?", f"Save {SettingsPage.changed} changes?"),
        lead=SETTINGS_EDIT.effect,
        on_close=SettingsPage.close,
        wide=True,
    )
