"""What the catalogue of components shows, and what it answers."""

import json
import time

import reflex as rx

from execution_ops.components.filter_bar import filter_tokens
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.filter_fields import JOB_FIELDS
from execution_ops.domain.filters import JobFilter
from execution_ops.domain.json_tree import JsonTree, TreeRow

STATES = ("running", "scheduled", "failed", "succeeded", "timed_out", "canceled", "pending")
LINES = 100_000
ROWS = 16
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

    environment: str = "production"
    environment_color: str = "red"
    version: str = "0.9.2 · SQLite"
    stamp: int = 0
    rows: rx.Field[list[dict[str, str | int]]] = rx.field(default_factory=list)
    picked: rx.Field[list[str]] = rx.field(default_factory=list)
    asking: str = ""
    verb_problem: str = ""
    drawer: bool = False
    said: str = ""
    asked: str = ""
    complaint: str = ""
    pairs: rx.Field[list[list[str]]] = rx.field(default_factory=list)
    tokens: rx.Field[list[dict[str, str]]] = rx.field(default_factory=list)
    lines: str = "[]"
    start: int = 0
    search: str = ""
    follow: bool = False
    total: int = LINES
    values: rx.Field[dict[str, list[str]]] = rx.field(
        default_factory=lambda: {
            "state": list(STATES),
            "queue": ["scan", "merge", "export"],
            "tenant": ["acme", "lumen"],
        }
    )
    anchor_index: int = -1
    download: str = "/log"
    nothing: str = "Nothing is logged yet."
    everything: bool = False
    tree: rx.Field[list[TreeRow]] = rx.field(default_factory=list)
    opened: rx.Field[list[str]] = rx.field(default_factory=lambda: [""])
    toasts: rx.Field[list[dict[str, str]]] = rx.field(default_factory=list)

    @rx.var
    def levels(self) -> list[dict[str, str | bool]]:
        """The choices of the level."""
        return [
            {"label": "All", "href": "/job", "on": True},
            {"label": "Warning 2", "href": "/job?level=warning", "on": False},
        ]

    @rx.var
    def picked_count(self) -> str:
        """How many rows are picked."""
        return str(len(self.picked))

    @rx.var
    def any_picked(self) -> bool:
        """Whether one is."""
        return bool(self.picked)

    @rx.var
    def all_on_page(self) -> bool:
        """Whether all are."""
        return len(self.picked) == ROWS

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
            for n in range(ROWS)
        ]

    @rx.event
    def refresh(self) -> None:
        """Read the list anew."""
        self.load()

    @rx.event
    def toggle(self, key: str) -> None:
        self.picked = [k for k in self.picked if k != key] if key in self.picked else [*self.picked, key]

    @rx.event
    def toggle_page(self) -> None:
        self.picked = [] if self.picked else [str(row["id"]) for row in self.rows]

    @rx.event
    def pick_all(self) -> None:
        """All that match."""
        self.everything = True

    @rx.event
    def drop_all(self) -> None:
        """None."""
        self.picked, self.everything = [], False

    @rx.event
    def ask_verb(self) -> None:
        """Ask before jobs are canceled."""
        self.asking = "cancel"

    @rx.event
    def leave_verb(self) -> None:
        """Close the question."""
        self.asking = ""

    @rx.event
    def set_drawer(self, value: bool) -> None:
        self.drawer = value

    @rx.event
    def do_verb(self, reason: str, ticket: str) -> None:
        self.asking = ""
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
    def undo(self, key: str) -> None:
        """Nothing in the catalogue can be taken back."""

    @rx.event
    def dismiss(self, key: str) -> None:
        self.toasts = [toast for toast in self.toasts if toast["id"] != key]

    @rx.event
    def apply(self, text: str) -> None:
        """Take over a filter, or say why it is none."""
        try:
            self._filter(JobFilter.from_query(text))
        except InvalidInput as error:
            self.complaint = error.message

    def _filter(self, chosen: JobFilter) -> None:
        self.complaint = ""
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
    def find(self, text: str) -> None:
        """Search the log."""
        self.search = text

    @rx.event
    def set_follow(self, flag: bool) -> None:
        """Follow the end of the log."""
        self.follow = flag

    @rx.event
    def hide(self) -> None:
        self.said += "hidden "
