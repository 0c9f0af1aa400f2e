"""The table of pages: their addresses, titles and places in the navigation.

Patterns are spelled as Reflex does: `[job_id]` is one segment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlencode

Query = Iterable[tuple[str, str]]

OPS = "/ops"
OPERATIONS = f"{OPS}/operations"
JOBENGINE = f"{OPERATIONS}/jobengine"
DEAD_LETTER = f"{OPERATIONS}/dead-letter"
SCHEDULER = f"{OPERATIONS}/scheduler"
SCANNER = f"{OPS}/scanner-ops"


@dataclass(frozen=True)
class Route:
    """One page.

    `parent` is the page that the breadcrumbs lead back to; a page with a `parent` is not a
    navigation entry unless `nav` says so. `go` is the letter after `g` on the keyboard. Until it
    is `built`, a page is known here and nowhere else: its address answers like an unknown one.
    """

    name: str
    pattern: str
    title: str
    area: str
    icon: str = ""
    parent: str = ""
    nav: bool = True
    go: str = ""
    built: bool = False

    @property
    def dynamic(self) -> bool:
        """Whether the address has a part that varies."""
        return "[" in self.pattern


ROUTES: tuple[Route, ...] = (
    Route("jobs_queues", f"{OPERATIONS}/jobs-queues", "Jobs & Queues", "Operations", "layers", go="o", built=True),
    Route("jobengine", JOBENGINE, "JobEngine", "Operations", "cpu", go="e", built=True),
    Route("jobs", f"{JOBENGINE}/jobs", "Jobs", "Operations", "list", parent="jobengine", go="j", built=True),
    Route("job", f"{JOBENGINE}/jobs/[job_id]", "Job", "Operations", parent="jobs", nav=False, built=True),
    Route("job_dag", f"{JOBENGINE}/jobs/[job_id]/dag", "DAG", "Operations", parent="job", nav=False, built=True),
    Route("quotas", f"{JOBENGINE}/quotas", "Quotas", "Operations", "gauge", parent="jobengine", go="q", built=True),
    Route("dead_letter", DEAD_LETTER, "Dead letters", "Operations", "mail-x", go="d", built=True),
    Route(
        "dead_letter_queue",
        f"{DEAD_LETTER}/queue",
        "Entries",
        "Operations",
        "list-x",
        parent="dead_letter",
        built=True,
    ),
    Route(
        "dead_letter_entry",
        f"{DEAD_LETTER}/entry/[entry_id]",
        "Entry",
        "Operations",
        parent="dead_letter_queue",
        nav=False,
        built=True,
    ),
    Route("replays", f"{DEAD_LETTER}/replays", "Replays", "Operations", "history", parent="dead_letter", built=True),
    Route(
        "replay",
        f"{DEAD_LETTER}/replays/[plan_id]",
        "Replay",
        "Operations",
        parent="replays",
        nav=False,
        built=True,
    ),
    Route("scheduler", SCHEDULER, "Scheduler", "Operations", "calendar-clock", go="s", built=True),
    Route("runs", f"{SCHEDULER}/runs", "Runs", "Operations", "play", parent="scheduler", go="r", built=True),
    Route("run_stream", f"{SCHEDULER}/runs/[run_id]/stream", "Run", "Operations", parent="runs", nav=False, built=True),
    Route("schedules", f"{SCHEDULER}/schedules", "Schedules", "Operations", "calendar", parent="scheduler", built=True),
    Route("workers", f"{SCHEDULER}/workers", "Workers", "Operations", "server", parent="scheduler", go="w", built=True),
    Route("audit", f"{OPERATIONS}/audit", "Audit", "Operations", "scroll-text", go="a"),
    Route("scanner", SCANNER, "Scanner Ops", "Scanner", "scan-search", go="c", built=True),
    Route(
        "offline_kits", f"{SCANNER}/offline-kits", "Offline kits", "Scanner", "package", parent="scanner", built=True
    ),
    Route("baselines", f"{SCANNER}/baselines", "Baselines", "Scanner", "git-compare", parent="scanner", built=True),
    Route("analyzers", f"{SCANNER}/analyzers", "Analyzers", "Scanner", "microscope", parent="scanner", built=True),
    Route("performance", f"{SCANNER}/performance", "Performance", "Scanner", "activity", parent="scanner", built=True),
    Route("scanner_settings", f"{SCANNER}/settings", "Settings", "Scanner", "settings", parent="scanner", built=True),
)
BY_NAME: Mapping[str, Route] = {route.name: route for route in ROUTES}


def home() -> str:
    """The address that `/` leads to: the overview, until it is built the JobEngine summary."""
    return BY_NAME["jobs_queues" if BY_NAME["jobs_queues"].built else "jobengine"].pattern


def href(name: str, query: Query = (), fragment: str = "", /, **params: str) -> str:
    """The address of the page `name`. KeyError for an unknown page or a missing parameter."""
    path = re.sub(r"\[(\w+)\]", lambda match: quote(params[match[1]], safe=""), BY_NAME[name].pattern)
    return with_query(path, query) + (f"#{quote(fragment)}" if fragment else "")


def with_query(path: str, query: Query) -> str:
    """The path with its query, which may be none."""
    text = urlencode(list(query))
    return f"{path}?{text}" if text else path


def match(path: str) -> tuple[Route, dict[str, str]] | None:
    """The page at a path (percent-encoded, a trailing slash allowed) and its parameters, decoded."""
    if path.startswith("//") or "//" in path:
        return None
    segments = path.strip("/").split("/")
    for route in sorted(ROUTES, key=lambda route: route.dynamic):
        parts = route.pattern.strip("/").split("/")
        if len(parts) == len(segments) and all(
            part == segment or (part[0] == "[" and segment) for part, segment in zip(parts, segments, strict=True)
        ):
            pairs = zip(parts, segments, strict=True)
            return route, {part[1:-1]: unquote(segment) for part, segment in pairs if part[0] == "["}
    return None
