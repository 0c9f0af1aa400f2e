"""Prometheus' text format. Label values are names from jobs, so they are escaped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from execution_ops.domain.jobs import Counts, Health
from execution_ops.domain.states import JobState, WorkerState
from execution_ops.domain.text import visible
from execution_ops.services.live import Gauges

_PREFIX = "execution_ops_"
_Sample = tuple[dict[str, str], float]


@dataclass(frozen=True)
class Own:
    """Figures of the web process itself: statements sent to the engine and the seconds that they took there,
    tasks of its event loop."""

    statements: int
    statement_seconds: float
    tasks: int


def render(counts: Counts, health: Health, gauges: Gauges, own: Own) -> str:
    """The whole document."""
    queues = health.queues
    # Those that ended as they were asked to are no part of the fleet any more.
    states = [one.state for one in health.workers if one.ended_at is None or one.state is WorkerState.LOST]
    return "".join(
        (
            _gauge("jobs", "Jobs by state.", (({"state": s.value}, counts.by_state.get(s, 0)) for s in JobState)),
            _gauge("queue_waiting", "Jobs that may start and wait.", (({"queue": q.queue}, q.waiting) for q in queues)),
            _gauge("queue_pending", "Jobs that wait for parents.", (({"queue": q.queue}, q.pending) for q in queues)),
            _gauge("queue_running", "Jobs that run.", (({"queue": q.queue}, q.running) for q in queues)),
            _gauge(
                "queue_oldest_wait_seconds",
                "Age of the job that waits longest.",
                (({"queue": q.queue}, (q.oldest_wait_ms or 0) / 1000) for q in queues),
            ),
            _gauge("workers", "Workers by state.", (({"state": s.value}, states.count(s)) for s in WorkerState)),
            _gauge("live_viewers", "Pages that wait for changes.", [({}, gauges.viewers)]),
            _gauge("live_topics", "Topics that are followed.", [({}, gauges.topics)]),
            _gauge("live_cached_pages", "Pages held for all their viewers.", [({}, gauges.cached)]),
            _gauge("live_up", "Whether the change feed is followed.", [({}, int(gauges.live))]),
            _gauge("live_loads_total", "Queries made for pages.", [({}, gauges.loads)], kind="counter"),
            _gauge("live_polls_total", "Reads of the change feed.", [({}, gauges.polls)], kind="counter"),
            _gauge("statements_total", "Statements sent to the engine.", [({}, own.statements)], kind="counter"),
            _gauge(
                "statement_seconds_total",
                "Time that statements took the database, all added up.",
                [({}, own.statement_seconds)],
                kind="counter",
            ),
            _gauge("tasks", "Tasks of the web process's event loop.", [({}, own.tasks)]),
        )
    )


def _gauge(name: str, text: str, samples: Iterable[_Sample], *, kind: str = "gauge") -> str:
    full = _PREFIX + name
    lines = [f"# HELP {full} {text}", f"# TYPE {full} {kind}"]
    lines += [f"{full}{_labels(labels)} {value!r}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items()) + "}"


def _escape(value: str) -> str:
    return visible(value).replace("\\", "\\\\").replace('"', '\\"')
