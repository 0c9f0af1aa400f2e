"""Every address of the console, as data. No other module spells a path; a test greps for it.

The Reflex pages, navigation, breadcrumbs, redirects of old addresses, the not-found page and the
server's status codes are all made from the tables below. Patterns are spelled as Reflex does:
`[job_id]` is one segment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote, urlencode

Query = Iterable[tuple[str, str]]

OPS = "/ops"
OPERATIONS = f"{OPS}/operations"
_JOBENGINE = f"{OPERATIONS}/jobengine"
_DEAD_LETTER = f"{OPERATIONS}/dead-letter"
_SCHEDULER = f"{OPERATIONS}/scheduler"
_SCANNER = f"{OPS}/scanner-ops"


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
    Route("jobs_queues", f"{OPERATIONS}/jobs-queues", "Jobs & Queues", "Operations", "layers", go="o"),
    Route("jobengine", _JOBENGINE, "JobEngine", "Operations", "cpu", go="e", built=True),
    Route("jobs", f"{_JOBENGINE}/jobs", "Jobs", "Operations", "list", parent="jobengine", go="j", built=True),
    Route("job", f"{_JOBENGINE}/jobs/[job_id]", "Job", "Operations", parent="jobs", nav=False, built=True),
    Route("job_dag", f"{_JOBENGINE}/jobs/[job_id]/dag", "DAG", "Operations", parent="job", nav=False, built=True),
    Route("quotas", f"{_JOBENGINE}/quotas", "Quotas", "Operations", "gauge", parent="jobengine", go="q", built=True),
    Route("dead_letter", _DEAD_LETTER, "Dead letters", "Operations", "mail-x", go="d", built=True),
    Route(
        "dead_letter_queue",
        f"{_DEAD_LETTER}/queue",
        "Entries",
        "Operations",
        "list-x",
        parent="dead_letter",
        built=True,
    ),
    Route(
        "dead_letter_entry",
        f"{_DEAD_LETTER}/entry/[entry_id]",
        "Entry",
        "Operations",
        parent="dead_letter_queue",
        nav=False,
        built=True,
    ),
    Route("replays", f"{_DEAD_LETTER}/replays", "Replays", "Operations", "history", parent="dead_letter", built=True),
    Route(
        "replay",
        f"{_DEAD_LETTER}/replays/[plan_id]",
        "Replay",
        "Operations",
        parent="replays",
        nav=False,
        built=True,
    ),
    Route("scheduler", _SCHEDULER, "Scheduler", "Operations", "calendar-clock", go="s", built=True),
    Route("runs", f"{_SCHEDULER}/runs", "Runs", "Operations", "play", parent="scheduler", go="r", built=True),
    Route(
        "run_stream", f"{_SCHEDULER}/runs/[run_id]/stream", "Run", "Operations", parent="runs", nav=False, built=True
    ),
    Route(
        "schedules", f"{_SCHEDULER}/schedules", "Schedules", "Operations", "calendar", parent="scheduler", built=True
    ),
    Route(
        "workers", f"{_SCHEDULER}/workers", "Workers", "Operations", "server", parent="scheduler", go="w", built=True
    ),
    Route("audit", f"{OPERATIONS}/audit", "Audit", "Operations", "scroll-text", go="a"),
    Route("scanner", _SCANNER, "Scanner Ops", "Scanner", "scan-search", go="c", built=True),
    Route(
        "offline_kits", f"{_SCANNER}/offline-kits", "Offline kits", "Scanner", "package", parent="scanner", built=True
    ),
    Route("baselines", f"{_SCANNER}/baselines", "Baselines", "Scanner", "git-compare", parent="scanner", built=True),
    Route("analyzers", f"{_SCANNER}/analyzers", "Analyzers", "Scanner", "microscope", parent="scanner", built=True),
    Route("performance", f"{_SCANNER}/performance", "Performance", "Scanner", "activity", parent="scanner", built=True),
    Route("scanner_settings", f"{_SCANNER}/settings", "Settings", "Scanner", "settings", parent="scanner", built=True),
)
BY_NAME: Mapping[str, Route] = {route.name: route for route in ROUTES}


def home() -> str:
    """The address that `/` leads to: the overview, until it is built the JobEngine summary."""
    return BY_NAME["jobs_queues" if BY_NAME["jobs_queues"].built else "jobengine"].pattern


# Addresses of pages. Ids are percent-encoded here and nowhere else.


def href(name: str, query: Query = (), fragment: str = "", /, **params: str) -> str:
    """The address of the page `name`. KeyError for an unknown page or a missing parameter."""
    path = re.sub(r"\[(\w+)\]", lambda match: quote(params[match[1]], safe=""), BY_NAME[name].pattern)
    return _with(path, query) + (f"#{quote(fragment)}" if fragment else "")


def jobengine(query: Query = ()) -> str:
    """The JobEngine summary."""
    return href("jobengine", query)


def jobs(query: Query = ()) -> str:
    """The job list; `query` are the pairs of a filter (`JobFilter.to_pairs()`) and the page's own."""
    return href("jobs", query)


def job(job_id: str, query: Query = (), *, line: int | None = None) -> str:
    """One job, at a line of its log if given."""
    return href("job", query, f"L{line}" if line else "", job_id=job_id)


def job_dag(job_id: str, query: Query = ()) -> str:
    """The graph that a job belongs to."""
    return href("job_dag", query, job_id=job_id)


def dead_letter(query: Query = ()) -> str:
    """The error groups; `query` are the pairs of a filter (`DeadLetterFilter.to_pairs()`)."""
    return href("dead_letter", query)


def dead_letter_queue(query: Query = ()) -> str:
    """The entries; `query` are the pairs of a filter and the page's own."""
    return href("dead_letter_queue", query)


def dead_letter_entry(entry_id: str, query: Query = ()) -> str:
    """One dead letter."""
    return href("dead_letter_entry", query, entry_id=entry_id)


def replays(query: Query = ()) -> str:
    """The replay plans."""
    return href("replays", query)


def replay(plan_id: str, query: Query = ()) -> str:
    """One replay plan; `verdict` and `status` among the pairs choose which of its entries are listed."""
    return href("replay", query, plan_id=plan_id)


def quotas(query: Query = ()) -> str:
    """The quotas; `query` are the pairs of a filter (`QuotaFilter.to_pairs()`) and the page's own."""
    return href("quotas", query)


def quota(quota_id: str) -> str:
    """The quotas, with one of them open."""
    return quotas([("quota", quota_id)])


def workers(query: Query = ()) -> str:
    """The worker fleet; `query` are the pairs of a filter (`WorkerFilter.to_pairs()`) and the page's own."""
    return href("workers", query)


def scheduler(query: Query = ()) -> str:
    """The overview of the scheduler; `missed=all` among the pairs lists what was missed, and that alone."""
    return href("scheduler", query)


def runs(query: Query = ()) -> str:
    """The runs; `query` are the pairs of a filter (`RunFilter.to_pairs()`) and the page's own."""
    return href("runs", query)


def run(run_id: str) -> str:
    """The runs, with one of them open."""
    return runs([("run", run_id)])


def run_stream(run_id: str, query: Query = (), *, line: int | None = None) -> str:
    """What a run tells, at a line of its log if given."""
    return href("run_stream", query, f"L{line}" if line else "", run_id=run_id)


def schedules(query: Query = ()) -> str:
    """The schedules; `query` are the pairs of a filter (`ScheduleFilter.to_pairs()`) and the page's own."""
    return href("schedules", query)


def new_schedule() -> str:
    """The schedules, with the form of a new one open."""
    return schedules([("new", "1")])


def schedule(schedule_id: str) -> str:
    """The schedules, with one of them open."""
    return schedules([("schedule", schedule_id)])


def scanner(query: Query = ()) -> str:
    """Scanner Ops at a glance."""
    return href("scanner", query)


def offline_kits(query: Query = ()) -> str:
    """The offline kits; `kit=<id>` among the pairs opens one of them."""
    return href("offline_kits", query)


def offline_kit(kit_id: str) -> str:
    """The offline kits, with one of them open."""
    return offline_kits([("kit", kit_id)])


def baselines(query: Query = ()) -> str:
    """The baselines; `query` are the pairs of a filter (`BaselineFilter.to_pairs()`) and the page's own."""
    return href("baselines", query)


def baseline(baseline_id: str) -> str:
    """The baselines, with one of them open."""
    return baselines([("baseline", baseline_id)])


def compare_baselines(left: str, right: str, query: Query = ()) -> str:
    """The comparison of two baselines, from the older one to the newer one."""
    return baselines([("left", left), ("right", right), *query])


def analyzers(query: Query = ()) -> str:
    """The analyzers; `analyzer=<name>` among the pairs opens one of them."""
    return href("analyzers", query)


def analyzer(name: str) -> str:
    """The analyzers, with one of them open."""
    return analyzers([("analyzer", name)])


def performance(query: Query = ()) -> str:
    """The benchmarks; `result=<id>` among the pairs opens one of them."""
    return href("performance", query)


def scanner_settings(query: Query = ()) -> str:
    """The scanner's settings; `version=<number>` among the pairs shows an earlier one."""
    return href("scanner_settings", query)


def _with(path: str, query: Query) -> str:
    text = urlencode(list(query))
    return f"{path}?{text}" if text else path


# The API. Routers take the patterns, pages and clients the builders.

API = "/api/v1"
JOBENGINE_API = f"{API}/jobengine"
SCANNER_API = f"{API}/scanner"
DEADLETTER_API = f"{API}/deadletter"
SCHEDULER_API = f"{API}/scheduler"


class Rest:
    """The address patterns of the REST interface, as its routers spell them."""

    JOBS = f"{JOBENGINE_API}/jobs"
    JOBS_SUMMARY = f"{JOBS}/summary"
    JOBS_EXPORT = f"{JOBS}/export"
    JOBS_CANCEL = f"{JOBS}:cancel"
    JOBS_RETRY = f"{JOBS}:retry"
    JOB = f"{JOBS}/{{job_id}}"
    JOB_DAG = f"{JOB}/dag"
    JOB_LOGS = f"{JOB}/logs"
    JOB_PAYLOAD = f"{JOB}/payload"
    JOB_RESULT = f"{JOB}/result"
    JOB_ARTIFACT = f"{JOB}/artifacts/{{sha256}}"
    JOB_CANCEL = f"{JOB}:cancel"
    JOB_RETRY = f"{JOB}:retry"
    QUOTAS = f"{JOBENGINE_API}/quotas"
    QUOTAS_SUMMARY = f"{QUOTAS}/summary"
    QUOTAS_EXPORT = f"{QUOTAS}/export"
    QUOTA = f"{QUOTAS}/{{quota_id}}"
    QUOTA_PAUSE = f"{QUOTA}:pause"
    QUOTA_RESUME = f"{QUOTA}:resume"
    QUOTA_OVERRIDE = f"{QUOTA}:override"
    QUOTA_RESET = f"{QUOTA}:reset"
    SCHEDULES = f"{SCHEDULER_API}/schedules"
    SCHEDULES_PREVIEW = f"{SCHEDULES}/preview"
    SCHEDULES_CANDIDATES = f"{SCHEDULES}/candidates"
    SCHEDULE = f"{SCHEDULES}/{{schedule_id}}"
    SCHEDULE_VERSIONS = f"{SCHEDULE}/versions"
    SCHEDULE_PAUSE = f"{SCHEDULE}:pause"
    SCHEDULE_RESUME = f"{SCHEDULE}:resume"
    SCHEDULE_RUN = f"{SCHEDULE}:run"
    RUNS = f"{SCHEDULER_API}/runs"
    RUNS_SUMMARY = f"{RUNS}/summary"
    RUNS_LAG = f"{RUNS}/queue/lag"
    RUN = f"{RUNS}/{{run_id}}"
    RUN_TARGETS = f"{RUN}/targets"
    RUN_DELTAS = f"{RUN}/deltas"
    RUN_STREAM = f"{RUN}/stream"
    RUN_LOGS = f"{RUN}/logs"
    RUN_ARTIFACTS = f"{RUN}/artifacts"
    RUN_CANCEL = f"{RUN}/cancel"
    RUN_RETRY = f"{RUN}/retry"
    FIRST_SIGNAL = f"{JOBENGINE_API}/runs/{{run_id}}/first-signal"
    LETTERS = DEADLETTER_API
    LETTERS_STATS = f"{DEADLETTER_API}/stats"
    LETTERS_SUMMARY = f"{DEADLETTER_API}/summary"
    LETTERS_EXPORT = f"{DEADLETTER_API}/export"
    LETTERS_CODES = f"{DEADLETTER_API}/error-codes"
    LETTERS_REPLAY = f"{DEADLETTER_API}/replay"
    LETTERS_REPLAY_BATCH = f"{DEADLETTER_API}/replay/batch"
    LETTERS_RESOLVE = f"{DEADLETTER_API}/resolve"
    LETTERS_RESOLVE_BATCH = f"{DEADLETTER_API}/resolve/batch"
    LETTERS_REOPEN = f"{DEADLETTER_API}/reopen"
    LETTERS_REOPEN_BATCH = f"{DEADLETTER_API}/reopen/batch"
    REPLAYS = f"{DEADLETTER_API}/replays"
    REPLAY = f"{REPLAYS}/{{plan_id}}"
    REPLAY_ITEMS = f"{REPLAY}/items"
    REPLAY_RATE = f"{REPLAY}/rate"
    REPLAY_START = f"{REPLAY}:start"
    REPLAY_HOLD = f"{REPLAY}:hold"
    REPLAY_RESUME = f"{REPLAY}:resume"
    REPLAY_ABORT = f"{REPLAY}:abort"
    REPLAY_UNDO = f"{REPLAY}:undo"
    LETTER = f"{DEADLETTER_API}/entries/{{entry_id}}"
    SCANS = f"{SCANNER_API}/scans"
    SCAN = f"{SCANS}/{{dag_id}}"
    KITS = f"{SCANNER_API}/kits"
    KITS_STATUS = f"{KITS}/status"
    KITS_ACTIVATIONS = f"{KITS}/activations"
    KITS_RUNS = f"{KITS}/runs"
    KITS_RUN = f"{KITS_RUNS}/{{job_id}}"
    KITS_UPLOAD = f"{KITS}/upload"
    KITS_VERIFY = f"{KITS}:verify"
    KITS_IMPORT = f"{KITS}:import"
    KITS_EXPORT = f"{KITS}:export"
    KITS_ROLLBACK = f"{KITS}:rollback"
    KIT = f"{KITS}/{{kit_id}}"
    KIT_LOG = f"{KIT}/log"
    KIT_FILE = f"{KIT}/file"
    KIT_ACTIVATE = f"{KIT}:activate"
    KIT_RELEASE = f"{KIT}:release"
    KIT_REMOVE = f"{KIT}:remove"
    BASELINES = f"{SCANNER_API}/baselines"
    BASELINES_COMPARE = f"{BASELINES}/compare"
    BASELINES_EXPORT = f"{BASELINES_COMPARE}/export"
    BASELINES_KEEP_COMPARISON = f"{BASELINES_COMPARE}:keep"
    BASELINES_SOURCES = f"{BASELINES}/sources"
    BASELINE = f"{BASELINES}/{{baseline_id}}"
    BASELINE_DOCUMENT = f"{BASELINE}/document"
    BASELINE_SUGGESTION = f"{BASELINE}/suggestion"
    BASELINE_PROMOTE = f"{BASELINE}:promote"
    BASELINE_ROLLBACK = f"{BASELINE}:rollback"
    ANALYZERS = f"{SCANNER_API}/analyzers"
    ANALYZERS_DEFAULTS = f"{ANALYZERS}/defaults"
    ANALYZERS_ROLLBACK = f"{ANALYZERS_DEFAULTS}:rollback"
    ANALYZERS_DEFAULTS_VERSIONS = f"{ANALYZERS_DEFAULTS}/versions"
    ANALYZERS_TEST = f"{ANALYZERS}:test"
    ANALYZERS_REFRESH = f"{ANALYZERS}:refresh"
    ANALYZER = f"{ANALYZERS}/{{analyzer}}"
    ANALYZER_TEST = f"{ANALYZER}:test"
    CACHE = f"{SCANNER_API}/cache/stats"
    CACHE_CLEAR = f"{SCANNER_API}/cache:clear"
    CACHE_PREVIEW = f"{SCANNER_API}/cache/preview"
    BENCHMARKS = f"{SCANNER_API}/benchmarks"
    BENCHMARKS_SCENARIOS = f"{BENCHMARKS}/scenarios"
    BENCHMARKS_HISTORY = f"{BENCHMARKS}/history"
    BENCHMARKS_EXPORT = f"{BENCHMARKS}/export"
    BENCHMARK = f"{BENCHMARKS}/{{result_id}}"
    BENCHMARK_PROMOTE = f"{BENCHMARK}:promote"
    SCANNER_SETTINGS = f"{SCANNER_API}/settings"
    SCANNER_SETTINGS_PREVIEW = f"{SCANNER_SETTINGS}:preview"
    SCANNER_SETTINGS_VERSIONS = f"{SCANNER_SETTINGS}/versions"
    SCANNER_SETTINGS_VERSION = f"{SCANNER_SETTINGS_VERSIONS}/{{version}}"
    SCANNER_SETTINGS_ROLLBACK = f"{SCANNER_SETTINGS}:rollback"
    SCANNER_SETTINGS_TRUST = f"{SCANNER_SETTINGS}/trust"
    TRUST_READ = f"{SCANNER_SETTINGS_TRUST}:read"
    TRUST_KEY = f"{SCANNER_SETTINGS_TRUST}/{{fingerprint}}"
    TRUST_DISABLE = f"{TRUST_KEY}:disable"
    TRUST_ENABLE = f"{TRUST_KEY}:enable"
    DETERMINISM_CHECKS = f"{SCANNER_API}/determinism-checks"
    WORKERS = f"{SCHEDULER_API}/workers"
    WORKERS_SUMMARY = f"{WORKERS}/summary"
    WORKERS_DRAIN = f"{WORKERS}:drain"
    WORKERS_RESUME = f"{WORKERS}:resume"
    WORKERS_STOP = f"{WORKERS}:stop"
    WORKER = f"{WORKERS}/{{worker_id}}"
    WORKER_DRAIN = f"{WORKER}:drain"
    WORKER_RESUME = f"{WORKER}:resume"
    WORKER_STOP = f"{WORKER}:stop"


HEALTH = "/healthz"
READY = "/readyz"
METRICS = "/metrics"
OPENAPI = "/openapi.json"
SOCKET = "/_event"


_PROBES = frozenset({HEALTH, READY, METRICS, OPENAPI, API})
API_PREFIXES = tuple(sorted(_PROBES))


def is_api(path: str) -> bool:
    """Whether an address belongs to the API; exact, so that no page can pass as a probe."""
    return path in _PROBES or path.startswith(f"{API}/")


def api_jobs(query: Query = ()) -> str:
    """The job list as JSON."""
    return _rest(Rest.JOBS, query)


def api_job(job_id: str, part: str = "", query: Query = ()) -> str:
    """One job as JSON, or a part of it: `dag`, `logs`, `payload`, `result`."""
    return _rest(f"{Rest.JOB}/{{part}}" if part else Rest.JOB, query, job_id=job_id, part=part)


def api_export(query: Query = ()) -> str:
    """The filtered job list as a file; `format` among the pairs is `csv` or `ndjson`."""
    return _rest(Rest.JOBS_EXPORT, query)


def api_letters(query: Query = ()) -> str:
    """The dead letters as JSON."""
    return _rest(Rest.LETTERS, query)


def api_letter(entry_id: str) -> str:
    """One dead letter as JSON."""
    return _rest(Rest.LETTER, entry_id=entry_id)


def api_letters_export(query: Query = ()) -> str:
    """The filtered dead letters as a file; `format` among the pairs is `csv` or `ndjson`."""
    return _rest(Rest.LETTERS_EXPORT, query)


def api_replay(plan_id: str, part: str = "", query: Query = ()) -> str:
    """One replay plan as JSON, or a part of it: `items`, `rate`."""
    return _rest(f"{Rest.REPLAY}/{{part}}" if part else Rest.REPLAY, query, plan_id=plan_id, part=part)


def api_quotas(query: Query = ()) -> str:
    """The quotas as JSON."""
    return _rest(Rest.QUOTAS, query)


def api_quota(quota_id: str) -> str:
    """One quota as JSON."""
    return _rest(Rest.QUOTA, quota_id=quota_id)


def api_quotas_export(query: Query = ()) -> str:
    """A snapshot of the quotas as a file; `format` among the pairs is `csv` or `json`."""
    return _rest(Rest.QUOTAS_EXPORT, query)


def api_schedules(query: Query = ()) -> str:
    """The schedules as JSON."""
    return _rest(Rest.SCHEDULES, query)


def api_schedule(schedule_id: str) -> str:
    """One schedule as JSON."""
    return _rest(Rest.SCHEDULE, schedule_id=schedule_id)


def api_runs(query: Query = ()) -> str:
    """The runs of schedules as JSON."""
    return _rest(Rest.RUNS, query)


def api_queue_lag() -> str:
    """How far the queues are behind, as JSON."""
    return _rest(Rest.RUNS_LAG)


def api_run(run_id: str, part: str = "", query: Query = ()) -> str:
    """One run as JSON, or a part of it: `targets`, `deltas`, `logs`, `artifacts`; `stream` are its events."""
    return _rest(f"{Rest.RUN}/{{part}}" if part else Rest.RUN, query, run_id=run_id, part=part)


def api_workers(query: Query = ()) -> str:
    """The workers as JSON."""
    return _rest(Rest.WORKERS, query)


def api_worker(worker_id: str) -> str:
    """One worker as JSON."""
    return _rest(Rest.WORKER, worker_id=worker_id)


def api_baselines(query: Query = ()) -> str:
    """The baselines as JSON."""
    return _rest(Rest.BASELINES, query)


def api_baseline(baseline_id: str) -> str:
    """One baseline as JSON."""
    return _rest(Rest.BASELINE, baseline_id=baseline_id)


def api_baseline_document(baseline_id: str) -> str:
    """The CycloneDX document of a baseline, as a download."""
    return _rest(Rest.BASELINE_DOCUMENT, baseline_id=baseline_id)


def api_comparison_export(query: Query) -> str:
    """A comparison as a file; `format` among the pairs is `csv`, `json` or `cyclonedx`."""
    return _rest(Rest.BASELINES_EXPORT, query)


def api_kits(query: Query = ()) -> str:
    """The offline kits as JSON."""
    return _rest(Rest.KITS, query)


def api_kit(kit_id: str, part: str = "") -> str:
    """One offline kit as JSON, or a part of it: `log` (text), `file`."""
    return _rest(f"{Rest.KIT}/{{part}}" if part else Rest.KIT, kit_id=kit_id, part=part)


def api_kit_upload(query: Query = ()) -> str:
    """Where a kit is uploaded to; `name` among the pairs is what its file is called."""
    return _rest(Rest.KITS_UPLOAD, query)


def api_scans() -> str:
    """Where a scan is started."""
    return _rest(Rest.SCANS)


def api_scan(dag_id: str) -> str:
    """How a scan stands, as JSON."""
    return _rest(Rest.SCAN, dag_id=dag_id)


def api_benchmarks(query: Query = ()) -> str:
    """The latest results of benchmarks as JSON."""
    return _rest(Rest.BENCHMARKS, query)


def api_benchmarks_export(query: Query = ()) -> str:
    """The latest results that match as a file; `format` among the pairs is `csv` or `json`."""
    return _rest(Rest.BENCHMARKS_EXPORT, query)


def api_artifact(job_id: str, sha256: str) -> str:
    """A stored file of a job, as a download."""
    return _rest(Rest.JOB_ARTIFACT, job_id=job_id, sha256=sha256)


def _rest(pattern: str, query: Query = (), **params: str) -> str:
    return _with(pattern.format(**{name: quote(value, safe="") for name, value in params.items()}), query)


# Old addresses.


class Tail(StrEnum):
    """What may follow the prefix of an alias."""

    NONE = "none"
    ONE = "one"
    ANY = "any"


@dataclass(frozen=True)
class Alias:
    """An address that leads to another one, with what follows it."""

    prefix: str
    target: str
    tail: Tail


def aliases() -> tuple[Alias, ...]:
    """All of them. No prefix covers another, so their order means nothing."""
    return (
        *(Alias(prefix, home(), Tail.NONE) for prefix in ("/", OPS, OPERATIONS)),
        *(
            Alias(f"{old}/{area}", f"{OPERATIONS}/{area}", Tail.ANY)
            for area in ("jobengine", "scheduler")
            for old in (OPS, "/platform-ops", "/platform/ops")
        ),
        Alias("/platform/ops/dead-letter", _DEAD_LETTER, Tail.ANY),
        Alias(f"{OPS}/scanner", _SCANNER, Tail.ONE),
        Alias("/platform-ops/scanner", _SCANNER, Tail.ANY),
        Alias("/platform-ops/scanner-ops", _SCANNER, Tail.ANY),
    )


_DOT_SEGMENT = re.compile(r"(\.|%2e){1,2}", re.IGNORECASE)
_SAFE = "%!$&'()*+,;=:@"


def resolve_alias(path: str, query: str = "", fragment: str = "") -> str | None:
    """Where an old address leads: path, query and fragment; None if it is no alias.

    `path` is as in the address bar (still percent-encoded), `query` and `fragment` come without
    `?` and `#` and are kept byte for byte. The answer is always a path below the target of the
    alias: empty segments (and so a trailing slash, and `//host`) fall away, what a browser would
    read as a separator is encoded, and dot segments make it no alias at all. The redirect in
    the browser (`assets/addresses.js`) does the same; one table of cases tests both.
    """
    if not path.startswith("/") or path.startswith("//"):
        return None
    segments = [segment for segment in path.split("/") if segment]
    if any(_DOT_SEGMENT.fullmatch(segment) for segment in segments):
        return None
    for alias in aliases():
        prefix = [segment for segment in alias.prefix.split("/") if segment]
        tail = segments[len(prefix) :]
        allowed = {Tail.NONE: 0, Tail.ONE: 1, Tail.ANY: len(tail)}[alias.tail]
        if segments[: len(prefix)] == prefix and len(tail) <= allowed:
            target = "/".join([alias.target, *(quote(segment, safe=_SAFE) for segment in tail)])
            return target + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    return None


# Reading addresses.


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


@dataclass(frozen=True)
class Link:
    """A title and where it leads; an empty `href` leads nowhere."""

    title: str
    href: str


@dataclass(frozen=True)
class NavGroup:
    """An area of the navigation."""

    title: str
    routes: tuple[Route, ...]


def navigation() -> tuple[NavGroup, ...]:
    """What the navigation shows: the built pages that an address alone can reach, by area."""
    areas = dict.fromkeys(route.area for route in ROUTES)
    groups = (
        NavGroup(area, tuple(route for route in ROUTES if route.area == area and route.built and route.nav))
        for area in areas
    )
    return tuple(group for group in groups if group.routes)
