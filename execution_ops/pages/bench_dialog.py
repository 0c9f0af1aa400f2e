"""The dialog that starts a benchmark; open while the address says so."""

from __future__ import annotations

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.dialog import dialog, field
from execution_ops.domain.benchmarks import ITERATIONS_DEFAULT, ITERATIONS_MAX, WARM_UP_DEFAULT, WARM_UP_MAX
from execution_ops.domain.scanner_verbs import BENCH_RUN
from execution_ops.scanner.scenarios import SCENARIOS
from execution_ops.services.benchmarks import ANALYZERS
from execution_ops.state.bench_dialog import OWN, BenchDialog, field_of

PATH_FIELD = "bench_path"


def bench_dialog() -> rx.Component:
    """Scenario or path, analyzers, passes, and Start."""
    own = BenchDialog.chosen == OWN
    return dialog(
        rx.el.form(
            field(
                "Scenario",
                rx.el.select(
                    *[rx.el.option(one.title, value=one.name) for one in SCENARIOS],
                    rx.el.option("A tree of your own", value=OWN),
                    value=BenchDialog.chosen,
                    on_change=BenchDialog.choose,
                    class_name="in",
                ),
                help_text=BenchDialog.about,
            ),
            rx.cond(own, _path()),
            _analyzers(),
            rx.el.div(
                _number("iterations", "Iterations", ITERATIONS_DEFAULT, 1, ITERATIONS_MAX, "Measured passes of each."),
                _number("warm_up", "Warm-up", WARM_UP_DEFAULT, 0, WARM_UP_MAX, "Passes before that do not count."),
                class_name="g2",
            ),
            rx.cond(BenchDialog.problem != "", rx.el.p(BenchDialog.problem, class_name="help bad", role="alert")),
            rx.el.div(
                action("Start", icon=BENCH_RUN.icon, look="pri", kind="submit", changes=True, busy=BenchDialog.busy),
                action("Cancel", on_click=BenchDialog.close, look="ghost"),
                class_name="dgf",
            ),
            on_submit=BenchDialog.start,
            class_name="stack",
        ),
        open=BenchDialog.shown,
        title=BENCH_RUN.label,
        on_close=BenchDialog.close,
        lead=BENCH_RUN.effect,
        wide=True,
    )


def _path() -> rx.Component:
    return field(
        "Path",
        rx.el.input(
            id=PATH_FIELD,
            name="path",
            default_value=BenchDialog.path,
            class_name="in mono",
            spell_check=False,
            auto_complete="off",
        ),
        help_text="A directory, archive or image below the scan roots, on the machine that runs the workers.",
    )


def _analyzers() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Analyzers", class_name="fl"),
        rx.el.div(
            *[
                rx.el.label(
                    rx.el.input(
                        type="checkbox",
                        name=field_of(name),
                        default_checked=BenchDialog.ticked.contains(name),
                    ),
                    rx.el.span(name),
                    class_name="check",
                )
                for name in ANALYZERS
            ],
            class_name="bench-analyzers",
            key=BenchDialog.form_key,
        ),
        class_name="bench-choice",
    )


def _number(name: str, label: str, default: int, least: int, most: int, words: str) -> rx.Component:
    return field(
        label,
        rx.el.input(name=name, type="number", min=least, max=most, step=1, default_value=str(default), class_name="in"),
        help_text=f"{words} From {least} to {most}.",
    )
