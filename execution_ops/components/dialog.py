"""Dialogs: the question before a verb, and a plain one with a form."""

from __future__ import annotations

from typing import Any, NamedTuple

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.islands import FOLDER, Island, nothing, one_text, two_texts
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import REASON_MAX, TICKET_MAX
from execution_ops.texts import common as words


class ConfirmDialog(Island):
    """The question; reason, ticket and typed count live in the browser until confirmed."""

    library = f"{FOLDER}/dialogs.jsx"

    open: rx.Var[Any]
    title: rx.Var[Any]
    lead: rx.Var[Any]
    facts: rx.Var[Any]
    more_href: rx.Var[Any]
    more_label: rx.Var[str]
    typed: rx.Var[Any]
    typed_label: rx.Var[Any]
    reason_required: rx.Var[bool]
    reason_max: rx.Var[int]
    ticket_max: rx.Var[int]
    confirm_label: rx.Var[Any]
    icon: rx.Var[Any]
    danger: rx.Var[Any]
    busy: rx.Var[Any]
    refused: rx.Var[Any]
    error: rx.Var[Any]
    note: rx.Var[Any]
    asks: rx.Var[Any]
    asks_help: rx.Var[Any]
    asks_hint: rx.Var[Any]
    asks_values: rx.Var[Any]
    on_answer: rx.EventHandler[one_text]
    on_confirm: rx.EventHandler[two_texts]
    on_close: rx.EventHandler[nothing]


class Modal(Island):
    """A modal dialog around any children."""

    library = f"{FOLDER}/overlays.jsx"

    open: rx.Var[Any]
    label: rx.Var[Any]
    look: rx.Var[str]
    light_dismiss: rx.Var[bool]
    on_close: rx.EventHandler[nothing]


class AlsoAsked(NamedTuple):
    """An optional field of the question beside reason and ticket: none while its label is "".

    `hint` stands in the empty field, `values` are suggested. `on_answer(text)` is called just before `on_confirm`.
    """

    label: str | rx.Var[str]
    help_text: str
    hint: str
    values: object
    on_answer: Any


def question(
    page: Any,
    verb: Verb,
    *children: object,
    title: str | rx.Var[str] | None = None,
    confirm_label: str | rx.Var[str] | None = None,
    facts: object = None,
    more_href: str | rx.Var[str] = "",
    more_label: str = "",
    typed: str | rx.Var[str] = "",
    typed_label: str | rx.Var[str] = "",
    busy: bool | rx.Var[bool] = False,
    off: str | rx.Var[str] = "",
    asks: AlsoAsked | None = None,
) -> rx.Component:
    """Ask before `verb`; `page` is a `VerbQuestion`, whose `question_title`, and `question_button` and `question_facts`
    if it has them, say what is not given here.

    `title` asks with the count ("Cancel 1,301 jobs?"), `confirm_label` repeats verb and count. `facts` are (label,
    text) pairs: what stops, never starts, is not touched; `children` (a difference) stand below them, and `more_href`
    leads to all of it. `typed` is the number (digits only) to be typed for a dangerous bulk, "" for none. The reason
    is required where the verb says so. `off` is why it can't be confirmed now, "" if it can. `asks` is one field more.
    """
    if facts is None:
        facts = getattr(page, "question_facts", ())
    if confirm_label is None:
        confirm_label = getattr(page, "question_button", verb.label)
    more = {}
    if asks is not None:
        more = {
            "asks": asks.label,
            "asks_help": asks.help_text,
            "asks_hint": asks.hint,
            "asks_values": asks.values,
            "on_answer": asks.on_answer,
        }
    return ConfirmDialog.create(
        *children,
        open=page.asking == verb.name,
        title=page.question_title if title is None else title,
        lead=verb.effect,
        facts=facts,
        more_href=more_href,
        more_label=more_label,
        typed=typed,
        typed_label=typed_label,
        reason_required=verb.reason_required,
        reason_max=REASON_MAX,
        ticket_max=TICKET_MAX,
        confirm_label=confirm_label,
        icon=verb.icon,
        danger=verb.danger,
        busy=busy,
        refused=off,
        error=page.verb_problem,
        note=words.AUDITED,
        **more,
        on_confirm=page.do_verb,
        on_close=page.leave_verb,
    )


def dialog(
    *children: object,
    open: bool | rx.Var[bool],
    title: str | rx.Var[str],
    on_close: Any,
    lead: object = "",
    wide: bool = False,
) -> rx.Component:
    """A modal dialog with a title and any children, usually one `rx.el.form` with `field`s.

    Focus is trapped, Esc closes (through `on_close`), and the focus returns to where it was.
    """
    return Modal.create(
        rx.el.div(
            rx.el.div(rx.el.div(rx.el.h2(title), rx.cond(lead, rx.el.p(lead))), class_name="dgh"),
            *children,
            class_name="dlg-body",
        ),
        open=open,
        label=title,
        look="dlg wide" if wide else "dlg",
        light_dismiss=False,
        on_close=on_close,
    )


def form_dialog(
    *children: object,
    main: rx.Component,
    on_submit: Any,
    on_close: Any,
    keep: str = words.CANCEL,
    meta: str = "",
    key: object = None,
    **of_dialog: Any,
) -> rx.Component:
    """A dialog that is one form. `main` sends it; beside it is the way out, which says `keep`.

    `key` begins the form anew when it changes. The rest as in `dialog`.
    """
    foot = rx.el.div(
        rx.el.span(meta, class_name="meta grow" if meta else "grow"),
        action(keep, on_click=on_close),
        main,
        class_name="dgf",
    )
    keyed = {} if key is None else {"key": key}
    form = rx.el.form(*children, foot, on_submit=on_submit, class_name="stack", **keyed)
    return dialog(form, on_close=on_close, **of_dialog)
