"""The drawer of the quotas page: a quota with its form and verbs, or the form of a new one."""

from __future__ import annotations

import reflex as rx

from execution_ops.components.buttons import action, close_button, submit_button, verb_button
from execution_ops.components.dialog import question
from execution_ops.components.drawer import drawer, lost
from execution_ops.components.fields import field, form_problem, known_values, radios, text_input, why
from execution_ops.components.icons import icon
from execution_ops.components.kv import noted
from execution_ops.components.prose import said
from execution_ops.components.times import instant
from execution_ops.domain.quota_verbs import (
    QUOTA_DELETE,
    QUOTA_EDIT,
    QUOTA_OVERRIDE,
    QUOTA_PAUSE,
    QUOTA_RESET,
    QUOTA_RESUME,
)
from execution_ops.domain.quotas import LIMIT_NAMES
from execution_ops.domain.verb import Verb
from execution_ops.pages.audit_parts import what_was_done
from execution_ops.state.quota_drawer import ASKED
from execution_ops.state.quotas import QuotasPage
from execution_ops.texts import common
from execution_ops.texts import quotas as words

CHANGE_FORM = "quota_change"
NEW_FORM = "quota_new"


def quota_drawer() -> rx.Component:
    """Both drawers and the questions before their verbs."""
    known = (QuotasPage.open_id != "") & ~QuotasPage.is_missing
    return rx.fragment(
        drawer(
            rx.cond(
                QuotasPage.is_missing,
                lost(words.GO_BACK_TO_THE_LIST),
                rx.fragment(_notes(), _change_form(), _verbs(), what_was_done()),
            ),
            open=QuotasPage.open_id != "",
            title=QuotasPage.title,
            subtitle=QuotasPage.subtitle,
            on_close=QuotasPage.close_drawer,
            footer=rx.cond(known, _footer(words.APPLY, CHANGE_FORM), close_button(QuotasPage.close_drawer)),
        ),
        drawer(
            _new_form(),
            open=QuotasPage.is_new,
            title=words.NEW_QUOTA,
            subtitle=words.NEW_QUOTA_SUB,
            on_close=QuotasPage.close_drawer,
            footer=_footer(words.MAKE_THE_QUOTA, NEW_FORM),
        ),
        *[question(QuotasPage, verb, confirm_label=verb.label) for verb in ASKED.values()],
    )


def _notes() -> rx.Component:
    """What is out of the ordinary: somebody else's change, a pause, an override."""
    return rx.fragment(
        rx.cond(
            QuotasPage.was_changed != "",
            noted(
                rx.el.b(QuotasPage.was_changed),
                rx.el.p(words.WHAT_YOU_TYPED_IS_STILL_HERE),
                button=action(common.SHOW_WHAT_HOLDS_NOW, on_click=QuotasPage.begin_anew, look="sm"),
                tone="bad",
                icon_name="triangle-alert",
            ),
        ),
        rx.cond(
            QuotasPage.is_paused,
            noted(
                rx.el.b(common.paused_because(QuotasPage.pause_reason)),
                rx.el.p(said(common.BY_AT, by=QuotasPage.paused_by, at=instant(QuotasPage.paused_at, zone=True))),
                button=_verb(QUOTA_RESUME),
                tone="warn",
                icon_name="circle-pause",
            ),
        ),
        rx.cond(
            QuotasPage.overridden != "",
            noted(
                rx.el.b(words.OVERRIDDEN_FOR_NOW),
                " ",
                QuotasPage.overridden,
                button=_verb(QUOTA_RESET, label=words.RESET_TO_THE_CONFIGURED_VALUES),
                tone="run",
                icon_name="gauge",
            ),
        ),
    )


def _change_form() -> rx.Component:
    heads = ["", words.NOW, "", words.NEW]
    return rx.el.form(
        rx.el.div(
            *[rx.el.span(head, class_name="over") for head in heads],
            *[cell for name in LIMIT_NAMES for cell in _change_row(name)],
            class_name="ba",
        ),
        rx.el.p(words.EMPTY_IS_NO_LIMIT, class_name="help"),
        radios("mode", words.WHAT_THE_NEW_VALUES_ARE, _modes(), QuotasPage.mode),
        why(),
        id=CHANGE_FORM,
        key=QuotasPage.form_key,
        on_submit=QuotasPage.change,
        class_name="qform",
    )


def _change_row(name: str) -> list[rx.Component]:
    return [
        rx.el.label(LIMIT_NAMES[name], html_for=f"change_{name}"),
        rx.el.span(QuotasPage.now_limits[name], class_name="was"),
        icon("arrow-right", 14),
        _limit_input(name, f"change_{name}"),
    ]


def _limit_input(name: str, element_id: str) -> rx.Component:
    return text_input(
        name,
        id=element_id,
        default_value=QuotasPage.first_limits[name],
        placeholder=common.NO_LIMIT,
        input_mode="numeric",
    )


def _modes() -> list[tuple[str, object, object]]:
    return [
        (value, verb.label, verb.effect) for value, verb in (("configured", QUOTA_EDIT), ("override", QUOTA_OVERRIDE))
    ]


def _new_form() -> rx.Component:
    return rx.el.form(
        field(
            common.TENANT,
            text_input("tenant", auto_focus=True, list="quota_tenants"),
            help_text=words.TENANT_HELP,
        ),
        field(
            common.JOB_TYPE,
            text_input("job_type", list="quota_types"),
            help_text=words.JOB_TYPE_HELP,
        ),
        rx.el.div(
            *[cell for name in LIMIT_NAMES for cell in _new_row(name)],
            class_name="ba fresh",
        ),
        rx.el.p(words.LIMITS_HELP, class_name="help"),
        why(),
        known_values("quota_tenants", QuotasPage.values["tenant"]),
        known_values("quota_types", QuotasPage.values["job_type"]),
        id=NEW_FORM,
        key=QuotasPage.form_key,
        on_submit=QuotasPage.create,
        class_name="qform",
    )


def _new_row(name: str) -> list[rx.Component]:
    return [
        rx.el.label(LIMIT_NAMES[name], rx.el.span(words.UNITS[name], class_name="sub"), html_for=f"new_{name}"),
        _limit_input(name, f"new_{name}"),
    ]


def _verbs() -> rx.Component:
    """The verbs that are no form: pause, and at the end delete."""
    return rx.el.div(
        rx.cond(
            ~QuotasPage.is_paused,
            _act(QUOTA_PAUSE, words.PAUSE_INSTEAD, QuotasPage.pause_words, words.PAUSE_WITH_REASON),
        ),
        _act(QUOTA_DELETE, words.DELETE, QUOTA_DELETE.effect, words.DELETE_THE_QUOTA),
        class_name="qacts",
    )


def _act(verb: Verb, title: str, words: object, label: str) -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.el.b(title), rx.el.p(words, class_name="meta")), _verb(verb, label=label), class_name="qact"
    )


def _verb(verb: Verb, *, label: str = "") -> rx.Component:
    return verb_button(
        verb,
        QuotasPage.ask_verb(verb.name, QuotasPage.open_id),
        label=label,
        look="sm danger" if verb.danger else "sm",
        off=QuotasPage.change_off,
    )


def _footer(label: str, form: str) -> rx.Component:
    return rx.fragment(
        form_problem(QuotasPage.form_problem),
        submit_button(
            QUOTA_EDIT, label=label, icon="check", form=form, off=QuotasPage.change_off, busy=QuotasPage.busy
        ),
        close_button(QuotasPage.close_drawer, common.CANCEL),
        rx.el.span(words.HOLDS_AT_ONCE, class_name="meta"),
    )
