"""What every page that shows one run has: its notes, and the questions before its verbs. A page is a `RunVerbs`."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.dialog import confirm
from execution_ops.components.kv import note
from execution_ops.components.links import link
from execution_ops.domain.schedule_verbs import RUN_VERBS
from execution_ops.domain.verb import Verb


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
            note(rx.el.b("Canceled by "), rx.el.span(run.canceled, class_name="err"), icon_name="circle-slash"),
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
    return [_question(page, verb) for verb in RUN_VERBS]


def _question(page: Any, verb: Verb) -> rx.Component:
    return confirm(
        verb,
        open=page.asking == verb.name,
        title=page.question_title,
        confirm_label=page.question_button,
        facts=page.question_facts,
        on_confirm=page.do_verb,
        on_close=page.leave_verb,
        error=page.verb_problem,
    )
