"""On the page of a scan's merge, compare or export job: save its result as a baseline, and see the comparison."""

from __future__ import annotations

import reflex as rx

from execution_ops.components.buttons import submit_button, verb_button
from execution_ops.components.dialog import form_dialog
from execution_ops.components.fields import field, text_input
from execution_ops.components.kv import note
from execution_ops.components.links import link
from execution_ops.components.prose import said
from execution_ops.domain.baselines import LABEL_MAX
from execution_ops.domain.scanner_verbs import BASELINE_SAVE
from execution_ops.state.job import JobPage
from execution_ops.texts import baselines as words


def save_button() -> rx.Component:
    """Asks for a label; there only on jobs of a scan that have its result."""
    button = verb_button(BASELINE_SAVE, JobPage.ask_save, off=JobPage.save_off)
    return rx.cond(JobPage.is_scan_result & (JobPage.saved_href == ""), button)


def scan_result() -> rx.Component:
    """What the result is kept as, and where its comparison is."""
    against = said(
        words.COMPARED_WITH,
        name=JobPage.compared_with,
        comparison=link(words.OPEN_THE_COMPARISON, href=JobPage.comparison_href),
    )
    kept = note(
        said(words.KEPT_AS_THE_BASELINE, name=link(JobPage.saved_name, href=JobPage.saved_href)),
        rx.cond(JobPage.comparison_href != "", rx.fragment(" ", against)),
        icon_name="git-compare",
    )
    loose = note(said(words.COMPARED_WITH_THE_PROMOTED, name=rx.el.b(JobPage.compared_with)), icon_name="git-compare")
    return rx.cond(
        JobPage.is_scan_result,
        rx.cond(JobPage.saved_href != "", kept, rx.cond(JobPage.compared_with != "", loose)),
    )


def save_dialog() -> rx.Component:
    """The label, and Save."""
    return form_dialog(
        field(
            words.LABEL,
            text_input("label", max_length=LABEL_MAX, auto_focus=True),
            optional=True,
            help_text=words.LABEL_HELP,
            error=JobPage.save_problem,
        ),
        main=submit_button(BASELINE_SAVE, busy=JobPage.save_busy),
        on_submit=JobPage.save_result,
        open=JobPage.saving,
        title=words.SAVE_THE_RESULT_OF_THIS_SCAN,
        on_close=JobPage.leave_save,
        lead=BASELINE_SAVE.effect,
    )
