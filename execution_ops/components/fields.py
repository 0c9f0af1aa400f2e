"""The controls of forms."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.kv import note
from execution_ops.domain.verbs import REASON_MAX, TICKET_MAX
from execution_ops.texts import common as words


def field(
    label: str,
    control: rx.Component,
    *,
    optional: bool = False,
    required: bool = False,
    help_text: object = "",
    error: object = "",
) -> rx.Component:
    """A labelled control (`text_input`), its help below, an error in place of the help.

    That it is `optional` or `required` is said beside the label.
    """
    error_var = rx.Var.create(error)
    mark = words.OPTIONAL if optional else words.REQUIRED if required else ""
    return rx.el.div(
        rx.el.label(rx.el.span(label, rx.el.small(mark) if mark else rx.fragment(), class_name="fl"), control),
        rx.cond(error_var != "", problem(error_var), rx.el.p(help_text, class_name="help")),
    )


def problem(words_of_it: rx.Var[str]) -> rx.Component:
    """What is wrong with what was typed; nothing while it is ""."""
    return rx.cond(words_of_it != "", rx.el.p(words_of_it, class_name="help bad", role="alert"))


def form_problem(text: rx.Var[str]) -> rx.Component:
    """Why a form was not taken, where it is seen however far the form is scrolled; nothing while it is ""."""
    told = rx.el.div(note(text, tone="bad", icon_name="circle-x"), class_name="problem", role="alert")
    return rx.cond(text != "", told)


def text_input(name: str, *, mono: bool = False, **props: Any) -> rx.Component:
    """A line of text that the browser neither completes nor corrects."""
    quiet = {"class_name": "in mono" if mono else "in", "auto_complete": "off", "spell_check": False}
    return rx.el.input(name=name, **{**quiet, **props})


def checkbox(name: str, label: object, *, checked: bool | rx.Var[bool] = False, **props: Any) -> rx.Component:
    """A choice of yes or no."""
    return rx.el.label(
        rx.el.input(type="checkbox", name=name, default_checked=checked, **props), rx.el.span(label), class_name="check"
    )


def radios(name: str, legend: str, choices: list[tuple[str, object, object]], chosen: rx.Var[str]) -> rx.Component:
    """One of several: `choices` are (value, word, what it means)."""
    return rx.el.fieldset(
        rx.el.legend(legend, class_name="fl"),
        *[
            rx.el.label(
                rx.el.input(type="radio", name=name, value=value, default_checked=chosen == value),
                rx.el.span(word),
                rx.el.span(meaning, class_name="meta"),
            )
            for value, word, meaning in choices
        ],
        class_name="modes",
    )


def known_values(element_id: str, values: Any) -> rx.Component:
    """What a text field suggests that has this id as its `list`."""
    return rx.el.datalist(rx.foreach(values, lambda value: rx.el.option(value=value)), id=element_id)


def why(*, required: bool = False) -> rx.Component:
    """Reason and ticket, the last of every form that is audited."""
    reason = text_input("reason", max_length=REASON_MAX, required=required)
    ticket = text_input("ticket", max_length=TICKET_MAX, mono=True)
    return rx.el.div(
        field(words.REASON, reason, optional=not required, required=required),
        field(words.TICKET, ticket, optional=True),
        class_name="g2",
    )
