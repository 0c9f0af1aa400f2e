"""The pages of the catalogue."""

import json
import time

import reflex as rx

from execution_ops.components import kv, states
from execution_ops.components.bulk_bar import bulk_bar, select_all_button
from execution_ops.components.buttons import action, link_button, refresh_button, verb_button
from execution_ops.components.copy import copy_button, copyable
from execution_ops.components.dialog import confirm
from execution_ops.components.drawer import drawer
from execution_ops.components.figures import gauge, shares, sparkline
from execution_ops.components.filter_bar import JOB_FIELDS, filter_bar, filter_tokens
from execution_ops.components.json_view import json_view
from execution_ops.components.links import figure, link
from execution_ops.components.live import count_age, new_changes
from execution_ops.components.log_view import log_bar, log_view
from execution_ops.components.shell import Liveness, Surroundings, frame
from execution_ops.components.status import LOOKS, badge, status
from execution_ops.components.table import Column, Selection, column_chooser, pager, row_link, select_all_banner, table
from execution_ops.components.tabs import state_tabs
from execution_ops.components.timeline import timeline, track
from execution_ops.components.times import age, duration, instant, zone_name
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.domain.json_tree import JsonTree, TreeRow
from execution_ops.state.job_view import TimelineView, TrackPart

STATES = ("running", "scheduled", "failed", "succeeded", "timed_out", "canceled", "pending")


LINES = 100_000
LEVELS = ("info", "debug", "info", "warning", "info", "error")
HOSTILE = "<img src=x onerror=alert(1)> \u202egnp.exe"
DOCUMENT = (
    '{"image": "acme/payments:4.18.2", "digest": "sha256:9f2b", "limits": {"max_file_mb": 256}, '
    '"exact": 12345678901234567890.10, "ok": true, "none": null, "name": "<img src=x onerror=alert(1)>"}'
)


def _line(n: int) -> dict[str, str | int]:
    text = HOSTILE if n == 7 else f"layer {n} of {LINES} done, {n * 7 % 311} artifacts"
    return {
        "seq": n + 1,
        "at": f"2026-11-23T13:{n // 60 % 60:02d}:{n % 60:02d}.400Z",
        "level": LEVELS[n % 6],
        "text": text,
    }


class CatalogueState(rx.State):
    """What the catalogue shows."""

    stamp: int = 0
    rows: rx.Field[list[dict[str, str | int]]] = rx.field(default_factory=list)
    picked: rx.Field[list[str]] = rx.field(default_factory=list)
    dialog: bool = False
    drawer: bool = False
    said: str = ""
    asked: str = ""
    refused: str = ""
    pairs: rx.Field[list[list[str]]] = rx.field(default_factory=list)
    tokens: rx.Field[list[dict[str, str]]] = rx.field(default_factory=list)
    lines: str = "[]"
    start: int = 0
    search: str = ""
    follow: bool = False
    tree: rx.Field[list[TreeRow]] = rx.field(default_factory=list)
    opened: rx.Field[list[str]] = rx.field(default_factory=lambda: [""])
    toasts: rx.Field[list[dict[str, str]]] = rx.field(default_factory=list)

    @rx.event
    def load(self) -> None:
        self.stamp = time.time_ns() // 1_000_000
        self.rows = [
            {
                "id": f"8c41f0b{n:x}",
                "state": STATES[n % 7],
                "type": "scan.catalog",
                "queue": "scan",
                "tenant": "acme",
                "attempts": f"{n % 3}/3",
                "created_at": self.stamp - n * 61_000,
            }
            for n in range(16)
        ]

    @rx.event
    def toggle(self, key: str) -> None:
        self.picked = [k for k in self.picked if k != key] if key in self.picked else [*self.picked, key]

    @rx.event
    def toggle_page(self) -> None:
        self.picked = [] if self.picked else [str(row["id"]) for row in self.rows]

    @rx.event
    def set_dialog(self, value: bool) -> None:
        self.dialog = value

    @rx.event
    def set_drawer(self, value: bool) -> None:
        self.drawer = value

    @rx.event
    def confirmed(self, reason: str, ticket: str) -> None:
        self.dialog = False
        self.toasts = [
            *self.toasts,
            {
                "id": str(len(self.toasts)),
                "tone": "ok",
                "text": f"3 jobs canceled: {reason} {ticket}",
                "href": "/jobs",
                "link": "Open",
            },
        ]

    @rx.event
    def gone(self, key: str) -> None:
        self.toasts = [toast for toast in self.toasts if toast["id"] != key]

    @rx.event
    def query(self, text: str) -> None:
        """Take over a filter, or say why it is none."""
        try:
            self._filter(JobFilter.from_query(text))
        except InvalidInput as error:
            self.refused = error.message

    def _filter(self, chosen: JobFilter) -> None:
        self.refused = ""
        self.asked = chosen.to_query()
        self.pairs = [list(pair) for pair in chosen.to_pairs()]
        self.tokens = [dict(token) for token in filter_tokens(JOB_FIELDS, chosen.to_pairs())]

    @rx.event
    def window(self, start: int, count: int) -> None:
        """Lines of a log of 100,000."""
        self.start = start
        self.lines = json.dumps([_line(n) for n in range(start, min(LINES, start + count))])

    @rx.event
    def open_job(self) -> None:
        """The job page."""
        self.stamp = time.time_ns() // 1_000_000
        self.window(0, 200)
        self._tree()

    def _tree(self) -> None:
        self.tree = JsonTree(DOCUMENT).rows(dict.fromkeys(self.opened, 100))

    @rx.event
    def toggle_path(self, path: str) -> None:
        """Open or close one value."""
        self.opened = [p for p in self.opened if p != path] if path in self.opened else [*self.opened, path]
        self._tree()

    @rx.event
    def search_log(self, text: str) -> None:
        """Search the log."""
        self.search = text

    @rx.event
    def follow_log(self, flag: bool) -> None:
        """Follow the end of the log."""
        self.follow = flag

    @rx.event
    def hide(self) -> None:
        self.said += "hidden "


SURROUNDINGS = Surroundings("production", "0.9.2 · SQLite", CatalogueState.toasts, CatalogueState.gone)
LIVENESS = Liveness(CatalogueState.stamp, {"on_hide": CatalogueState.hide, "on_show": CatalogueState.load})


def _page(*children: object, current: str, title: str, **props: object) -> rx.Component:
    return frame(
        *children,
        current=current,
        crumbs=[("Ops", "/"), (title, "")],
        title=title,
        surroundings=SURROUNDINGS,
        liveness=LIVENESS,
        **props,
    )


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
    return _page(
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
                    verb_button(CANCEL, CatalogueState.set_dialog(True)),
                    verb_button(CANCEL, CatalogueState.load, look="danger-solid"),
                ),
                _row(
                    "overlays",
                    action("Open dialog", on_click=CatalogueState.set_dialog(True)),
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
                _row("live", new_changes(12, CatalogueState.load), rx.el.span(CatalogueState.said, id="said")),
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
            rx.el.div(states.filtered_empty(3, 412, "/jobs"), class_name="panel"),
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
        confirm(
            CANCEL,
            open=CatalogueState.dialog,
            title="Cancel 1,301 jobs?",
            confirm_label="Cancel 1,301 jobs",
            facts=[
                ("Stops now", "18 running, asked to stop"),
                ("Never starts", "1,187 scheduled and 96 pending"),
                ("Not touched", "9,111 that have already ended"),
            ],
            typed="1301",
            typed_label="the jobs that will be canceled",
            on_confirm=CatalogueState.confirmed,
            on_close=CatalogueState.set_dialog(False),
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
    return _page(
        filter_bar(
            column_chooser("jobs", COLUMNS),
            refresh_button(CatalogueState.load),
            pairs=CatalogueState.pairs,
            tokens=CatalogueState.tokens,
            on_query=CatalogueState.query,
            error=CatalogueState.refused,
            values={"state": list(STATES), "queue": ["scan", "merge", "export"], "tenant": ["acme", "lumen"]},
        ),
        state_tabs(rx.Var.create(TABS), new_changes(2, CatalogueState.load), count_age(CatalogueState.stamp)),
        table(
            "jobs",
            CatalogueState.rows,
            COLUMNS,
            key=lambda row: row["id"],
            label="Jobs",
            selection=Selection(
                keys=CatalogueState.picked,
                on_toggle=CatalogueState.toggle,
                on_page=CatalogueState.toggle_page,
                all_on_page=CatalogueState.picked.length() == 16,
                any_on_page=CatalogueState.picked.length() > 0,
                banner=select_all_banner(
                    shown=CatalogueState.picked.length() == 16,
                    picked=16,
                    everything=False,
                    total="10,412",
                    on_all=CatalogueState.load,
                    on_clear=CatalogueState.toggle_page,
                ),
            ),
            foot=pager(before="", after="/jobs?cursor=x", note="Newest first, 50 per page", words=("Newer", "Older")),
        ),
        bulk_bar(
            verb_button(RETRY, CatalogueState.load, look="sm"),
            verb_button(CANCEL, CatalogueState.set_dialog(True), look="sm", off="All 3 have ended."),
            count=CatalogueState.picked.length(),
            shown=CatalogueState.picked.length() > 0,
            on_clear=CatalogueState.toggle_page,
            select_all=select_all_button("10,412", CatalogueState.load),
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
    levels = [
        {"label": "All", "href": "/job", "on": True},
        {"label": "Warning 2", "href": "/job?level=warning", "on": False},
    ]
    return _page(
        kv.facts(
            ("Queue", figure("maven", "/jobs")),
            ("Attempts", "3 of 3"),
            ("Created", instant(CatalogueState.stamp, zone=True)),
            ("Worker", figure("scan-a2", "/jobs")),
            ("Timeout", "5m per attempt"),
        ),
        track(rx.Var.create(LIFE)),
        rx.el.div(
            rx.el.div(
                kv.panel(
                    "Log",
                    log_view(
                        lines=CatalogueState.lines,
                        start=CatalogueState.start,
                        total=LINES,
                        search=CatalogueState.search,
                        follow=CatalogueState.follow,
                        on_window=CatalogueState.window,
                        on_follow=CatalogueState.follow_log,
                    ),
                    meta="100,000 lines",
                    actions=log_bar(
                        rx.Var.create(levels),
                        search=CatalogueState.search,
                        on_search=CatalogueState.search_log,
                        follow=CatalogueState.follow,
                        on_follow=CatalogueState.follow_log,
                        download="/log",
                    ),
                ),
                class_name="stack",
            ),
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
