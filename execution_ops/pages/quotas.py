"""The quotas."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, verb_button
from execution_ops.components.figures import gauge
from execution_ops.components.kv import ledger, noted
from execution_ops.components.links import figure
from execution_ops.components.listing import (
    csv_file,
    export_menu,
    first_step,
    json_file,
    list_body,
    list_filter,
    list_rows,
)
from execution_ops.components.live import count_age
from execution_ops.components.prose import muted, or_word, said
from execution_ops.components.status import status
from execution_ops.components.table import Column, column_chooser, pager, row_link, table
from execution_ops.components.times import instant
from execution_ops.domain.filter_fields import QUOTA_FIELDS
from execution_ops.domain.quota_verbs import QUOTA_CREATE, QUOTA_RESUME
from execution_ops.pages.live_page import live_page
from execution_ops.pages.quota_drawer import quota_drawer
from execution_ops.state.quotas import QuotaRows, QuotasPage
from execution_ops.texts import common
from execution_ops.texts import quotas as words

ON_LOAD = (QuotasPage.open,)
TABLE = "quotas"


def page() -> rx.Component:
    """Figures, filter, rows, and the drawer."""
    return live_page(
        "quotas",
        QuotasPage,
        list_body(
            QuotasPage,
            rx.cond(QuotasPage.total > 0, _list(), _first_step()),
            noun="quotas",
            href=routes.quotas(),
        ),
        quota_drawer(),
        summary=QuotasPage.summary,
        actions=(_exports(), _new_button()),
    )


def _new_button() -> rx.Component:
    return action(
        QUOTA_CREATE.label, on_click=QuotasPage.ask_new, icon=QUOTA_CREATE.icon, look="pri", off=QuotasPage.new_off
    )


def _list() -> rx.Component:
    return rx.fragment(
        ledger(
            (common.QUOTAS, figure(QuotasPage.total.to_string(), routes.quotas()), common.IN_ALL),
            (
                common.PAUSED,
                figure(QuotasPage.paused.to_string(), routes.quotas([("paused", "yes")])),
                words.LET_NOTHING_START,
            ),
            (
                words.AT_THEIR_LIMIT,
                figure(QuotasPage.at_limit.to_string(), routes.quotas([("at_limit", "yes")])),
                "now",
            ),
            (common.WAITING, rx.el.span(QuotasPage.waiting), words.JOBS_HELD_BY_QUOTAS),
        ),
        list_filter(
            QuotasPage,
            column_chooser(TABLE, _columns()),
            fields=QUOTA_FIELDS,
            placeholder=words.QUOTAS_FILTER,
        ),
        list_rows(
            QuotasPage,
            table(
                TABLE,
                QuotaRows.rows,
                _columns(),
                key=lambda row: row.id,
                label=common.QUOTAS,
                two_lines=True,
                under=lambda row: (row.paused, _paused(row)),
                foot=_pager(),
            ),
            "quotas",
        ),
    )


def _columns() -> list[Column]:
    return [
        Column("name", words.TENANT_JOB_TYPE, _name, place="name", fixed=True),
        Column("state", common.STATE, _state, place="state", fixed=True),
        Column("active", words.ACTIVE_LIMIT, _active, place="sub"),
        Column("started", words.STARTED_LAST_HOUR, _started),
        Column("tokens", words.TOKENS_LEFT, _tokens),
        Column("waiting", common.WAITING, _waiting, place="end", right=True),
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
                figure(row.active.to_string(), row.active_href, words.count_running(row.active)),
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
    shown = rx.fragment(
        rx.el.span(row.tokens),
        rx.cond(
            row.next_at != "", rx.el.span(said(words.NEXT_AT, at=instant(row.next_at, day=False)), class_name="sub")
        ),
    )
    return or_word(row.tokens, words.NO_RATE, shown)


def _waiting(row: Any) -> rx.Component:
    return rx.fragment(
        rx.cond(
            row.waits,
            figure(row.waiting, row.waiting_href, words.count_waiting(row.waiting)),
            muted(row.waiting),
        ),
        rx.el.span("\u00a0", words.WAITING_WORD, class_name="only-m"),
    )


def _paused(row: Any) -> rx.Component:
    return noted(
        rx.el.p(rx.el.b(said(common.QUOTED, text=row.reason))),
        rx.el.p(said(common.BY_AT, by=row.paused_by, at=instant(row.paused_at, zone=True))),
        button=verb_button(QUOTA_RESUME, QuotasPage.ask_verb(QUOTA_RESUME.name, row.id), look="sm", off=row.off),
        tone="warn",
        icon_name="circle-pause",
    )


def _pager() -> rx.Component:
    return pager(
        before=QuotasPage.before_href,
        after=QuotasPage.after_href,
        note=said(words.BY_NAME, age=count_age(QuotasPage.as_of, common.FIGURES)),
    )


def _first_step() -> rx.Component:
    return first_step(
        words.NO_QUOTA_YET,
        words.NO_QUOTA_YET_WHY,
        action(words.MAKE_THE_FIRST_QUOTA, on_click=QuotasPage.ask_new, icon="plus", off=QuotasPage.new_off),
        rx.el.code(words.CREATE_COMMAND, class_name="cmd mono"),
        icon_name="gauge",
    )


def _exports() -> rx.Component:
    return export_menu(
        words.EXPORT_A_SNAPSHOT_OF_THE_QUOTAS, csv_file(QuotasPage.csv_href), json_file(QuotasPage.json_href)
    )
