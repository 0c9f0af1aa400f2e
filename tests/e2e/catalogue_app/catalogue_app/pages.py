"""The pages of the catalogue with a list of jobs, and with a job."""

import reflex as rx

from catalogue_app.frame import framed
from catalogue_app.state import STATES, CatalogueState
from execution_ops.components import kv
from execution_ops.components.buttons import action, verb_button
from execution_ops.components.copy import copy_button, copyable
from execution_ops.components.json_view import json_view
from execution_ops.components.links import figure
from execution_ops.components.listing import list_filter
from execution_ops.components.live import count_age, new_changes
from execution_ops.components.log_view import log_panel
from execution_ops.components.selection import list_bulk, list_selection
from execution_ops.components.status import badge, status
from execution_ops.components.table import Column, column_chooser, pager, row_link, table
from execution_ops.components.tabs import state_tabs
from execution_ops.components.timeline import timeline, track
from execution_ops.components.times import age, instant, zone_name
from execution_ops.domain.filter_fields import JOB_FIELDS
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.state.audit_trail import TimelineView
from execution_ops.state.job_view import TrackPart

COLUMNS = (
    Column("state", "State", lambda row: status(row["state"]), place="state", fixed=True),
    Column("type", "Type", lambda row: row_link(row["type"], href=f"/jobs?id={row['id']}"), place="name", fixed=True),
    Column(
        "id", "Id", lambda row: rx.el.span(row["id"], copy_button(row["id"], "Copy id"), class_name="mono"), place="sub"
    ),
    Column("queue", "Queue", lambda row: row["queue"]),
    Column("tenant", "Tenant", lambda row: row["tenant"]),
    Column("attempts", "Attempts", lambda row: row["attempts"], right=True),
    Column(
        "created",
        "Created",
        lambda row: instant(row["created_at"]),
        right=True,
        head=rx.fragment("Created, ", zone_name()),
        sort_href="?sort=oldest",
        sorted="desc",
    ),
    Column("age", "Age", lambda row: age(row["created_at"]), place="end", right=True),
)
TABS = [
    {"state": "", "href": "/jobs", "count": "10,412", "on": True},
    *[{"state": state, "href": f"/jobs?state={state}", "count": "96", "on": False} for state in STATES],
]


def table_page() -> rx.Component:
    """A list."""
    return framed(
        list_filter(
            CatalogueState,
            column_chooser("jobs", COLUMNS),
            fields=JOB_FIELDS,
            placeholder="Filter by state, queue, tenant",
        ),
        state_tabs(rx.Var.create(TABS), new_changes(2, CatalogueState.load), count_age(CatalogueState.stamp)),
        table(
            "jobs",
            CatalogueState.rows,
            COLUMNS,
            key=lambda row: row["id"],
            label="Jobs",
            selection=list_selection(CatalogueState, "jobs"),
            foot=pager(before="", after="/jobs?cursor=x", note="Newest first, 50 per page", words=("Newer", "Older")),
        ),
        list_bulk(
            CatalogueState,
            verb_button(RETRY, CatalogueState.load, look="sm"),
            verb_button(CANCEL, CatalogueState.ask_verb, look="sm", off="All 3 have ended."),
        ),
        current="jobs",
        title="Jobs",
        summary="Scan jobs of tenant acme, created in the last 24 hours",
        actions=[
            action("Export", icon="download"),
            action("Scan a directory", icon="folder-search", look="pri"),
        ],
    )


EVENTS = [
    TimelineView("2026-11-23T13:58:31.204Z", "failed", "failed", "parent POM not found", False),
    TimelineView("2026-11-23T13:57:19.011Z", "running", "running", "leased by scan-a2", False),
    TimelineView("2026-11-23T13:57:02.880Z", "retry", "retry", "m.ortega · OPS-2291 · “unblock acme”", True),
    TimelineView("2026-11-23T13:56:18.730Z", "lost", "attempt 2 lost", "scan-a3 missed heartbeats for 30 s", False),
    TimelineView("2026-11-23T13:54:02.317Z", "scheduled", "scheduled", "parent scan.inspect succeeded", False),
]
LIFE = [
    TrackPart(0.01, "wait", "", "waited 0.2 s"),
    TrackPart(0.1, "bad", "attempt 1 failed", "attempt 1 failed after 14.6 s"),
    TrackPart(0.15, "wait", "back-off 30 s", "back-off 30 s"),
    TrackPart(0.34, "warn", "attempt 2 lost after 1m 31s", "attempt 2 lost after 1m 31s"),
    TrackPart(0.4, "bad", "attempt 3 failed after 1m 12s", "attempt 3 failed after 1m 12s"),
]


def job_page() -> rx.Component:
    """One job."""
    return framed(
        kv.facts(
            ("Queue", figure("maven", "/jobs")),
            ("Attempts", "3 of 3"),
            ("Created", instant(CatalogueState.stamp, zone=True)),
            ("Worker", figure("scan-a2", "/jobs")),
            ("Timeout", "5m per attempt"),
        ),
        track(rx.Var.create(LIFE)),
        rx.el.div(
            rx.el.div(log_panel(CatalogueState), class_name="stack"),
            rx.el.div(
                kv.panel(
                    "Payload",
                    json_view(
                        CatalogueState.tree,
                        on_toggle=CatalogueState.toggle_path,
                        on_more=CatalogueState.toggle_path,
                        label="Payload",
                    ),
                    meta="412 bytes",
                ),
                kv.panel("Timeline", timeline(rx.Var.create(EVENTS))),
                class_name="stack",
            ),
            class_name="cols-2",
        ),
        current="jobs",
        title="scan.catalog java",
        summary=rx.fragment("Catalogs Java packages · ", copyable("019ab107-5a2f-7c1e-9d40-61e88c3fb05e")),
        beside_title=badge("failed"),
        actions=[
            verb_button(CANCEL, CatalogueState.load, off="The job has ended."),
            verb_button(RETRY, CatalogueState.load, look="pri"),
        ],
    )
