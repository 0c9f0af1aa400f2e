"""The drawer of the quotas page: a quota with its form and verbs, or the form of a new one."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.dialog import confirm, field
from execution_ops.components.drawer import drawer
from execution_ops.components.icons import icon
from execution_ops.components.kv import note
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
from execution_ops.domain.verbs import REASON_MAX, TICKET_MAX
from execution_ops.state.quota_drawer import ASKED
from execution_ops.state.quotas import QuotasPage

CHANGE_FORM = "quota_change"
NEW_FORM = "quota_new"
_UNITS = {"max_active": "jobs at once", "max_per_hour": "starts in an hour", "burst": "of these at once"}


def quota_drawer() -> rx.Component:
    """Both drawers and the questions before their verbs."""
    known = (QuotasPage.open_id != "") & ~QuotasPage.is_missing
    return rx.fragment(
        drawer(
            rx.cond(QuotasPage.is_missing, _missing(), rx.fragment(_notes(), _change_form(), _verbs())),
            open=QuotasPage.open_id != "",
            title=QuotasPage.title,
            subtitle=QuotasPage.subtitle,
            on_close=QuotasPage.close_drawer,
            footer=rx.cond(known, _footer("Apply", CHANGE_FORM), _close()),
        ),
        drawer(
            _new_form(),
            open=QuotasPage.is_new,
            title="New quota",
            subtitle="Limits for all jobs of a tenant, a type, or both.",
            on_close=QuotasPage.close_drawer,
            footer=_footer("Make the quota", NEW_FORM),
        ),
        *[_question(verb) for verb in ASKED.values()],
    )


def _notes() -> rx.Component:
    """What is out of the ordinary: somebody else's change, a pause, an override."""
    return rx.fragment(
        rx.cond(
            QuotasPage.was_changed != "",
            _noted(
                rx.el.b(QuotasPage.was_changed),
                rx.el.p("What you typed is still here, but it can't be applied to what you have not seen."),
                button=action("Show what holds now", on_click=QuotasPage.begin_anew, look="sm"),
                tone="bad",
                icon_name="triangle-alert",
            ),
        ),
        rx.cond(
            QuotasPage.is_paused,
            _noted(
                rx.el.b("Paused: ", QuotasPage.pause_reason),
                rx.el.p(QuotasPage.paused_by, ", ", instant(QuotasPage.paused_at, zone=True)),
                button=_verb(QUOTA_RESUME),
                tone="warn",
                icon_name="circle-pause",
            ),
        ),
        rx.cond(
            QuotasPage.overridden != "",
            _noted(
                rx.el.b("Overridden for now. "),
                QuotasPage.overridden,
                button=_verb(QUOTA_RESET, label="Reset to the configured values"),
                tone="run",
                icon_name="gauge",
            ),
        ),
    )


def _noted(*words: object, button: rx.Component, tone: str, icon_name: str) -> rx.Component:
    return note(
        rx.el.div(rx.el.div(*words), button, class_name="qnote"),
        tone=tone,
        icon_name=icon_name,
    )


def _change_form() -> rx.Component:
    heads = ["", "Now", "", "New"]
    return rx.el.form(
        rx.el.div(
            *[rx.el.span(head, class_name="over") for head in heads],
            *[cell for name in LIMIT_NAMES for cell in _change_row(name)],
            class_name="ba",
        ),
        rx.el.p("Empty is no limit. Burst needs a max per hour.", class_name="help"),
        rx.el.fieldset(
            rx.el.legend("What the new values are", class_name="fl"),
            *[_mode(value, verb) for value, verb in (("configured", QUOTA_EDIT), ("override", QUOTA_OVERRIDE))],
            class_name="modes",
        ),
        *_why(),
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
    return rx.el.input(
        id=element_id,
        name=name,
        default_value=QuotasPage.first_limits[name],
        placeholder="no limit",
        class_name="in",
        input_mode="numeric",
        auto_complete="off",
    )


def _mode(value: str, verb: Verb) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name="mode", value=value, default_checked=QuotasPage.mode == value),
        rx.el.span(verb.label),
        rx.el.span(verb.effect, class_name="meta"),
    )


def _why() -> list[rx.Component]:
    return [
        field(
            "Reason",
            rx.el.input(name="reason", max_length=REASON_MAX, class_name="in", auto_complete="off"),
            optional=True,
        ),
        field(
            "Ticket",
            rx.el.input(name="ticket", max_length=TICKET_MAX, class_name="in mono", auto_complete="off"),
            optional=True,
        ),
    ]


def _new_form() -> rx.Component:
    return rx.el.form(
        field(
            "Tenant",
            rx.el.input(name="tenant", class_name="in", auto_focus=True, auto_complete="off", list="quota_tenants"),
            help_text="* for any tenant: one pool that they all share.",
        ),
        field(
            "Job type",
            rx.el.input(name="job_type", class_name="in", auto_complete="off", list="quota_types"),
            help_text="* for any type. Of several quotas that fit, the most specific one governs.",
        ),
        rx.el.div(
            *[cell for name in LIMIT_NAMES for cell in _new_row(name)],
            class_name="ba fresh",
        ),
        rx.el.p("Empty is no limit. Burst needs a max per hour: the starts beyond it come evenly.", class_name="help"),
        *_why(),
        _known_values("quota_tenants", "tenant"),
        _known_values("quota_types", "job_type"),
        id=NEW_FORM,
        key=QuotasPage.form_key,
        on_submit=QuotasPage.create,
        class_name="qform",
    )


def _new_row(name: str) -> list[rx.Component]:
    return [
        rx.el.label(LIMIT_NAMES[name], rx.el.span(_UNITS[name], class_name="sub"), html_for=f"new_{name}"),
        _limit_input(name, f"new_{name}"),
    ]


def _known_values(element_id: str, name: str) -> rx.Component:
    known: Any = QuotasPage.values[name]
    return rx.el.datalist(rx.foreach(known, lambda value: rx.el.option(value=value)), id=element_id)


def _verbs() -> rx.Component:
    """The verbs that are no form: pause, and at the end delete."""
    return rx.el.div(
        rx.cond(
            ~QuotasPage.is_paused,
            _act(QUOTA_PAUSE, "Pause instead", QuotasPage.pause_words, "Pause with reason"),
        ),
        _act(QUOTA_DELETE, "Delete", QUOTA_DELETE.effect, "Delete the quota"),
        class_name="qacts",
    )


def _act(verb: Verb, title: str, words: object, label: str) -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.el.b(title), rx.el.p(words, class_name="meta")), _verb(verb, label=label), class_name="qact"
    )


def _verb(verb: Verb, *, label: str = "") -> rx.Component:
    return action(
        label or verb.label,
        on_click=QuotasPage.ask_verb(verb.name, QuotasPage.open_id),
        icon=verb.icon,
        look="sm danger" if verb.danger else "sm",
        off=QuotasPage.change_off,
        changes=True,
    )


def _footer(label: str, form: str) -> rx.Component:
    return rx.fragment(
        # Here it is seen however far the form is scrolled.
        rx.cond(
            QuotasPage.form_problem != "",
            rx.el.div(
                note(QuotasPage.form_problem, tone="bad", icon_name="circle-x"), class_name="problem", role="alert"
            ),
        ),
        action(
            label,
            icon="check",
            look="pri",
            kind="submit",
            form=form,
            off=QuotasPage.change_off,
            changes=True,
            busy=QuotasPage.busy,
        ),
        _close("Cancel"),
        rx.el.span("Holds at once. Written to the audit log.", class_name="meta"),
    )


def _close(label: str = "Close") -> rx.Component:
    return action(label, on_click=QuotasPage.close_drawer, look="ghost")


def _missing() -> rx.Component:
    return rx.el.p("Go back to the list: another quota may govern its jobs now.", class_name="fg2")


def _question(verb: Verb) -> rx.Component:
    return confirm(
        verb,
        open=QuotasPage.asking == verb.name,
        title=QuotasPage.question_title,
        confirm_label=verb.label,
        on_confirm=QuotasPage.do_verb,
        on_close=QuotasPage.leave_verb,
        error=QuotasPage.verb_problem,
    )
