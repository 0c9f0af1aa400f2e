"""The schedules."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, refresh_button
from execution_ops.components.filter_bar import SCHEDULE_FIELDS, filter_bar
from execution_ops.components.kv import ledger, note
from execution_ops.components.links import figure, link
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty, filtered_empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, column_chooser, pager, row_link, table
from execution_ops.components.times import instant, until
from execution_ops.domain.schedule_verbs import SCHEDULE_CREATE
from execution_ops.pages.schedule_drawer import schedule_drawer
from execution_ops.pages.schedule_editor import schedule_editor
from execution_ops.state.schedules import ScheduleRows, SchedulesPage
from execution_ops.state.shell import surroundings

ON_LOAD = (SchedulesPage.open,)
TABLE = "schedules"


def page() -> rx.Component:
    """Figures, filter, rows, and the drawers."""
    return shell_page(
        "schedules",
        rx.cond(
            SchedulesPage.refused,
            _refused(),
            content(SchedulesPage, rx.cond(SchedulesPage.total > 0, _list(), _first_step())),
        ),
        schedule_drawer(),
        schedule_editor(),
        surroundings=surroundings(),
        summary=rx.fragment(
            SchedulesPage.summary,
            rx.cond(
                SchedulesPage.next_name != "",
                rx.fragment("; next: ", rx.el.b(SchedulesPage.next_name), " ", until(SchedulesPage.next_at)),
            ),
        ),
        actions=(_new_button(SCHEDULE_CREATE.label),),
        liveness=Liveness(SchedulesPage.stamp, {"on_hide": SchedulesPage.hide, "on_show": SchedulesPage.show}),
    )


def _new_button(label: str) -> rx.Component:
    return action(
        label, on_click=SchedulesPage.ask_new, icon=SCHEDULE_CREATE.icon, look="pri", off=SchedulesPage.new_off
    )


def _list() -> rx.Component:
    return rx.fragment(
        ledger(
            ("Schedules", figure(SchedulesPage.total.to_string(), routes.schedules()), "in all"),
            _card("Enabled", SchedulesPage.enabled, ("state", "enabled"), "fire by themselves"),
            _card("Paused", SchedulesPage.paused, ("state", "paused"), "do not fire"),
            _card("Missed lately", SchedulesPage.missed, ("missed", "yes"), "at their last due time"),
        ),
        filter_bar(
            column_chooser(TABLE, _columns()),
            refresh_button(SchedulesPage.refresh),
            pairs=SchedulesPage.pairs,
            tokens=SchedulesPage.tokens,
            values=SchedulesPage.values,
            error=SchedulesPage.complaint,
            on_query=SchedulesPage.apply,
            fields=SCHEDULE_FIELDS,
            placeholder="Filter by tenant, state, type, missed, text",
        ),
        rx.cond(
            SchedulesPage.rows_on_page > 0,
            table(
                TABLE,
                ScheduleRows.rows,
                _columns(),
                key=lambda row: row.id,
                label="Schedules",
                two_lines=True,
                under=lambda row: (row.paused, _paused(row)),
                foot=pager(before=SchedulesPage.before_href, after=SchedulesPage.after_href, note=SchedulesPage.shown),
            ),
            rx.el.div(
                filtered_empty(
                    SchedulesPage.active,
                    SchedulesPage.hidden,
                    SchedulesPage.clear_href,
                    noun="schedules",
                ),
                class_name="panel",
            ),
        ),
    )


def _card(label: str, count: Any, pair: tuple[str, str], words: str) -> tuple[str, object, object]:
    return label, figure(count.to_string(), routes.schedules([pair])), words


def _columns() -> list[Column]:
    return [
        Column("name", "Schedule", _name, place="name", fixed=True),
        Column("state", "State", _state, place="state", fixed=True),
        Column("when", "When", _when, place="sub"),
        Column("next", "Next firing", _next, place="end"),
        Column("last", "Last firing", _last),
        Column("recent", "Last 20 due times", _recent),
        Column("overlap", "Overlap", lambda row: row.overlap),
        Column("owner", "Owner / tenant", _owner),
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
        rx.el.span("paused", class_name="fg3"),
        rx.cond(
            row.next_at != "",
            rx.fragment(until(row.next_at), rx.el.span(instant(row.next_at, zone=True), class_name="sub only-d")),
            rx.el.span("never", class_name="fg3"),
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
    return rx.cond(
        row.last_at != "",
        rx.fragment(result, rx.el.span(instant(row.last_at, zone=True), class_name="sub")),
        rx.el.span("not yet due", class_name="fg3"),
    )


def _recent(row: Any) -> rx.Component:
    marks = rx.el.span(
        rx.foreach(row.strip, lambda mark: rx.el.i(class_name=f"{mark.look}", title=mark.title)),
        class_name="due-strip",
        role="img",
        aria_label=row.strip_label,
    )
    return rx.cond(row.last_at != "", marks, rx.el.span("none yet", class_name="fg3"))


def _owner(row: Any) -> rx.Component:
    return rx.fragment(row.owner, rx.el.span(row.tenant, class_name="sub"))


def _paused(row: Any) -> rx.Component:
    return note(
        rx.el.b("Paused by ", row.paused_by),
        ", ",
        instant(row.paused_at, zone=True),
        rx.cond(row.pause_reason != "", rx.fragment(": “", row.pause_reason, "”")),
        tone="warn",
        icon_name="circle-pause",
    )


def _first_step() -> rx.Component:
    return rx.el.div(
        empty(
            "No schedule yet",
            "A schedule starts runs by itself: a cron rule in a time zone says when, and targets say on what. "
            "Each run plans its targets into jobs, and every due time is kept with what came of it.",
            _new_button("Make the first schedule"),
            icon_name="calendar-clock",
        ),
        class_name="panel first",
    )


def _refused() -> rx.Component:
    return rx.el.div(
        empty(
            "This address shows no schedules",
            SchedulesPage.problem,
            link("Show all schedules", href=routes.schedules(), look="btn"),
            icon_name="list-filter",
        ),
        class_name="panel",
        role="alert",
    )
