"""The DAG of a job: graph or table, and a panel for the selected node."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, verb_button
from execution_ops.components.dialog import question
from execution_ops.components.graph import graph, legend, relations, toggle
from execution_ops.components.icons import icon
from execution_ops.components.kv import note
from execution_ops.components.links import link
from execution_ops.components.listing import missing
from execution_ops.components.states import content, empty
from execution_ops.components.status import badge, status
from execution_ops.components.table import Column, pager, row_link, table
from execution_ops.components.timeline import timeline
from execution_ops.components.times import duration
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.pages.live_page import live_page
from execution_ops.state.audit_trail import AuditTrail
from execution_ops.state.dag import DagChanges, DagPage, DagScene
from execution_ops.texts import audit, common
from execution_ops.texts import jobs as words

ON_LOAD = (DagPage.open,)
SUBJECT = rx.cond(DagPage.title != "", words.THE_DAG_OF + " " + DagPage.title, "")


def page() -> rx.Component:
    """The page of the route `job_dag`."""
    lost = DagPage.problem_code == "NOT_FOUND"
    known = (DagPage.title != "") & (DagPage.problem == "")
    return live_page(
        "job_dag",
        DagPage,
        rx.cond(lost, _missing(), content(DagPage, _body())),
        _questions(),
        title=rx.cond(known, DagPage.title, "DAG"),
        summary=rx.cond(known, DagPage.summary, ""),
        actions=(rx.cond(known, rx.fragment(*_actions())),),
        ancestors={"job": (DagPage.job_title, DagPage.job_href)},
    )


def _missing() -> rx.Component:
    return missing(
        words.THERE_IS_NO_SUCH_JOB, common.NEVER_HERE, link_button(common.ALL_JOBS, routes.jobs(), icon="list")
    )


def _actions() -> list[rx.Component]:
    state = DagPage
    views = rx.el.nav(
        toggle(words.GRAPH, on=~state.table, href=state.hrefs["graph"], icon_name="workflow"),
        toggle(words.TABLE, on=state.table, href=state.hrefs["table"], icon_name="rows-3"),
        class_name="seg",
        aria_label=words.VIEW,
    )
    parts = rx.el.nav(
        toggle(words.CRITICAL_PATH, on=state.critical, href=state.hrefs["critical"]),
        toggle(words.FAILED_PATH_ONLY, on=state.failed_only, href=state.hrefs["failed"], off=state.failed_off),
        toggle(audit.WHAT_WAS_DONE, on=state.done, href=state.hrefs["done"]),
        class_name="seg",
        aria_label=words.WHAT_IS_SHOWN,
    )
    retry = verb_button(RETRY, state.ask_all, label=words.RETRY_FAILED, look="pri", off=state.retry_off, keyed=False)
    return [
        views,
        parts,
        rx.cond(
            state.bulk_href != "",
            link_button(words.RETRY_FAILED_IN_THE_LIST, state.bulk_href, icon="list", look="pri"),
            retry,
        ),
    ]


def _body() -> rx.Component:
    state = DagPage
    view = rx.cond(state.table, _table(), rx.cond(state.ask | state.too_many, _large(), _canvas()))
    view_class = rx.cond(state.table, "as-table", "as-graph")
    panel_class = rx.cond((state.node.key != "") | state.done, "with-panel", "")
    return rx.fragment(
        rx.cond(
            state.ignored > 0,
            note(
                words.edges_left_out(state.ignored),
                tone="warn",
                icon_name="triangle-alert",
            ),
        ),
        rx.el.div(
            view,
            rx.cond(state.node.key != "", _panel(), rx.cond(state.done, _done())),
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
            label=words.graph_of(state.title),
        ),
        legend(state.counts, state.critical),
        class_name="gview",
        aria_label=words.GRAPH,
    )


def _large() -> rx.Component:
    state = DagPage
    table_link = link_button(words.SHOW_THE_TABLE, state.hrefs["table"], icon="rows-3", look="pri")
    failed = rx.cond(state.failed_off == "", link_button(words.FAILED_PATH_ONLY, state.hrefs["failed"]))
    return rx.el.section(
        rx.cond(
            state.too_many,
            empty(words.too_many_to_draw(state.boxes), words.THE_TABLE_HAS_THEM_ALL, table_link, icon_name="workflow"),
            empty(
                words.jobs_to_draw(state.boxes),
                words.THAT_TAKES_THE_BROWSER_A_MOMENT,
                table_link,
                failed,
                link_button(words.DRAW_IT, state.hrefs["large"]),
                icon_name="workflow",
            ),
        ),
        class_name="gview",
    )


def _table() -> rx.Component:
    state = DagPage
    columns = [
        Column("title", common.JOB, lambda row: row_link(row.title, href=row.select_href), place="name", fixed=True),
        Column("state", common.STATE, lambda row: status(row.state, row.canceling), place="state"),
        Column("step", words.STEP, lambda row: row.step, right=True),
        Column(
            "time",
            common.TIME,
            lambda row: duration(row.ms, since=row.since, running=row.since.is_not_none(), missing=common.NONE_YET),
            place="end",
            right=True,
        ),
        Column("tries", common.ATTEMPTS, lambda row: row.tries, right=True),
        Column("waits", words.WAITS_FOR, lambda row: row.waits, place="sub", wide=True),
        Column("holds", words.HOLDS, lambda row: row.holds),
        Column("critical", words.CRITICAL_PATH, lambda row: rx.cond(row.critical, "yes", "")),
    ]
    foot = pager(
        before=state.hrefs["previous"],
        after=state.hrefs["next"],
        note=words.in_order_of_the_steps(state.page, state.pages),
    )
    return rx.el.section(
        table("dag", state.rows, columns, key=lambda row: row.key, label=words.JOBS_OF_THE_DAG, foot=foot),
        class_name="gview gtable",
        aria_label=words.TABLE,
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
                _close(),
                class_name="row",
            ),
            rx.el.p(node.subtitle, class_name="meta break"),
        ),
        rx.el.div(_panel_body(node), class_name="gbody"),
        rx.el.footer(rx.cond(is_job, _job_verbs(node), _fan_verbs(node))),
        class_name="gpanel",
        aria_label=words.SELECTED,
    )


def _done() -> rx.Component:
    """What operators did to the DAG and its jobs, in the place of a selected box."""
    return rx.el.aside(
        rx.el.header(
            rx.el.div(rx.el.h2(audit.WHAT_WAS_DONE), rx.el.span(class_name="grow"), _close(), class_name="row")
        ),
        rx.el.div(
            rx.cond(
                AuditTrail.rows.length() > 0,
                timeline(AuditTrail.rows),
                rx.el.p(words.NOTHING_WAS_DONE_TO_THE_DAG, class_name="fg2"),
            ),
            class_name="gbody",
            tab_index=0,
            role="group",
            aria_label=audit.WHAT_WAS_DONE,
        ),
        rx.el.footer(link(audit.ALL_IN_THE_AUDIT, href=AuditTrail.href)),
        class_name="gpanel",
        aria_label=audit.WHAT_WAS_DONE,
    )


def _close() -> rx.Component:
    return link(icon("x", 15), href=DagPage.hrefs["close"], look="btn ghost icon sm", aria_label=common.CLOSE)


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
                    rx.el.dd(
                        rx.cond(
                            fact.href != "", link(fact.value, href=fact.href, look="num", title=fact.title), fact.value
                        )
                    ),
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
        link(words.OPEN_JOB, href=node.job_href),
    )


def _fan_verbs(node: Any) -> rx.Component:
    return link_button(node.fold_label, node.fold_href, icon="layers")


def _questions() -> rx.Component:
    asked = DagPage.asking_for
    texts = {"title": words.asks(asked), "confirm_label": asked, "facts": DagPage.asking_facts}
    return rx.fragment(*[question(DagPage, verb, **texts) for verb in (RETRY, CANCEL)])
