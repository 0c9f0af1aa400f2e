"""The drawers of the analyzers page: one analyzer, the draft of the defaults, what a clear of the cache would drop."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.dialog import confirm
from execution_ops.components.drawer import drawer
from execution_ops.components.icons import icon
from execution_ops.components.kv import kv, note
from execution_ops.components.links import link
from execution_ops.components.status import badge, status
from execution_ops.components.times import age, instant
from execution_ops.domain.scanner_verbs import ANALYZER_TEST, ANALYZERS_EDIT, ANALYZERS_ROLLBACK, CACHE_CLEAR
from execution_ops.domain.verb import Verb
from execution_ops.pages.analyzer_cache import cache_drawer
from execution_ops.pages.analyzer_parts import close, part
from execution_ops.state.analyzers import AnalyzersPage

_MARKS = (("found", "check"), ("missing", "minus"), ("unexpected", "plus"))


def analyzer_drawers() -> rx.Component:
    """All three, and the questions before their verbs."""
    questions = [_question(verb) for verb in (ANALYZERS_EDIT, ANALYZERS_ROLLBACK, CACHE_CLEAR)]
    return rx.fragment(_analyzer(), _editor(), cache_drawer(), *questions)


def _analyzer() -> rx.Component:
    facts = AnalyzersPage.facts
    return drawer(
        rx.cond(
            AnalyzersPage.is_missing,
            rx.el.p("Refresh, if it should be there: another Syft may have answered last.", class_name="fg2"),
            _facts(),
        ),
        open=AnalyzersPage.open_name != "",
        title=rx.cond(AnalyzersPage.is_missing, "This analyzer is not there", facts.name),
        subtitle=rx.cond(AnalyzersPage.is_missing, "The Syft in use has none of this name.", facts.ecosystem),
        wide=True,
        on_close=AnalyzersPage.close_drawer,
        footer=rx.cond(
            AnalyzersPage.is_missing,
            close(),
            rx.fragment(
                action(
                    ANALYZER_TEST.label,
                    on_click=AnalyzersPage.test(facts.name),
                    icon=ANALYZER_TEST.icon,
                    look="pri",
                    off=facts.test_off,
                    changes=True,
                ),
                close(),
            ),
        ),
    )


def _facts() -> rx.Component:
    facts = AnalyzersPage.facts
    return rx.el.div(
        rx.el.div(badge(facts.health, kind="analyzer"), rx.el.span(facts.words), class_name="row wrap"),
        kv(
            ("Runs by default", rx.cond(facts.is_default, "yes", "no: scans leave it out")),
            ("Syft", facts.syft),
            ("Last 200 runs", facts.figures),
            (
                "Last error",
                rx.cond(facts.last_error != "", link(facts.last_error, href=facts.last_error_href), "none"),
            ),
            (
                "Catalogers",
                rx.el.ul(
                    rx.foreach(facts.catalogers, lambda one: rx.el.li(one, class_name="mono")), class_name="paths"
                ),
            ),
            ("Capabilities", facts.capabilities),
        ),
        part("Last self-test", rx.cond(facts.test_at != "", _tested(), rx.el.p(_untested(), class_name="fg2"))),
        part(
            "Last runs",
            rx.cond(
                AnalyzersPage.runs.length() > 0,
                rx.el.ul(rx.foreach(AnalyzersPage.runs, _run), class_name="fired"),
                rx.el.p("It has not run yet.", class_name="fg2"),
            ),
        ),
        part("How health is told", rx.el.ol(rx.foreach(AnalyzersPage.rules, _rule), class_name="health-rules")),
        # Nothing at its top takes the focus: this does, so that the keyboard scrolls the drawer.
        tab_index=0,
        role="group",
        aria_label="The analyzer",
        class_name="parts",
    )


def _untested() -> rx.Var[str]:
    off = AnalyzersPage.facts.test_off
    return rx.cond(off != "", off, "It was not tested yet.")


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
            rx.cond(facts.test_syft != "", rx.el.span("Syft ", facts.test_syft, class_name="fg3")),
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
        rx.el.span(one.words, rx.cond(one.decides, rx.el.b(" This one decided."))),
        class_name=rx.cond(one.decides, "decides", ""),
    )


def _editor() -> rx.Component:
    return drawer(
        rx.el.div(
            rx.cond(AnalyzersPage.was_changed != "", _changed()),
            rx.el.p(
                "What is saved holds for scans started afterwards. Scans that were started, and their retries, go on "
                "with what held then.",
                class_name="said",
            ),
            rx.el.fieldset(
                rx.el.legend("Run by default", class_name="fl"),
                rx.foreach(AnalyzersPage.choices, _choice),
                class_name="choices",
            ),
            part(
                "What the draft changes",
                rx.cond(
                    AnalyzersPage.changes.length() > 0,
                    rx.el.ul(rx.foreach(AnalyzersPage.changes, _change), class_name="draft-diff"),
                    rx.el.p("Nothing yet.", class_name="fg3"),
                ),
            ),
            part(
                "Versions",
                rx.cond(
                    AnalyzersPage.history.length() > 0,
                    rx.el.ol(rx.foreach(AnalyzersPage.history, _version), class_name="vers"),
                    rx.el.p("Nothing was saved yet: scans run all analyzers.", class_name="fg3"),
                ),
            ),
            class_name="parts",
        ),
        open=AnalyzersPage.is_editing,
        title="Default analyzers",
        subtitle="Which analyzers scans run. The draft is in the address.",
        wide=True,
        on_close=AnalyzersPage.close_drawer,
        footer=rx.fragment(
            action(
                "Save the next version",
                on_click=AnalyzersPage.ask_verb(ANALYZERS_EDIT.name),
                icon="save",
                look="pri",
                off=AnalyzersPage.save_off,
                changes=True,
            ),
            close("Cancel"),
        ),
    )


def _changed() -> rx.Component:
    return note(
        rx.el.div(
            rx.el.div(rx.el.b(AnalyzersPage.was_changed), rx.el.p("The difference below is to what holds now.")),
            link("Begin with what holds now", href=AnalyzersPage.edit_href, look="btn sm"),
            class_name="qnote",
        ),
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
    what = (rx.el.b("Version ", one.version), rx.cond(one.now, " (holds now)", ""), ", ", one.words)
    back = action(
        ANALYZERS_ROLLBACK.label,
        on_click=AnalyzersPage.ask_rollback(one.version),
        icon=ANALYZERS_ROLLBACK.icon,
        look="sm",
        off=one.off,
        changes=True,
    )
    return rx.el.li(
        rx.el.div(rx.el.span(*what, class_name="grow"), rx.cond(one.now, rx.fragment(), back), class_name="row"),
        rx.el.p(one.by, ", ", instant(one.at, zone=True), ": “", one.reason, "”", class_name="meta"),
        key=one.version.to_string(),
    )


def _question(verb: Verb) -> rx.Component:
    return confirm(
        verb,
        open=AnalyzersPage.asking == verb.name,
        title=AnalyzersPage.question_title,
        facts=AnalyzersPage.question_facts,
        confirm_label=AnalyzersPage.question_button,
        error=AnalyzersPage.verb_problem,
        on_confirm=AnalyzersPage.do_verb,
        on_close=AnalyzersPage.leave_verb,
    )
