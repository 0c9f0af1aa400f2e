"""The editor of the schedules page: the form of a new schedule, and of a schedule's next version."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.dialog import field
from execution_ops.components.drawer import drawer
from execution_ops.components.kv import note
from execution_ops.domain.schedule_verbs import SCHEDULE_EDIT
from execution_ops.domain.schedules import JOBS_MAX, NAME_MAX, PARALLELISM_MAX, TARGET_MARK, Mode, Overlap
from execution_ops.domain.verbs import REASON_MAX, TICKET_MAX
from execution_ops.domain.zones import zone_names
from execution_ops.pages.schedule_parts import times_table
from execution_ops.state.schedules import SchedulesPage

FORM = "schedule_form"
_DEBOUNCE_MS = 250
_MODES = {
    Mode.CONTENT_REFRESH: ("Content refresh", "Every target runs, each time."),
    Mode.ANALYSIS_ONLY: (
        "Analysis only",
        "Targets in which nothing changed since they last succeeded are left out, by size and time of their files.",
    ),
}
_OVERLAPS = {
    Overlap.SKIP: ("Skip", "A due time while a run goes on is missed."),
    Overlap.QUEUE_ONE: ("Queue one", "One run waits for the earlier one; while it waits, more due times are missed."),
    Overlap.ALLOW: ("Allow", "Runs go on beside each other."),
}


def schedule_editor() -> rx.Component:
    """The drawer with the form."""
    return drawer(
        _changed(),
        _form(),
        open=SchedulesPage.is_new | SchedulesPage.is_edit,
        title=rx.cond(SchedulesPage.is_new, "New schedule", f"Edit {SchedulesPage.facts.name}"),
        subtitle=rx.cond(
            SchedulesPage.is_new, "What runs by itself, on which targets, and when.", SCHEDULE_EDIT.effect
        ),
        wide=True,
        on_close=SchedulesPage.close_editor,
        footer=_footer(),
    )


def _changed() -> rx.Component:
    return rx.cond(
        SchedulesPage.was_changed != "",
        note(
            rx.el.div(
                rx.el.div(
                    rx.el.b(SchedulesPage.was_changed),
                    rx.el.p("What you typed is still here, but it can't be saved over what you have not seen."),
                ),
                action("Show what holds now", on_click=SchedulesPage.begin_anew, look="sm"),
                class_name="qnote",
            ),
            tone="bad",
            icon_name="triangle-alert",
        ),
    )


def _form() -> rx.Component:
    return rx.el.form(
        _text("name", "Name", max_length=NAME_MAX, auto_focus=True),
        _rule(),
        _what(),
        _choice("overlap", "While a run goes on", [(one.value, *words) for one, words in _OVERLAPS.items()]),
        rx.el.div(
            _text(
                "catch_up", "Catch-up, minutes", input_mode="decimal", help_text="How late a due time may still run."
            ),
            _text("max_jobs", "Targets at most", input_mode="numeric", help_text=f"In one run, up to {JOBS_MAX:,}."),
            _text("parallelism", "At once", input_mode="numeric", help_text=f"Up to {PARALLELISM_MAX} targets."),
            class_name="g3",
        ),
        _about(),
        _why(),
        rx.el.datalist(rx.foreach(list(zone_names()), lambda name: rx.el.option(value=name)), id="schedule_zones"),
        _known("schedule_types", SchedulesPage.job_types),
        _known("schedule_tenants", SchedulesPage.values["tenant"]),
        id=FORM,
        key=SchedulesPage.form_key,
        on_submit=SchedulesPage.save,
        class_name="qform",
    )


def _rule() -> rx.Component:
    """The rule, and what it means while it is typed."""
    return rx.fragment(
        rx.el.div(
            _text(
                "cron",
                "Cron rule",
                mono=True,
                on_change=SchedulesPage.type_cron.debounce(_DEBOUNCE_MS),
                help_text="Minute, hour, day, month, weekday.",
            ),
            _text(
                "zone",
                "Time zone",
                list="schedule_zones",
                on_change=SchedulesPage.type_zone.debounce(_DEBOUNCE_MS),
                help_text="A name like Europe/Berlin, or UTC.",
            ),
            class_name="g2",
        ),
        rx.el.section(
            rx.cond(
                SchedulesPage.rule_words != "",
                rx.fragment(
                    rx.el.p(rx.el.b(SchedulesPage.rule_words), ", ", SchedulesPage.rule_zone, class_name="said"),
                    rx.el.h3("Next 10 times"),
                    times_table(SchedulesPage.rule_times, SchedulesPage.rule_zone),
                ),
                rx.el.p("No times to show before the rule is right.", class_name="fg3"),
            ),
            class_name="part",
            aria_live="polite",
        ),
    )


def _what() -> rx.Component:
    return rx.fragment(
        _text("job_type", "Job type", mono=True, list="schedule_types", help_text="What each target is given to."),
        _area(
            "targets",
            "Targets",
            rows="3",
            help_text="One a line: absolute paths or globs below the scan roots of the workers.",
        ),
        _area(
            "payload",
            "Payload template",
            rows="3",
            optional=True,
            help_text=f"A JSON object; {TARGET_MARK} in its texts becomes the target. A scan takes none.",
        ),
        _choice("mode", "What a run does", [(one.value, *words) for one, words in _MODES.items()]),
    )


def _about() -> rx.Component:
    return rx.fragment(
        _area("description", "Description", rows="2", optional=True, mono=False),
        rx.el.div(
            _text("owner", "Owner", optional=True, max_length=NAME_MAX, help_text="Whom to ask; you, if empty."),
            rx.cond(
                SchedulesPage.is_new,
                _text("tenant", "Tenant", optional=True, list="schedule_tenants", help_text="Yours, if empty."),
            ),
            class_name="g2",
        ),
        rx.cond(
            SchedulesPage.is_new,
            rx.el.label(
                rx.el.input(type="checkbox", name="paused", default_checked=False),
                rx.el.span("Start paused"),
                class_name="check",
            ),
        ),
    )


def _why() -> rx.Component:
    quiet = {"class_name": "in", "auto_complete": "off"}
    return rx.el.div(
        field("Reason", rx.el.input(name="reason", max_length=REASON_MAX, **quiet), optional=True),
        field("Ticket", rx.el.input(name="ticket", max_length=TICKET_MAX, **quiet), optional=True),
        class_name="g2",
    )


def _text(
    name: str, label: str, *, help_text: str = "", optional: bool = False, mono: bool = False, **props: Any
) -> rx.Component:
    control = rx.el.input(
        name=name,
        default_value=SchedulesPage.first[name],
        class_name="in mono" if mono else "in",
        auto_complete="off",
        spell_check=False,
        aria_invalid=SchedulesPage.problems[name] != "",
        **props,
    )
    return field(label, control, help_text=help_text, optional=optional, error=SchedulesPage.problems[name])


def _area(
    name: str, label: str, *, rows: str, help_text: str = "", optional: bool = False, mono: bool = True
) -> rx.Component:
    control = rx.el.textarea(
        name=name,
        default_value=SchedulesPage.first[name],
        rows=rows,
        class_name="in mono" if mono else "in",
        spell_check=False,
        aria_invalid=SchedulesPage.problems[name] != "",
    )
    return field(label, control, help_text=help_text, optional=optional, error=SchedulesPage.problems[name])


def _choice(name: str, legend: str, choices: list[tuple[str, str, str]]) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(legend, class_name="fl"),
        *[
            rx.el.label(
                rx.el.input(type="radio", name=name, value=value, default_checked=SchedulesPage.first[name] == value),
                rx.el.span(word),
                rx.el.span(meaning, class_name="meta"),
            )
            for value, word, meaning in choices
        ],
        class_name="modes",
    )


def _known(element_id: str, values: Any) -> rx.Component:
    return rx.el.datalist(rx.foreach(values, lambda value: rx.el.option(value=value)), id=element_id)


def _footer() -> rx.Component:
    return rx.fragment(
        rx.cond(
            SchedulesPage.form_problem != "",
            rx.el.div(
                note(SchedulesPage.form_problem, tone="bad", icon_name="circle-x"), class_name="problem", role="alert"
            ),
        ),
        action(
            rx.cond(SchedulesPage.is_new, "Make the schedule", "Save the next version"),
            icon="check",
            look="pri",
            kind="submit",
            form=FORM,
            off=SchedulesPage.save_off,
            changes=True,
            busy=SchedulesPage.busy,
        ),
        action("Cancel", on_click=SchedulesPage.close_editor, look="ghost"),
        rx.el.span("Written to the audit log.", class_name="meta"),
    )
