"""The drawer of the performance page: one result, the baseline beside it, its history and its passes."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action, link_button
from execution_ops.components.drawer import drawer
from execution_ops.components.history_chart import history_chart
from execution_ops.components.kv import kv, note
from execution_ops.components.links import link
from execution_ops.components.status import badge
from execution_ops.components.times import instant
from execution_ops.domain.benchmarks import P95_MEANS
from execution_ops.domain.scanner_verbs import BENCH_PROMOTE
from execution_ops.state.performance import PerformancePage
from execution_ops.state.performance_drawer import HISTORY

FACTS = PerformancePage.facts


def result_drawer() -> rx.Component:
    """The drawer, open while the address names a result."""
    missing = PerformancePage.is_missing
    return drawer(
        rx.cond(missing, rx.el.p("Go back to the list. Results are never deleted.", class_name="fg2"), _body()),
        open=PerformancePage.open_id != "",
        title=rx.cond(missing, "This result is not there", FACTS.title),
        subtitle=rx.cond(missing, "The address may be cut off.", FACTS.subtitle),
        wide=True,
        on_close=PerformancePage.close_drawer,
        footer=rx.cond(missing, action("Close", on_click=PerformancePage.close_drawer, look="ghost"), _footer()),
    )


def _footer() -> rx.Component:
    return rx.fragment(
        rx.cond(
            FACTS.is_baseline,
            rx.el.span("It is the baseline.", class_name="fg2"),
            action(
                BENCH_PROMOTE.label,
                on_click=PerformancePage.ask_verb(BENCH_PROMOTE.name),
                icon=BENCH_PROMOTE.icon,
                look="pri",
                off=PerformancePage.promote_off,
                changes=True,
            ),
        ),
        link_button("Measure again", FACTS.again_href, icon="play"),
    )


def _body() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            badge(FACTS.state, kind="bench"),
            rx.cond(FACTS.is_baseline, rx.el.span("the baseline", class_name="fg2")),
            rx.el.span("measured ", instant(FACTS.at, zone=True), " by ", FACTS.by, class_name="fg2"),
            class_name="row wrap",
        ),
        rx.cond(
            FACTS.breaches.length() > 0,
            note(
                rx.foreach(FACTS.breaches, lambda words: rx.el.p(words)),
                tone="bad",
                icon_name="triangle-alert",
            ),
        ),
        _compared(),
        _part("History", history_chart(PerformancePage.chart), _history()),
        _part("Passes", _samples()),
        _part(
            "How it was measured",
            kv(
                ("Scenario", rx.el.span(FACTS.scenario, class_name="mono")),
                ("Passes", FACTS.passes),
                ("Components found", FACTS.components),
                ("Syft", rx.el.span(FACTS.syft, class_name="mono")),
                ("Machine", FACTS.machine),
                ("Load", rx.cond(FACTS.load != "", FACTS.load, "not known")),
                ("Tenant", FACTS.tenant),
                ("Job", link("Open the job", href=FACTS.job_href)),
            ),
        ),
        _promotions(),
        # Nothing in it takes the focus: this does, so that the keyboard scrolls the drawer.
        tab_index=0,
        role="group",
        aria_label="The result",
        class_name="parts",
    )


def _part(title: str, *children: rx.Component) -> rx.Component:
    return rx.el.section(rx.el.h3(title), *children, class_name="part")


def _grid(heads: tuple[str, ...], rows: rx.Component, label: str) -> rx.Component:
    # The first column is text, the others are figures.
    head = rx.el.tr(*[rx.el.th(word, scope="col", class_name="r" if n else "") for n, word in enumerate(heads)])
    return rx.el.div(
        rx.el.table(rx.el.thead(head), rx.el.tbody(rows), class_name="bench-grid", aria_label=label),
        class_name="bench-scroll",
        tab_index=0,
        role="region",
        aria_label=label,
    )


def _compared() -> rx.Component:
    def line(one: Any) -> rx.Component:
        return rx.el.tr(
            rx.el.th(one.label, scope="row"),
            rx.el.td(rx.el.b(one.now), class_name="r"),
            rx.el.td(rx.cond(one.was != "", one.was, "–"), class_name="r fg2"),
            rx.el.td(rx.cond(one.words != "", one.words, "–"), class_name=f"r {one.look}"),
        )

    remark = rx.cond(
        FACTS.is_baseline,
        rx.el.p("Later results are compared with this one.", class_name="meta"),
        rx.cond(
            FACTS.has_baseline,
            rx.el.p(
                "The baseline was measured ",
                link(instant(FACTS.baseline_at, zone=True), href=FACTS.baseline_href),
                ".",
                class_name="meta",
            ),
            rx.el.p("There is no baseline yet to compare with.", class_name="meta"),
        ),
    )
    return _part(
        "Against the baseline",
        _grid(
            ("Figure", "This result", "Baseline", "Change"),
            rx.foreach(PerformancePage.compare, line),
            "Figures and the baseline's",
        ),
        remark,
        rx.cond(
            FACTS.other_machine != "",
            note(
                rx.el.b("The baseline is of another machine"),
                ", so figures differ for that reason too: ",
                FACTS.other_machine,
                tone="warn",
                icon_name="server",
            ),
        ),
        rx.el.p(f"p95: {P95_MEANS[:1].lower()}{P95_MEANS[1:]}", class_name="meta"),
    )


def _history() -> rx.Component:
    def line(one: Any) -> rx.Component:
        current = {"aria-current": rx.cond(one.here, "true", "false")}
        return rx.el.tr(
            rx.el.th(
                link(
                    instant(one.at),
                    href=one.href,
                    look=rx.cond(one.here, "link here", "link"),
                    custom_attrs={"data-keep-scroll": "", "data-replace": "", **current},
                ),
                scope="row",
            ),
            rx.el.td(one.mean, class_name="r"),
            rx.el.td(one.slowest, class_name="r"),
            rx.el.td(one.peak, class_name="r"),
            rx.el.td(one.syft, class_name="r mono"),
            rx.el.td(rx.cond(one.note != "", one.note, "–"), class_name=f"r {one.look}"),
            key=one.key,
        )

    return _grid(
        ("Measured", "Mean", "Slowest", "Peak memory", "Syft", "Remark"),
        rx.foreach(PerformancePage.history, line),
        f"The last {HISTORY} results of this scenario and analyzer",
    )


def _samples() -> rx.Component:
    def line(one: Any) -> rx.Component:
        return rx.el.tr(
            rx.el.th("pass ", one.no, scope="row"),
            rx.el.td(one.time, class_name="r"),
            rx.el.td(one.peak, class_name="r"),
            rx.el.td(one.components, class_name="r"),
            key=one.no.to_string(),
        )

    return _grid(("Pass", "Time", "Peak memory", "Components"), rx.foreach(PerformancePage.samples, line), "Passes")


def _promotions() -> rx.Component:
    def line(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.div(
                link(instant(one.at, zone=True), href=one.href),
                rx.el.span(one.by, class_name="meta"),
                class_name="row wrap",
            ),
            rx.el.p("“", one.reason, "”", class_name="fg2"),
            key=one.key,
        )

    return rx.cond(
        PerformancePage.promotions.length() > 0,
        _part("Baselines until now", rx.el.ol(rx.foreach(PerformancePage.promotions, line), class_name="vers")),
    )
