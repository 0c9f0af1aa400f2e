"""Analyzers: what Syft offers by ecosystem, how each does, which run by default, and the cache of their results."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, verb_button
from execution_ops.components.icons import icon
from execution_ops.components.kv import ledger, note, panel
from execution_ops.components.links import link
from execution_ops.components.listing import first_step, list_body
from execution_ops.components.prose import muted, said
from execution_ops.components.status import status
from execution_ops.components.table import Column, row_link, table, verbs_column
from execution_ops.components.times import age
from execution_ops.domain.scanner_verbs import ANALYZER_TEST, ANALYZERS_EDIT, ANALYZERS_REFRESH
from execution_ops.pages.analyzer_cache import cache_panel
from execution_ops.pages.analyzer_drawers import analyzer_drawers
from execution_ops.pages.live_page import live_page
from execution_ops.state.analyzers import AnalyzerRows, AnalyzersPage
from execution_ops.texts import analyzers as words
from execution_ops.texts import common

ON_LOAD = (AnalyzersPage.open,)
TABLE = "analyzers"


def page() -> rx.Component:
    """Figures, the table, the cache; or the first step while Syft was never asked."""
    return live_page(
        "analyzers",
        AnalyzersPage,
        list_body(
            AnalyzersPage,
            rx.cond(AnalyzersPage.total > 0, _body(), _first_step()),
            noun="analyzers",
            href=routes.analyzers(),
        ),
        analyzer_drawers(),
        summary=words.ANALYZERS_SUMMARY,
        actions=(
            rx.cond(AnalyzersPage.total > 0, _test_all()),
            rx.cond(AnalyzersPage.total > 0, _refresh()),
        ),
    )


def _refresh() -> rx.Component:
    return verb_button(ANALYZERS_REFRESH, AnalyzersPage.ask_syft, look="pri", off=AnalyzersPage.refresh_off)


def _test_all() -> rx.Component:
    return verb_button(ANALYZER_TEST, AnalyzersPage.test(""), label=words.TEST_ALL, off=AnalyzersPage.test_off)


def _body() -> rx.Component:
    return rx.fragment(
        _problem(),
        _replaced(),
        ledger(
            (common.SYFT, AnalyzersPage.syft, rx.el.span(_asked(), title=words.on_worker(AnalyzersPage.worker))),
            (words.HEALTHY, AnalyzersPage.healthy, ""),
            (words.DEGRADED, AnalyzersPage.degraded, ""),
            (words.FAILED, AnalyzersPage.failed, ""),
            (words.NOT_TRIED_YET, AnalyzersPage.untried, ""),
        ),
        _defaults(),
        table(
            TABLE,
            AnalyzerRows.rows,
            _columns(),
            key=lambda row: row.name,
            label=common.ANALYZERS,
            two_lines=True,
        ),
        rx.cond(AnalyzersPage.untested != "", rx.el.p(AnalyzersPage.untested, class_name="meta untested")),
        cache_panel(),
    )


def _asked() -> rx.Component:
    words_of_age = age(AnalyzersPage.asked_at)
    linked = link(words_of_age, href=AnalyzersPage.asked_href, look="num")
    return said(words.ASKED, age=rx.cond(AnalyzersPage.asked_href != "", linked, words_of_age))


def _problem() -> rx.Component:
    leads = rx.cond(AnalyzersPage.problem_href != "", link(common.OPEN_THE_JOB, href=AnalyzersPage.problem_href))
    told = note(
        rx.el.b(said(words.SYFT_COULD_NOT_BE_ASKED, age=age(AnalyzersPage.problem_at))),
        " ",
        AnalyzersPage.syft_problem,
        " ",
        leads,
        tone="bad",
        icon_name="circle-x",
    )
    return rx.cond(AnalyzersPage.syft_problem != "", rx.el.div(told, class_name="warnings"))


def _replaced() -> rx.Component:
    told = note(
        rx.el.b(said(words.ANOTHER_KIT_BECAME_ACTIVE, age=age(AnalyzersPage.replaced_at))),
        " ",
        words.said_by_another_syft(AnalyzersPage.syft),
        tone="warn",
        icon_name="triangle-alert",
    )
    return rx.cond(AnalyzersPage.replaced_at != "", rx.el.div(told, class_name="warnings"))


def _defaults() -> rx.Component:
    return panel(
        words.DEFAULT_ANALYZERS,
        rx.el.div(
            rx.el.p(
                rx.cond(
                    AnalyzersPage.left_out != "",
                    said(words.SCANS_RUN_ALL_BUT, left_out=rx.el.b(AnalyzersPage.left_out)),
                    words.SCANS_RUN_ALL,
                ),
                " ",
                words.HOLDS_FOR_SCANS_STARTED_AFTERWARDS,
            ),
            class_name="pad",
        ),
        meta=rx.cond(
            AnalyzersPage.defaults_version > 0, words.version(AnalyzersPage.defaults_version), words.NEVER_CHANGED
        ),
        actions=rx.cond(
            AnalyzersPage.edit_off == "",
            link(icon(ANALYZERS_EDIT.icon), common.CHANGE, href=AnalyzersPage.edit_href, look="btn sm"),
            action(common.CHANGE, icon=ANALYZERS_EDIT.icon, look="sm", off=AnalyzersPage.edit_off),
        ),
    )


def _columns() -> list[Column]:
    return [
        Column("analyzer", words.ANALYZER, _name, place="name", fixed=True),
        Column("health", words.HEALTH, _health, place="state", fixed=True),
        Column("last", words.LAST_RAN, _last, place="sub"),
        Column("rate", words.SUCCESS, _rate),
        Column("took", words.P50_P95, _took, right=True),
        Column("components", common.COMPONENTS, _components, right=True),
        Column("test", words.SELF_TEST, _test),
        Column("error", words.LAST_ERROR, _error),
        verbs_column(_verbs),
    ]


def _name(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(row.name), href=row.href),
        rx.cond(row.is_default, rx.fragment(), rx.el.span(words.LEFT_OUT, class_name="tag-off")),
        rx.el.span(row.ecosystem, title=row.ecosystem, class_name="sub trunc eco"),
    )


def _health(row: Any) -> rx.Component:
    return rx.fragment(
        status(row.health, kind="analyzer"),
        rx.el.span(row.words, title=row.words, class_name="sub trunc only-d health-words"),
    )


def _last(row: Any) -> rx.Component:
    return rx.cond(
        row.last_at != "",
        rx.fragment(
            link(age(row.last_at), href=row.last_href, look="num"),
            rx.el.span(row.last_text, title=row.last_text, class_name="sub trunc only-d last-words"),
        ),
        # In a card its health says so already.
        rx.el.span(common.NEVER, class_name="fg3 only-d"),
    )


def _rate(row: Any) -> rx.Component:
    return rx.cond(
        row.rate != "",
        rx.fragment(rx.el.span(row.rate, class_name=row.rate_tone), rx.el.span(row.runs, class_name="sub")),
        muted(common.NONE),
    )


def _took(row: Any) -> rx.Component:
    return rx.cond(
        row.p50 != "", rx.fragment(rx.el.span(row.p50), rx.el.span(row.p95, class_name="sub")), muted(words.NO_FIGURE)
    )


def _components(row: Any) -> rx.Component:
    return rx.cond(
        row.runs != "",
        rx.fragment(
            rx.el.span(rx.cond(row.components != "", row.components, "none")),
            rx.el.span(row.components_all, class_name="sub"),
        ),
        muted(common.NONE),
    )


def _test(row: Any) -> rx.Component:
    said = status(row.test, kind="analyzer", word=row.test_word)
    return rx.cond(
        row.test != "",
        rx.cond(row.test_href != "", link(said, href=row.test_href, look="link"), said),
        muted(common.NEVER),
    )


def _error(row: Any) -> rx.Component:
    return rx.cond(
        row.error != "",
        link(row.error, href=row.error_href, look="link trunc last-error", title=row.error),
        muted(common.NONE),
    )


def _verbs(row: Any) -> rx.Component:
    off = rx.cond(AnalyzersPage.test_off != "", AnalyzersPage.test_off, row.test_off)
    return verb_button(ANALYZER_TEST, AnalyzersPage.test(row.name), label=words.TEST, look="sm", off=off)


def _first_step() -> rx.Component:
    never = first_step(
        words.SYFT_WAS_NEVER_ASKED,
        words.SYFT_WAS_NEVER_ASKED_WHY,
        _refresh(),
        rx.el.code(words.REFRESH_COMMAND, class_name="cmd mono"),
        icon_name="microscope",
    )
    return rx.fragment(_problem(), never)
