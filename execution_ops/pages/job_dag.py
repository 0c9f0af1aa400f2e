"""The DAG of a job: graph or table, and a panel for the selected node."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action, link_button, verb_button
from execution_ops.components.dialog import confirm
from execution_ops.components.graph import graph, legend, relations, toggle
from execution_ops.components.icons import icon
from execution_ops.components.kv import note
from execution_ops.components.links import figure, link
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty
from execution_ops.components.status import badge, status
from execution_ops.components.table import Column, pager, row_link, table
from execution_ops.components.times import duration
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.state.dag import DagChanges, DagPage, DagScene
from execution_ops.state.shell import surroundings

ON_LOAD = (DagPage.open,)


def page() -> rx.Component:
    """The page of the route `job_dag`."""
    return shell_page(
        "job_dag",
        content(
            DagPage,
            _body(),
        ),
        _questions(),
        surroundings=surroundings(),
        title=rx.cond(DagPage.title != "", DagPage.title, "DAG"),
        summary=DagPage.summary,
        actions=_actions(),
        liveness=Liveness(DagPage.stamp, {"on_hide": DagPage.hide, "on_show": DagPage.show}),
        ancestors={"job": (DagPage.job_title, DagPage.job_href)},
    )


def _actions() -> list[rx.Component]:
    state = DagPage
    views = rx.el.nav(
        toggle("Graph", on=~state.table, href=state.hrefs["graph"], icon_name="workflow"),
        toggle("Table", on=state.table, href=state.hrefs["table"], icon_name="rows-3"),
        class_name="seg",
        aria_label="View",
    )
    parts = rx.el.nav(
        toggle("Critical path", on=state.critical, href=state.hrefs["critical"]),
        toggle("Failed path only", on=state.failed_only, href=state.hrefs["failed"], off=state.failed_off),
        class_name="seg",
        aria_label="What is shown",
    )
    retry = action(
        "Retry failed", on_click=state.ask_all, icon="rotate-ccw", look="pri", off=state.retry_off, changes=True
    )
    return [
        views,
        parts,
        rx.cond(
            state.bulk_href != "",
            link_button("Retry failed in the list", state.bulk_href, icon="list", look="pri"),
            retry,
        ),
    ]


def _body() -> rx.Component:
    state = DagPage
    view = rx.cond(state.table, _table(), rx.cond(state.ask | state.too_many, _large(), _canvas()))
    view_class = rx.cond(state.table, "as-table", "as-graph")
    panel_class = rx.cond(state.node.key != "", "with-panel", "")
    return rx.fragment(
        rx.cond(
            state.ignored > 0,
            note(
                f"The engine reported {state.ignored} edges that lead nowhere or close a cycle. They are left out.",
                tone="warn",
                icon_name="triangle-alert",
            ),
        ),
        rx.el.div(
            view,
            rx.cond(state.node.key != "", _panel()),
            class_name=rx.Var.create(f"gpage {view_class} {panel_class}"),
        ),
    )


def _canvas() -> rx.Component:
    state = DagPage
    return rx.el.section(
        graph(
            scene=DagScene.scene,
            base=DagScene.marks,
            changes=DagChanges.changed,
            show_critical=state.critical,
            label=f"Graph of {state.title}. Arrow keys move between jobs, Enter opens one.",
        ),
        legend(state.counts, state.critical),
        class_name="gview",
        aria_label="Graph",
    )


def _large() -> rx.Component:
    state = DagPage
    table_link = link_button("Show the table", state.hrefs["table"], icon="rows-3", look="pri")
    failed = rx.cond(state.failed_off == "", link_button("Failed path only", state.hrefs["failed"]))
    return rx.el.section(
        rx.cond(
            state.too_many,
            empty(
                f"{state.boxes} jobs are too many to draw", "The table has them all.", table_link, icon_name="workflow"
            ),
            empty(
                f"{state.boxes} jobs to draw",
                "That takes the browser a moment. The table shows the same at once.",
                table_link,
                failed,
                link_button("Draw it", state.hrefs["large"]),
                icon_name="workflow",
            ),
        ),
        class_name="gview",
    )


def _table() -> rx.Component:
    state = DagPage
    columns = [
        Column("title", "Job", lambda row: row_link(row.title, href=row.select_href), place="name", fixed=True),
        Column("state", "State", lambda row: status(row.state, row.canceling), place="state"),
        Column("step", "Step", lambda row: row.step, right=True),
        Column(
            "time",
            "Time",
            lambda row: duration(row.ms, since=row.since, running=row.since.is_not_none(), missing="none yet"),
            place="end",
            right=True,
        ),
        Column("tries", "Tries", lambda row: row.tries, right=True),
        Column("waits", "Waits for", lambda row: row.waits, place="sub", wide=True),
        Column("holds", "Holds", lambda row: row.holds),
        Column("critical", "Critical path", lambda row: rx.cond(row.critical, "yes", "")),
    ]
    foot = pager(
        before=state.hrefs["previous"],
        after=state.hrefs["next"],
        note=f"In order of the steps, page {state.page} of {state.pages}",
    )
    return rx.el.section(
        table("dag", state.rows, columns, key=lambda row: row.key, label="Jobs of the DAG", foot=foot),
        class_name="gview gtable",
        aria_label="Table",
    )


def _panel() -> rx.Component:
    node = DagPage.node
    is_job = node.state != ""
    return rx.el.aside(
        rx.el.header(
            rx.el.div(
                rx.el.h2(node.title),
                rx.cond(is_job, badge(node.state, node.canceling)),
                rx.el.span(class_name="grow"),
                link(icon("x", 15), href=DagPage.hrefs["close"], look="btn ghost icon sm", aria_label="Close"),
                class_name="row",
            ),
            rx.el.p(node.subtitle, class_name="meta break"),
        ),
        rx.el.div(_panel_body(node), class_name="gbody"),
        rx.el.footer(rx.cond(is_job, _job_verbs(node), _fan_verbs(node))),
        class_name="gpanel",
        aria_label="Selected",
    )


def _panel_body(node: Any) -> rx.Component:
    return rx.fragment(
        rx.cond(node.error != "", note(rx.el.p(node.error, class_name="break"), tone="bad", icon_name="circle-x")),
        rx.cond(
            node.heading != "",
            rx.el.div(
                rx.el.h3(node.heading), relations(node.related, node.more), rx.el.p(node.hint, class_name="help")
            ),
        ),
        rx.el.dl(
            rx.foreach(
                node.facts,
                lambda fact: rx.fragment(
                    rx.el.dt(fact.label),
                    rx.el.dd(rx.cond(fact.href != "", figure(fact.value, fact.href), fact.value)),
                ),
            ),
            class_name="kv",
        ),
        rx.el.ul(
            rx.foreach(node.counts, lambda item: rx.el.li(status(item["state"]), rx.el.span(item["count"]))),
            class_name="rel",
        ),
    )


def _job_verbs(node: Any) -> rx.Component:
    return rx.fragment(
        verb_button(RETRY, DagPage.ask_one(RETRY.name), off=node.retry_off),
        verb_button(CANCEL, DagPage.ask_one(CANCEL.name), off=node.cancel_off),
        rx.el.span(class_name="grow"),
        link("Open job", href=node.job_href),
    )


def _fan_verbs(node: Any) -> rx.Component:
    return link_button(node.fold_label, node.fold_href, icon="layers")


def _questions() -> rx.Component:
    state = DagPage
    common: dict[str, Any] = {
        "title": f"{state.asking_for}?",
        "confirm_label": state.asking_for,
        "facts": state.asking_facts,
        "error": state.verb_problem,
        "on_confirm": state.do_verb,
        "on_close": state.leave_verb,
    }
    return rx.fragment(
        confirm(RETRY, open=state.asking == RETRY.name, **common),
        confirm(CANCEL, open=state.asking == CANCEL.name, **common),
    )
