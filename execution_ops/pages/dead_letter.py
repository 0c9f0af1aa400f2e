"""The error groups of the dead letters."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, link_button, refresh_button
from execution_ops.components.dialog import confirm
from execution_ops.components.figures import bars
from execution_ops.components.filter_bar import GROUP_FIELDS, filter_bar
from execution_ops.components.kv import ledger
from execution_ops.components.links import figure, link
from execution_ops.components.listing import list_exports, list_refused
from execution_ops.components.live import count_age
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty, filtered_empty
from execution_ops.components.table import Column, row_link, table
from execution_ops.components.times import age, instant
from execution_ops.domain.letter_verbs import REPLAY, RESOLVE
from execution_ops.domain.verb import Verb
from execution_ops.pages.letter_parts import GROUPS, letter_tabs, template
from execution_ops.state.dead_letter import GroupRows, GroupsPage
from execution_ops.state.shell import surroundings

ON_LOAD = (GroupsPage.open,)


def page() -> rx.Component:
    """Figures, filter, groups."""
    return shell_page(
        "dead_letter",
        letter_tabs(GROUPS, groups=GroupsPage.groups_text, queue=GroupsPage.queue_text, queue_href=_queue_href()),
        rx.cond(
            GroupsPage.refused,
            list_refused(GroupsPage, link_button("Show all groups", routes.dead_letter(), icon="fingerprint")),
            content(GroupsPage, _body()),
        ),
        *[_question(verb) for verb in (REPLAY, RESOLVE)],
        surroundings=surroundings(),
        summary=GroupsPage.summary,
        actions=(
            list_exports(GroupsPage, "Export the dead letters that match"),
            action(
                "Plan a replay",
                on_click=GroupsPage.ask_verb(REPLAY.name),
                icon="history",
                look="pri",
                off=GroupsPage.replay_off,
                changes=True,
            ),
        ),
        liveness=Liveness(GroupsPage.stamp, {"on_hide": GroupsPage.hide, "on_show": GroupsPage.show}),
    )


def _queue_href() -> Any:
    return rx.cond(GroupsPage.queue_href != "", GroupsPage.queue_href, routes.dead_letter_queue())


def _body() -> rx.Component:
    return rx.fragment(
        rx.cond(GroupsPage.any_letter, _figures()),
        rx.cond(
            GroupsPage.any_letter | (GroupsPage.active > 0),
            filter_bar(
                refresh_button(GroupsPage.refresh),
                pairs=GroupsPage.pairs,
                tokens=GroupsPage.tokens,
                values=GroupsPage.values,
                error=GroupsPage.complaint,
                on_query=GroupsPage.apply,
                fields=GROUP_FIELDS,
                placeholder="Filter by type, tenant, category, retryable",
            ),
        ),
        rx.cond(GroupsPage.groups > 0, _groups(), _nothing()),
    )


def _figures() -> rx.Component:
    shown = GroupsPage.figures
    none = rx.el.span("none", class_name="fg3")
    return ledger(
        (
            "Open",
            figure(shown.open, shown.open_href, f"{shown.open} open dead letters"),
            f"of {GroupsPage.queue_text} in all",
        ),
        (
            "Oldest pending",
            rx.cond(shown.oldest != "", link(age(shown.oldest, bare=True), href=shown.oldest_href, look="num"), none),
            "",
        ),
        (
            "Most common error",
            rx.cond(
                shown.common != "",
                figure(shown.common_count, shown.common_href, f"{shown.common_count} of {shown.common}"),
                none,
            ),
            rx.el.span(shown.common, title=shown.common),
        ),
        ("Worth a retry", figure(shown.retryable, shown.retryable_href), shown.retryable_of),
        ("In quarantine", figure(shown.quarantined, shown.quarantined_href), "need a look"),
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
        label="Error groups",
        two_lines=True,
        foot=foot,
    )


def _columns() -> list[Column]:
    return [
        Column("error", "Error, fingerprint", _error, place="name", wide=True),
        Column("category", "Category", _category),
        Column("type", "Job type", _job_type, place="sub"),
        Column("open", "Open", _open, place="state", right=True),
        Column("trend", "Last 24 hours", lambda row: bars(row.trend, row.trend_label)),
        Column("seen", "Last seen", _seen, place="end"),
        Column("sample", "Sample", _sample),
        Column("verbs", "Verbs", _verbs, right=True, head=rx.el.span("Verbs", class_name="sr")),
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
        rx.el.span(rx.cond(row.retryable, "retryable", "not retryable"), class_name="sub"),
    )


def _job_type(row: Any) -> rx.Component:
    return rx.fragment(
        rx.el.span(row.job_type, rx.cond(row.more_types != "", rx.el.span(" ", row.more_types, class_name="fg3"))),
        rx.el.span(figure(row.tenants, row.href), class_name="sub"),
    )


def _open(row: Any) -> rx.Component:
    all_of_them = rx.el.span("of ", row.total, class_name="sub")
    return rx.fragment(
        rx.el.span(
            figure(row.open.to_string(), row.open_href, f"{row.open} open"),
            class_name=rx.cond(row.open > 0, "cnt", "cnt fg3"),
        ),
        rx.el.span("\u00a0open", class_name="only-m"),
        rx.cond(row.total != "", all_of_them),
    )


def _seen(row: Any) -> rx.Component:
    return rx.fragment(age(row.last_seen), rx.el.span("first ", instant(row.first_seen), class_name="sub only-d"))


def _sample(row: Any) -> rx.Component:
    return rx.cond(
        row.sample_href != "",
        link("Sample", href=row.sample_href, aria_label=f"Newest entry of {row.error_type}"),
        rx.el.span("none", class_name="fg3"),
    )


def _verbs(row: Any) -> rx.Component:
    none = rx.cond(
        row.open > 0,
        "What is open of it is in quarantine: open each and decide.",
        "Nothing of this group is open.",
    )
    return rx.el.span(
        *[
            action(
                verb.label,
                on_click=GroupsPage.ask_group(verb.name, row.fingerprint),
                icon=verb.icon,
                look="sm",
                off=rx.cond(row.pending > 0, off, none),
                changes=True,
            )
            for verb, off in ((REPLAY, GroupsPage.replay_off), (RESOLVE, GroupsPage.resolve_off))
        ],
        class_name="row",
    )


def _nothing() -> rx.Component:
    nothing_yet = empty(
        "Nothing died",
        "A job that fails for good, with no attempt left, gets an entry here, grouped with others of the same error. "
        "From here you replay it or close it with a note.",
        link_button("All jobs", routes.jobs(), icon="list"),
        icon_name="mail-x",
    )
    hidden = filtered_empty(GroupsPage.active, GroupsPage.hidden, GroupsPage.clear_href, noun="dead letters")
    return rx.el.div(rx.cond(GroupsPage.active > 0, hidden, nothing_yet), class_name="panel")


def _question(verb: Verb) -> rx.Component:
    return confirm(
        verb,
        open=GroupsPage.asking == verb.name,
        title=GroupsPage.question_title,
        confirm_label=GroupsPage.question_button,
        facts=GroupsPage.question_facts,
        on_confirm=GroupsPage.do_verb,
        on_close=GroupsPage.leave_verb,
        error=GroupsPage.verb_problem,
    )
