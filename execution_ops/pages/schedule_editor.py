"""The editor of the schedules page: the form of a new schedule, and of a schedule's next version."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import reflex as rx

from execution_ops.components.buttons import action, close_button, submit_button
from execution_ops.components.drawer import drawer
from execution_ops.components.fields import checkbox, field, form_problem, known_values, radios, text_input, why
from execution_ops.components.kv import noted
from execution_ops.components.prose import said
from execution_ops.domain.schedule_verbs import SCHEDULE_EDIT
from execution_ops.domain.schedules import NAME_MAX
from execution_ops.domain.zones import zone_names
from execution_ops.pages.schedule_parts import times_table
from execution_ops.state.schedules import SchedulesPage
from execution_ops.texts import common
from execution_ops.texts import schedules as words

FORM = "schedule_form"
_DEBOUNCE_MS = 250


def schedule_editor() -> rx.Component:
    """The drawer with the form."""
    return drawer(
        _changed(),
        _form(),
        open=SchedulesPage.is_new | SchedulesPage.is_edit,
        title=rx.cond(SchedulesPage.is_new, common.NEW_SCHEDULE, words.edit(SchedulesPage.facts.name)),
        subtitle=rx.cond(SchedulesPage.is_new, words.NEW_SCHEDULE_SUB, SCHEDULE_EDIT.effect),
        wide=True,
        on_close=SchedulesPage.close_editor,
        footer=_footer(),
    )


def _changed() -> rx.Component:
    told = noted(
        rx.el.b(SchedulesPage.was_changed),
        rx.el.p(words.WHAT_YOU_TYPED_IS_STILL_HERE),
        button=action(common.SHOW_WHAT_HOLDS_NOW, on_click=SchedulesPage.begin_anew, look="sm"),
        tone="bad",
        icon_name="triangle-alert",
    )
    return rx.cond(SchedulesPage.was_changed != "", told)


def _form() -> rx.Component:
    return rx.el.form(
        _text("name", common.NAME, max_length=NAME_MAX, auto_focus=True),
        _rule(),
        _what(),
        radios("overlap", words.WHILE_A_RUN_GOES_ON, _choices(words.OVERLAPS), SchedulesPage.first["overlap"]),
        rx.el.div(
            _text("catch_up", words.CATCH_UP_MINUTES, input_mode="decimal", help_text=words.CATCH_UP_MINUTES_HELP),
            _text("max_jobs", words.TARGETS_AT_MOST, input_mode="numeric", help_text=words.IN_ONE_RUN_UP_TO),
            _text("parallelism", words.AT_ONCE, input_mode="numeric", help_text=words.UP_TO_TARGETS),
            class_name="g3",
        ),
        _about(),
        why(),
        known_values("schedule_zones", list(zone_names())),
        known_values("schedule_types", SchedulesPage.job_types),
        known_values("schedule_tenants", SchedulesPage.values["tenant"]),
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
                words.CRON_RULE,
                mono=True,
                on_change=SchedulesPage.type_cron.debounce(_DEBOUNCE_MS),
                help_text=words.CRON_RULE_HELP,
            ),
            _text(
                "zone",
                words.TIME_ZONE,
                list="schedule_zones",
                on_change=SchedulesPage.type_zone.debounce(_DEBOUNCE_MS),
                help_text=words.TIME_ZONE_HELP,
            ),
            class_name="g2",
        ),
        rx.el.section(
            rx.cond(
                SchedulesPage.rule_words != "",
                rx.fragment(
                    rx.el.p(
                        said(words.RULE_SAID, rule=rx.el.b(SchedulesPage.rule_words), zone=SchedulesPage.rule_zone),
                        class_name="said",
                    ),
                    rx.el.h3(words.NEXT_10_TIMES),
                    times_table(SchedulesPage.rule_times, SchedulesPage.rule_zone),
                ),
                rx.el.p(words.NO_TIMES_YET, class_name="fg3"),
            ),
            class_name="part",
            aria_live="polite",
        ),
    )


def _what() -> rx.Component:
    return rx.fragment(
        _text("job_type", common.JOB_TYPE, mono=True, list="schedule_types", help_text=words.JOB_TYPE_HELP),
        _area(
            "targets",
            common.TARGETS,
            rows="3",
            help_text=words.TARGETS_HELP,
        ),
        _area(
            "payload",
            words.PAYLOAD_TEMPLATE,
            rows="3",
            optional=True,
            help_text=words.PAYLOAD_HELP,
        ),
        radios("mode", words.WHAT_A_RUN_DOES, _choices(words.MODES), SchedulesPage.first["mode"]),
    )


def _about() -> rx.Component:
    return rx.fragment(
        _area("description", words.DESCRIPTION, rows="2", optional=True, mono=False),
        rx.el.div(
            _text("owner", words.OWNER, optional=True, max_length=NAME_MAX, help_text=words.OWNER_HELP),
            rx.cond(
                SchedulesPage.is_new,
                _text("tenant", common.TENANT, optional=True, list="schedule_tenants", help_text=words.TENANT_HELP),
            ),
            class_name="g2",
        ),
        rx.cond(
            SchedulesPage.is_new,
            checkbox("paused", words.START_PAUSED),
        ),
    )


def _text(
    name: str, label: str, *, help_text: str = "", optional: bool = False, mono: bool = False, **props: Any
) -> rx.Component:
    control = text_input(
        name,
        mono=mono,
        default_value=SchedulesPage.first[name],
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


def _footer() -> rx.Component:
    label = rx.cond(SchedulesPage.is_new, words.MAKE_THE_SCHEDULE, common.SAVE_THE_NEXT_VERSION)
    return rx.fragment(
        form_problem(SchedulesPage.form_problem),
        submit_button(
            SCHEDULE_EDIT, label=label, icon="check", form=FORM, off=SchedulesPage.save_off, busy=SchedulesPage.busy
        ),
        close_button(SchedulesPage.close_editor, common.CANCEL),
        rx.el.span(common.AUDITED, class_name="meta"),
    )


def _choices(words_of: Mapping[StrEnum, tuple[str, str]]) -> list[tuple[str, str, str]]:
    return [(value.value, *words) for value, words in words_of.items()]
