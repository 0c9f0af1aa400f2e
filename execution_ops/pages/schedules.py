"""The schedules."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action
from execution_ops.components.kv import ledger, note
from execution_ops.components.links import figure, link
from execution_ops.components.listing import first_step, list_body, list_filter, list_rows
from execution_ops.components.prose import muted, or_word, said
from execution_ops.components.status import status
from execution_ops.components.table import Column, column_chooser, pager, row_link, table
from execution_ops.components.times import instant, until
from execution_ops.domain.filter_fields import SCHEDULE_FIELDS
from execution_ops.domain.schedule_verbs import SCHEDULE_CREATE
from execution_ops.pages.live_page import live_page
from execution_ops.pages.schedule_drawer import schedule_drawer
from execution_ops.pages.schedule_editor import schedule_editor
from execution_ops.state.schedules import ScheduleRows, SchedulesPage
from execution_ops.texts import common
from execution_ops.texts import schedules as words

ON_LOAD = (SchedulesPage.open,)
TABLE = "schedules"


def page() -> rx.Component:
    """Figures, filter, rows, and the drawers."""
    return live_page(
        "schedules",
        SchedulesPage,
        list_body(
            SchedulesPage,
            rx.cond(SchedulesPage.total > 0, _list(), _first_step()),
            noun="schedules",
            href=routes.schedules(),
        ),
        schedule_drawer(),
        schedule_editor(),
        summary=rx.fragment(
            SchedulesPage.summary,
            rx.cond(
                SchedulesPage.next_name != "",
                said(words.AND_NEXT, name=rx.el.b(SchedulesPage.next_name), until=until(SchedulesPage.next_at)),
            ),
        ),
        actions=(_new_button(SCHEDULE_CREATE.label),),
    )


def _new_button(label: str) -> rx.Component:
    return action(
        label, on_click=SchedulesPage.ask_new, icon=SCHEDULE_CREATE.icon, look="pri", off=SchedulesPage.new_off
    )


def _list() -> rx.Component:
    return rx.fragment(
        ledger(
            (common.SCHEDULES, figure(SchedulesPage.total.to_string(), routes.schedules()), common.IN_ALL),
            _card(common.ENABLED, SchedulesPage.enabled, ("state", "enabled"), words.FIRE_BY_THEMSELVES),
            _card(common.PAUSED, SchedulesPage.paused, ("state", "paused"), words.DO_NOT_FIRE),
            _card(words.MISSED_LATELY, SchedulesPage.missed, ("missed", "yes"), words.AT_THEIR_LAST_DUE_TIME),
        ),
        list_filter(
            SchedulesPage,
            column_chooser(TABLE, _columns()),
            fields=SCHEDULE_FIELDS,
            placeholder=words.SCHEDULES_FILTER,
        ),
        list_rows(
            SchedulesPage,
            table(
                TABLE,
                ScheduleRows.rows,
                _columns(),
                key=lambda row: row.id,
                label=common.SCHEDULES,
                two_lines=True,
                under=lambda row: (row.paused, _paused(row)),
                foot=pager(before=SchedulesPage.before_href, after=SchedulesPage.after_href, note=SchedulesPage.shown),
            ),
            "schedules",
        ),
    )


def _card(label: str, count: Any, pair: tuple[str, str], words: str) -> tuple[str, object, object]:
    return label, figure(count.to_string(), routes.schedules([pair])), words


def _columns() -> list[Column]:
    return [
        Column("name", common.SCHEDULE, _name, place="name", fixed=True),
        Column("state", common.STATE, _state, place="state", fixed=True),
        Column("when", words.WHEN, _when, place="sub"),
        Column("next", common.NEXT_FIRING, _next, place="end"),
        Column("last", words.LAST_FIRING, _last),
        Column("recent", words.LAST_20_DUE_TIMES, _recent),
        Column("overlap", words.OVERLAP, lambda row: row.overlap),
        Column("owner", words.OWNER_TENANT, _owner),
    ]


def _name(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(row.name), href=row.href, title=row.description),
        rx.el.span(row.job_type, class_name="sub trunc"),
    )


def _state(row: Any) -> rx.Component:
    return status(row.state, kind="schedule")


def _when(row: Any) -> rx.Component:
    return rx.fragment(
        rx.el.span(row.words, title=row.words, class_name="words"), rx.el.span(row.rule, class_name="sub mono")
    )


def _next(row: Any) -> rx.Component:
    return rx.cond(
        row.paused,
        muted(words.PAUSED),
        rx.cond(
            row.next_at != "",
            rx.fragment(until(row.next_at), rx.el.span(instant(row.next_at, zone=True), class_name="sub only-d")),
            muted(common.NEVER),
        ),
    )


def _last(row: Any) -> rx.Component:
    result = rx.cond(
        row.last_state != "",
        rx.cond(
            row.last_href != "",
            link(status(row.last_state, kind="run"), href=row.last_href, look=""),
            status(row.last_state, kind="run"),
        ),
        rx.el.span(row.last_missed, title=row.last_missed, class_name="t-warn words"),
    )
    shown = rx.fragment(result, rx.el.span(instant(row.last_at, zone=True), class_name="sub"))
    return or_word(row.last_at, words.NOT_YET_DUE, shown)


def _recent(row: Any) -> rx.Component:
    marks = rx.el.span(
        rx.foreach(row.strip, lambda mark: rx.el.i(class_name=f"{mark.look}", title=mark.title)),
        class_name="due-strip",
        role="img",
        aria_label=row.strip_label,
    )
    return or_word(row.last_at, common.NONE_YET, marks)


def _owner(row: Any) -> rx.Component:
    return rx.fragment(row.owner, rx.el.span(row.tenant, class_name="sub"))


def _paused(row: Any) -> rx.Component:
    return note(
        said(words.PAUSED_BY_AT, by=rx.el.b(words.paused_by(row.paused_by)), at=instant(row.paused_at, zone=True)),
        rx.cond(row.pause_reason != "", said(common.BECAUSE, reason=row.pause_reason)),
        tone="warn",
        icon_name="circle-pause",
    )


def _first_step() -> rx.Component:
    return first_step(
        common.NO_SCHEDULE_YET,
        words.NO_SCHEDULE_YET_WHY,
        _new_button(words.MAKE_THE_FIRST_SCHEDULE),
        icon_name="calendar-clock",
    )
