"""On the page of a scan's merge, compare or export job: save its result as a baseline, and see the comparison."""

from __future__ import annotations

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.dialog import dialog, field
from execution_ops.components.kv import note
from execution_ops.components.links import link
from execution_ops.domain.baselines import LABEL_MAX
from execution_ops.domain.scanner_verbs import BASELINE_SAVE
from execution_ops.state.job import JobPage


def save_button() -> rx.Component:
    """Asks for a label; there only on jobs of a scan that have its result."""
    button = action(
        BASELINE_SAVE.label, on_click=JobPage.ask_save, icon=BASELINE_SAVE.icon, off=JobPage.save_off, changes=True
    )
    return rx.cond(JobPage.is_scan_result & (JobPage.saved_href == ""), button)


def scan_result() -> rx.Component:
    """What the result is kept as, and where its comparison is."""
    against = rx.cond(
        JobPage.comparison_href != "",
        rx.fragment(
            " The scan was compared with ",
            JobPage.compared_with,
            ": ",
            link("open the comparison", href=JobPage.comparison_href),
            ".",
        ),
    )
    kept = note(
        "This result is kept as the baseline ",
        link(JobPage.saved_name, href=JobPage.saved_href),
        ".",
        against,
        icon_name="git-compare",
    )
    loose = note(
        "This scan was compared with the promoted baseline ",
        rx.el.b(JobPage.compared_with),
        ". Save its result as a candidate to see every change on the page of the comparison.",
        icon_name="git-compare",
    )
    return rx.cond(
        JobPage.is_scan_result,
        rx.cond(JobPage.saved_href != "", kept, rx.cond(JobPage.compared_with != "", loose)),
    )


def save_dialog() -> rx.Component:
    """The label, and Save."""
    return dialog(
        rx.el.form(
            field(
                "Label",
                rx.el.input(name="label", class_name="in", max_length=LABEL_MAX, auto_focus=True, auto_complete="off"),
                optional=True,
                help_text="A name for people, like a release: 1.4.0. Versions are put in order by it.",
                error=JobPage.save_problem,
            ),
            rx.el.div(
                action(
                    BASELINE_SAVE.label,
                    icon=BASELINE_SAVE.icon,
                    look="pri",
                    kind="submit",
                    changes=True,
                    busy=JobPage.save_busy,
                ),
                action("Cancel", on_click=JobPage.leave_save, look="ghost"),
                class_name="dgf",
            ),
            on_submit=JobPage.save_result,
            class_name="stack",
        ),
        open=JobPage.saving,
        title="Save the result of this scan?",
        on_close=JobPage.leave_save,
        lead=BASELINE_SAVE.effect,
    )
