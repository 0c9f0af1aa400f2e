"""The quotas."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, link_button, refresh_button
from execution_ops.components.figures import gauge
from execution_ops.components.filter_bar import QUOTA_FIELDS, filter_bar
from execution_ops.components.kv import ledger, note
from execution_ops.components.links import figure, link
from execution_ops.components.live import count_age
from execution_ops.components.overlays import menu
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty, filtered_empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, column_chooser, pager, row_link, table
from execution_ops.components.times import instant
from execution_ops.domain.quota_verbs import QUOTA_CREATE, QUOTA_RESUME
from execution_ops.pages.quota_drawer import quota_drawer
from execution_ops.state.quotas import QuotaRows, QuotasPage
from execution_ops.state.shell import surroundings

ON_LOAD = (QuotasPage.open,)
TABLE = "quotas"


def page() -> rx.Component:
    """Figures, filter, rows, and the drawer."""
    return shell_page(
        "quotas",
        rx.cond(
            QuotasPage.refused,
            _refused(),
            content(QuotasPage, rx.cond(QuotasPage.total > 0, _list(), _first_step())),
        ),
        quota_drawer(),
        surroundings=surroundings(),
        summary=QuotasPage.summary,
        actions=(_exports(), _new_button()),
        liveness=Liveness(QuotasPage.stamp, {"on_hide": QuotasPage.hide, "on_show": QuotasPage.show}),
    )


def _new_button() -> rx.Component:
    return action(
        QUOTA_CREATE.label, on_click=QuotasPage.ask_new, icon=QUOTA_CREATE.icon, look="pri", off=QuotasPage.new_off
    )


def _list() -> rx.Component:
    return rx.fragment(
        ledger(
            ("Quotas", figure(QuotasPage.total.to_string(), routes.quotas()), "in all"),
            ("Paused", figure(QuotasPage.paused.to_string(), routes.quotas([("paused", "yes")])), "let nothing start"),
            ("At their limit", figure(QuotasPage.at_limit.to_string(), routes.quotas([("at_limit", "yes")])), "now"),
            ("Waiting", rx.el.span(QuotasPage.waiting), "jobs held by quotas"),
        ),
        filter_bar(
            column_chooser(TABLE, _columns()),
            refresh_button(QuotasPage.refresh),
            pairs=QuotasPage.pairs,
            tokens=QuotasPage.tokens,
            values=QuotasPage.values,
            error=QuotasPage.complaint,
            on_query=QuotasPage.apply,
            fields=QUOTA_FIELDS,
            placeholder="Filter by tenant, type, paused, at limit",
        ),
        rx.cond(
            QuotasPage.rows_on_page > 0,
            table(
                TABLE,
                QuotaRows.rows,
                _columns(),
                key=lambda row: row.id,
                label="Quotas",
                two_lines=True,
                under=lambda row: (row.paused, _paused(row)),
                foot=_pager(),
            ),
            rx.el.div(
                filtered_empty(QuotasPage.active, QuotasPage.hidden, QuotasPage.clear_href, noun="quotas"),
                class_name="panel",
            ),
        ),
    )


def _columns() -> list[Column]:
    return [
        Column("name", "Tenant / job type", _name, place="name", fixed=True),
        Column("state", "State", _state, place="state", fixed=True),
        Column("active", "Active / limit", _active, place="sub"),
        Column("started", "Started, last hour", _started),
        Column("tokens", "Tokens left", _tokens),
        Column("waiting", "Waiting", _waiting, place="end", right=True),
    ]


def _name(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(row.tenant), rx.el.span(" / ", class_name="fg3"), row.job_type, href=row.href),
        rx.el.span(row.governs, title=row.governs, class_name="sub trunc"),
    )


def _state(row: Any) -> rx.Component:
    return rx.fragment(
        status(row.state, kind="quota"), rx.cond(row.note != "", rx.el.span(row.note, class_name="sub only-d"))
    )


def _active(row: Any) -> rx.Component:
    tone = rx.cond(row.paused, "mute", rx.cond(row.at_limit, "warn", ""))
    return rx.el.span(
        rx.cond(row.max_active, gauge(row.active, row.max_active, tone=tone)),
        rx.el.span(
            rx.cond(
                row.active_href != "",
                figure(row.active.to_string(), row.active_href, f"{row.active} running"),
                rx.el.span(row.active),
            ),
            rx.el.span(" ", row.active_limit, class_name="fg3"),
        ),
        class_name="row gauge",
    )


def _started(row: Any) -> rx.Component:
    tone = rx.cond(row.tokens == "0 left", "warn", "")
    bar = rx.el.span(
        rx.el.i(class_name=tone, style={"width": f"{row.share}%"}), class_name="bar", custom_attrs={"aria-hidden": True}
    )
    return rx.el.span(
        rx.cond(row.share, bar),
        rx.el.span(row.started, rx.el.span(" ", row.started_limit, class_name="fg3")),
        class_name="rate",
    )


def _tokens(row: Any) -> rx.Component:
    return rx.cond(
        row.tokens != "",
        rx.fragment(
            rx.el.span(row.tokens),
            rx.cond(row.next_at != "", rx.el.span("next ", instant(row.next_at, day=False), class_name="sub")),
        ),
        rx.el.span("no rate", class_name="fg3"),
    )


def _waiting(row: Any) -> rx.Component:
    return rx.fragment(
        rx.cond(
            row.waits,
            figure(row.waiting, row.waiting_href, f"{row.waiting} waiting"),
            rx.el.span(row.waiting, class_name="fg3"),
        ),
        rx.el.span("\u00a0waiting", class_name="only-m"),
    )


def _paused(row: Any) -> rx.Component:
    resume = action(
        QUOTA_RESUME.label,
        on_click=QuotasPage.ask_verb(QUOTA_RESUME.name, row.id),
        icon=QUOTA_RESUME.icon,
        look="sm",
        off=row.off,
        changes=True,
    )
    return note(
        rx.el.div(
            rx.el.div(
                rx.el.p(rx.el.b("“", row.reason, "”")),
                rx.el.p(row.paused_by, ", ", instant(row.paused_at, zone=True)),
            ),
            resume,
            class_name="qnote",
        ),
        tone="warn",
        icon_name="circle-pause",
    )


def _pager() -> rx.Component:
    return pager(
        before=QuotasPage.before_href,
        after=QuotasPage.after_href,
        note=rx.fragment("By name, 50 per page, ", count_age(QuotasPage.as_of, "figures")),
    )


def _first_step() -> rx.Component:
    return rx.el.div(
        empty(
            "No quota yet",
            "Jobs start as soon as a worker has room. A quota limits how many jobs of a tenant or a type "
            "run at once, and how many start in an hour. The same from a terminal:",
            action("Make the first quota", on_click=QuotasPage.ask_new, icon="plus", off=QuotasPage.new_off),
            rx.el.code("execution-ops quotas create TENANT TYPE --max-active 5", class_name="cmd mono"),
            icon_name="gauge",
        ),
        class_name="panel first",
    )


def _refused() -> rx.Component:
    return rx.el.div(
        empty(
            "This address shows no quotas",
            QuotasPage.problem,
            link("Show all quotas", href=routes.quotas(), look="btn"),
            icon_name="list-filter",
        ),
        class_name="panel",
        role="alert",
    )


def _exports() -> rx.Component:
    return menu(
        link_button("CSV, for spreadsheets", QuotasPage.csv_href, icon="file-text", look="ghost", download=True),
        link_button("JSON, for programs", QuotasPage.json_href, icon="braces", look="ghost", download=True),
        label="Export a snapshot of the quotas that match",
        icon="download",
        text="Export",
        trigger="btn",
    )
