"""What two baselines differ in: both sides, the counts as filters, the rows, and files of them."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, link_button, verb_button
from execution_ops.components.fields import problem, text_input
from execution_ops.components.icons import icon
from execution_ops.components.links import link
from execution_ops.components.listing import csv_file, export_menu, json_file
from execution_ops.components.prose import or_word, said
from execution_ops.components.states import empty, filtered_empty
from execution_ops.components.status import badge, status
from execution_ops.components.table import Column, pager, table
from execution_ops.components.tabs import word_tabs
from execution_ops.components.times import instant
from execution_ops.domain.scanner_verbs import BASELINE_COMPARE
from execution_ops.pages.baseline_drawer import promote_button
from execution_ops.services.baselines import TEXT_MAX
from execution_ops.state.baselines import BaselineRows, BaselinesPage
from execution_ops.texts import baselines as words
from execution_ops.texts import common

TABLE = "comparison"


def comparison_actions() -> rx.Component:
    """Files, the way back, and the promotion of the right side."""
    files = export_menu(
        words.EXPORT_THESE_CHANGES,
        csv_file(BaselinesPage.diff_csv),
        json_file(BaselinesPage.diff_json),
        link_button(words.CYCLONEDX_1_6, BaselinesPage.diff_cyclonedx, icon="package", look="ghost", download=True),
        verb_button(
            BASELINE_COMPARE,
            BaselinesPage.keep_comparison,
            label=words.ALL_OF_IT_AS_A_JOB,
            look="ghost",
            off=BaselinesPage.keep_off,
        ),
    )
    return rx.fragment(link_button(words.ALL_BASELINES, routes.baselines(), icon="list"), files, promote_button())


def comparison() -> rx.Component:
    """The body of the page while two baselines are compared."""
    return rx.fragment(
        rx.el.div(
            _side(words.FROM, BaselinesPage.left),
            link(
                icon("arrow-right", 16),
                rx.el.span(words.COMPARE_THE_OTHER_WAY_ROUND, class_name="sr"),
                href=BaselinesPage.swap_href,
                look="btn icon ghost",
                title=words.COMPARE_THE_OTHER_WAY_ROUND,
            ),
            _side(words.TO, BaselinesPage.right),
            class_name="compared-sides",
        ),
        word_tabs(BaselinesPage.count_tabs, label=words.KINDS_OF_CHANGE),
        _search(),
        rx.cond(BaselinesPage.changes_on_page > 0, _rows(), _nothing()),
    )


def _side(word: str, facts: Any) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2(rx.el.span(word, class_name="meta"), " ", link(facts.name, href=facts.href, look="num")),
            badge(facts.state, kind="baseline"),
            class_name="row wrap",
        ),
        rx.el.p(facts.source, class_name="mono trunc", title=facts.source),
        rx.el.p(
            said(words.COMPONENTS_SAVED, count=facts.components, at=instant(facts.created_at, zone=True)),
            class_name="meta",
        ),
        class_name="panel compared-side",
        aria_label=word,
    )


def _search() -> rx.Component:
    return rx.el.form(
        text_input(
            "text",
            default_value=BaselinesPage.text,
            key=BaselinesPage.text,
            placeholder=words.A_PART_OF_A_NAME,
            aria_label=words.FILTER_THE_CHANGES_BY_TEXT,
            max_length=TEXT_MAX,
        ),
        rx.el.select(
            rx.el.option(words.EVERY_ECOSYSTEM, value=""),
            rx.foreach(BaselinesPage.ecosystems, lambda one: rx.el.option(one.label, value=one.value)),
            name="ecosystem",
            default_value=BaselinesPage.ecosystem,
            key=f"{BaselinesPage.ecosystem} {BaselinesPage.ecosystems.length()}",
            class_name="in",
            aria_label=words.ECOSYSTEM,
        ),
        action(words.FILTER, icon="list-filter", kind="submit"),
        problem(BaselinesPage.complaint),
        on_submit=BaselinesPage.search_changes,
        role="search",
        class_name="compared-search",
    )


def _rows() -> rx.Component:
    return table(
        TABLE,
        BaselineRows.changes,
        _columns(),
        key=lambda row: row.key,
        label=common.CHANGES,
        two_lines=True,
        foot=pager(
            before=BaselinesPage.changes_before, after=BaselinesPage.changes_after, note=BaselinesPage.changes_words
        ),
    )


def _columns() -> list[Column]:
    return [
        Column("name", words.PACKAGE, _package, place="name", fixed=True, wide=True),
        Column("kind", common.CHANGE, lambda row: status(row.kind, kind="change"), place="state", fixed=True),
        Column("version", common.VERSION, _version, place="sub"),
        Column("licences", words.LICENCES, _licences),
        Column("ecosystem", words.ECOSYSTEM, lambda row: row.ecosystem, place="end"),
    ]


def _package(row: Any) -> rx.Component:
    return rx.fragment(
        rx.el.b(row.name, class_name="trunc", title=row.name),
        rx.el.span(row.purl, class_name="sub mono trunc", title=row.purl),
    )


def _version(row: Any) -> rx.Component:
    before, after = row.version_before, row.version_after
    same = before == after
    moved = _moved(_text(before, "fg3"), _text(after))
    return rx.match(
        row.kind, ("added", _text(after)), ("removed", _text(before, "fg3")), rx.cond(same, _text(after), moved)
    )


def _moved(before: rx.Component, after: rx.Component) -> rx.Component:
    between = rx.el.span(icon("arrow-right", 12), rx.el.span(words.BECAME, class_name="sr"))
    return rx.el.span(before, between, after, class_name="compared-move")


def _text(value: Any, look: str = "") -> rx.Component:
    return or_word(value, words.NO_VERSION, rx.el.span(value, class_name=f"mono {look}"))


def _licences(row: Any) -> rx.Component:
    def declared(value: Any) -> rx.Component:
        return rx.cond(value != "", value, words.NONE_DECLARED)

    moved = _moved(
        rx.el.span(declared(row.licences_before), class_name="fg3"), rx.el.span(declared(row.licences_after))
    )
    plain = rx.cond(row.kind == "removed", declared(row.licences_before), declared(row.licences_after))
    return rx.el.span(rx.cond(row.licences_differ, moved, plain), class_name="compared-text")


def _nothing() -> rx.Component:
    return rx.el.div(
        rx.cond(
            BaselinesPage.changes_total > 0,
            filtered_empty(
                BaselinesPage.changes_active,
                BaselinesPage.changes_hidden,
                BaselinesPage.all_changes_href,
                noun="changes",
            ),
            empty(words.NOTHING_CHANGED, BaselinesPage.compare_words, icon_name="circle-check"),
        ),
        class_name="panel",
    )
