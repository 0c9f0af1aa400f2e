"""The error groups of the dead letters."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, verb_button
from execution_ops.components.dialog import question
from execution_ops.components.figures import bars
from execution_ops.components.kv import ledger
from execution_ops.components.links import figure, link
from execution_ops.components.listing import list_body, list_exports, list_filter
from execution_ops.components.live import count_age
from execution_ops.components.prose import or_word, said
from execution_ops.components.states import empty, filtered_empty
from execution_ops.components.table import Column, row_link, table, verbs_column
from execution_ops.components.times import age, instant
from execution_ops.domain.filter_fields import GROUP_FIELDS
from execution_ops.domain.letter_verbs import REPLAY, RESOLVE
from execution_ops.pages.letter_parts import GROUPS, letter_tabs, template
from execution_ops.pages.live_page import live_page
from execution_ops.state.dead_letter import GroupRows, GroupsPage
from execution_ops.texts import common
from execution_ops.texts import dead_letters as words

ON_LOAD = (GroupsPage.open,)


def page() -> rx.Component:
    """Figures, filter, groups."""
    return live_page(
        "dead_letter",
        GroupsPage,
        letter_tabs(GROUPS, groups=GroupsPage.groups_text, entries=GroupsPage.queue_text, entries_href=_queue_href()),
        list_body(GroupsPage, _body(), noun=words.LETTERS, href=routes.dead_letter()),
        *[question(GroupsPage, verb) for verb in (REPLAY, RESOLVE)],
        summary=GroupsPage.summary,
        actions=(
            list_exports(GroupsPage, words.EXPORT_THE_DEAD_LETTERS_THAT_MATCH),
            verb_button(
                REPLAY,
                GroupsPage.ask_verb(REPLAY.name),
                label=words.PLAN_A_REPLAY,
                look="pri",
                off=GroupsPage.replay_off,
            ),
        ),
    )


def _queue_href() -> Any:
    return rx.cond(GroupsPage.queue_href != "", GroupsPage.queue_href, routes.dead_letter_queue())


def _body() -> rx.Component:
    return rx.fragment(
        rx.cond(GroupsPage.any_letter, _figures()),
        rx.cond(
            GroupsPage.any_letter | (GroupsPage.active > 0),
            list_filter(GroupsPage, fields=GROUP_FIELDS, placeholder=words.DEAD_LETTER_FILTER),
        ),
        rx.cond(GroupsPage.groups > 0, _groups(), _nothing()),
    )


def _figures() -> rx.Component:
    shown = GroupsPage.figures
    oldest = link(age(shown.oldest, bare=True), href=shown.oldest_href, look="num")
    common_count = figure(shown.common_count, shown.common_href, words.count_of(shown.common_count, shown.common))
    return ledger(
        (
            words.OPEN,
            figure(shown.open, shown.open_href, words.open_letters(shown.open)),
            words.of_in_all(GroupsPage.queue_text),
        ),
        (words.OLDEST_PENDING, or_word(shown.oldest, common.NONE, oldest), ""),
        (
            words.MOST_COMMON_ERROR,
            or_word(shown.common, common.NONE, common_count),
            rx.el.span(shown.common, title=shown.common),
        ),
        (words.WORTH_A_RETRY, figure(shown.retryable, shown.retryable_href), shown.retryable_of),
        (common.IN_QUARANTINE, figure(shown.quarantined, shown.quarantined_href), words.NEED_A_LOOK),
    )


def _groups() -> rx.Component:
    foot = rx.el.div(
        rx.el.span(GroupsPage.more),
        rx.el.span(class_name="grow"),
        count_age(GroupsPage.as_of, "groups"),
        class_name="pager",
    )
    return table(
        "letter-groups",
        GroupRows.rows,
        _columns(),
        key=lambda row: row.fingerprint,
        label=words.ERROR_GROUPS,
        two_lines=True,
        foot=foot,
    )


def _columns() -> list[Column]:
    return [
        Column("error", words.ERROR_FINGERPRINT, _error, place="name", wide=True),
        Column("category", words.CATEGORY, _category),
        Column("type", common.JOB_TYPE, _job_type, place="sub"),
        Column("open", words.OPEN, _open, place="state", right=True),
        Column("trend", words.LAST_24_HOURS, lambda row: bars(row.trend, row.trend_label)),
        Column("seen", words.LAST_SEEN, _seen, place="end"),
        Column("sample", words.SAMPLE, _sample),
        verbs_column(_verbs),
    ]


def _error(row: Any) -> rx.Component:
    return rx.fragment(
        rx.el.span(
            row_link(rx.el.b(row.error_type), href=row.href),
            rx.el.span(row.short, class_name="mono dig"),
            class_name="trunc",
        ),
        template(row.parts, row.template, look="sub trunc"),
    )


def _category(row: Any) -> rx.Component:
    return rx.fragment(
        rx.el.span(row.category, title=row.meaning),
        rx.el.span(rx.cond(row.retryable, "retryable", words.NOT_RETRYABLE), class_name="sub"),
    )


def _job_type(row: Any) -> rx.Component:
    return rx.fragment(
        rx.el.span(row.job_type, rx.cond(row.more_types != "", rx.el.span(" ", row.more_types, class_name="fg3"))),
        rx.el.span(figure(row.tenants, row.href), class_name="sub"),
    )


def _open(row: Any) -> rx.Component:
    all_of_them = rx.el.span(words.of(row.total), class_name="sub")
    return rx.fragment(
        rx.el.span(
            figure(row.open.to_string(), row.open_href, words.count_open(row.open)),
            class_name=rx.cond(row.open > 0, "cnt", "cnt fg3"),
        ),
        rx.el.span("\u00a0", words.OPEN_WORD, class_name="only-m"),
        rx.cond(row.total != "", all_of_them),
    )


def _seen(row: Any) -> rx.Component:
    return rx.fragment(
        age(row.last_seen), rx.el.span(said(words.FIRST_SEEN, at=instant(row.first_seen)), class_name="sub only-d")
    )


def _sample(row: Any) -> rx.Component:
    newest = link(words.SAMPLE, href=row.sample_href, aria_label=words.newest_entry(row.error_type))
    return or_word(row.sample_href, common.NONE, newest)


def _verbs(row: Any) -> rx.Component:
    none = rx.cond(
        row.open > 0,
        words.OPEN_ONES_ARE_IN_QUARANTINE,
        words.NOTHING_OF_THIS_GROUP_IS_OPEN,
    )
    return rx.el.span(
        *[
            verb_button(
                verb,
                GroupsPage.ask_group(verb.name, row.fingerprint),
                look="sm",
                off=rx.cond(row.pending > 0, off, none),
                keyed=False,
            )
            for verb, off in ((REPLAY, GroupsPage.replay_off), (RESOLVE, GroupsPage.resolve_off))
        ],
        class_name="row",
    )


def _nothing() -> rx.Component:
    nothing_yet = empty(
        words.NOTHING_DIED,
        words.NOTHING_DIED_WHY,
        link_button(common.ALL_JOBS, routes.jobs(), icon="list"),
        icon_name="mail-x",
    )
    hidden = filtered_empty(GroupsPage.active, GroupsPage.hidden, GroupsPage.clear_href, noun=words.LETTERS)
    return rx.el.div(rx.cond(GroupsPage.active > 0, hidden, nothing_yet), class_name="panel")
