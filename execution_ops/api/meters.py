"""What the web process counts of itself: requests, sockets, how late its event loop is, how long jobs took.

Label values are names from jobs or addresses of routes. Each meter has a bounded number of them: what comes after is
counted together, so that no job can fill the memory of whoever scrapes.
"""

from __future__ import annotations

import asyncio
import threading
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from execution_ops.backends.base_times import TimesBackend
from execution_ops.domain.text import visible

PREFIX = "execution_ops"
OTHER = "(other)"
NAMES_MAX = 100
NAME_CHARS_MAX = 120
LAG_EVERY_S = 0.5
LAG_UNUSED_S = 300.0
ENDED_MAX = 20_000
WAIT_S = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200)
RUN_S = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600)
REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Why a request was turned away before it did anything.
_REFUSALS = {401: "unauthenticated", 403: "forbidden", 413: "too_large", 421: "wrong_host", 429: "too_many"}

OWN = CollectorRegistry()
ProcessCollector(namespace=PREFIX, registry=OWN)
_REQUESTS = Counter(
    f"{PREFIX}_http_requests", "Answers by route and status.", ("method", "route", "status"), registry=OWN
)
_REQUEST_SECONDS = Histogram(
    f"{PREFIX}_http_request_seconds", "Time until the answer began.", ("route",), buckets=REQUEST_S, registry=OWN
)
_REFUSED = Counter(f"{PREFIX}_http_refused", "Requests turned away, by why.", ("why",), registry=OWN)
SOCKETS = Gauge(f"{PREFIX}_sockets", "Live sockets that are open.", registry=OWN)
_LAG = Gauge(
    f"{PREFIX}_event_loop_lag_seconds",
    "How late the event loop woke up at most since the last scrape.",
    registry=OWN,
)


class Names:
    """The first names of a label that come; all others are OTHER."""

    def __init__(self, most: int = NAMES_MAX) -> None:
        self._most = most
        self._known: set[tuple[str, ...]] = set()

    def of(self, *names: str) -> tuple[str, ...]:
        """The names as labels."""
        shown = tuple(visible(name)[:NAME_CHARS_MAX] for name in names)
        if shown not in self._known:
            if len(self._known) >= self._most:
                return (OTHER,) * len(names)
            self._known.add(shown)
        return shown


class RequestMeter:
    """ASGI middleware: counts each answer by the pattern of its route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and see how it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                _count(scope, int(message["status"]), time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, answer)


def _count(scope: Scope, status: int, seconds: float) -> None:
    # The router leaves its route behind; an address without one is nobody's, whatever it is.
    route = getattr(scope.get("route"), "path", "(none)")
    method = scope["method"] if scope["method"] in _METHODS else OTHER
    _REQUESTS.labels(method, route, str(status)).inc()
    _REQUEST_SECONDS.labels(route).observe(seconds)
    if status in _REFUSALS:
        _REFUSED.labels(_REFUSALS[status]).inc()


class LoopLag:
    """Measures the lag of an event loop for as long as somebody asks for it now and then."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._worst = 0.0
        self._asked = 0.0

    def publish(self) -> None:
        """Put the worst lag since the last call into its gauge."""
        self._asked = time.monotonic()
        _LAG.set(self._worst)
        self._worst = 0.0
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._measure(), name="loop lag")

    async def _measure(self) -> None:
        while time.monotonic() - self._asked < LAG_UNUSED_S:
            due = time.monotonic() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self._worst = max(self._worst, time.monotonic() - due)


class JobTimes:
    """Histograms of how long jobs waited and ran, of those that ended since the first scrape of this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("queue", "job_type")
        self._wait = Histogram(
            f"{PREFIX}_job_wait_seconds",
            "Time from when a job could start until it did.",
            labels,
            buckets=WAIT_S,
            registry=self.registry,
        )
        self._run = Histogram(
            f"{PREFIX}_job_run_seconds", "Time that the last try took.", labels, buckets=RUN_S, registry=self.registry
        )
        self._ended = Counter(
            f"{PREFIX}_jobs_ended", "Jobs that ended, by how.", (*labels, "state"), registry=self.registry
        )
        self._names = Names()
        self._position = ""
        self._lock = threading.Lock()

    def update(self, backend: TimesBackend) -> None:
        """Take in what has ended since the last call; blocking."""
        with self._lock:
            found = backend.ended_jobs(self._position, limit=ENDED_MAX)
            self._position = found.position
            for job in found.jobs:
                names = self._names.of(job.queue, job.job_type)
                self._ended.labels(*names, job.state).inc()
                if job.wait_s is not None:
                    self._wait.labels(*names).observe(job.wait_s)
                if job.run_s is not None:
                    self._run.labels(*names).observe(job.run_s)
