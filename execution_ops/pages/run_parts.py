"""What every page that shows one run has: its notes, and the questions before its verbs. A page is a `RunVerbs`."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import verb_button
from execution_ops.components.dialog import question
from execution_ops.components.kv import note
from execution_ops.components.links import link
from execution_ops.domain.schedule_verbs import RUN_CANCEL, RUN_RETRY, RUN_RETRY_FAILED, RUN_VERBS
from execution_ops.domain.verb import Verb
from execution_ops.texts import runs as words


def run_notes(page: Any) -> rx.Component:
    """How the run ended, and what it waits for."""
    run = page.run
    wait = page.wait
    said = rx.fragment(wait.sentence, rx.cond(wait.href != "", rx.fragment(" ", link(wait.link, href=wait.href))))
    return rx.fragment(
        rx.cond(
            run.error != "",
            note(
                rx.el.p(run.error, class_name="err"),
                rx.el.p(run.error_code, class_name="mono meta"),
                tone="bad",
                icon_name="circle-x",
            ),
        ),
        rx.cond(
            run.canceled != "",
            note(rx.el.b(words.CANCELED_BY), " ", rx.el.span(run.canceled, class_name="err"), icon_name="circle-slash"),
        ),
        rx.cond(
            wait.sentence != "",
            rx.cond(
                wait.stuck,
                note(said, tone="warn", icon_name="unplug"),
                note(said, icon_name="hourglass"),
            ),
        ),
    )


def run_questions(page: Any) -> list[rx.Component]:
    """The questions before the verbs on a run."""
    return [question(page, verb) for verb in RUN_VERBS]


def run_verbs(page: Any) -> rx.Component:
    """What can be done to the run in the state that it is in."""

    def button(verb: Verb, off: Any) -> rx.Component:
        return verb_button(verb, page.ask_verb(verb.name), off=off)

    again = rx.fragment(button(RUN_RETRY, page.retry_off), button(RUN_RETRY_FAILED, page.retry_failed_off))
    return rx.cond(page.run.ended, again, button(RUN_CANCEL, page.cancel_off))
