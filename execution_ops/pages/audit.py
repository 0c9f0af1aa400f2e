"""The audit: who did what to what, and why."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button
from execution_ops.components.icons import icon
from execution_ops.components.links import link
from execution_ops.components.listing import (
    csv_file,
    export_menu,
    json_file,
    list_body,
    list_filter,
    list_nothing,
    list_pager,
)
from execution_ops.components.live import new_changes
from execution_ops.components.prose import said
from execution_ops.components.states import empty
from execution_ops.components.table import Column, column_chooser, row_link, table
from execution_ops.components.times import instant, zone_name
from execution_ops.domain.filter_fields import AUDIT_FIELDS
from execution_ops.pages.audit_drawer import audit_drawer
from execution_ops.pages.live_page import live_page
from execution_ops.state.audit import AuditListPage, AuditRows
from execution_ops.texts import audit as words
from execution_ops.texts import common

ON_LOAD = (AuditListPage.open,)
TABLE = "audit"
NOUN = "events"


def page() -> rx.Component:
    """Filter, rows, and the drawer."""
    return live_page(
        "audit",
        AuditListPage,
        list_filter(
            AuditListPage,
            column_chooser(TABLE, _columns()),
            fields=AUDIT_FIELDS,
            placeholder=words.EVENTS_FILTER,
        ),
        new_changes(AuditListPage.held, AuditListPage.refresh),
        list_body(AuditListPage, _events(), noun=NOUN, href=routes.audit()),
        audit_drawer(),
        summary=AuditListPage.summary,
        actions=(_exports(),),
    )


def _exports() -> rx.Component:
    page = AuditListPage
    files = (json_file(page.ndjson_href, common.NDJSON), json_file(page.json_href, words.JSON_DOCUMENT))
    return export_menu(words.EXPORT_THE_EVENTS, csv_file(page.csv_href), *files)


def _columns() -> list[Column]:
    return [
        Column(
            "at",
            words.DONE,
            lambda row: instant(row.at),
            place="end",
            head=said(words.DONE_IN, zone=zone_name()),
            sort_href=AuditListPage.sort_href,
            sorted=rx.cond(AuditListPage.newest_first, "desc", "asc"),
        ),
        Column("verb", words.VERB, _verb, place="name", fixed=True),
        Column("what", words.WHAT, _what, place="sub", wide=True),
        Column("actor", words.WHO, lambda row: link(row.actor, href=row.actor_href, look="num"), place="state"),
        Column("count", words.THINGS, lambda row: row.count, right=True),
        Column("reason", common.REASON, _reason, wide=True),
        Column("ticket", common.TICKET, _ticket),
        Column("tenant", common.TENANT, lambda row: rx.el.span(row.tenant, class_name="fg2")),
    ]


def _verb(row: Any) -> rx.Component:
    name = rx.el.span(
        icon(row.icon),
        rx.el.b(row.verb),
        rx.cond(row.mark != "", rx.el.span(row.mark, class_name="meta audit-mark")),
        class_name="audit-verb",
    )
    return row_link(name, href=row.href, title=words.event(row.n))


def _what(row: Any) -> rx.Component:
    return rx.cond(
        row.what_href != "",
        link(row.what, href=row.what_href, look="num", title=row.what),
        rx.el.span(row.what, title=row.what),
    )


def _reason(row: Any) -> rx.Component:
    return rx.cond(
        row.reason != "", rx.el.span(row.reason, title=row.reason), rx.el.span(words.NONE_GIVEN, class_name="fg3")
    )


def _ticket(row: Any) -> rx.Component:
    return rx.cond(
        row.ticket != "",
        link(row.ticket, href=row.ticket_href, look="num"),
        rx.el.span(words.NONE, class_name="fg3"),
    )


def _events() -> rx.Component:
    rows = table(
        TABLE,
        AuditRows.rows,
        _columns(),
        key=lambda row: row.n,
        label=words.WHAT_WAS_DONE,
        foot=list_pager(AuditListPage, NOUN),
    )
    return rx.cond(AuditListPage.rows_on_page > 0, rows, list_nothing(AuditListPage, _nothing_yet(), NOUN))


def _nothing_yet() -> rx.Component:
    return empty(
        words.NOTHING_WAS_DONE,
        words.NOTHING_WAS_DONE_WHY,
        link_button(words.GO_TO_THE_JOBS, routes.jobs(), icon="list"),
        icon_name="scroll-text",
    )
