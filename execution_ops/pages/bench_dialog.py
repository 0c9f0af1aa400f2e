"""The dialog that starts a benchmark; open while the address says so."""

from __future__ import annotations

import reflex as rx

from execution_ops.components.buttons import submit_button
from execution_ops.components.dialog import form_dialog
from execution_ops.components.fields import checkbox, field, problem, text_input
from execution_ops.domain.benchmarks import ITERATIONS_DEFAULT, ITERATIONS_MAX, WARM_UP_DEFAULT, WARM_UP_MAX
from execution_ops.domain.scanner_verbs import BENCH_RUN
from execution_ops.scanner.scenarios import SCENARIOS
from execution_ops.services.benchmarks import ANALYZERS
from execution_ops.state.bench_dialog import OWN, BenchDialog, field_of
from execution_ops.texts import common
from execution_ops.texts import performance as words

PATH_FIELD = "bench_path"


def bench_dialog() -> rx.Component:
    """Scenario or path, analyzers, passes, and Start."""
    scenario = rx.el.select(
        *[rx.el.option(one.title, value=one.name) for one in SCENARIOS],
        rx.el.option(words.A_TREE_OF_YOUR_OWN, value=OWN),
        value=BenchDialog.chosen,
        on_change=BenchDialog.choose,
        class_name="in",
    )
    return form_dialog(
        field(words.SCENARIO, scenario, help_text=BenchDialog.about),
        rx.cond(BenchDialog.chosen == OWN, _path()),
        _analyzers(),
        rx.el.div(
            _number(
                "iterations", words.ITERATIONS, ITERATIONS_DEFAULT, 1, ITERATIONS_MAX, words.MEASURED_PASSES_OF_EACH
            ),
            _number("warm_up", words.WARM_UP, WARM_UP_DEFAULT, 0, WARM_UP_MAX, words.PASSES_BEFORE_THAT_DO_NOT_COUNT),
            class_name="g2",
        ),
        problem(BenchDialog.problem),
        main=submit_button(BENCH_RUN, label=words.START, busy=BenchDialog.busy),
        on_submit=BenchDialog.start,
        open=BenchDialog.shown,
        title=BENCH_RUN.label,
        on_close=BenchDialog.close,
        lead=BENCH_RUN.effect,
        wide=True,
    )


def _path() -> rx.Component:
    return field(
        words.PATH,
        text_input("path", id=PATH_FIELD, mono=True, default_value=BenchDialog.path),
        help_text=words.PATH_HELP,
    )


def _analyzers() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(common.ANALYZERS, class_name="fl"),
        rx.el.div(
            *[checkbox(field_of(name), name, checked=BenchDialog.ticked.contains(name)) for name in ANALYZERS],
            class_name="bench-analyzers",
            key=BenchDialog.form_key,
        ),
        class_name="bench-choice",
    )


def _number(name: str, label: str, default: int, least: int, most: int, meaning: str) -> rx.Component:
    return field(
        label,
        text_input(name, type="number", min=least, max=most, step=1, default_value=str(default)),
        help_text=words.from_to(meaning, least, most),
    )
