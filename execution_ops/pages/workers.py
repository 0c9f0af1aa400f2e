"""The worker fleet."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, refresh_button
from execution_ops.components.dialog import confirm
from execution_ops.components.figures import gauge
from execution_ops.components.filter_bar import WORKER_FIELDS, filter_bar
from execution_ops.components.icons import icon
from execution_ops.components.kv import note
from execution_ops.components.links import figure, link
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty, filtered_empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, column_chooser, pager, row_link, table
from execution_ops.components.times import age, instant, zone_name
from execution_ops.domain.fleet import Asked
from execution_ops.domain.verbs import WORKER_DRAIN, WORKER_RESUME, WORKER_STOP, WORKER_VERBS, Verb
from execution_ops.state.shell import surroundings
from execution_ops.state.workers import WorkerRows, WorkersPage

ON_LOAD = (WorkersPage.open,)
TABLE = "workers"
START = "execution-ops worker"


def page() -> rx.Component:
    """Warnings, filter, those that live, those that are gone, and the questions."""
    return shell_page(
        "workers",
        rx.cond(
            WorkersPage.refused,
            _refused(),
            content(WorkersPage, rx.cond(WorkersPage.total > 0, _fleet(), _first_step())),
        ),
        *(_question(verb) for verb in WORKER_VERBS),
        surroundings=surroundings(),
        summary=WorkersPage.summary,
        actions=(
            _for_all(WORKER_RESUME, WorkersPage.resume_label, WorkersPage.resume_off),
            _for_all(WORKER_DRAIN, WorkersPage.drain_label, WorkersPage.drain_off),
        ),
        liveness=Liveness(WorkersPage.stamp, {"on_hide": WorkersPage.hide, "on_show": WorkersPage.show}),
    )


def _for_all(verb: Verb, label: rx.Var[str], off: rx.Var[str]) -> rx.Component:
    """The verb for all that match the filter; nothing until it is known which these are, or without any."""
    button = action(label, on_click=WorkersPage.ask_matching(verb.name), icon=verb.icon, off=off, changes=True)
    return rx.cond((label != "") & (WorkersPage.total > 0), button)


def _question(verb: Verb) -> rx.Component:
    return confirm(
        verb,
        open=WorkersPage.asking == verb.name,
        title=WorkersPage.question_title,
        facts=WorkersPage.question_facts,
        confirm_label=WorkersPage.question_button,
        error=WorkersPage.verb_problem,
        on_confirm=WorkersPage.do_verb,
        on_close=WorkersPage.leave_verb,
    )


def _fleet() -> rx.Component:
    return rx.fragment(
        _warnings(),
        filter_bar(
            column_chooser(TABLE, _columns()),
            refresh_button(WorkersPage.refresh),
            pairs=WorkersPage.pairs,
            tokens=WorkersPage.tokens,
            values=WorkersPage.values,
            error=WorkersPage.complaint,
            on_query=WorkersPage.apply,
            fields=WORKER_FIELDS,
            placeholder="Filter by state, queue, host, version",
        ),
        rx.cond(WorkersPage.rows_on_page > 0, _living()),
        rx.cond(WorkersPage.gone_on_page > 0, _gone()),
        rx.cond(
            WorkersPage.rows_on_page + WorkersPage.gone_on_page == 0,
            rx.el.div(
                filtered_empty(
                    WorkersPage.active, WorkersPage.hidden_count.to_string(), routes.workers(), noun="workers"
                ),
                class_name="panel",
            ),
        ),
        rx.cond((WorkersPage.before_href != "") | (WorkersPage.after_href != ""), _pager()),
    )


def _warnings() -> rx.Component:
    nobody = note(
        rx.el.b("No worker runs, so nothing starts. "),
        "Start one: ",
        rx.el.code(START, class_name="mono"),
        tone="bad",
        icon_name="triangle-alert",
    )

    def line(row: Any) -> rx.Component:
        return rx.el.div(
            icon(row.icon),
            rx.el.div(row.text, " ", link(row.link, href=row.href)),
            class_name=f"note {row.tone}",
        )

    return rx.el.div(
        rx.cond(WorkersPage.living == 0, nobody),
        rx.foreach(WorkersPage.warnings, line),
        class_name="warnings",
        role="region",
        aria_label="Warnings",
    )


def _living() -> rx.Component:
    return table(
        TABLE,
        WorkerRows.rows,
        _columns(),
        key=lambda row: row.id,
        label="Workers",
        two_lines=True,
        under=lambda row: (row.asked != Asked.NOTHING.value, _asked(row)),
    )


def _columns() -> list[Column]:
    return [
        Column("worker", "Worker, host, version", _name, place="name", fixed=True),
        Column("state", "State", _state, place="state", fixed=True),
        Column("queues", "Queues", _queues),
        Column("slots", "Slots used", _slots, place="sub"),
        Column("jobs", "Running now", _jobs),
        Column("heartbeat", "Heartbeat", _heartbeat, place="end"),
        Column("use", "Memory / CPU", _use),
        Column("verbs", "Verbs", _verbs, right=True, head=rx.el.span("Verbs", class_name="sr")),
    ]


def _name(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(rx.el.b(row.name, title=row.name, class_name="trunc who"), href=row.href),
        rx.el.span(row.place, title=row.place, class_name="sub trunc who"),
    )


def _state(row: Any) -> rx.Component:
    return rx.fragment(
        status(row.state, kind="worker", word=row.word),
        # What was asked stands below the row, with these words.
        rx.cond(row.asked == "", rx.el.span(row.phrase, title=row.phrase, class_name="sub trunc only-d phrase")),
    )


def _queues(row: Any) -> rx.Component:
    return rx.el.span(row.queues, title=row.queues, class_name="trunc queues")


def _slots(row: Any) -> rx.Component:
    tone = rx.cond(row.takes, rx.cond(row.full, "warn", ""), "mute")
    return rx.el.span(
        gauge(row.running, row.slots, tone=tone),
        rx.el.span(
            figure(row.running.to_string(), row.running_href, f"{row.running} running on {row.name}"),
            rx.el.span(" ", row.running_text, class_name="fg3"),
        ),
        class_name="row gauge worker-slots",
    )


def _jobs(row: Any) -> rx.Component:
    listed = rx.foreach(row.jobs, lambda job: link(job.name, href=job.href, look="link trunc", title=job.name))
    more = rx.cond(row.more != "", figure(row.more, row.running_href))
    return rx.cond(
        row.jobs.length() > 0,
        rx.el.span(listed, more, class_name="runs"),
        rx.el.span("nothing", class_name="fg3"),
    )


def _heartbeat(row: Any) -> rx.Component:
    return rx.fragment(
        rx.el.span(
            rx.cond(row.late, icon("triangle-alert")),
            age(row.heartbeat_at),
            class_name=rx.cond(row.late, "st warn", ""),
        ),
        rx.el.span("up ", age(row.started_at, bare=True), class_name="sub only-d"),
    )


def _use(row: Any) -> rx.Component:
    return rx.cond(
        row.memory != "",
        rx.fragment(rx.el.span(row.memory), rx.el.span(row.cpu, class_name="sub")),
        rx.el.span("not known", class_name="fg3"),
    )


def _verbs(row: Any) -> rx.Component:
    return rx.el.span(
        rx.cond(row.asked == Asked.NOTHING.value, _for_one(WORKER_DRAIN, row, row.drain_off)),
        rx.cond(row.asked != Asked.STOP.value, _for_one(WORKER_STOP, row, row.stop_off)),
        class_name="row worker-verbs",
    )


def _for_one(verb: Verb, row: Any, off: Any) -> rx.Component:
    return action(
        verb.label,
        on_click=WorkersPage.ask_worker(verb.name, row.id),
        icon=verb.icon,
        look="sm",
        off=off,
        changes=True,
    )


def _asked(row: Any) -> rx.Component:
    resume = rx.cond(row.asked == Asked.DRAIN.value, _for_one(WORKER_RESUME, row, row.resume_off))
    return note(
        rx.el.div(
            rx.el.div(
                rx.el.p(row.phrase),
                rx.el.p(
                    row.asked_text,
                    ", ",
                    instant(row.asked_at, zone=True),
                    rx.cond(row.asked_reason != "", rx.el.b(": “", row.asked_reason, "”")),
                ),
            ),
            resume,
            class_name="qnote",
        ),
        tone="warn",
        icon_name=WORKER_DRAIN.icon,
    )


def _gone() -> rx.Component:
    columns = [
        Column("worker", "Worker, host, version", _name, place="name", fixed=True),
        Column("state", "State", _state, place="state", fixed=True),
        Column("queues", "Queues", _queues),
        Column(
            "ended",
            "Ended",
            lambda row: instant(row.ended_at),
            place="end",
            head=rx.fragment("Ended, ", zone_name()),
        ),
        Column("lived", "Ran for", _lived, place="sub"),
    ]
    return rx.fragment(
        rx.el.div(rx.el.h2("Gone in the last 24 hours", class_name="sec"), class_name="row sech gone-sec"),
        table(
            "gone-workers",
            WorkerRows.gone,
            columns,
            key=lambda row: row.id,
            label="Workers that are gone",
            two_lines=True,
        ),
    )


def _lived(row: Any) -> rx.Component:
    # A card has no head that would say what the figure is.
    return rx.fragment(rx.el.span("ran for\u00a0", class_name="only-m"), rx.el.span(row.lived))


def _pager() -> rx.Component:
    return pager(
        before=WorkersPage.before_href,
        after=WorkersPage.after_href,
        note="Those that live first, by name, 50 per page",
    )


def _first_step() -> rx.Component:
    return rx.el.div(
        empty(
            "No worker here",
            "None runs, and none has in the last 24 hours, so no job starts. Start one on this machine, "
            "or on any machine that reaches the same PostgreSQL database:",
            rx.el.code(START, class_name="cmd mono"),
            icon_name="server",
        ),
        class_name="panel first",
    )


def _refused() -> rx.Component:
    return rx.el.div(
        empty(
            "This address shows no workers",
            WorkersPage.problem,
            link("Show all workers", href=routes.workers(), look="btn"),
            icon_name="list-filter",
        ),
        class_name="panel",
        role="alert",
    )
