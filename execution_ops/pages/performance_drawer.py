"""The drawer of the performance page: one result, the baseline beside it, its history and its passes."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import close_button, link_button, verb_button
from execution_ops.components.drawer import drawer, drawer_body, lost
from execution_ops.components.history_chart import history_chart
from execution_ops.components.kv import kv, note, part
from execution_ops.components.links import link
from execution_ops.components.prose import or_word, said
from execution_ops.components.status import badge
from execution_ops.components.times import instant
from execution_ops.domain.scanner_verbs import BENCH_PROMOTE
from execution_ops.state.performance import PerformancePage
from execution_ops.state.performance_drawer import HISTORY
from execution_ops.texts import common
from execution_ops.texts import performance as words

FACTS = PerformancePage.facts


def result_drawer() -> rx.Component:
    """The drawer, open while the address names a result."""
    missing = PerformancePage.is_missing
    return drawer(
        rx.cond(missing, lost(words.GO_BACK_TO_THE_LIST), _body()),
        open=PerformancePage.open_id != "",
        title=rx.cond(missing, words.THIS_RESULT_IS_NOT_THERE, FACTS.title),
        subtitle=rx.cond(missing, words.THE_ADDRESS_MAY_BE_CUT_OFF, FACTS.subtitle),
        wide=True,
        on_close=PerformancePage.close_drawer,
        footer=rx.cond(missing, close_button(PerformancePage.close_drawer), _footer()),
    )


def _footer() -> rx.Component:
    return rx.fragment(
        rx.cond(
            FACTS.is_baseline,
            rx.el.span(words.IT_IS_THE_BASELINE, class_name="fg2"),
            verb_button(
                BENCH_PROMOTE,
                PerformancePage.ask_verb(BENCH_PROMOTE.name),
                look="pri",
                off=PerformancePage.promote_off,
            ),
        ),
        link_button(words.MEASURE_AGAIN, FACTS.again_href, icon="play"),
    )


def _body() -> rx.Component:
    return drawer_body(
        words.THE_RESULT,
        rx.el.div(
            badge(FACTS.state, kind="bench"),
            rx.cond(FACTS.is_baseline, rx.el.span(words.THE_BASELINE, class_name="fg2")),
            rx.el.span(said(words.MEASURED_BY, at=instant(FACTS.at, zone=True), by=FACTS.by), class_name="fg2"),
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
        part(words.HISTORY, history_chart(PerformancePage.chart), _history()),
        part(words.PASSES, _samples()),
        part(
            words.HOW_IT_WAS_MEASURED,
            kv(
                (words.SCENARIO, rx.el.span(FACTS.scenario, class_name="mono")),
                (words.PASSES, FACTS.passes),
                (words.COMPONENTS_FOUND, FACTS.components),
                (common.SYFT, rx.el.span(FACTS.syft, class_name="mono")),
                (words.MACHINE, FACTS.machine),
                (words.LOAD, or_word(FACTS.load, common.NOT_KNOWN)),
                (common.TENANT, FACTS.tenant),
                (common.JOB, link(common.OPEN_THE_JOB, href=FACTS.job_href)),
            ),
        ),
        _promotions(),
    )


def _grid(heads: tuple[str, ...], rows: rx.Component, label: str, at_desk: tuple[str, ...] = ()) -> rx.Component:
    """A small table. Its first column is text, the others are figures; a phone has no room for those `at_desk`."""
    looks = [f"{'r' if n else ''}{' only-d' if word in at_desk else ''}" for n, word in enumerate(heads)]
    head = rx.el.tr(*[rx.el.th(word, scope="col", class_name=look) for word, look in zip(heads, looks, strict=True)])
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
            rx.el.td(or_word(one.was, common.NONE), class_name="r fg2"),
            rx.el.td(or_word(one.words, common.NONE), class_name=f"r {one.look}"),
        )

    remark = rx.cond(
        FACTS.is_baseline,
        rx.el.p(words.LATER_RESULTS_ARE_COMPARED_WITH_THIS, class_name="meta"),
        rx.cond(
            FACTS.has_baseline,
            rx.el.p(
                said(
                    words.THE_BASELINE_WAS_MEASURED,
                    at=link(instant(FACTS.baseline_at, zone=True), href=FACTS.baseline_href),
                ),
                class_name="meta",
            ),
            rx.el.p(words.THERE_IS_NO_BASELINE_YET, class_name="meta"),
        ),
    )
    return part(
        words.AGAINST_THE_BASELINE,
        _grid(
            (words.FIGURE, words.THIS_RESULT, common.BASELINE, common.CHANGE),
            rx.foreach(PerformancePage.compare, line),
            words.FIGURES_AND_THE_BASELINES,
        ),
        remark,
        rx.cond(
            FACTS.other_machine != "",
            note(
                said(
                    words.OTHER_MACHINE,
                    first=rx.el.b(words.THE_BASELINE_IS_OF_ANOTHER_MACHINE),
                    machine=FACTS.other_machine,
                ),
                tone="warn",
                icon_name="server",
            ),
        ),
        rx.el.p(words.WHAT_P95_IS, class_name="meta"),
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
            rx.el.td(one.peak, class_name="r only-d"),
            rx.el.td(one.syft, class_name="r mono only-d"),
            rx.el.td(or_word(one.note, common.NONE), class_name=f"r {one.look}"),
            key=one.key,
        )

    return _grid(
        (words.MEASURED, words.MEAN, words.SLOWEST, words.PEAK_MEMORY, common.SYFT, words.REMARK),
        rx.foreach(PerformancePage.history, line),
        words.the_last_results(HISTORY),
        at_desk=(words.PEAK_MEMORY, common.SYFT),
    )


def _samples() -> rx.Component:
    def line(one: Any) -> rx.Component:
        return rx.el.tr(
            rx.el.th(words.pass_no(one.no), scope="row"),
            rx.el.td(one.time, class_name="r"),
            rx.el.td(one.peak, class_name="r"),
            rx.el.td(one.components, class_name="r"),
            key=one.no.to_string(),
        )

    return _grid(
        (words.PASS, common.TIME, words.PEAK_MEMORY, common.COMPONENTS),
        rx.foreach(PerformancePage.samples, line),
        words.PASSES,
    )


def _promotions() -> rx.Component:
    def line(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.div(
                link(instant(one.at, zone=True), href=one.href),
                rx.el.span(one.by, class_name="meta"),
                class_name="row wrap",
            ),
            rx.el.p(said(common.QUOTED, text=one.reason), class_name="fg2"),
            key=one.key,
        )

    return rx.cond(
        PerformancePage.promotions.length() > 0,
        part(words.BASELINES_UNTIL_NOW, rx.el.ol(rx.foreach(PerformancePage.promotions, line), class_name="vers")),
    )
