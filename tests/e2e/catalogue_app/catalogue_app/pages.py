"""The pages of the catalogue."""

import time

import reflex as rx

from execution_ops.components import kv, states
from execution_ops.components.buttons import action, link_button, refresh_button, verb_button
from execution_ops.components.copy import copy_button
from execution_ops.components.dialog import confirm
from execution_ops.components.drawer import drawer
from execution_ops.components.figures import gauge, shares, sparkline
from execution_ops.components.links import figure, link
from execution_ops.components.live import count_age, new_changes
from execution_ops.components.shell import Liveness, Surroundings, frame
from execution_ops.components.status import LOOKS, badge, status
from execution_ops.components.table import Column, Selection, column_chooser, pager, row_link, select_all_banner, table
from execution_ops.components.tabs import state_tabs
from execution_ops.components.times import age, duration, instant, zone_name
from execution_ops.domain.verbs import CANCEL, RETRY

STATES = ("running", "scheduled", "failed", "succeeded", "timed_out", "canceled", "pending")


class CatalogueState(rx.State):
    """What the catalogue shows."""

    stamp: int = 0
    rows: rx.Field[list[dict[str, str | int]]] = rx.field(default_factory=list)
    picked: rx.Field[list[str]] = rx.field(default_factory=list)
    dialog: bool = False
    drawer: bool = False
    said: str = ""
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
    def hide(self) -> None:
        self.said = "hidden"


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
                _row("live", new_changes(12, CatalogueState.load)),
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
            foot=pager(newer="", older="/jobs?cursor=x"),
        ),
        current="jobs",
        title="Jobs",
        summary="Scan jobs of tenant acme, created in the last 24 hours",
        actions=[
            column_chooser("jobs", COLUMNS),
            action("Export", icon="download"),
            action("Scan a directory", icon="folder-search", look="pri"),
        ],
    )
