"""The audit: who did what to what, and why."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button
from execution_ops.components.filter_bar import AUDIT_FIELDS
from execution_ops.components.icons import icon
from execution_ops.components.links import link
from execution_ops.components.listing import list_exports, list_filter, list_nothing, list_pager, list_refused
from execution_ops.components.live import new_changes
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty
from execution_ops.components.table import Column, column_chooser, row_link, table
from execution_ops.components.times import instant, zone_name
from execution_ops.pages.audit_drawer import audit_drawer
from execution_ops.state.audit import AuditListPage, AuditRows
from execution_ops.state.shell import surroundings

ON_LOAD = (AuditListPage.open,)
TABLE = "audit"
NOUN = "events"


def page() -> rx.Component:
    """Filter, rows, and the drawer."""
    return shell_page(
        "audit",
        list_filter(
            AuditListPage,
            column_chooser(TABLE, _columns()),
            fields=AUDIT_FIELDS,
            placeholder="Filter by who, verb, kind, id, tenant, time, ticket, words of the reason",
        ),
        new_changes(AuditListPage.held, AuditListPage.refresh),
        rx.cond(
            AuditListPage.refused,
            list_refused(AuditListPage, link_button("Show everything that was done", routes.audit(), icon="list")),
            content(AuditListPage, _events()),
        ),
        audit_drawer(),
        surroundings=surroundings(),
        summary=AuditListPage.summary,
        actions=(_exports(),),
        liveness=Liveness(AuditListPage.stamp, {"on_hide": AuditListPage.hide, "on_show": AuditListPage.show}),
    )


def _exports() -> rx.Component:
    whole = link_button("JSON, one document", AuditListPage.json_href, icon="braces", look="ghost", download=True)
    return list_exports(AuditListPage, "Export the events that match", whole)


def _columns() -> list[Column]:
    return [
        Column(
            "at",
            "Done",
            lambda row: instant(row.at),
            place="end",
            head=rx.fragment("Done, ", zone_name()),
            sort_href=AuditListPage.sort_href,
            sorted=rx.cond(AuditListPage.newest_first, "desc", "asc"),
        ),
        Column("verb", "Verb", _verb, place="name", fixed=True),
        Column("what", "What", _what, place="sub", wide=True),
        Column("actor", "Who", lambda row: link(row.actor, href=row.actor_href, look="num"), place="state"),
        Column("count", "Things", lambda row: row.count, right=True),
        Column("reason", "Reason", _reason, wide=True),
        Column("ticket", "Ticket", _ticket),
        Column("tenant", "Tenant", lambda row: rx.el.span(row.tenant, class_name="fg2")),
    ]


def _verb(row: Any) -> rx.Component:
    words = rx.el.span(
        icon(row.icon),
        rx.el.b(row.verb),
        rx.cond(row.mark != "", rx.el.span(row.mark, class_name="meta audit-mark")),
        class_name="audit-verb",
    )
    return row_link(words, href=row.href, title=f"Event {row.n}")


def _what(row: Any) -> rx.Component:
    return rx.cond(
        row.what_href != "",
        link(row.what, href=row.what_href, look="num", title=row.what),
        rx.el.span(row.what, title=row.what),
    )


def _reason(row: Any) -> rx.Component:
    return rx.cond(
        row.reason != "", rx.el.span(row.reason, title=row.reason), rx.el.span("none given", class_name="fg3")
    )


def _ticket(row: Any) -> rx.Component:
    return rx.cond(
        row.ticket != "",
        link(row.ticket, href=row.ticket_href, look="num"),
        rx.el.span("none", class_name="fg3"),
    )


def _events() -> rx.Component:
    rows = table(
        TABLE,
        AuditRows.rows,
        _columns(),
        key=lambda row: row.n,
        label="What was done",
        foot=list_pager(AuditListPage, NOUN),
    )
    return rx.cond(AuditListPage.rows_on_page > 0, rows, list_nothing(AuditListPage, _nothing_yet(), NOUN))


def _nothing_yet() -> rx.Component:
    return empty(
        "Nothing was done yet",
        "Every change that somebody makes here is written down: who, what, why, and what it changed. So is every "
        "export, and every look at a secret. The first one is usually a scan or a job.",
        link_button("Go to the jobs", routes.jobs(), icon="list"),
        icon_name="scroll-text",
    )
