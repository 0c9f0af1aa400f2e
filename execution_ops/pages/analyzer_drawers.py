"""The drawers of the analyzers page: one analyzer, the draft of the defaults, what a clear of the cache would drop."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import close_button, verb_button
from execution_ops.components.dialog import question
from execution_ops.components.drawer import drawer, drawer_body, lost
from execution_ops.components.icons import icon
from execution_ops.components.kv import kv, listed, noted, part
from execution_ops.components.links import link
from execution_ops.components.prose import muted, said
from execution_ops.components.status import badge, status
from execution_ops.components.times import age, instant
from execution_ops.domain.scanner_verbs import ANALYZER_TEST, ANALYZERS_EDIT, ANALYZERS_ROLLBACK, CACHE_CLEAR
from execution_ops.pages.analyzer_cache import cache_drawer
from execution_ops.pages.audit_parts import what_was_done
from execution_ops.state.analyzers import AnalyzersPage
from execution_ops.texts import analyzers as words
from execution_ops.texts import common

_MARKS = (("found", "check"), ("missing", "minus"), ("unexpected", "plus"))


def analyzer_drawers() -> rx.Component:
    """All three, and the questions before their verbs."""
    questions = [question(AnalyzersPage, verb) for verb in (ANALYZERS_EDIT, ANALYZERS_ROLLBACK, CACHE_CLEAR)]
    return rx.fragment(_analyzer(), _editor(), cache_drawer(), *questions)


def _analyzer() -> rx.Component:
    facts = AnalyzersPage.facts
    return drawer(
        rx.cond(
            AnalyzersPage.is_missing,
            lost(words.REFRESH_IF_IT_SHOULD_BE_THERE),
            _facts(),
        ),
        open=AnalyzersPage.open_name != "",
        title=rx.cond(AnalyzersPage.is_missing, words.THIS_ANALYZER_IS_NOT_THERE, facts.name),
        subtitle=rx.cond(AnalyzersPage.is_missing, words.THE_SYFT_IN_USE_HAS_NONE, facts.ecosystem),
        wide=True,
        on_close=AnalyzersPage.close_drawer,
        footer=rx.cond(
            AnalyzersPage.is_missing,
            close_button(AnalyzersPage.close_drawer),
            verb_button(ANALYZER_TEST, AnalyzersPage.test(facts.name), look="pri", off=facts.test_off),
        ),
    )


def _facts() -> rx.Component:
    facts = AnalyzersPage.facts
    return drawer_body(
        words.THE_ANALYZER,
        rx.el.div(badge(facts.health, kind="analyzer"), rx.el.span(facts.words), class_name="row wrap"),
        kv(
            (words.RUNS_BY_DEFAULT, rx.cond(facts.is_default, "yes", words.NO_SCANS_LEAVE_IT_OUT)),
            (common.SYFT, facts.syft),
            (words.LAST_200_RUNS, facts.figures),
            (
                words.LAST_ERROR,
                rx.cond(facts.last_error != "", link(facts.last_error, href=facts.last_error_href), "none"),
            ),
            (words.CATALOGERS, listed(facts.catalogers, mono=True)),
            (words.CAPABILITIES, facts.capabilities),
        ),
        part(words.LAST_SELF_TEST, rx.cond(facts.test_at != "", _tested(), rx.el.p(_untested(), class_name="fg2"))),
        part(
            words.LAST_RUNS,
            rx.cond(
                AnalyzersPage.runs.length() > 0,
                rx.el.ul(rx.foreach(AnalyzersPage.runs, _run), class_name="fired"),
                rx.el.p(words.IT_HAS_NOT_RUN_YET, class_name="fg2"),
            ),
        ),
        what_was_done(),
        part(words.HOW_HEALTH_IS_TOLD, rx.el.ol(rx.foreach(AnalyzersPage.rules, _rule), class_name="health-rules")),
    )


def _untested() -> rx.Var[str]:
    off = AnalyzersPage.facts.test_off
    return rx.cond(off != "", off, words.IT_WAS_NOT_TESTED_YET)


def _tested() -> rx.Component:
    facts = AnalyzersPage.facts
    when = instant(facts.test_at, zone=True)
    return rx.fragment(
        rx.el.div(
            status(
                rx.cond(facts.test_passed, "healthy", "failed"),
                kind="analyzer",
                word=rx.cond(facts.test_passed, "passed", "failed"),
            ),
            rx.cond(facts.test_href != "", link(when, href=facts.test_href, look="num"), when),
            rx.cond(facts.test_syft != "", muted(words.syft(facts.test_syft))),
            class_name="row wrap",
        ),
        rx.el.p(facts.test_sentence, class_name="fg2 prose"),
        rx.el.ul(rx.foreach(AnalyzersPage.components, _component), class_name="expected"),
    )


def _component(one: Any) -> rx.Component:
    marks = [rx.cond(one.state == state, icon(name, 13)) for state, name in _MARKS]
    return rx.el.li(
        *marks, rx.el.span(one.purl, class_name="mono"), rx.el.span(one.state, class_name="meta"), class_name=one.state
    )


def _run(one: Any) -> rx.Component:
    return rx.el.li(
        link(age(one.at), href=one.href, look="num"),
        status(one.state, kind="job"),
        rx.el.span(one.took, class_name="fg3"),
        rx.el.span(one.text, title=one.text, class_name="trunc"),
        key=one.job_id,
    )


def _rule(one: Any) -> rx.Component:
    return rx.el.li(
        status(one.state, kind="analyzer"),
        rx.el.span(one.words, rx.cond(one.decides, rx.el.b(" ", words.THIS_ONE_DECIDED))),
        class_name=rx.cond(one.decides, "decides", ""),
    )


def _editor() -> rx.Component:
    return drawer(
        rx.el.div(
            rx.cond(AnalyzersPage.was_changed != "", _changed()),
            rx.el.p(
                words.WHAT_IS_SAVED_HOLDS_AFTERWARDS,
                class_name="said",
            ),
            rx.el.fieldset(
                rx.el.legend(words.RUN_BY_DEFAULT, class_name="fl"),
                rx.foreach(AnalyzersPage.choices, _choice),
                class_name="choices",
            ),
            part(
                words.WHAT_THE_DRAFT_CHANGES,
                rx.cond(
                    AnalyzersPage.changes.length() > 0,
                    rx.el.ul(rx.foreach(AnalyzersPage.changes, _change), class_name="draft-diff"),
                    rx.el.p(words.NOTHING_YET, class_name="fg3"),
                ),
            ),
            part(
                common.VERSIONS,
                rx.cond(
                    AnalyzersPage.history.length() > 0,
                    rx.el.ol(rx.foreach(AnalyzersPage.history, _version), class_name="vers"),
                    rx.el.p(words.NOTHING_WAS_SAVED_YET, class_name="fg3"),
                ),
            ),
            class_name="parts",
        ),
        open=AnalyzersPage.is_editing,
        title=words.DEFAULT_ANALYZERS,
        subtitle=words.DEFAULT_ANALYZERS_SUB,
        wide=True,
        on_close=AnalyzersPage.close_drawer,
        footer=rx.fragment(
            verb_button(
                ANALYZERS_EDIT,
                AnalyzersPage.ask_verb(ANALYZERS_EDIT.name),
                label=common.SAVE_THE_NEXT_VERSION,
                look="pri",
                off=AnalyzersPage.save_off,
            ),
            close_button(AnalyzersPage.close_drawer, common.CANCEL),
        ),
    )


def _changed() -> rx.Component:
    return noted(
        rx.el.b(AnalyzersPage.was_changed),
        rx.el.p(common.DIFFERENCE_TO_WHAT_HOLDS_NOW),
        button=link(words.BEGIN_WITH_WHAT_HOLDS_NOW, href=AnalyzersPage.edit_href, look="btn sm"),
        tone="bad",
        icon_name="triangle-alert",
    )


def _choice(one: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", checked=one.chosen, on_change=AnalyzersPage.toggle(one.name)),
        rx.el.span(one.label),
        rx.el.span(one.ecosystem, class_name="meta"),
        class_name="check",
        key=one.name,
    )


def _change(one: Any) -> rx.Component:
    return rx.el.li(
        rx.cond(one.adds, icon("plus", 13), icon("minus", 13)),
        rx.el.b(one.label),
        rx.el.span(one.words),
        class_name=rx.cond(one.adds, "adds", "drops"),
        key=one.label,
    )


def _version(one: Any) -> rx.Component:
    what = said(
        words.VERSION_LINE,
        version=rx.el.b(words.the_version(one.version)),
        now=rx.cond(one.now, words.HOLDS_NOW, ""),
        what=one.words,
    )
    back = verb_button(ANALYZERS_ROLLBACK, AnalyzersPage.ask_rollback(one.version), look="sm", off=one.off, keyed=False)
    told = said(common.AT_BY_BECAUSE, by=one.by, at=instant(one.at, zone=True), reason=one.reason)
    return rx.el.li(
        rx.el.div(rx.el.span(what, class_name="grow"), rx.cond(one.now, rx.fragment(), back), class_name="row"),
        rx.el.p(told, class_name="meta"),
        key=one.version.to_string(),
    )
