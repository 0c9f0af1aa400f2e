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

# The areas, in the order of the navigation. A page's area is its group there, and the first of its breadcrumbs.
EXECUTION = "Execution"
SCANNER_AREA = "Scanner Ops"
AUDIT_AREA = "Audit"


@dataclass(frozen=True)
class Route:
    """One page.

    `parent` is the page that the breadcrumbs lead back to; a page with a `parent` is not a
    navigation entry unless `nav` says so. `go` is the letter after `g` on the keyboard, `by_tenant` says
    that `tenant` in the query narrows what it lists. Until it is `built`, a page is known here and nowhere
    else: its address answers like an unknown one.
    """

    name: str
    pattern: str
    title: str
    area: str
    icon: str = ""
    parent: str = ""
    nav: bool = True
    go: str = ""
    by_tenant: bool = False
    built: bool = False

    @property
    def dynamic(self) -> bool:
        """Whether the address has a part that varies."""
        return "[" in self.pattern


ROUTES: tuple[Route, ...] = (
    Route(
        "jobs_queues",
        f"{OPERATIONS}/jobs-queues",
        "Jobs & Queues",
        EXECUTION,
        "layers",
        go="o",
        by_tenant=True,
        built=True,
    ),
    Route("jobengine", JOBENGINE, "JobEngine", EXECUTION, "cpu", go="e", built=True),
    Route(
        "jobs", f"{JOBENGINE}/jobs", "Jobs", EXECUTION, "list", parent="jobengine", go="j", by_tenant=True, built=True
    ),
    Route("job", f"{JOBENGINE}/jobs/[job_id]", "Job", EXECUTION, parent="jobs", nav=False, built=True),
    Route("job_dag", f"{JOBENGINE}/jobs/[job_id]/dag", "DAG", EXECUTION, parent="job", nav=False, built=True),
    Route(
        "quotas",
        f"{JOBENGINE}/quotas",
        "Quotas",
        EXECUTION,
        "gauge",
        parent="jobengine",
        go="q",
        by_tenant=True,
        built=True,
    ),
    Route("dead_letter", DEAD_LETTER, "Dead letters", EXECUTION, "mail-x", go="d", by_tenant=True, built=True),
    Route(
        "dead_letter_queue",
        f"{DEAD_LETTER}/queue",
        "Entries",
        EXECUTION,
        "list-x",
        parent="dead_letter",
        by_tenant=True,
        built=True,
    ),
    Route(
        "dead_letter_entry",
        f"{DEAD_LETTER}/entry/[entry_id]",
        "Entry",
        EXECUTION,
        parent="dead_letter_queue",
        nav=False,
        built=True,
    ),
    Route("replays", f"{DEAD_LETTER}/replays", "Replays", EXECUTION, "history", parent="dead_letter", built=True),
    Route(
        "replay",
        f"{DEAD_LETTER}/replays/[plan_id]",
        "Replay",
        EXECUTION,
        parent="replays",
        nav=False,
        built=True,
    ),
    Route("scheduler", SCHEDULER, "Scheduler", EXECUTION, "calendar-clock", go="s", built=True),
    Route(
        "runs", f"{SCHEDULER}/runs", "Runs", EXECUTION, "play", parent="scheduler", go="r", by_tenant=True, built=True
    ),
    Route("run_stream", f"{SCHEDULER}/runs/[run_id]/stream", "Run", EXECUTION, parent="runs", nav=False, built=True),
    Route(
        "schedules",
        f"{SCHEDULER}/schedules",
        "Schedules",
        EXECUTION,
        "calendar",
        parent="scheduler",
        by_tenant=True,
        built=True,
    ),
    Route("workers", f"{SCHEDULER}/workers", "Workers", EXECUTION, "server", parent="scheduler", go="w", built=True),
    Route("scanner", SCANNER, "Scanner Ops", SCANNER_AREA, "scan-search", go="c", built=True),
    Route(
        "offline_kits", f"{SCANNER}/offline-kits", "Offline kits", SCANNER_AREA, "package", parent="scanner", built=True
    ),
    Route(
        "baselines",
        f"{SCANNER}/baselines",
        "Baselines",
        SCANNER_AREA,
        "git-compare",
        parent="scanner",
        by_tenant=True,
        built=True,
    ),
    Route("analyzers", f"{SCANNER}/analyzers", "Analyzers", SCANNER_AREA, "microscope", parent="scanner", built=True),
    Route(
        "performance",
        f"{SCANNER}/performance",
        "Performance",
        SCANNER_AREA,
        "activity",
        parent="scanner",
        by_tenant=True,
        built=True,
    ),
    Route(
        "scanner_settings", f"{SCANNER}/settings", "Settings", SCANNER_AREA, "settings", parent="scanner", built=True
    ),
    Route("audit", f"{OPERATIONS}/audit", "Audit", AUDIT_AREA, "scroll-text", go="a", by_tenant=True, built=True),
    Route("access", f"{OPERATIONS}/access", "Access", AUDIT_AREA, "key-round", go="k", built=True),
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
