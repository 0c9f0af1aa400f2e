"""The page of the catalogue with states, controls and overlays."""

import reflex as rx

from catalogue_app.frame import framed
from catalogue_app.lookup import CatalogueLookup
from catalogue_app.state import CatalogueState
from execution_ops.components import kv, states
from execution_ops.components.buttons import action, link_button, refresh_button, verb_button
from execution_ops.components.copy import copy_button
from execution_ops.components.dialog import question
from execution_ops.components.drawer import drawer
from execution_ops.components.figures import gauge, shares, sparkline
from execution_ops.components.links import figure, link
from execution_ops.components.live import count_age, new_changes
from execution_ops.components.status import LOOKS, badge, status
from execution_ops.components.times import age, duration, instant
from execution_ops.domain.job_verbs import CANCEL, RETRY


def _row(word: str, *things: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.span(word, class_name="meta", style={"width": "90px"}),
        *things,
        class_name="row wrap",
        style={"padding": "7px 14px"},
    )


def parts_page() -> rx.Component:
    """States, controls, overlays."""
    off = "The job has ended."
    return framed(
        rx.el.div(
            kv.panel(
                "States",
                *[_row(kind, *[badge(state, kind=kind) for state in looks]) for kind, looks in LOOKS.items()],
                _row("in a row", *[status(state) for state in LOOKS["job"]]),
            ),
            kv.panel(
                "Controls",
                _row(
                    "primary",
                    action("Retry", icon="rotate-ccw", look="pri"),
                    action("Retry", icon="rotate-ccw", off=off),
                ),
                _row(
                    "default",
                    action("Export", icon="download"),
                    link_button("Jobs", "/jobs"),
                    refresh_button(CatalogueState.load),
                ),
                _row(
                    "verbs",
                    verb_button(RETRY, CatalogueState.load),
                    verb_button(CANCEL, CatalogueState.ask_verb),
                    verb_button(CANCEL, CatalogueState.load, look="danger-solid"),
                ),
                _row(
                    "overlays",
                    action("Open dialog", on_click=CatalogueState.ask_verb),
                    action("Open drawer", on_click=CatalogueState.set_drawer(True)),
                ),
                _row(
                    "links",
                    figure("10,412", "/jobs"),
                    link("Open DAG", href="/jobs"),
                    rx.el.span("8c3fb05e", copy_button("8c3fb05e", "Copy id"), class_name="mono"),
                ),
                _row(
                    "times",
                    instant(CatalogueState.stamp, zone=True),
                    instant(CatalogueState.stamp, precise=True),
                    age(CatalogueState.stamp),
                    duration(None, since=CatalogueState.stamp),
                    duration(14600),
                    count_age(CatalogueState.stamp),
                    instant(None, missing="not yet"),
                ),
                _row(
                    "gauges",
                    gauge(6, 8),
                    gauge(8, 8, tone="warn"),
                    gauge(40, 56),
                    gauge(3, None),
                    sparkline([3, 5, 2, 8, 9, 1, 4, 7], "done per minute"),
                    rx.el.span(
                        shares([("ok", 60), ("bad", 3)], 100, "60 of 100 done, 3 failed"), style={"width": "160px"}
                    ),
                ),
                _row(
                    "live",
                    new_changes(12, CatalogueState.load),
                    rx.el.span(CatalogueState.said, id="said"),
                    rx.el.span(CatalogueLookup.calls, id="calls"),
                ),
            ),
            rx.el.div(states.skeleton(5), class_name="panel"),
            rx.el.div(
                states.empty(
                    "Nothing has run here yet",
                    "Point the scanner at a directory, an archive or an image tarball..",
                    action("Scan a directory", icon="folder-search", look="pri"),
                    icon_name="folder-search",
                ),
                class_name="panel",
            ),
            rx.el.div(states.filtered_empty(3, 412, "/jobs", noun="jobs"), class_name="panel"),
            rx.el.div(
                states.error_state(
                    "The database did not answer within 5 s. Running jobs are not affected.",
                    "BUSY",
                    CatalogueState.load,
                    trace="7c1e9d40",
                ),
                class_name="panel",
            ),
            class_name="stack",
        ),
        question(
            CatalogueState,
            CANCEL,
            title="Cancel 1,301 jobs?",
            confirm_label="Cancel 1,301 jobs",
            facts=[
                ("Stops now", "18 running, asked to stop"),
                ("Never starts", "1,187 scheduled and 96 pending"),
                ("Not touched", "9,111 that have already ended"),
            ],
            typed="1301",
            typed_label="the jobs that will be canceled",
        ),
        drawer(
            kv.kv(("Queue", "scan"), ("Tenant", "acme")),
            open=CatalogueState.drawer,
            title="scan.catalog",
            subtitle="019ab107-5a2f-7c1e-9d40-61e88c3fb05e",
            on_close=CatalogueState.set_drawer(False),
            footer=rx.fragment(action("Save", look="pri"), rx.el.span("Written to the audit log", class_name="meta")),
        ),
        current="",
        title="Overlays and parts",
        summary="One of each. Focus is always visible; a verb that cannot work says why.",
        actions=[action("Export", icon="download"), action("Scan a directory", icon="folder-search", look="pri")],
    )
